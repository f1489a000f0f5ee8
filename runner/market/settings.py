"""The account's settings as one row of numbers: what the laws read.

The words of `market/brokerages.py` become codes here, and nowhere else.
"""

from __future__ import annotations

from runner.market.brokerages import Values
from runner.market.rows import row

WORDS: dict[str, tuple[str, ...]] = {
    "fills.market": ("touch", "last", "next_open"),
    "fills.stale": ("next_open", "next_bar", "use"),
    "fills.first_bar": ("starts_after", "ends_after"),
    "when_closed": ("queue", "refuse", "market_on_open"),
    "daily_market": ("market", "market_on_close"),
    "expiry": ("after_fills", "before_fills"),
    "post_only": ("simulate", "ignore"),
    "sizing": ("order", "target"),
    "buying_power": ("cut", "refuse"),
    "limit_rounding": ("away", "nearest", "none"),
    "moments": ("with_bars", "before_bars"),
    "exits": ("counted", "replaced"),
    "settlement": ("immediate", "t+1", "t+2", "t+3", "by_date"),
    "margin_call.profile": ("atreyu", "lean"),
    "margin.model": ("regulation_t", "pattern_day_trading", "leverage", "cash", "none"),
    "sampling": ("session", "lean"),
}
FILL_TOUCH, FILL_LAST, FILL_NEXT_OPEN = 0, 1, 2
STALE_NEXT_OPEN, STALE_NEXT_BAR, STALE_USE = 0, 1, 2
STARTS_AFTER, ENDS_AFTER = 0, 1
CLOSED_QUEUE, CLOSED_REFUSE, CLOSED_MARKET_ON_OPEN = 0, 1, 2
AFTER_FILLS, BEFORE_FILLS = 0, 1
ROUND_AWAY, ROUND_NEAREST, ROUND_NONE = 0, 1, 2


@row
class Settings:
    """One run's account settings: codes of `WORDS`, ratios, nanoseconds, dollars a share."""

    cash_account: bool = False
    fee_per_share: float = 0.0
    fee_minimum: float = 0.0
    fee_rate: float = 0.0
    fee_maximum_rate: float = 0.0
    fills_market: int = 0
    stale_after: int = 0
    stale: int = 0
    first_bar: int = 0
    when_closed: int = 0
    daily_market: int = 0
    closing_cutoff: int = 0
    closing_soon: int = 0
    expiry: int = 0
    post_only: int = 0
    free_equity: float = 0.0
    minimum_order_margin: float = 0.0
    sizing: int = 0
    buying_power: int = 0
    check_fills: bool = False
    reserve_working: bool = False
    limit_rounding: int = 0
    moments: int = 0
    exits: int = 0
    corporate_actions_wake: bool = False
    raw_prices: bool = True
    pays_dividends: bool = True
    initial: float = 0.5
    maintenance_long: float = 0.25
    maintenance_short: float = 0.3
    closed_factor: float = 1.0
    settles_later: bool = False
    call_warning: float = 0.05
    call_buffer: float = 0.0
    call_every: int = 0
    call_profile: int = 0


_FIELDS = {
    "fee_per_share": "fees.per_share",
    "fee_minimum": "fees.minimum",
    "fee_rate": "fees.percent_of_value",
    "fee_maximum_rate": "fees.maximum_percent_of_value",
    "fills_market": "fills.market",
    "stale_after": "fills.stale_after",
    "stale": "fills.stale",
    "first_bar": "fills.first_bar",
    "initial": "margin.initial",
    "maintenance_long": "margin.maintenance_long",
    "maintenance_short": "margin.maintenance_short",
    "closed_factor": "margin.closed_factor",
    "call_warning": "margin_call.warning",
    "call_buffer": "margin_call.buffer",
    "call_every": "margin_call.every",
    "call_profile": "margin_call.profile",
}
_SAME = [
    "when_closed",
    "daily_market",
    "closing_cutoff",
    "closing_soon",
    "expiry",
    "post_only",
    "free_equity",
    "minimum_order_margin",
    "sizing",
    "buying_power",
    "check_fills",
    "reserve_working",
    "limit_rounding",
    "moments",
    "exits",
    "corporate_actions_wake",
]


def settings_row(values: Values, account: str, prices: str) -> Settings:
    """The row that the laws read, from settings by dotted name (`market/brokerages.resolve`)."""
    out = Settings()
    for field, name in {**_FIELDS, **{same: same for same in _SAME}}.items():
        value = values[name]
        setattr(out, field, WORDS[name].index(str(value)) if name in WORDS else value)
    out.cash_account = account == "cash"
    out.settles_later = values["settlement"] != "immediate"
    out.raw_prices = prices == "raw"
    out.pays_dividends = prices in ("raw", "split_adjusted")
    if prices != "raw" and values["limit_rounding"] == "nearest":
        out.limit_rounding = ROUND_NONE  # LEAN rounds orders to the tick on raw data only (fact sheet 5)
    return out
