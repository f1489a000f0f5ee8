"""Several sources as one feed: who wins, what is waited for, what is counted, who is silent.

The clock is simulated and does not jump: it is moved by the waits themselves, so that a wait can be measured.
"""

import math
import re

import pytest

from runner.adapters.bar_grid import BarGrid
from runner.adapters.bar_lines import Unread
from runner.adapters.feed_notes import KINDS, QUIET
from runner.adapters.feed_settings import FeedSettings
from runner.adapters.live_feed import LiveFeed
from runner.adapters.sessions import calendar
from runner.engine.ports import LiveBar
from runner.market.bar import DAY, HOUR, MINUTE, SECOND
from runner.results.times import day_number
from tests.made import at
from tests.sources import ROOT

FIRST = day_number("2013-10-07")
SESSIONS = calendar(FIRST - 7, FIRST + 30)
OPEN = at("2013-10-07", "09:30")


def minute(clock, close=100.0, symbol="SPY", **more):
    end = at("2013-10-07", clock)
    values = {"start": end - MINUTE, "open": 100.0, "high": max(100.0, close), "low": min(100.0, close)}
    return LiveBar(symbol=symbol, end=end, **{**values, "close": close, "volume": 5.0, **more})


class Paced:
    """A clock that a wait moves, and that can be moved."""

    jumps = False
    speed = 1.0

    def __init__(self, now):
        self.time = now

    def now(self):
        return self.time

    def wait_until(self, instant):
        self.time = max(self.time, instant)
        return True


class Scripted:
    """A source whose bars come at given times of the clock."""

    def __init__(self, name, clock, *timed):
        self.name, self._clock, self._timed = name, clock, list(timed)

    def poll(self, instant):
        due = [heard for time, heard in self._timed if time <= self._clock.now()]
        self._timed = [(time, heard) for time, heard in self._timed if time > self._clock.now()]
        return due

    def close(self):
        pass


def feed_of(clock, *sources, steps=None, since=OPEN, **more):
    settings = FeedSettings(
        **{k: more.pop(k) for k in ("bar_wait", "stale_after", "divergence") if k in more}
    )
    extended = more.pop("extended", False)
    grid = BarGrid(SESSIONS, steps or {"SPY": MINUTE}, extended)
    return LiveFeed(sources, grid, clock, settings, since, **more)


def after(clock, seconds):
    return at("2013-10-07", clock) + int(seconds * SECOND)


def test_a_bar_that_is_due_is_waited_for():
    clock = Paced(after("09:31", 0))
    feed = feed_of(clock, Scripted("a", clock, (after("09:31", 0.5), minute("09:31"))))
    assert feed.until(after("09:31", 0)) == [minute("09:31")]
    assert 0.5 <= (clock.now() - after("09:31", 0)) / SECOND < 0.51


def test_but_not_longer_than_set_and_only_when_it_is_due():
    clock = Paced(after("09:31", 0))
    feed = feed_of(clock, Scripted("a", clock, (after("09:31", 9), minute("09:31"))), bar_wait=1.5)
    assert feed.until(after("09:31", 0)) == []
    assert clock.now() == after("09:31", 1.5)
    assert feed.notes.counts["all feeds"]["missing"] == 1
    assert feed.until(after("09:31", 10)) == []  # nothing ends then, and the clock is not yet there
    assert clock.now() == after("09:31", 1.5)
    clock.time = after("09:32", 0)
    late = feed.until(after("09:32", 0))
    assert late == [minute("09:31")]
    assert feed.notes.counts["a"]["late"] == 1
    assert feed.notes.fresh() == ["a: late: SPY at 2013-10-07 09:31:00 came after its time"]


def test_a_stopped_clock_ends_the_wait():
    clock = Paced(after("09:31", 0))
    clock.wait_until = lambda instant: False
    assert feed_of(clock, Scripted("a", clock)).until(after("09:31", 0)) == []


