"""Moments of the document as APScheduler triggers, and the same triggers expanded to arrays.

A trigger is pure: it is asked for its next fire time. Live, the timeline asks and waits; a backtest expands
the trigger once, which is equal fire for fire (`tests/engine/test_triggers.py`).
"""

from __future__ import annotations

import bisect
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt
from apscheduler.triggers.base import BaseTrigger

from runner.language.spec import NEW_YORK, Days, Moment
from runner.market.bar import HOUR
from runner.market.calendar import Calendar

Int64s = npt.NDArray[np.int64]


class SessionTrigger(BaseTrigger):  # type: ignore[misc]
    """Fires at given instants that the exchange's calendar decides: early closes and holidays are in them."""

    __slots__ = ("instants",)

    def __init__(self, instants: Int64s) -> None:
        self.instants: list[int] = instants.tolist()

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        """The first instant at or after `now`, and after the previous one."""
        i = bisect.bisect_left(self.instants, nanoseconds(now))
        if previous_fire_time is not None:
            i = max(i, bisect.bisect_right(self.instants, nanoseconds(previous_fire_time)))
        return moment_of(self.instants[i]) if i < len(self.instants) else None


def nanoseconds(t: datetime) -> int:
    """Instant of an aware datetime, whole microseconds, ns UTC."""
    delta = t - datetime(1970, 1, 1, tzinfo=UTC)
    return ((delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds) * 1000


def moment_of(instant: int) -> datetime:
    """Aware datetime (UTC) of an instant; below a microsecond nothing is kept."""
    seconds, rest = divmod(instant, 1_000_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest // 1000)


def session_days(calendar: Calendar, days: Days) -> npt.NDArray[np.bool_]:
    """Which sessions of the calendar belong to `days`: one truth for each session."""
    date = calendar.date.astype("datetime64[D]")
    n = len(date)
    if days.on == "weekdays":
        return np.isin((calendar.date.astype(np.int64) + 3) % 7, days.weekdays)
    if days.on == "dates":
        return np.isin(calendar.date, days.dates)
    if days.on in ("every_session", "every_day"):
        return np.ones(n, bool)
    period, edge = days.on.rsplit("_", 1)
    if period == "week":
        key = (calendar.date.astype(np.int64) + 3) // 7
    elif period == "quarter":
        key = date.astype("datetime64[M]").astype(np.int64) // 3
    else:
        key = date.astype("datetime64[M]" if period == "month" else "datetime64[Y]").astype(np.int64)
    changes = key[1:] != key[:-1]
    # The ends of the calendar are not ends of a period: callers pass a calendar with a margin around the run.
    return np.append(True, changes) if edge == "start" else np.append(changes, True)


def instants(moment: Moment, calendar: Calendar) -> Int64s:
    """Every instant of `moment` in the calendar's span, ascending, ns UTC."""
    if moment.kind == "time" and moment.zone != NEW_YORK:
        dates = dates_of(moment.days, calendar)
        return np.unique(np.array([wall_time(day, moment.offset, moment.zone) for day in dates], np.int64))
    if moment.kind == "time":
        if moment.days.on in ("every_day", "dates"):
            midnights = calendar.midnight
            if moment.days.on == "dates":
                chosen = [d - calendar.first_day for d in moment.days.dates]
                midnights = midnights[[d for d in chosen if 0 <= d < len(midnights)]]
        else:
            chosen_days = calendar.date[session_days(calendar, moment.days)]
            midnights = calendar.midnight[chosen_days - calendar.first_day]
        return np.unique(midnights + wall_offset(midnights, moment.offset))
    chosen_sessions = session_days(calendar, moment.days)
    edge = calendar.open if moment.kind.endswith("open") else calendar.close
    sign = 1 if moment.kind.startswith("after") else -1
    return np.unique(edge[chosen_sessions] + sign * moment.offset)


def dates_of(days: Days, calendar: Calendar) -> list[int]:
    """The dates (days since 1970) of `days`: sessions, or with `every_day` and `dates` any day of the calendar."""
    if days.on not in ("every_day", "dates"):
        return [int(day) for day in calendar.date[session_days(calendar, days)]]
    every = range(calendar.first_day, calendar.first_day + len(calendar.midnight))
    return [day for day in every if days.on == "every_day" or day in days.dates]


def wall_time(day: int, offset: int, name: str) -> int:
    """Instant (ns UTC) at which the clock of a zone shows `offset` on a date, by the same rules as `wall_offset`."""
    from zoneinfo import ZoneInfo

    zone = ZoneInfo(name)
    local = datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None) + timedelta(
        days=day, microseconds=offset // 1000
    )
    at = local.replace(tzinfo=zone).astimezone(UTC)
    if (
        at.astimezone(zone).replace(tzinfo=None) != local
    ):  # skipped: the gap ends where the clock's offset changes
        before, after = local.replace(tzinfo=zone, fold=1).astimezone(UTC), at
        change = before.astimezone(zone).utcoffset()
        while after - before > timedelta(seconds=1):
            middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
            if middle.astimezone(zone).utcoffset() == change:
                before = middle
            else:
                after = middle
        at = after
    return nanoseconds(at)


def wall_offset(midnights: Int64s, offset: int) -> Int64s:
    """Nanoseconds from each New York midnight to `offset` on that day's clock: a day of 23 or 25 hours shifts it.

    A time that the spring change skips becomes the instant after the gap; one that the autumn change repeats
    is its first occurrence.
    """
    from zoneinfo import ZoneInfo

    zone = ZoneInfo(NEW_YORK)
    out = np.full(len(midnights), offset, np.int64)
    sundays = np.flatnonzero((midnights // 86_400_000_000_000 + 3) % 7 == 6)  # clocks change on Sundays only
    for i in sundays.tolist():
        midnight = int(midnights[i])
        start = moment_of(midnight).astimezone(zone)
        end = moment_of(midnight + offset).astimezone(zone)
        shift = (end.utcoffset() or start.utcoffset()) - start.utcoffset()  # type: ignore[operator]
        two = min(
            offset, 2 * HOUR
        )  # clocks change at 02:00: a skipped time is the end of the gap, not before it
        out[i] = max(offset - int(shift.total_seconds()) * 1_000_000_000, two)
    return out


def trigger(moment: Moment, calendar: Calendar) -> BaseTrigger:
    """The moment as an APScheduler trigger.

    APScheduler's own cron trigger is not used: in the nights in which the clocks change it fires twice or not
    at all (`tests/engine/test_triggers.py` pins how), and it knows no holidays.
    """
    return SessionTrigger(instants(moment, calendar))
