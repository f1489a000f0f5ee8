"""The wall clock is set forward and back, the machine sleeps, clocks change in March and November, sessions end at 13:00: every
moment comes once, in order, or is written down as missed."""

import datetime
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from runner import assemble
from runner.adapters.live_journal import LiveJournal
from runner.engine.instants import INSTANT_EXTRA
from runner.engine.live_instants import INSTANT_ROW
from runner.engine.recorded import INSTANT
from runner.market import events
from runner.market.bar import HOUR, MINUTE, SECOND
from tests.engine import tiny
from tests.live_runs import Scripted, minutes, run
from tests.made import at
from tests.test_live_gaps import told

MOMENTS = (
    "[{name: a, at: {after_open: 5m}, note: a}, {name: b, at: {time: '12:00'}, note: b}, "
    "{name: c, at: {before_close: 10m}, note: c}, {name: d, at: {after_close: 15m}, note: d}]"
)
CLOCKS = ("09:35", "12:00", "15:50", "16:15")  # of a full session
DAYS = ("2013-10-07", "2013-10-08", "2013-10-09")
BARS = "; ".join(minutes("09:31", [100.0] * 3, day) for day in ("Mon", "Tue", "Wed"))


def moments_of(journal):
    """(rule, time) of every moment that was noted or missed."""
    seen = journal.records[
        (journal.records["kind"] == events.NOTED) | (journal.records["kind"] == events.MISSED)
    ]
    return [(int(line["rule"]), int(line["time"])) for line in seen]


def expected():
    return sorted((rule, at(day, clock)) for day in DAYS for rule, clock in enumerate(CLOCKS))


def assert_each_once(journal):
    found = Counter(moments_of(journal))
    assert not [one for one, count in found.items() if count > 1]
    assert sorted(found) == expected()
    times = journal.records["time"]
    assert (times[1:] >= times[:-1]).all()


STEP = st.tuples(st.integers(0, 3 * 24 * 60), st.integers(-300, 300)).map(
    lambda pair: (pair[0] * MINUTE + 7 * SECOND, pair[1] * MINUTE + 3 * SECOND)
)