def test_the_first_wins_and_the_others_are_compared():
    clock = Paced(after("09:31", 0))
    a = Scripted(
        "a", clock, (after("09:31", 0.2), minute("09:31", 101.0)), (after("09:32", 0), minute("09:32", 102.0))
    )
    b = Scripted(
        "b",
        clock,
        (after("09:31", 0.1), minute("09:31", 101.05)),
        (after("09:32", 0.1), minute("09:32", 103.0)),
    )
    feed = feed_of(clock, a, b)
    assert [bar.close for bar in feed.until(after("09:31", 0))] == [101.05]
    clock.time = after("09:32", 0)
    assert [bar.close for bar in feed.until(after("09:32", 0))] == [102.0]
    clock.time = after("09:32", 1)
    feed.until(after("09:32", 1))
    assert feed.notes.counts["a"]["confirmed"] == 1  # 0.05 % apart; a tenth of a percent may be
    assert feed.notes.fresh() == [
        "b: divergent: SPY at 2013-10-07 09:32:00: a said 100 102 100 102, b says 100 103 100 103"
    ]


@pytest.mark.parametrize(
    ("heard", "kind"),
    [
        (minute("09:31"), "repeated"),
        (minute("09:31", 100.5), "revised"),
        (minute("09:30", start=after("09:29", 0)), "outside hours"),
        (minute("16:01"), "outside hours"),
        (minute("09:31", symbol="XYZ"), "unknown symbol"),
        (minute("09:31", high=99.0), "impossible"),
        (minute("09:31", low=math.nan), "impossible"),
        (minute("09:31", open=-1.0), "impossible"),
        (minute("09:31", open=math.inf, high=math.inf), "impossible"),
        (minute("09:31", volume=-1.0), "impossible"),
        (minute("09:31", bid=0.0), "impossible"),
        (minute("09:31", start=after("09:31", 0)), "impossible"),
        (minute("09:32", start=after("09:30", 0)), "too long"),
        (minute("09:35"), "too early"),
        (Unread("malformed", "x"), "malformed"),
        (LiveBar("SPY", 0, 2**62, 1.0, 1.0, 1.0, 1.0, 0.0), "outside hours"),
        (LiveBar("SPY", 0, 10**17, 1.0, 1.0, 1.0, 1.0, 0.0), "outside hours"),
    ],
)
def test_what_cannot_be_used_is_counted_and_harms_nothing(heard, kind):
    clock = Paced(after("09:31", 0))
    feed = feed_of(clock, Scripted("a", clock, (0, minute("09:31")), (0, heard)))
    assert feed.until(after("09:31", 0)) == [minute("09:31")]
    counts = feed.notes.counts["a"]
    assert {name: n for name, n in counts.items() if n} == {kind: 1}


def test_bars_out_of_order_are_put_in_order_until_they_are_used():
    clock = Paced(after("09:33", 0))
    feed = feed_of(
        clock,
        Scripted(
            "a", clock, (0, minute("09:33")), (0, minute("09:32")), (after("09:33", 1), minute("09:31"))
        ),
    )
    assert [bar.end for bar in feed.until(after("09:33", 0))] == [after("09:32", 0), after("09:33", 0)]
    clock.time = after("09:34", 0)
    assert feed.until(after("09:34", 0)) == []
    assert feed.notes.counts["a"]["dropped"] == 1


def test_bars_of_the_future_are_kept_until_their_instant():
    clock = Paced(after("09:31", 0))
    feed = feed_of(clock, Scripted("a", clock, (0, minute("09:31")), (0, minute("09:32"))))
    assert feed.until(after("09:31", 0)) == [minute("09:31")]
    assert feed.until(after("09:31", 30)) == []
    assert feed.until(after("09:32", 0)) == [minute("09:32")]
    assert clock.now() == after("09:31", 0)


def test_what_was_known_before_the_start_is_left_out():
    clock = Paced(after("09:33", 0))
    feed = feed_of(
        clock, Scripted("a", clock, (0, minute("09:31")), (0, minute("09:33"))), since=after("09:32", 0)
    )
    assert feed.until(after("09:33", 0)) == [minute("09:33")]
    assert feed.notes.counts["a"]["before the start"] == 1
    assert feed.notes.fresh() == []


