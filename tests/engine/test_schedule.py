"""The timeline: what comes when, in which order, and who takes a mark. By hand over the week of 2013-10-07."""

import datetime
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.adapters.sessions import calendar
from runner.engine.instants import INSTANT_CLOSE, INSTANT_OPEN, INSTANT_SLICE
from runner.engine.schedule import Benchmark, Plan, build
from runner.market.bar import MINUTE
from runner.market.events import MARK_CURVE, MARK_DAY, MARK_FINAL, MARK_SESSION
from tests.made import NEW_YORK, at

MONDAY = (datetime.date(2013, 10, 7) - datetime.date(1970, 1, 1)).days
CALENDAR = calendar(MONDAY - 800, MONDAY + 800)
NOTHING = np.empty(0, np.int64)
NO_BENCHMARK = Benchmark(NOTHING, np.empty(0))


def mon(clock):
    return at("2013-10-07", clock)


def tue(clock):
    return at("2013-10-08", clock)


def ns(*times):
    return np.array(times, np.int64)


def laid_out(*bar_ends, moments=(), actions=(), first=0, last=1, sampling="session", benchmark=NO_BENCHMARK):
    """A timeline over days `first` to `last` of the week."""
    rows = np.cumsum([0, *(len(ends) for ends in bar_ends)])[:-1].tolist()
    days = ns(*(MONDAY + day for day in actions))
    plan = Plan(MONDAY + first, MONDAY + last, list(bar_ends), rows, list(moments), days, benchmark, sampling)
    found = build(plan, CALENDAR)
    rows = found.instants
    lists = {
        n: np.append(rows[n], rows[n.replace("_lo", "_hi")][-1:])
        for n in ("bar_lo", "moment_lo", "action_lo")
    }
    plain = {n: rows[n] for n in rows.dtype.names if n not in lists}
    return SimpleNamespace(
        **plain, **lists, bar_symbol=found.bar_symbol, bar_row=found.bar_row, moment_rule=found.moment_rule
    )


def at_instant(timeline, k, what):
    lo = getattr(timeline, f"{what}_lo")
    names = {"bar": ("bar_symbol", "bar_row"), "moment": ("moment_rule",)}[what]
    return [tuple(int(getattr(timeline, name)[j]) for name in names) for j in range(lo[k], lo[k + 1])]


def test_everything_in_order_of_time():
    found = laid_out(
        ns(mon("10:00"), mon("16:00"), tue("09:31")), moments=[ns(mon("12:00"), tue("08:00"))], actions=[1]
    )
    assert found.time.tolist() == [
        mon("09:30"), mon("10:00"), mon("12:00"), mon("16:00"), tue("00:00"), tue("08:00"), tue("09:30"), tue("09:31"),
    ]  # fmt: skip
    opens, closes, slices = (
        [k for k, flags in enumerate(found.flags.tolist()) if flags & bit]
        for bit in (INSTANT_OPEN, INSTANT_CLOSE, INSTANT_SLICE)
    )
    assert (opens, closes, slices) == ([0, 6], [3], [1, 3, 4, 7])
    assert [k for k in range(8) if at_instant(found, k, "bar")] == [1, 3, 7]
    assert [k for k in range(8) if at_instant(found, k, "moment")] == [2, 5]
    assert [k for k in range(8) if found.action_lo[k + 1] > found.action_lo[k]] == [4]


def test_bars_of_one_instant_are_in_the_order_of_the_universe():
    found = laid_out(ns(mon("10:00"), mon("10:01")), ns(mon("10:01")), ns(mon("10:00"), mon("10:01")))
    k = found.time.tolist().index(mon("10:01"))
    assert at_instant(found, k, "bar") == [(0, 1), (1, 2), (2, 4)]
    assert at_instant(found, k - 1, "bar") == [(0, 0), (2, 3)]


def test_moments_of_one_instant_are_in_the_order_of_the_file():
    noon = ns(mon("12:00"))
    found = laid_out(ns(mon("16:00")), moments=[noon, NOTHING, ns(mon("11:00"), mon("12:00")), noon])
    assert at_instant(found, found.time.tolist().index(mon("12:00")), "moment") == [(0,), (2,), (3,)]


def test_nothing_comes_after_the_last_bar():
    """LEAN: no slice afterwards, no event (fact sheet 18)."""
    found = laid_out(ns(mon("10:00"), mon("15:59")), moments=[ns(mon("15:59"), mon("16:00"), tue("12:00"))])
    assert found.time.tolist() == [mon("09:30"), mon("10:00"), mon("15:59")]
    assert at_instant(found, 2, "moment") == [(0,)]


def test_moments_outside_the_run_do_not_count():
    found = laid_out(ns(tue("10:00")), moments=[ns(mon("12:00"), tue("09:45"))], first=1)
    assert found.time.tolist() == [tue("09:30"), tue("09:45"), tue("10:00")]


def test_marks_of_sessions():
    found = laid_out(ns(mon("10:00"), tue("10:00"), tue("16:00")))
    marks = dict(zip(found.time.tolist(), found.marks.tolist(), strict=True))
    sessions = [t for t, flags in marks.items() if flags & MARK_SESSION]
    assert sessions == [mon("16:00"), tue("16:00")]
    assert [t for t, flags in marks.items() if flags & MARK_FINAL] == [tue("16:00")]
    assert not any(flags & MARK_DAY for flags in marks.values())


def test_the_last_instant_is_marked_in_the_middle_of_a_session_too():
    found = laid_out(ns(mon("10:00")))
    assert found.marks.tolist()[-1] & MARK_FINAL
    assert found.time.tolist()[-1] == mon("10:00")


