"""When the client logs on: sections 3 to 5 of the protocol sheet, by hand. Times in seconds."""

import pytest

from runner.adapters import atreyu_session as plan
from runner.adapters import sessions
from runner.adapters.atreyu_numbers import Row
from runner.adapters.atreyu_session import Session
from runner.adapters.atreyu_settings import AtreyuSettings, CalendarHours
from runner.adapters.atreyu_wire import NO_REPLAY
from runner.market.bar import HOUR, MINUTE, SECOND
from tests.adapters.test_atreyu_numbers import message

DAY = 15_986  # Tuesday 2013-10-08; regular hours 09:30 to 16:00, New York is four hours behind UTC
HALF_DAY = (
    15_990 + 48
)  # Friday 2013-11-29: closes at 13:00, late trading ends at 17:00 (pandas_market_calendars)


@pytest.fixture(scope="module")
def hours():
    return CalendarHours(sessions.calendar(DAY - 5, DAY + 90))


def at(hours, time, day=DAY):
    hour, minute = map(int, time.split(":"))
    return hours._calendar.midnight_of(day) + hour * HOUR + minute * MINUTE


@pytest.fixture
def session(hours):
    settings = AtreyuSettings(host="tcp://x", request_port=1, subscription_port=2, client_id="C")
    return Session(settings, hours)


def test_hours(hours):
    assert [hours.extended(at(hours, time)) for time in ("03:59", "04:00", "19:59", "20:00")] == [
        False,
        True,
        True,
        False,
    ]
    assert [hours.regular(at(hours, time)) for time in ("09:29", "09:30", "15:59", "16:00")] == [
        False,
        True,
        True,
        False,
    ]
    assert not hours.extended(at(hours, "12:00", DAY + 4))  # Saturday
    assert hours.day(at(hours, "00:00")) == DAY
    assert hours.day(at(hours, "23:59")) == DAY


def test_a_session_is_kept_in_extended_hours_only(hours, session):
    row = Row(last=5)
    session.opened("s", at(hours, "19:58"), 100 * SECOND)
    assert session.due(at(hours, "19:59"), 130 * SECOND, row, []) == plan.NOTHING
    assert session.due(at(hours, "20:00"), 160 * SECOND, row, []) == plan.FORGET
    session.id = ""
    assert session.due(at(hours, "23:00"), 9_000 * SECOND, row, []) == plan.NOTHING
    assert session.due(at(hours, "04:00", DAY + 1), 30_000 * SECOND, row, []) == plan.RECONNECT


def test_silence_of_more_than_its_limit_connects_anew(hours, session):
    row = Row(last=5)
    session.trying(0)
    session.opened("s", at(hours, "10:00"), 0)
    assert session.due(at(hours, "10:05"), 330 * SECOND, row, []) == plan.NOTHING
    assert session.due(at(hours, "10:06"), 331 * SECOND, row, []) == plan.RECONNECT
    session.trying(331 * SECOND)  # refused: the next look is the next try
    assert session.due(at(hours, "10:06"), 340 * SECOND, row, []) == plan.NOTHING
    assert session.due(at(hours, "10:07"), 391 * SECOND, row, []) == plan.RECONNECT


def test_a_refused_session_does_not_wait(hours, session):
    session.trying(0)
    session.opened("s", at(hours, "10:00"), 0)
    session.refused()
    assert session.due(at(hours, "10:00"), SECOND, Row(last=5), []) == plan.RECONNECT


def test_a_gap_is_asked_for_after_a_moment_and_given_up_after_three_replays(hours, session):
    row, now = Row(last=5), at(hours, "10:00")
    session.opened("s", now, 0)
    row.offer(message(8))
    session.hear(10 * SECOND, row)
    assert session.due(now, 10 * SECOND + 200_000_000, row, []) == plan.NOTHING
    elapsed = 10 * SECOND + 250_000_000
    for _ in range(3):
        assert session.due(now, elapsed, row, []) == plan.LOGON
        session.trying(elapsed)
        session.tried_for_gap()
        assert session.due(now, elapsed + SECOND, row, []) == plan.NOTHING
        elapsed += 2 * SECOND
    assert session.due(now, elapsed, row, []) == plan.SKIP


def test_an_unknown_outcome_is_looked_into_once(hours, session):
    row, now = Row(last=5), at(hours, "10:00")
    session.opened("s", now, 0)
    session.heard = 90 * SECOND
    doubt = now + 60 * SECOND
    assert session.due(now + 59 * SECOND, 89 * SECOND, row, [doubt]) == plan.NOTHING
    assert session.due(now + 90 * SECOND, 90 * SECOND, row, [doubt]) == plan.LOGON
    session.trying(90 * SECOND)
    session.opened("t", now + 90 * SECOND, 90 * SECOND)
    assert session.due(now + 160 * SECOND, 160 * SECOND, row, [doubt]) == plan.NOTHING


def test_the_number_of_a_logon(hours, session):
    morning = at(hours, "10:00")
    assert session.since(morning, Row(last=17), DAY, True) == 17
    assert session.since(morning, Row(last=17), DAY - 1, True) == NO_REPLAY  # numbers begin with the day
    assert session.since(morning, Row(), DAY, False) == NO_REPLAY
    assert session.since(morning, Row(), DAY, True) == 0  # something was sent, and nothing heard yet


def test_an_early_close(hours):
    assert [hours.regular(at(hours, time, HALF_DAY)) for time in ("12:59", "13:00")] == [True, False]
    assert [hours.extended(at(hours, time, HALF_DAY)) for time in ("16:59", "17:00")] == [True, False]
