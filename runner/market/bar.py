"""Bars of one symbol as columns. A bar is known at its end."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

SECOND = 1_000_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

RESOLUTIONS = {"1s": SECOND, "1m": MINUTE, "1h": HOUR, "1d": DAY}


class Bars(NamedTuple):
    """All rows of one symbol, ascending by `end`; every field an array of the same length.

    `start`, `end`: int64 nanoseconds UTC. Prices: float64 dollars as traded (or as adjusted by
    `data.prices`). `volume`: float64 shares. `bid`, `ask`: float64 closes of the newest quote bar at
    that end, NaN without quotes; `quote_end`: int64 end of that quote bar, 0 without quotes.
    `real`: True where a trade bar was in the data, False where the row is a copy that fills forward
    (a copy feeds indicators and rules, never a fill or the account's prices).
    `split`: float64 shares of today per share of the first row (1.0, then 2.0 from a 2:1 split on);
    1.0 throughout when prices are adjusted already.
    """

    start: Any
    end: Any
    open: Any
    high: Any
    low: Any
    close: Any
    volume: Any
    bid: Any
    ask: Any
    quote_end: Any
    real: Any
    split: Any


BAR_TYPES = {
    "start": "<i8",
    "end": "<i8",
    "open": "<f8",
    "high": "<f8",
    "low": "<f8",
    "close": "<f8",
    "volume": "<f8",
    "bid": "<f8",
    "ask": "<f8",
    "quote_end": "<i8",
    "real": "?",
    "split": "<f8",
}


def empty_bars() -> Bars:
    """No rows."""
    return Bars(*(np.empty(0, BAR_TYPES[name]) for name in Bars._fields))


class Actions(NamedTuple):
    """Corporate actions of one symbol, ascending by `date`; arrays of the same length.

    `date`: int32 days since 1970-01-01, the first session on which the action is in force (ex-date).
    `split`: float64 new shares per old share (2.0 for 2:1; 1.0 when the row is a dividend).
    `dividend`: float64 dollars per share held before the open of `date` (0.0 when the row is a split).
    `reference`: float64 last raw close before `date`.
    """

    date: Any
    split: Any
    dividend: Any
    reference: Any


class Listing(NamedTuple):
    """When a symbol is on the exchange (days since 1970): its last day, and the first day of each later name."""

    last_day: int
    renamed: tuple[int, ...] = ()


def no_actions() -> Actions:
    """No corporate actions."""
    return Actions(np.empty(0, "<i4"), np.empty(0), np.empty(0), np.empty(0))