def test_hours_are_built_of_minutes():
    """Two minutes of the hour came, the last of them late: it is built of what is there when the wait is over."""
    clock = Paced(after("10:00", 0))
    parts = (
        minute("09:31", 101.0, bid=100.9, ask=101.1, quote_end=after("09:31", 0)),
        minute("09:59", 98.0),
    )
    feed = feed_of(clock, Scripted("a", clock, *((0, part) for part in parts)), steps={"SPY": HOUR})
    bar = feed.until(after("10:00", 0))[0]
    assert clock.now() == after("10:00", 2)
    assert bar[:8] == ("SPY", OPEN, after("10:00", 0), 100.0, 101.0, 98.0, 98.0, 10.0)
    assert (bar.bid, bar.ask, bar.quote_end) == (100.9, 101.1, after("09:31", 0))


def test_a_day_is_built_of_its_minutes_and_complete_with_the_last():
    clock = Paced(after("16:00", 0))
    ends = range(OPEN + MINUTE, after("16:00", 0) + 1, MINUTE)
    bars = [(0, LiveBar("SPY", end - MINUTE, end, 10.0, 11.0, 9.0, 10.5, 2.0)) for end in ends]
    feed = feed_of(clock, Scripted("a", clock, *bars), steps={"SPY": DAY})
    assert feed.until(after("16:00", 0))[0][:8] == (
        "SPY",
        OPEN,
        after("16:00", 0),
        10.0,
        11.0,
        9.0,
        10.5,
        780.0,
    )
    assert clock.now() == after("16:00", 0)


def test_a_whole_bar_is_preferred_to_one_that_is_built():
    clock = Paced(after("10:00", 0))
    hour = LiveBar("SPY", OPEN, after("10:00", 0), 1.0, 2.0, 1.0, 2.0, 9.0)
    feed = feed_of(clock, Scripted("a", clock, (0, minute("10:00")), (0, hour)), steps={"SPY": HOUR})
    assert feed.until(after("10:00", 0)) == [hour]


def test_lengths_and_factors_that_a_line_leaves_out():
    clock = Paced(after("16:00", 0))
    said = LiveBar("SPY", 0, after("16:00", 0), 1.0, 2.0, 1.0, 2.0, 9.0, split=0.0)
    past = said._replace(start=1, end=2, split=4.0)
    for step, start in ((MINUTE, after("15:59", 0)), (HOUR, after("15:00", 0)), (DAY, OPEN)):
        feed = feed_of(clock, Scripted("a", clock, (0, said)), steps={"SPY": step}, past={"SPY": past})
        assert feed.until(after("16:00", 0)) == [said._replace(start=start, split=4.0)]


def test_daily_bars_known_at_midnight():
    """A bar that is named by the close is held until the midnight at which the run knows it."""
    night = at("2013-10-08", "00:00")
    grid = BarGrid(SESSIONS, {"SPY": DAY}, False, midnight=True)
    assert (grid.due(night), grid.due(after("16:00", 0))) == (["SPY"], [])
    clock = Paced(after("16:00", 1))
    bar = LiveBar("SPY", OPEN, after("16:00", 0), 1.0, 2.0, 1.0, 2.0, 9.0)
    feed = LiveFeed([Scripted("a", clock, (0, bar))], grid, clock, FeedSettings(), OPEN)
    assert feed.until(after("16:00", 1)) == []
    clock.time = night
    assert feed.until(night) == [bar._replace(end=night)]


def test_extended_hours_are_taken_when_the_run_has_them():
    clock = Paced(after("08:00", 0))
    for extended, found in ((False, []), (True, [minute("08:00")])):
        feed = feed_of(
            clock, Scripted("a", clock, (0, minute("08:00"))), since=after("04:00", 0), extended=extended
        )
        assert feed.until(after("08:00", 0)) == found