def test_lean_samples_every_midnight_from_the_start():
    """Fact sheet 15: every calendar day, weekends too, beginning with the start date's midnight."""
    found = laid_out(
        ns(at("2013-10-11", "16:00"), at("2013-10-14", "10:00")), first=4, last=7, sampling="lean"
    )
    days = [t for t, flags in zip(found.time.tolist(), found.marks.tolist(), strict=True) if flags & MARK_DAY]
    assert days == [at(f"2013-10-{day}", "00:00") for day in (11, 12, 13, 14)]


@pytest.mark.parametrize(("last", "every"), [(0, 5), (4, 5), (29, 11)])
def test_lean_samples_the_curve(last, every):
    """Fact sheet 15: when the time is past the last sample by more than max(4 minutes, run / 4000): with minute
    bars five minutes; thirty days / 4000 are 10.8, so eleven."""
    ends = mon("09:30") + np.arange(1, 60) * MINUTE
    found = laid_out(ends, last=last, sampling="lean")
    curve = [
        t for t, flags in zip(found.time.tolist(), found.marks.tolist(), strict=True) if flags & MARK_CURVE
    ]
    assert curve == ends[::every].tolist()


def test_the_session_of_an_instant():
    found = laid_out(
        ns(mon("10:00"), mon("16:00"), at("2013-10-12", "12:00")), moments=[ns(mon("08:00"))], last=5
    )
    session = {
        t: (int(o), int(c), int(n))
        for t, o, c, n in zip(found.time.tolist(), found.open, found.close, found.next_close, strict=True)
    }
    day = (mon("09:30"), mon("16:00"))
    assert session[mon("08:00")] == (*day, mon("16:00"))
    assert session[mon("10:00")] == (*day, mon("16:00"))
    assert session[mon("16:00")] == (*day, tue("16:00"))  # the close itself is past
    assert session[at("2013-10-12", "12:00")] == (0, 0, at("2013-10-14", "16:00"))  # a Saturday


@pytest.mark.parametrize("day", ["2013-03-10", "2013-11-03", "2013-10-08", "2013-07-04"])
def test_new_yorks_clock_and_calendar(day):
    """Every quarter of an hour of a day, the days of 23 and 25 hours among them, against the time zone database."""
    midnight = at(day, "00:00")
    times = midnight + np.arange(0, 30 * 4) * 15 * MINUTE
    date = datetime.date.fromisoformat(day)
    first = (date - datetime.date(1970, 1, 1)).days - MONDAY
    found = laid_out(times, first=first, last=first + 1)
    for k, t in enumerate(found.time.tolist()):
        wall = datetime.datetime.fromtimestamp(t // 10**9, NEW_YORK)
        words = ("year", "month", "day_of_month", "weekday", "clock")
        shown = [int(getattr(found, name)[k]) for name in words]
        clock = (wall.hour * 60 + wall.minute) * MINUTE
        assert shown == [wall.year, wall.month, wall.day, wall.isoweekday(), clock], wall


def test_the_benchmark_is_the_newest_known():
    benchmark = Benchmark(ns(mon("10:00"), tue("10:00")), np.array([5.0, 6.0]))
    found = laid_out(ns(mon("09:45"), mon("10:00"), mon("15:00"), tue("10:00")), benchmark=benchmark)
    known = dict(zip(found.time.tolist(), found.benchmark.tolist(), strict=True))
    assert [known[t] for t in (mon("09:45"), mon("10:00"), mon("15:00"), tue("09:30"), tue("10:00"))] == [
        0,
        5,
        5,
        5,
        6,
    ]


minutes = st.lists(st.integers(0, 2 * 24 * 60 - 1), max_size=12, unique=True).map(
    lambda found: np.array(sorted(found), np.int64) * MINUTE + mon("00:00")
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(minutes, min_size=1, max_size=3),
    st.lists(minutes, max_size=3),
    st.sampled_from(["session", "lean"]),
)
def test_every_row_and_every_moment_has_its_place(bar_ends, moments, sampling):
    found = laid_out(*bar_ends, moments=moments, sampling=sampling)
    times = found.time.tolist()
    assert times == sorted(set(times))
    rows, fired = [], []
    for k, t in enumerate(times):
        rows += [(t, *one) for one in at_instant(found, k, "bar")]
        fired += [(t, *one) for one in at_instant(found, k, "moment")]
    offset, expected = 0, []
    for s, ends in enumerate(bar_ends):
        expected += [(t, s, offset + i) for i, t in enumerate(ends.tolist())]
        offset += len(ends)
    assert rows == sorted(expected)
    last = max((t for ends in bar_ends for t in ends.tolist()), default=None)
    known = [(t, r) for r, ends in enumerate(moments) for t in ends.tolist() if last is None or t <= last]
    assert fired == sorted(known)


def test_an_instant_of_a_day_without_a_session():
    """What is heard on a Sunday has an instant of its own: no bars, no moments, the sessions around it."""
    from runner.engine.live_day import row_at
    from runner.language.source import load
    from runner.language.validate import understand

    text = (
        "version: 1\nname: a\nuniverse: {symbols: [IBM]}\ndata: {source: embedded}\n"
        "rules: [{name: r, when: close > 5, buy: 1}]\n"
    )
    program, problems = understand(load(text, "a.yaml"))
    assert not problems
    row = row_at(program, CALENDAR, at("2013-10-06", "15:00"))
    assert (row.day, row.time) == (MONDAY - 1, at("2013-10-06", "15:00"))
    assert (row.bar_lo, row.bar_hi, row.moment_lo, row.moment_hi) == (0, 0, 0, 0)
    assert row.next_open == at("2013-10-07", "09:30")
