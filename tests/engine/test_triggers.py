"""Moments: triggers stepped one fire at a time, the same expanded to arrays, and both by hand from the rule book.

The reference here knows nothing of the engine: sessions of 2013 and 2014 from the exchange's list of
holidays and early closings (NYSE, Holidays and Trading Hours), weeks and months from Python's dates, New
York's clock from the time zone database.
"""

import datetime
from datetime import UTC, date, timedelta
from itertools import groupby

import numpy as np
import pytest
from apscheduler.triggers.cron import CronTrigger
from hypothesis import example, given, settings
from hypothesis import strategies as st

from runner.adapters.sessions import calendar
from runner.engine.triggers import instants, moment_of, nanoseconds, trigger, wall_time
from runner.language.spec import Days, Moment
from runner.market.bar import HOUR, MINUTE
from tests.made import NEW_YORK

EPOCH = date(1970, 1, 1)
HOLIDAYS = {
    date(*day)
    for day in (
        (2013, 1, 1), (2013, 1, 21), (2013, 2, 18), (2013, 3, 29), (2013, 5, 27), (2013, 7, 4), (2013, 9, 2),
        (2013, 11, 28), (2013, 12, 25), (2014, 1, 1), (2014, 1, 20), (2014, 2, 17), (2014, 4, 18),
        (2014, 5, 26), (2014, 7, 4), (2014, 9, 1), (2014, 11, 27), (2014, 12, 25),
    )
}  # fmt: skip
EARLY = {date(2013, 7, 3), date(2013, 11, 29), date(2013, 12, 24), date(2014, 7, 3), date(2014, 11, 28), date(2014, 12, 24)}  # fmt: skip
FIRST, LAST = date(2013, 1, 1), date(2014, 12, 31)
ALL_DAYS = [FIRST + timedelta(days=i) for i in range((LAST - FIRST).days + 1)]
SESSIONS = [day for day in ALL_DAYS if day.weekday() < 5 and day not in HOLIDAYS]
CALENDAR = calendar((FIRST - EPOCH).days, (LAST - EPOCH).days)
SPRING, AUTUMN = date(2013, 3, 10), date(2013, 11, 3)  # the clocks change at 02:00 (15 U.S.C. 260a)


def number(day):
    return (day - EPOCH).days


def instant(day, minutes):
    """New York's clock shows `minutes` after midnight of `day`; ns UTC. First occurrence of a repeated time; a
    skipped one is the end of the gap."""
    hour, minute = divmod(minutes, 60)
    wall = datetime.datetime(day.year, day.month, day.day, hour, minute, tzinfo=NEW_YORK)
    utc = wall.astimezone(UTC)
    if utc.astimezone(NEW_YORK).replace(tzinfo=None) != wall.replace(tzinfo=None):
        utc = datetime.datetime(day.year, day.month, day.day, 3, 0, tzinfo=NEW_YORK).astimezone(UTC)
    return int(utc.timestamp()) * 1_000_000_000


