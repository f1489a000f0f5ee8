"""Brokerages and conventions: the tables of settings that validate, explain, assemble and admission read.

A setting has a dotted name (`fills.market`), a value in plain units (nanoseconds, ratios, words) and an
origin. `resolve` lays the layers on each other: conventions, brokerage, account, margin model, document.

Sources: the Atreyu page of QuantConnect (facts 2, 6, 7, 10 to 18) for `atreyu`; LEAN's head of August 2026
for `lean`; the last LEAN that had Atreyu (November 2023) for `lean_2023`.
"""

from __future__ import annotations

from typing import Any

from runner.market.bar import HOUR, MINUTE, SECOND
from runner.market.order import LIMIT, MARKET, MARKET_ON_CLOSE, ORDER_KINDS

Value = float | int | bool | str
Values = dict[str, Value]

ATREYU: Values = {
    "fees.per_share": 0.0035,  # the page: $0.0035 a share
    "fees.minimum": 0.0,
    "fees.percent_of_value": 0.0,
    "fees.maximum_percent_of_value": 0.0,  # 0: no maximum
    "fills.market": "touch",
    "fills.stale_after": HOUR,
    "fills.stale": "next_open",
    "fills.first_bar": "starts_after",
    "fills.spread": 0.0,
    "fills.participation": 0.0,  # 0: whatever the volume
    "when_closed": "queue",
    "daily_market": "market",
    "closing_cutoff": 10 * MINUTE,  # NYSE Rule 7.35B: closing orders until 15:50
    "closing_soon": 10 * MINUTE,
    "expiry": "after_fills",
    "post_only": "simulate",
    "free_equity": 0.0025,
    "minimum_order_margin": 0.0,
    "sizing": "order",
    "buying_power": "cut",
    "check_fills": False,
    "reserve_working": True,
    "exits": "counted",
    "targets": "once",
    "drawdowns": "marks",
    "limit_rounding": "away",
    "moments": "with_bars",
    "corporate_actions_wake": False,
    "settlement": "immediate",
    "cash_shortfall": "cut",  # 12 CFR 220.8(a): a cash account pays in full
    "settlement_time": 8 * HOUR,  # fact 18: no hour on the page; LEAN's of that time was 08:00
    "margin_call.warning": 0.05,  # the page: a warning below 5 % of portfolio value
    "margin_call.buffer": 0.0,  # the page: a call at zero or below
    "margin_call.every": 0,
    "margin_call.profile": "atreyu",
    "pattern_day_trader": "report",  # fact 13: counted; what an account may do is the broker's to say
    "unsettled_cash": "unusable",  # fact 18: cash of a sale settles first
    "good_faith": "report",
    "short_selling.if_unknown": "refuse",  # design 4: no shares known, no short sale
    "short_selling.open_orders": "sales",
    "short_selling.fees": False,
    "short_selling.clock": "nightly",
    "interest.debit": 0.0,  # what a broker asks is its own: none unless the document says so
    "interest.credit": 0.0,
    "default_time_in_force": "day",
    "data.prices": "raw",
    "data.fill_forward": False,
    "data.daily_end": "close",
    "warm_up": "computed",
    "sampling": "session",
    "universe.every_session": "before",  # whose midnight: of the session, or the one after it
    "universe.held_rejoins": "joins",
    "statistics": "lean",
    "benchmark": "",
}

LEAN: Values = {
    **ATREYU,
    "fills.stale": "next_bar",
    "fills.first_bar": "ends_after",
    "when_closed": "market_on_open",
    "daily_market": "market_on_close",
    "closing_cutoff": 15 * MINUTE + 30 * SECOND,
    "expiry": "before_fills",
    "post_only": "ignore",
    "minimum_order_margin": 0.001,
    "sizing": "target",
    "buying_power": "refuse",
    "check_fills": True,
    "reserve_working": False,
    "exits": "replaced",
    "targets": "until_reached",
    "drawdowns": "targets",
    "limit_rounding": "nearest",
    "moments": "before_bars",
    "corporate_actions_wake": True,
    "settlement_time": 6 * HOUR,
    "margin_call.buffer": 0.1,
    "margin_call.every": 5 * MINUTE,
    "margin_call.profile": "lean",
    "pattern_day_trader": "ignore",
    "cash_shortfall": "allow",
    "good_faith": "ignore",
    "short_selling.if_unknown": "allow",  # fact sheet 13: a missing date is unlimited
    "short_selling.open_orders": "all",
    "short_selling.clock": "hourly",
    "data.prices": "adjusted",
    "data.fill_forward": True,
    "warm_up": "none",
    "sampling": "lean",
    "universe.every_session": "after",
    "universe.held_rejoins": "stays",
}

LEAN_2023: Values = {
    **LEAN,
    "fills.stale": "use",
    "daily_market": "market",
    "settlement_time": 8 * HOUR,
    "data.daily_end": "midnight",
    "statistics": "lean_2023",
}

# For risk officers: nothing at the price that was decided on, a spread for those who take, a part of the volume only.
CONSERVATIVE: Values = {
    **ATREYU,
    "fills.market": "next_open",
    "fills.spread": 0.0005,
    "fills.participation": 0.1,
}

CONVENTIONS: dict[str, Values] = {
    "atreyu": ATREYU,
    "lean": LEAN,
    "lean_2023": LEAN_2023,
    "conservative": CONSERVATIVE,
}
LEANS = ("lean", "lean_2023")  # conventions that follow LEAN

