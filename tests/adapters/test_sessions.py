"""Sessions against the exchange's published hours (NYSE holiday notices; research/packages.md, calendars)."""

from __future__ import annotations

import pytest

from runner.adapters.coverage import DataFault
from runner.adapters.sessions import calendar
from tests.adapters.days import day, instant


def test_count_of_sessions_2000_to_2026() -> None:
    # research/packages.md: 6,790 sessions from 2000 to 2026 in two independent calendar packages.
    found = calendar(day("2000-01-01"), day("2026-12-31"))
    assert len(found.date) == 6790
    assert len(calendar(day("2000-03-01"), day("2013-03-01")).date) == 3270  # embedded-data.md


@pytest.mark.parametrize(
    ("date", "opens", "closes"),
    [
        ("2013-10-07", "09:30", "16:00"),
        ("2001-09-17", "09:33", "16:00"),  # first session after the attacks, two minutes of silence
        ("2002-09-11", "12:00", "16:00"),
        ("2005-06-01", "09:30", "15:56"),  # systems failed
        ("2012-11-23", "09:30", "13:00"),
        ("2013-07-03", "09:30", "13:00"),
    ],
)
def test_hours(date: str, opens: str, closes: str) -> None:
    found = calendar(day(date), day(date))
    assert found.open.tolist() == [instant(f"{date} {opens}")]
    assert found.close.tolist() == [instant(f"{date} {closes}")]


def test_extended_hours() -> None:
    # 04:00 to 20:00, and to 17:00 after an early close.
    found = calendar(day("2012-11-21"), day("2012-11-23"))
    assert found.pre.tolist() == [instant("2012-11-21 04:00"), instant("2012-11-23 04:00")]
    assert found.post.tolist() == [instant("2012-11-21 20:00"), instant("2012-11-23 17:00")]


@pytest.mark.parametrize(
    "date", ["2001-09-11", "2012-10-29", "2012-10-30", "2018-12-05", "2025-01-09", "2013-11-28"]
)
def test_closed(date: str) -> None:
    assert not len(calendar(day(date), day(date)).date)


def test_midnights_follow_the_clock_change() -> None:
    # Clocks went back on 2013-11-03 at 02:00: that day has 25 hours.
    found = calendar(day("2013-11-02"), day("2013-11-04"))
    assert (
        found.midnight[1:] - found.midnight[:-1] == [24 * 3600 * 10**9, 25 * 3600 * 10**9, 24 * 3600 * 10**9]
    ).all()
    assert found.midnight_of(day("2013-11-03")) == instant("2013-11-03 00:00")
    assert found.day_of(instant("2013-11-03 23:59")) == day("2013-11-03")
    assert found.day_of(instant("2013-11-05 00:00")) == day("2013-11-05")


def test_outside_the_calendar_is_a_fault() -> None:
    with pytest.raises(DataFault, match="1962-01-01 to 2040-12-30"):
        calendar(day("1950-01-01"), day("1950-12-31"))
