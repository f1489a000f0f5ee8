"""Fill-forward by hand: two sessions, the second with an early close (lean-semantics, section 3)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.engine.fill_forward import due_ends, fill_forward
from runner.market.bar import DAY, HOUR, MINUTE, Bars
from runner.market.calendar import Calendar

# Days 10 and 11 with midnight at 0:00 UTC; 09:30 to 16:00 and 09:30 to 13:00; extended 04:00 to 20:00 and 17:00.
MIDNIGHT = np.array([10, 11, 12]) * DAY
CALENDAR = Calendar(
    date=np.array([10, 11]),
    open=MIDNIGHT[:2] + 9 * HOUR + 30 * MINUTE,
    close=MIDNIGHT[:2] + np.array([16, 13]) * HOUR,
    pre=MIDNIGHT[:2] + 4 * HOUR,
    post=MIDNIGHT[:2] + np.array([20, 17]) * HOUR,
    first_day=10,
    midnight=MIDNIGHT,
)


def at(day: int, hour: int, minute: int = 0) -> int:
    return day * DAY + hour * HOUR + minute * MINUTE


def bars(ends: list[int], length: int = MINUTE, split: list[float] | None = None) -> Bars:
    """Bars that close at 1, 2, 3 ... dollars and trade 10, 20, 30 ... shares."""
    end = np.array(ends, dtype="<i8")
    close = np.arange(1.0, len(ends) + 1)
    return Bars(
        start=end - length, end=end, open=close - 0.5, high=close + 0.5, low=close - 0.6, close=close,
        volume=close * 10, bid=close - 0.01, ask=close + 0.01, quote_end=end.copy(),
        real=np.ones(len(ends), bool), split=np.array(split or [1.0] * len(ends)),
    )  # fmt: skip


def test_steps_of_a_session() -> None:
    assert len(due_ends(CALENDAR, MINUTE, 10, 10, False)) == 390
    assert len(due_ends(CALENDAR, MINUTE, 11, 11, False)) == 210
    # Hours are clock aligned: the first ends at 10:00, seven in a full day.
    assert due_ends(CALENDAR, HOUR, 10, 10, False).tolist() == [at(10, h) for h in range(10, 17)]
    assert due_ends(CALENDAR, HOUR, 10, 11, False).tolist()[7:] == [at(11, h) for h in range(10, 14)]
    assert due_ends(CALENDAR, DAY, 10, 11, False).tolist() == [at(10, 16), at(11, 13)]
    extended = due_ends(CALENDAR, HOUR, 10, 10, True).tolist()
    assert (extended[0], extended[-1]) == (at(10, 5), at(10, 20))


def test_a_hole_and_the_end_of_the_data() -> None:
    found = fill_forward(bars([at(10, 15, 57), at(10, 15, 59)]), CALENDAR, MINUTE, 10, 11, False)
    assert len(found.end) == 4 + 210
    assert found.end[:5].tolist() == [
        at(10, 15, 57),
        at(10, 15, 58),
        at(10, 15, 59),
        at(10, 16),
        at(11, 9, 31),
    ]
    assert found.real[:4].tolist() == [True, False, True, False]
    assert found.close[:5].tolist() == [1, 1, 2, 2, 2]
    assert found.high[:4].tolist() == [1.5, 1.5, 2.5, 2.5]
    assert found.volume[:5].tolist() == [10, 0, 20, 0, 0]
    assert found.ask[:2].tolist() == [1.01, 1.01]
    assert found.quote_end[:4].tolist() == [at(10, 15, 57), at(10, 15, 57), at(10, 15, 59), at(10, 15, 59)]
    assert (found.end - found.start == MINUTE).all()
    assert found.end[-1] == at(11, 13)


def test_nothing_before_the_first_bar_and_nothing_beyond_the_range() -> None:
    found = fill_forward(bars([at(10, 15, 59)]), CALENDAR, MINUTE, 10, 10, False)
    assert found.end.tolist() == [at(10, 15, 59), at(10, 16)]


def test_daily_bars_beside_minutes() -> None:
    daily = bars([at(10, 16), at(11, 13)], length=6 * HOUR)
    found = fill_forward(daily, CALENDAR, MINUTE, 10, 11, False)
    assert len(found.end) == 1 + 210  # the last minute of day 11 is its own daily bar
    assert found.real.sum() == 2
    assert (found.end - found.start == 6 * HOUR).all()
    assert (found.close[:-1] == 1).all()
    assert found.close[-1] == 2


def test_a_missing_daily_bar_has_the_hours_of_its_session() -> None:
    found = fill_forward(bars([at(10, 16)], length=HOUR), CALENDAR, DAY, 10, 11, False)
    assert found.start[1] == at(11, 9, 30)
    assert found.end[1] == at(11, 13)
    assert not found.real[1]


def test_copies_after_a_split_are_in_the_shares_of_their_session() -> None:
    # 2:1 in force on day 11; its first bar ends 09:33.
    found = fill_forward(bars([at(10, 16), at(11, 9, 33)], split=[1.0, 2.0]), CALENDAR, MINUTE, 10, 11, False)
    assert found.end[1:3].tolist() == [at(11, 9, 31), at(11, 9, 32)]
    assert found.split[:4].tolist() == [1, 2, 2, 2]
    assert found.close[:4].tolist() == [1, 0.5, 0.5, 2]
    assert found.ask[1] == pytest.approx(0.505)


def test_no_bars() -> None:
    assert not len(fill_forward(bars([]), CALENDAR, MINUTE, 10, 11, False).end)


@given(st.sets(st.integers(0, 599), min_size=1), st.sampled_from([MINUTE, HOUR]))
def test_real_bars_stay_and_a_second_time_changes_nothing(chosen: set[int], step: int) -> None:
    ends = due_ends(CALENDAR, MINUTE, 10, 11, False)[sorted(chosen)]
    given_bars = bars(ends.tolist())
    found = fill_forward(given_bars, CALENDAR, step, 10, 11, False)
    for before, after in zip(given_bars, found, strict=True):
        assert (before == after[found.real]).all()
    assert (np.diff(found.end) > 0).all()
    due = due_ends(CALENDAR, step, 10, 11, False)
    assert np.isin(due[due >= ends[0]], found.end).all()
    again = fill_forward(found, CALENDAR, step, 10, 11, False)
    assert all((a == b).all() for a, b in zip(found, again, strict=True))