# What a brokerage adds to its conventions, and what it can do at all.
BROKERAGES: dict[str, dict[str, Any]] = {
    "atreyu": {
        "order_kinds": (MARKET, LIMIT, MARKET_ON_CLOSE),
        "times_in_force": ("day",),
        "settings": {},
    },
    "axos": {
        "order_kinds": (MARKET, LIMIT, MARKET_ON_CLOSE),
        "times_in_force": ("day", "good_till_cancelled", "good_till_date"),
        "settings": {"default_time_in_force": "good_till_cancelled"},
    },
    "default": {
        "order_kinds": tuple(ORDER_KINDS.values()),
        "times_in_force": ("day", "good_till_cancelled", "good_till_date"),
        "settings": {
            "default_time_in_force": "good_till_cancelled",
            "benchmark": "SPY",
            # Interactive Brokers' fixed US schedule, as LEAN's default model charges it.
            "fees.per_share": 0.005,
            "fees.minimum": 1.0,
            "fees.maximum_percent_of_value": 0.005,
        },
    },
}

# Margin models: initial and maintenance requirements as shares of value, by state of the market.
REGULATION_T: Values = {
    # Regulation T, 12 CFR 220.12: 50 % initial. FINRA Rule 4210(c): 25 % long, 30 % short.
    "margin.model": "regulation_t",
    "margin.initial": 0.5,
    "margin.maintenance_long": 0.25,
    "margin.maintenance_short": 0.3,
    "margin.closed_factor": 1.0,
    "margin.per_share": False,
}


def _leverage(open_leverage: float, closed_leverage: float, model: str) -> Values:
    share = 1.0 / open_leverage
    return {
        "margin.model": model,
        "margin.initial": share,
        "margin.maintenance_long": share,
        "margin.maintenance_short": share,
        "margin.closed_factor": open_leverage / closed_leverage,
        "margin.per_share": False,
    }


def margin_settings(model: str, numbers: dict[str, float], conventions: str) -> Values:
    """The margin settings of one model: `regulation_t` (initial, maintenance_long, maintenance_short),
    `pattern_day_trading` (open, closed leverage), `leverage` (value), `constant` (value: dollars a share), `cash`,
    `none`."""
    if model == "pattern_day_trading":
        return _leverage(numbers.get("open", 4.0), numbers.get("closed", 2.0), model)
    if model == "leverage":
        return _leverage(numbers["value"], numbers["value"], model)
    if model == "constant":  # fact sheet 9: so many dollars a share, to open and to keep
        return {
            **_leverage(1.0, 1.0, model),
            "margin.initial": numbers["value"],
            "margin.maintenance_long": numbers["value"],
            "margin.maintenance_short": numbers["value"],
            "margin.per_share": True,
        }
    if model == "cash":
        return _leverage(1.0, 1.0, model)
    if model == "none":
        return {
            **_leverage(1.0, 1.0, model),
            "margin.initial": 0.0,
            "margin.maintenance_long": 0.0,
            "margin.maintenance_short": 0.0,
        }
    if conventions in LEANS:  # LEAN's security margin model: initial = maintenance = 1 / leverage
        plain = _leverage(2.0, 2.0, "regulation_t")
    else:
        plain = dict(REGULATION_T)
    for name, value in numbers.items():
        plain[f"margin.{name}"] = value
    return plain


def resolve(
    brokerage: str,
    conventions: str,
    account: str,
    margin_model: tuple[str, dict[str, float]] | None,
    overrides: Values,
    margin_models: dict[str, tuple[str, dict[str, float]]] | None = None,
) -> tuple[Values, dict[str, str]]:
    """All settings by dotted name, and where each came from.

    `margin_model` is None when the document names none (a margin account then has `regulation_t`, a cash
    account `cash`). `margin_models`: those of single symbols, named `margin.SYMBOL.*`. `overrides` are the document's own settings; their names must exist.
    """
    values: Values = {}
    origins: dict[str, str] = {}

    def lay(layer: Values, origin: str) -> None:
        for name, value in layer.items():
            if values.get(name) != value or name not in values:
                values[name] = value
                origins[name] = origin

    lay(CONVENTIONS[conventions], f"conventions {conventions}")
    lay(BROKERAGES[brokerage]["settings"], f"brokerage {brokerage}")
    if account == "cash":
        # The page: cash accounts settle three sessions after the trade date. LEAN: fact sheet 11.
        lay({"settlement": {"lean": "t+1", "lean_2023": "t+2"}.get(conventions, "t+3")}, "account cash")
    model, numbers = margin_model or (("cash" if account == "cash" else "regulation_t"), {})
    lay(
        margin_settings(model, numbers, conventions), "margin_model" if margin_model else f"account {account}"
    )
    for symbol, (own, own_numbers) in (margin_models or {}).items():
        of_symbol = margin_settings(own, own_numbers, conventions)
        renamed = {f"margin.{symbol}.{name.removeprefix('margin.')}": x for name, x in of_symbol.items()}
        lay(renamed, "margin_models")
    unknown = sorted(name for name in set(overrides) - set(values) if not name.startswith("settlement."))
    if unknown:
        raise KeyError(f"no such setting: {', '.join(unknown)}")
    lay(overrides, "document")
    for name in overrides:
        origins[name] = "document"
    return values, origins