END = instant(LAST + timedelta(days=1), 0)
PERIODS = {
    "week": lambda day: day.isocalendar()[:2],
    "month": lambda day: (day.year, day.month),
    "quarter": lambda day: (day.year, (day.month - 1) // 3),
    "year": lambda day: day.year,
}


def chosen_days(days, of):
    """The days of `of` (all days, or sessions) that a moment is for."""
    if days.on == "weekdays":
        return [day for day in of if day.weekday() in days.weekdays]
    if days.on == "dates":
        return [day for day in of if number(day) in days.dates]
    if days.on in ("every_session", "every_day"):
        return list(of)
    period, edge = days.on.split("_")
    groups = [list(group) for _, group in groupby(of, PERIODS[period])]
    return [group[0 if edge == "start" else -1] for group in groups]


def by_hand(moment):
    if moment.kind == "time":
        of = ALL_DAYS if moment.days.on in ("every_day", "dates") else SESSIONS
        return sorted({instant(day, moment.offset // MINUTE) for day in chosen_days(moment.days, of)})
    out = []
    for day in chosen_days(moment.days, SESSIONS):
        close = 13 * 60 if day in EARLY else 16 * 60
        edge = instant(day, 9 * 60 + 30 if moment.kind.endswith("open") else close)
        out.append(edge + (moment.offset if moment.kind.startswith("after") else -moment.offset))
    return sorted(set(out))


def stepped(fires, first, last):
    """Every fire from `first` to `last` (both belong), asked for one after another as a live run does."""
    out, previous, now = [], None, moment_of(first)
    while (at := fires.get_next_fire_time(previous, now)) is not None and nanoseconds(at) <= last:
        out.append(nanoseconds(at))
        previous = now = at
    return out


days_of = st.one_of(
    st.sampled_from(
        ["every_session", "every_day", *(f"{p}_{e}" for p in PERIODS for e in ("start", "end"))]
    ).map(Days),
    st.sets(st.integers(0, 6), min_size=1).map(lambda found: Days("weekdays", weekdays=tuple(sorted(found)))),
    st.sets(st.sampled_from(ALL_DAYS).map(number), min_size=1, max_size=9).map(
        lambda found: Days("dates", dates=tuple(sorted(found)))
    ),
)
moments = st.builds(
    Moment,
    st.sampled_from(["after_open", "before_open", "after_close", "before_close", "time"]),
    st.integers(0, 24 * 60 - 1).map(lambda minutes: minutes * MINUTE),
    days_of,
)


@settings(max_examples=120, deadline=None)
@given(moments)
@example(Moment("time", 2 * HOUR + 30 * MINUTE, Days("every_day")))
@example(Moment("time", 1 * HOUR + 30 * MINUTE, Days("every_day")))
@example(Moment("before_close", 20 * MINUTE, Days("month_end")))
def test_expanded_is_what_the_rule_book_says(moment):
    found = instants(moment, CALENDAR)
    found = found[found < END]  # the calendar's last midnight ends its last day: it begins a day beyond
    np.testing.assert_array_equal(found, [at for at in by_hand(moment) if at < END])


def cron(offset):
    """APScheduler's own trigger for a New York time of every day."""
    minutes = offset // MINUTE
    return CronTrigger(hour=minutes // 60, minute=minutes % 60, timezone="America/New_York")


# Over both changes of the clocks, Thanksgiving, Christmas, the turn of the year and Independence Day.
STRETCHES = [
    (date(2013, 2, 25), date(2013, 4, 5)),
    (date(2013, 10, 21), date(2014, 1, 10)),
    (date(2014, 6, 23), date(2014, 7, 14)),
]


@settings(max_examples=60, deadline=None)
@given(moments, st.sampled_from(STRETCHES))
def test_stepped_is_expanded(moment, stretch):
    first, last = instant(stretch[0], 0), instant(stretch[1], 0)
    whole = instants(moment, CALENDAR)
    np.testing.assert_array_equal(
        stepped(trigger(moment, CALENDAR), first, last), whole[(whole >= first) & (whole <= last)]
    )


@pytest.mark.parametrize("day", [SPRING, AUTUMN], ids=str)
@pytest.mark.parametrize("minutes", [180, 9 * 60 + 35, 16 * 60, 23 * 60 + 59])
def test_apschedulers_cron_agrees_after_the_change(day, minutes):
    """The day the clocks change and its neighbours, with APScheduler's own cron as the third opinion."""
    first, last = instant(day - timedelta(days=2), 0), instant(day + timedelta(days=2), 0)
    expected = [instant(day + timedelta(days=i), minutes) for i in range(-2, 2)]
    assert stepped(cron(minutes * MINUTE), first, last) == expected


@pytest.mark.parametrize(
    ("minutes", "day", "fires"),
    [
        (90, AUTUMN, ["05:30", "06:30"]),  # the repeated hour: twice
        (150, SPRING, ["07:30"]),  # the skipped hour: at 03:30, not at the end of the gap
        (30, SPRING + timedelta(days=1), []),  # the morning after: not at all
    ],
    ids=["twice", "late", "never"],
)
def test_why_cron_is_left_out_before_three(minutes, day, fires):
    """What APScheduler 3.11 does there (UTC): why moments have a trigger of their own."""
    first, last = instant(day - timedelta(days=2), 0), instant(day + timedelta(days=1), 0) - 1
    found = [moment_of(at) for at in stepped(cron(minutes * MINUTE), first, last)]
    assert [f"{at:%H:%M}" for at in found if at.astimezone(NEW_YORK).date() == day] == fires


def test_known_moments():
    """Single instants, written out."""

    def at(day, clock):
        return (
            int(datetime.datetime.fromisoformat(f"{day}T{clock}:00").replace(tzinfo=NEW_YORK).timestamp())
            * 10**9
        )

    def first(moment, since):
        found = instants(moment, CALENDAR)
        return int(found[np.searchsorted(found, at(since, "00:00"))])

    assert first(Moment("before_close", 20 * MINUTE), "2013-11-29") == at(
        "2013-11-29", "12:40"
    )  # early close
    assert first(Moment("before_close", 20 * MINUTE, Days("month_end")), "2014-05-01") == at(
        "2014-05-30", "15:40"
    )
    assert first(Moment("after_open", 0, Days("week_start")), "2014-05-26") == at(
        "2014-05-27", "09:30"
    )  # holiday
    assert first(Moment("after_open", 5 * MINUTE, Days("year_start")), "2014-01-01") == at(
        "2014-01-02", "09:35"
    )
    assert first(Moment("time", 12 * HOUR, Days("weekdays", weekdays=(3,))), "2013-11-22") == at(
        "2013-12-05", "12:00"
    )
    assert first(Moment("time", 2 * HOUR + 30 * MINUTE, Days("every_day")), "2013-03-10") == at(
        "2013-03-10", "03:00"
    )
    assert first(Moment("time", 1 * HOUR + 30 * MINUTE, Days("every_day")), "2013-11-03") == at(
        "2013-11-03", "01:30"
    )
    assert first(Moment("after_open", 0), "2013-03-11") == at(
        "2013-03-11", "09:30"
    )  # the session after the change


def test_a_trigger_that_is_asked_late_gives_the_next_fire_not_the_missed_ones():
    fires = trigger(Moment("after_open", 0), CALENDAR)
    late = moment_of(instant(date(2013, 10, 9), 12 * 60))
    previous = moment_of(instant(date(2013, 10, 7), 9 * 60 + 30))
    assert nanoseconds(fires.get_next_fire_time(previous, late)) == instant(date(2013, 10, 10), 9 * 60 + 30)


def test_a_clock_that_went_back_fires_nothing_twice():
    fires = trigger(Moment("after_open", 0), CALENDAR)
    previous = moment_of(instant(date(2013, 10, 7), 9 * 60 + 30))
    back = moment_of(instant(date(2013, 10, 7), 9 * 60))
    assert nanoseconds(fires.get_next_fire_time(previous, back)) == instant(date(2013, 10, 8), 9 * 60 + 30)


def test_after_the_last_one_there_is_none():
    fires = trigger(Moment("after_open", 0, Days("dates", dates=(number(date(2013, 10, 7)),))), CALENDAR)
    assert fires.get_next_fire_time(None, moment_of(instant(date(2013, 10, 8), 0))) is None


@pytest.mark.parametrize(
    ("zone", "clock", "day", "utc"),
    [
        ("Europe/London", "15:45", "2013-10-07", "2013-10-07T14:45"),  # summer time in both cities
        (
            "Europe/London",
            "15:45",
            "2013-10-28",
            "2013-10-28T15:45",
        ),  # London's ended on the 27th, New York's a week later
        ("Asia/Tokyo", "09:00", "2013-10-07", "2013-10-07T00:00"),  # 20:00 of the 6th in New York
        ("Asia/Kolkata", "10:00", "2013-10-07", "2013-10-07T04:30"),
        ("Europe/London", "01:30", "2013-03-31", "2013-03-31T01:00"),  # skipped: from 01:00 to 02:00
        ("Europe/London", "01:30", "2013-10-27", "2013-10-27T00:30"),  # twice: the first
        ("Australia/Lord_Howe", "02:10", "2013-10-06", "2013-10-05T15:30"),  # a gap of half an hour at 02:00
    ],
)
def test_the_clock_of_another_zone(zone, clock, day, utc):
    """By hand, from the rules of each zone (the time zone database)."""
    hours, minutes = (int(part) for part in clock.split(":"))
    on = Days("dates", dates=(number(date.fromisoformat(day)),))
    moment = Moment("time", hours * HOUR + minutes * MINUTE, on, (), zone)
    wanted = int(np.datetime64(utc, "ns").astype(np.int64))
    assert instants(moment, CALENDAR).tolist() == [wanted]


def test_sessions_of_another_zone():
    """Thanksgiving, 2013-11-28, is no session: London's 15:45 is on the 27th and the 29th."""
    found = instants(Moment("time", 15 * HOUR + 45 * MINUTE, Days(), (), "Europe/London"), CALENDAR)
    days = {str(day)[:10] for day in found.astype("datetime64[ns]")}
    assert {"2013-11-27", "2013-11-29"} <= days
    assert "2013-11-28" not in days


def test_new_york_by_its_name_is_new_york():
    """Both paths give one answer, over the nights in which the clocks change too."""
    for offset in (0, 90 * MINUTE, 150 * MINUTE, 12 * HOUR):
        by_zone = [wall_time(number(day), offset, "America/New_York") for day in ALL_DAYS]
        own = instants(Moment("time", offset, Days("every_day")), CALENDAR)
        assert by_zone == own[: len(by_zone)].tolist()