@settings(max_examples=10, deadline=None)
@given(steps=st.lists(STEP, max_size=4))
def test_no_moment_comes_twice_or_is_lost_when_the_clock_is_set(steps, tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    ready = tiny.ready(MOMENTS, BARS, folder)
    begin = at(DAYS[0], "00:00")
    found, _ = run(ready, folder / "a.db", Scripted(begin, sets=steps), begin)
    assert_each_once(found)


@settings(max_examples=10, deadline=None)
@given(stops=st.lists(st.tuples(st.integers(1, 3 * 24 * 60), st.integers(0, 20 * 60)), max_size=4))
def test_no_moment_comes_twice_or_is_lost_when_the_run_stops(stops, tmp_path_factory):
    """Stopped (minutes after the start) and started again some minutes after that."""
    folder = tmp_path_factory.mktemp("run")
    ready = tiny.ready(MOMENTS, BARS, folder)
    begin = now = at(DAYS[0], "00:00")
    for stop, pause in sorted(stops):
        stop = begin + stop * MINUTE + 11 * SECOND
        if stop > now:
            run(ready, folder / "a.db", Scripted(now, stop), begin)
            now = stop + pause * MINUTE
    found, _ = run(ready, folder / "a.db", Scripted(now), begin)
    assert_each_once(found)


def test_a_clock_that_is_set_forward_misses_what_it_passed(tmp_path):
    """At 11:00 it is set to 12:30: the note of 12:00 was not in time; a second forward is nothing."""
    ready = tiny.ready(MOMENTS, BARS, tmp_path)
    begin = at(DAYS[0], "09:00")
    found, _ = run(
        ready, tmp_path / "a.db", Scripted(begin, at(DAYS[0], "23:00"), [(2 * HOUR, 90 * MINUTE)]), begin
    )
    assert told(found) == [
        "Mon 09:35 noted a", "Mon 12:00 missed", "Mon 15:50 noted c", "Mon 16:15 noted d"
    ]  # fmt: skip


def test_a_clock_that_is_set_back_repeats_nothing(tmp_path):
    """At 12:01 it is set to 09:31: what was done stays done, and the rest of the day comes by the new time."""
    ready = tiny.ready(MOMENTS, BARS, tmp_path)
    begin = at(DAYS[0], "09:00")
    back = [(3 * HOUR + MINUTE, -150 * MINUTE)]
    found, _ = run(ready, tmp_path / "a.db", Scripted(begin, at(DAYS[0], "23:00"), back), begin)
    assert told(found) == [
        "Mon 09:35 noted a", "Mon 12:00 noted b", "Mon 15:50 noted c", "Mon 16:15 noted d"
    ]  # fmt: skip


UTC = datetime.UTC


def instant(text):
    """Nanoseconds of "2013-11-01 14:00" UTC."""
    return int(datetime.datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * SECOND


def noted_at(found):
    lines = found.records[found.records["kind"] == events.NOTED]
    return [int(line["time"]) for line in lines]


def around(days, tmp_path, rules):
    """A backtest and a live run over some days with a bar each morning, and the times of their notes."""
    bars = f"{days[0]} 09:31 100 100 100 100; " + "; ".join(
        f"{day} {clock} 100 100 100 100" for day in days[1:] for clock in ("09:31", "13:00")
    )
    ready = tiny.ready(rules, bars, tmp_path)
    begin = at(days[0], "00:00")
    found, _ = run(ready, tmp_path / "a.db", Scripted(begin), begin)
    end = int(ready.prepared.market.instants["time"][-1])
    backtest = noted_at(assemble.run_backtest(ready).journal)
    assert [time for time in noted_at(found) if time <= end] == backtest
    return noted_at(found)


def test_clocks_change_in_november(tmp_path):
    """New York goes from UTC-4 to UTC-5 on Sunday, 2013-11-03, London a week before."""
    rules = "[{name: a, at: {time: '10:00'}, note: a}, {name: l, at: {time: '17:30', zone: Europe/London}, note: l}]"
    found = around(["2013-11-01", "2013-11-04"], tmp_path, rules)
    assert found == [
        instant("2013-11-01 14:00"), instant("2013-11-01 17:30"), instant("2013-11-04 15:00"), instant("2013-11-04 17:30")
    ]  # fmt: skip


def test_clocks_change_in_march(tmp_path):
    """New York goes from UTC-5 to UTC-4 on Sunday, 2013-03-10."""
    found = around(["2013-03-08", "2013-03-11"], tmp_path, "[{name: a, at: {time: '10:00'}, note: a}]")
    assert found == [instant("2013-03-08 15:00"), instant("2013-03-11 14:00")]


def test_half_days_and_holidays(tmp_path):
    """Thanksgiving 2013-11-28 has no session; the day after closes at 13:00."""
    found = around(["2013-11-27", "2013-11-29"], tmp_path, "[{name: c, at: {before_close: 10m}, note: c}]")
    assert found == [instant("2013-11-27 20:50"), instant("2013-11-29 17:50")]


def test_news_that_come_while_a_bar_is_late_are_not_kept_waiting(tmp_path):
    """The bar of 09:34 never comes. News of 09:34:01 have an instant of their own, before that of 09:34 is over."""
    ready = tiny.ready(MOMENTS, minutes("09:31", [100.0] * 3), tmp_path)
    begin = at(DAYS[0], "09:00")
    news = [at(DAYS[0], "09:34") + SECOND]
    clock = Scripted(begin, at(DAYS[0], "09:40"))

    def waiting():
        return bool(news) and clock.now() >= news[0] and bool(taken.append(clock.now()) or news.pop())

    taken = []
    run(ready, tmp_path / "a.db", clock, begin, bar_wait=20, waiting=waiting)
    assert len(taken) == 1
    assert taken[0] < at(DAYS[0], "09:34") + 20 * SECOND
    journal = LiveJournal(tmp_path / "a.db")
    extra = []
    while (entry := journal.recall()) is not None:
        if entry[0] == INSTANT and entry[1][INSTANT_ROW._fields.index("flags")] == INSTANT_EXTRA:
            extra.append(entry[1][0])
    journal.close()
    assert extra == [at(DAYS[0], "09:34")]