def test_silence():
    """Three bars of QQQ do not come: its entries stop from the third on, it is not waited for, it is heard again."""
    clock = Paced(after("09:31", 0))
    spy = [(0, minute(f"09:{m}")) for m in range(31, 38)]
    qqq = [(0, minute("09:31", symbol="QQQ")), (after("09:36", 0), minute("09:36", symbol="QQQ"))]
    steps = {"SPY": MINUTE, "QQQ": MINUTE}
    spy = [(bar.end, bar) for _, bar in spy]
    feed = feed_of(clock, Scripted("a", clock, *spy, *qqq), steps=steps)
    silent, waited = [], []
    for m in range(31, 38):
        instant = at("2013-10-07", f"09:{m}")
        clock.time = max(clock.time, instant)
        feed.until(instant)
        silent.append(sorted(feed.silent(clock.now())))
        waited.append((clock.now() - instant) // SECOND)
    assert silent == [[], [], [], ["QQQ"], ["QQQ"], [], []]
    assert waited == [0, 2, 2, 2, 0, 0, 2]
    assert feed.notes.fresh() == [
        "all feeds: silent: QQQ had none of its last 3 bars; the newest ended 2013-10-07 09:31:00",
        "all feeds: QQQ is heard again",
    ]


def test_a_night_is_no_silence():
    clock = Paced(at("2013-10-08", "09:32"))
    feed = feed_of(clock, Scripted("a", clock), since=after("16:00", 0))
    assert feed.silent(at("2013-10-08", "09:32") + 2 * SECOND) == set()
    assert feed.silent(at("2013-10-08", "09:33") + 1 * SECOND) == set()  # it may still come
    assert feed.silent(at("2013-10-08", "09:33") + 2 * SECOND) == {"SPY"}


def test_copies_stand_where_no_bar_came():
    """As engine/fill_forward.py: last prices, no volume, not real; in the shares of a split; nothing before the first."""
    clock = Paced(after("09:31", 0))
    a = Scripted("a", clock, (0, minute("09:31", 104.0)), (after("09:33", 0), minute("09:32")))
    feed = feed_of(clock, a, copies=True, bar_wait=0.5)
    assert [bar.real for bar in feed.until(after("09:31", 0))] == [True]
    clock.time = after("09:32", 0)
    first = minute("09:31", 104.0)
    moved = first._replace(start=after("09:31", 0), end=after("09:32", 0), volume=0.0, real=False)
    for bar, expected in zip(feed.until(after("09:32", 0)), [moved], strict=True):
        assert str(bar) == str(expected)
    clock.time = after("09:33", 0)
    feed.shares["SPY"] = 2.0
    copy = feed.until(after("09:33", 0))[0]
    assert (copy.open, copy.close, copy.split, copy.real) == (50.0, 52.0, 2.0, False)
    assert feed.notes.counts["a"]["dropped"] == 1
    assert feed_of(clock, Scripted("b", clock), copies=True).until(after("09:34", 0)) == []


def test_notes_are_seldom_and_counted():
    clock = Paced(after("09:31", 0))
    feed = feed_of(clock, Scripted("a", clock, *((0, Unread("malformed", f"line {i}")) for i in range(250))))
    feed.until(after("09:30", 30))
    assert feed.notes.fresh() == [
        "a: malformed: line 0",
        "a: malformed: line 9 (10 of these so far)",
        "a: malformed: line 99 (100 of these so far)",
    ]
    assert feed.notes.fresh() == []
    assert feed.notes.counts["a"]["malformed"] == 250


def test_the_page_names_every_kind():
    page = (ROOT / "docs/live.md").read_text(encoding="utf-8").split("### Late, missing")[1].split("\n## ")[0]
    rows = [line.split(" | ")[0] for line in page.splitlines() if line.startswith("| `")]
    assert sorted(re.findall(r"`([^`]+)`", "".join(rows))) == sorted(KINDS)
    said = page.split("the hundredth")[1].split("counted only")[0]
    assert set(re.findall(r"`([^`]+)`", said)) == QUIET


def test_what_a_file_has_of_the_time_before_a_start_is_not_late():
    """The run begins at 09:33:30, and a file is read from its beginning."""
    clock = Paced(after("09:33", 30))
    source = Scripted("a", clock, *((0, minute(end)) for end in ("09:31", "09:32", "09:33")))
    feed = feed_of(clock, source, since=clock.now())
    feed.resume({"SPY": minute("09:31")}, clock.now())
    assert feed.until(clock.now()) == [minute("09:32"), minute("09:33")]
    assert feed.notes.counts["a"]["late"] == 0
    assert feed.notes.fresh() == []
