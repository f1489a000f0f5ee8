"""What a run keeps of the bars that it saw, so that another run can be compared with it: the bars themselves, or when
they are too many a number for each stretch of them that changes when one of them does."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from runner.market.bar import DAY, HOUR, Bars

COMPARED = ("end", "open", "high", "low", "close", "volume", "bid", "ask", "real")
_CLOSING = 5 * HOUR + 1  # a bar that ends at midnight in New York belongs to the day before
YEAR = 366
_MIX = np.uint64(0x9E3779B97F4A7C15)


class Digest(NamedTuple):
    """Of one symbol: `day` (days since 1970) on which each stretch begins, how many bars it has, and its number."""

    day: np.ndarray
    bars: np.ndarray
    value: np.ndarray


Digests = dict[str, Digest]


def days_of(end: np.ndarray) -> np.ndarray:
    """The day to which a bar belongs, for putting bars together; sessions never lie across two."""
    return (np.asarray(end, np.int64) - _CLOSING) // DAY


def digest(bars: Bars, daily: bool) -> Digest:
    """A number for each day of the bars, or (`daily`) for each `YEAR` days."""
    end = np.asarray(bars.end, np.int64)
    if not len(end):
        return Digest(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.uint64))
    days = days_of(end)
    stretch = days // YEAR * YEAR if daily else days
    first = np.flatnonzero(np.append(True, stretch[1:] != stretch[:-1]))
    count = np.diff(np.append(first, len(end)))
    return Digest(stretch[first], count, np.add.reduceat(_mixed(bars), first))


def _mixed(bars: Bars) -> np.ndarray:
    """A number for each bar: a change of any field changes all of it."""
    total = np.zeros(len(bars.end), np.uint64)
    for name in COMPARED:
        column = np.asarray(getattr(bars, name))
        if column.dtype.kind == "f":
            column = np.where(np.isnan(column), 0.0, column) + 0.0  # unknown is zero, and zero has one sign
            bits = column.view(np.uint64)
        else:
            bits = column.astype(np.int64).view(np.uint64)
        total = (total ^ bits) * _MIX
        total ^= total >> np.uint64(29)
    return total
