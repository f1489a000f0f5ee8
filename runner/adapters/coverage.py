"""Which sessions a series lacks, and the fault that says data cannot be read."""

from __future__ import annotations

import datetime

import numpy as np

from runner.market.bar import RESOLUTIONS, Bars
from runner.market.calendar import Calendar


class DataFault(Exception):  # noqa: N818 (the name in the design: a fault of the data, not of the program)
    """Data is missing or unreadable: the message names the place, the fault and the cure (exit code 3)."""


class Refused(DataFault):
    """Somebody outside has said no: asking again and again may lock an account."""


class NoRows(DataFault):
    """A symbol has rows, but none in the range that was asked for."""


def day_text(day: int) -> str:
    """Days since 1970-01-01 as `YYYY-MM-DD`."""
    return (datetime.date(1970, 1, 1) + datetime.timedelta(days=int(day))).isoformat()


def span_text(first_day: int, last_day: int) -> str:
    """`2013-10-07` or `2013-10-07 to 2013-10-11`."""
    return day_text(first_day) + (f" to {day_text(last_day)}" if last_day != first_day else "")


def missing(
    bars: Bars, calendar: Calendar, first_day: int, last_day: int, resolution: str
) -> list[tuple[int, int]]:
    """Runs of sessions from `first_day` to `last_day` (both belong; days since 1970) without a real bar.

    A session is covered when at least one real bar of `resolution` overlaps its regular hours: symbols
    that trade thinly leave holes inside a session, which `fill_forward` is for. Each run is (date of its
    first session, date of its last). Sessions outside `calendar` are not looked at.
    """
    wanted = (calendar.date >= first_day) & (calendar.date <= last_day)
    start = np.asarray(bars.start)[bars.real]
    end = np.asarray(bars.end)[bars.real]
    if resolution == "1d":  # a daily bar starts and ends with its session
        covered = np.isin(calendar.open, start)
    else:
        # The first bar that ends after the open; it must start before the close. Bars of one length ascend.
        first = np.searchsorted(end, calendar.open, "right")
        padded = np.append(start, np.iinfo(np.int64).max)
        covered = padded[first] < calendar.close
    gaps = np.flatnonzero(wanted & ~covered)
    if not len(gaps):
        return []
    breaks = np.flatnonzero(np.diff(gaps) > 1)
    first_of = gaps[np.concatenate(([0], breaks + 1))]
    last_of = gaps[np.concatenate((breaks, [len(gaps) - 1]))]
    return [(int(calendar.date[a]), int(calendar.date[b])) for a, b in zip(first_of, last_of, strict=True)]


def check_volume(symbol: str, bars: Bars) -> None:
    """A `DataFault` unless bars have volume: a participation of nothing fills nothing."""
    if len(bars.volume) and not bool(np.any(np.asarray(bars.volume) > 0.0)):
        raise DataFault(f"{symbol} has no volume in the data, of which fills.participation asks a part")


def check_resolution(resolution: str) -> None:
    """A `DataFault` unless `resolution` is one that sources know."""
    if resolution not in RESOLUTIONS:
        raise DataFault(f"resolution {resolution!r} is not known: use one of {', '.join(RESOLUTIONS)}")


def nearest(name: str, known: list[str]) -> str:
    """`; did you mean SPY?` or what there is, for the end of a message."""
    import difflib

    close = difflib.get_close_matches(name, known, 1, 0.5)
    if close:
        return f"; did you mean {close[0]}?"
    return f"; there is {', '.join(sorted(known)[:12])}" if known else ""
