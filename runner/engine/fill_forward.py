"""Bars that are missing while the market is open, filled with copies of the bar before (lean-semantics, 3).

A copy repeats the last prices, has no volume and is not `real`: it wakes rules and feeds indicators, never
a fill or the account's prices. Its quote is the old one, with the old `quote_end`.
"""

from __future__ import annotations

import numpy as np

from runner.market.bar import DAY, Bars
from runner.market.calendar import Calendar, Int64s


def fill_forward(
    bars: Bars, calendar: Calendar, step_ns: int, first_day: int, last_day: int, extended: bool
) -> Bars:
    """`bars` with a row at every step at which the market has been open, from the first bar on.

    `step_ns` is the finest resolution of the run; a copy has the length of the bar that it repeats, so that
    daily bars beside minute bars are repeated every minute. Filled are the sessions from `first_day` to
    `last_day` (days since 1970, both belong), to the end of the range even when the data stops (give the last
    listed day of a symbol that is delisted). Nothing is filled before the first bar.

    A raw price is restated in the shares of its row after a split, once a bar of that session tells of it.
    """
    end = np.asarray(bars.end)
    if not len(end):
        return bars
    due = due_ends(calendar, step_ns, first_day, last_day, extended)
    due = np.setdiff1d(due[due > end[0]], end, assume_unique=True)
    if not len(due):
        return bars
    source = np.searchsorted(end, due, "right") - 1
    ends = np.concatenate((end, due))
    order = np.argsort(ends, kind="stable")
    shares = np.concatenate((bars.split, _shares(bars, calendar, due, source)))
    ratio = np.concatenate((np.ones(len(end)), bars.split[source] / shares[len(end) :]))
    length = (end - np.asarray(bars.start))[source]
    starts = due - length
    if step_ns == DAY:  # a session's own hours: an early close makes a shorter day
        starts = calendar.open[np.searchsorted(calendar.close, due)]

    def rows(column: np.ndarray, scale: bool = False) -> np.ndarray:
        both = np.concatenate((column, column[source]))
        return np.asarray((both * ratio if scale else both)[order])

    real = np.concatenate((bars.real, np.zeros(len(due), bool)))
    volume = np.concatenate((bars.volume, np.zeros(len(due))))
    return Bars(
        start=np.concatenate((bars.start, starts))[order],
        end=ends[order],
        open=rows(bars.open, True),
        high=rows(bars.high, True),
        low=rows(bars.low, True),
        close=rows(bars.close, True),
        volume=volume[order],
        bid=rows(bars.bid, True),
        ask=rows(bars.ask, True),
        quote_end=rows(bars.quote_end),
        real=real[order],
        split=shares[order],
    )


def due_ends(calendar: Calendar, step_ns: int, first_day: int, last_day: int, extended: bool) -> Int64s:
    """Every instant (ns) at which a bar of `step_ns` can end: the market is open at some moment of it.

    Steps are aligned to New York midnight (an hourly session ends bars at 10:00, 11:00 ... 16:00); daily
    steps are the sessions' closes.
    """
    chosen = (calendar.date >= first_day) & (calendar.date <= last_day)
    if step_ns == DAY:
        return calendar.close[chosen]
    opens = (calendar.pre if extended else calendar.open)[chosen]
    closes = (calendar.post if extended else calendar.close)[chosen]
    midnight = calendar.midnight[calendar.date[chosen] - calendar.first_day]
    first = (opens - midnight) // step_ns + 1  # the first multiple after the open
    last = -((midnight - closes) // step_ns)  # the first multiple at or after the close
    count = np.maximum(last - first + 1, 0)
    if not count.sum():
        return np.empty(0, "<i8")
    inside = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return np.asarray(np.repeat(midnight + first * step_ns, count) + inside * step_ns, "<i8")


def _shares(bars: Bars, calendar: Calendar, due: Int64s, source: Int64s) -> np.ndarray:
    """`split` of each copy: of the next bar when it is on the same day, else of the bar that it repeats."""
    after = np.minimum(source + 1, len(bars.end) - 1)
    if bars.split[0] == bars.split[-1]:
        return np.asarray(bars.split[source])
    day = np.searchsorted(calendar.midnight, due - 1, "right")
    next_day = np.searchsorted(calendar.midnight, bars.end[after] - 1, "right")
    return np.asarray(np.where(day == next_day, bars.split[after], bars.split[source]))
