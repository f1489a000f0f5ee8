"""Longer bars made of shorter ones, and the session that a bar belongs to.

A bucket is aligned to the clock of New York (from its midnight) and cut at the session's close. It is
complete with the bar whose end reaches its end; when that bar is missing, with the first bar after it. A
bucket of a day holds the regular hours only.
"""

from __future__ import annotations

import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from runner.engine.elementwise import Floats
from runner.market.bar import DAY, HOUR, MINUTE, Bars
from runner.market.calendar import Calendar

OPEN, CLOSE = 9 * HOUR + 30 * MINUTE, 16 * HOUR  # regular hours where no calendar is given
NEW_YORK = ZoneInfo("America/New_York")
Int64s = npt.NDArray[np.int64]


class Buckets(NamedTuple):
    """`part`: for each row 1.0 begins a bucket, 0.0 goes on, -1.0 belongs to none. `source`: the rows whose
    values are a complete bucket's. `known`: how many of them are known at each row."""

    part: Floats
    source: Int64s
    known: Int64s


class Sessions:
    """Midnights and closes of New York's days; one day is looked up once."""

    def __init__(self, calendar: Calendar | None = None) -> None:
        self.calendar = calendar
        self._offsets: dict[int, int] = {}
        self._hours: dict[int, tuple[int, int]] = {}

    def offset(self, day: int) -> int:
        """New York's distance from UTC on `day` (since 1970, UTC) in ns, at 12:00 UTC: bars never lie
        between that and the night of a clock change, which is a Sunday's."""
        if day not in self._offsets:
            noon = datetime.datetime(1970, 1, 1, 12, tzinfo=datetime.UTC) + datetime.timedelta(days=day)
            offset = noon.astimezone(NEW_YORK).utcoffset()
            assert offset is not None
            self._offsets[day] = int(offset.total_seconds()) * 1_000_000_000
        return self._offsets[day]

    def days(self, start: Int64s) -> tuple[Int64s, Int64s]:
        """Calendar day (since 1970) of each bar's start, and the time since its midnight, New York."""
        utc = start // DAY
        first = np.flatnonzero(np.diff(utc, prepend=-1))  # bars ascend: each day is one run of rows
        offsets = np.array([self.offset(int(d)) for d in utc[first]], dtype=np.int64)
        offsets = np.repeat(offsets, np.diff(first, append=len(utc)))
        local = start + offsets
        day = local // DAY
        return day, local - day * DAY

    def hours(self, day: int) -> tuple[int, int]:
        """Regular hours of `day` in ns since its midnight; 09:30 to 16:00 where the calendar has no session."""
        if day not in self._hours:
            self._hours[day] = (OPEN, CLOSE)
            i = self.calendar.session_on(day) if self.calendar is not None else -1
            if self.calendar is not None and i >= 0:
                midnight = day * DAY - self.offset(day)
                self._hours[day] = (
                    int(self.calendar.open[i]) - midnight,
                    int(self.calendar.close[i]) - midnight,
                )
        return self._hours[day]

    def place(self, day: int, time: int, end: int, timeframe: int) -> tuple[int, bool]:
        """(bucket, whether it is complete) of a bar of `day` from `time` to `end`, ns since midnight. The bucket is
        -1 for a bar outside regular hours when buckets are days."""
        first, close = self.hours(day)
        if timeframe >= DAY:
            return (-1, False) if end <= first or time >= close else (0, end >= close)
        bucket = time // timeframe
        limit = (bucket + 1) * timeframe
        if time < close < limit:
            return bucket, end >= close
        # After an early close the rest of a cut bucket is a bucket of its own.
        return (bucket + (1 << 40) if time >= close > bucket * timeframe else bucket), end >= limit


def buckets(bars: Bars, timeframe: int, sessions: Sessions) -> Buckets:
    """The buckets of all rows."""
    day, time = sessions.days(np.asarray(bars.start))
    end = time + (np.asarray(bars.end) - np.asarray(bars.start))
    track = Track()
    part, source, known = np.empty(len(day)), [], np.empty(len(day), dtype=np.int64)
    for i, (d, t, e) in enumerate(zip(day.tolist(), time.tolist(), end.tolist(), strict=True)):
        part[i], late, done = track.push(sessions, d, t, e, timeframe)
        if late:
            source.append(track.before)
        if done:
            source.append(i)
        if part[i] >= 0.0:
            track.before = i
        known[i] = len(source)
    return Buckets(part, np.array(source, dtype=np.int64), known)


class Track:
    """One symbol's buckets of one length, bar by bar. `before`: the row that was in a bucket last."""

    def __init__(self) -> None:
        self.day, self.bucket, self.done, self.before = -1, -1, True, -1

    def push(
        self, sessions: Sessions, day: int, time: int, end: int, timeframe: int
    ) -> tuple[float, bool, bool]:
        """(part, whether the bucket before is complete only now, whether this bar completes its own)."""
        bucket, done = sessions.place(day, time, end, timeframe)
        if bucket < 0:
            return -1.0, False, False
        if (day, bucket) == (self.day, self.bucket):
            if self.done:  # a bar after the one that completed the bucket
                return -1.0, False, False
            self.done = done
            return 0.0, False, done
        late = not self.done
        self.day, self.bucket, self.done = day, bucket, done
        return 1.0, late, done


def hold(values: Floats, known: Int64s) -> Floats:
    """Each row has the value of the newest complete bucket, unknown before the first."""
    padded: Any = np.concatenate((np.array([np.nan]), values))
    return padded[known]
