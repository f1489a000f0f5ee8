"""The account's settings as one row of numbers: what the laws read.

The words of `market/brokerages.py` become codes here, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable

from runner.market.brokerages import Values
from runner.market.rows import row

WORDS: dict[str, tuple[str, ...]] = {
    "fills.market": ("touch", "last", "next_open"),
    "fills.stale": ("next_open", "next_bar", "use"),
    "fills.first_bar": ("starts_after", "ends_after"),
    "when_closed": ("queue", "refuse", "market_on_open", "send"),
    "daily_market": ("market", "market_on_close"),
    "expiry": ("after_fills", "before_fills"),
    "post_only": ("simulate", "ignore"),
    "sizing": ("order", "target"),
    "buying_power": ("cut", "refuse"),
    "limit_rounding": ("away", "nearest", "none"),
    "moments": ("with_bars", "before_bars"),
    "exits": ("counted", "replaced"),
    "targets": ("once", "until_reached"),
    "pattern_day_trader": ("ignore", "report", "warn", "enforce"),
    "unsettled_cash": ("unusable", "usable"),
    "good_faith": ("ignore", "report", "warn", "enforce"),
    "drawdowns": ("marks", "targets"),
    "cash_shortfall": ("cut", "allow"),
    "settlement": ("immediate", "t+1", "t+2", "t+3", "by_date"),
    "margin_call.profile": ("atreyu", "lean"),
    "margin.model": ("regulation_t", "pattern_day_trading", "leverage", "constant", "cash", "none"),
    "short_selling.if_unknown": ("refuse", "allow"),
    "short_selling.open_orders": ("sales", "all"),
    "short_selling.clock": ("nightly", "hourly"),
    "sampling": ("session", "lean"),
    "universe.held_rejoins": ("joins", "stays"),
}
# Who judges a post-only order: the engine by its own quotes; nobody; the broker new ones, the engine changes.
POST_ONLY_HERE, POST_ONLY_IGNORED, POST_ONLY_THERE = 0, 1, 2
FILL_TOUCH, FILL_LAST, FILL_NEXT_OPEN = 0, 1, 2
STALE_NEXT_OPEN, STALE_NEXT_BAR, STALE_USE = 0, 1, 2
STARTS_AFTER, ENDS_AFTER = 0, 1
CLOSED_QUEUE, CLOSED_REFUSE, CLOSED_MARKET_ON_OPEN, CLOSED_SEND = 0, 1, 2, 3
AFTER_FILLS, BEFORE_FILLS = 0, 1
UNKNOWN_REFUSE, UNKNOWN_ALLOW = 0, 1
OPEN_SALES, OPEN_ALL = 0, 1
TARGETS_ONCE, TARGETS_UNTIL_REACHED = 0, 1
SHORTFALL_CUT, SHORTFALL_ALLOWED = 0, 1
TRADER_IGNORED, TRADER_REPORTED, TRADER_WARNED, TRADER_ENFORCED = 0, 1, 2, 3
UNSETTLED_UNUSABLE, UNSETTLED_USABLE = 0, 1
FAITH_IGNORED, FAITH_REPORTED, FAITH_WARNED, FAITH_ENFORCED = 0, 1, 2, 3
FEES_NONE, FEES_NIGHTLY, FEES_HOURLY = 0, 1, 2
ROUND_AWAY, ROUND_NEAREST, ROUND_NONE = 0, 1, 2


@row
class Settings:
    """One run's account settings: codes of `WORDS`, ratios, nanoseconds, dollars a share.

    `own_margins`: not all symbols have one requirement that is a share of value (`engine/margins.MarginGroup`).
    `max_equity`: equity beyond it is not used, millionths; 0 for no limit (of live runs in a shared account only).
    """

    cash_account: bool = False
    fee_per_share: float = 0.0
    fee_minimum: float = 0.0
    fee_rate: float = 0.0
    fee_maximum_rate: float = 0.0
    fills_market: int = 0
    stale_after: int = 0
    stale: int = 0
    first_bar: int = 0
    spread: float = 0.0
    participation: float = 0.0
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
    targets: int = 0
    corporate_actions_wake: bool = False
    raw_prices: bool = True
    pays_dividends: bool = True
    own_margins: bool = False
    max_equity: int = 0
    pattern_day_trader: int = 0
    cash_shortfall: int = 0
    unsettled_cash: int = 0
    good_faith: int = 0
    call_warning: float = 0.05
    call_buffer: float = 0.0
    call_every: int = 0
    call_profile: int = 0
    held_rejoins: int = 0
    short_unknown: int = 0
    short_open_orders: int = 0
    short_fees: int = 0
    interest_debit: float = 0.0
    interest_credit: float = 0.0
    bears_interest: bool = False


@row
class Requirement:
    """What one margin model asks: shares of value, or dollars a share (`per_share`), and their multiplier while the
    market is closed."""

    initial: float = 0.5
    maintenance_long: float = 0.25
    maintenance_short: float = 0.3
    closed_factor: float = 1.0
    per_share: bool = False


_FIELDS = {
    "fee_per_share": "fees.per_share",
    "fee_minimum": "fees.minimum",
    "fee_rate": "fees.percent_of_value",
    "fee_maximum_rate": "fees.maximum_percent_of_value",
    "fills_market": "fills.market",
    "stale_after": "fills.stale_after",
    "stale": "fills.stale",
    "first_bar": "fills.first_bar",
    "spread": "fills.spread",
    "participation": "fills.participation",
    "call_warning": "margin_call.warning",
    "call_buffer": "margin_call.buffer",
    "call_every": "margin_call.every",
    "call_profile": "margin_call.profile",
    "short_unknown": "short_selling.if_unknown",
    "short_open_orders": "short_selling.open_orders",
    "held_rejoins": "universe.held_rejoins",
    "interest_debit": "interest.debit",
    "interest_credit": "interest.credit",
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
    "targets",
    "corporate_actions_wake",
    "pattern_day_trader",
    "cash_shortfall",
    "unsettled_cash",
    "good_faith",
]


def settings_row(values: Values, account: str, prices: str, resident: str = "us") -> Settings:
    """The row that the laws read, from settings by dotted name (`market/brokerages.resolve`)."""
    out = Settings()
    for field, name in {**_FIELDS, **{same: same for same in _SAME}}.items():
        value = values[name]
        setattr(out, field, WORDS[name].index(str(value)) if name in WORDS else value)
    out.cash_account = account == "cash"
    if account == "cash" or resident != "us":  # fact 13: margin accounts of residents of the United States
        out.pattern_day_trader = TRADER_IGNORED
    if account != "cash":  # 12 CFR 220.8 is of cash accounts
        out.good_faith = FAITH_IGNORED
    if values["short_selling.fees"]:
        out.short_fees = FEES_HOURLY if values["short_selling.clock"] == "hourly" else FEES_NIGHTLY
    out.bears_interest = (
        out.short_fees == FEES_NIGHTLY or out.interest_debit != 0.0 or out.interest_credit != 0.0
    )
    out.raw_prices = prices == "raw"
    out.pays_dividends = prices in ("raw", "split_adjusted")
    if prices != "raw" and values["limit_rounding"] == "nearest":
        out.limit_rounding = ROUND_NONE  # LEAN rounds orders to the tick on raw data only (fact sheet 5)
    return out


def requirement_row(values: Values, symbol: str = "") -> Requirement:
    """The margin requirement of the account, or of a symbol that has its own."""
    prefix = f"margin.{symbol}." if symbol else "margin."
    out = Requirement()
    for field in Requirement.defaults:  # type: ignore[attr-defined]
        setattr(out, field, values[prefix + field])
    return out


def settlements(values: Values, symbols: Iterable[str]) -> list[int]:
    """The code of settlement of each symbol: its own, or the account's."""
    words = WORDS["settlement"]
    return [words.index(str(values.get(f"settlement.{symbol}", values["settlement"]))) for symbol in symbols]


def requirements(values: Values, symbols: Iterable[str]) -> tuple[list[Requirement], list[int]]:
    """The requirements of a run, the account's first, and the number of each symbol's."""
    found = [requirement_row(values)]
    numbers = []
    models = {"": 0}
    for symbol in symbols:
        own = symbol if f"margin.{symbol}.model" in values else ""
        if own not in models:
            models[own] = len(found)
            found.append(requirement_row(values, own))
        numbers.append(models[own])
    return found, numbers
