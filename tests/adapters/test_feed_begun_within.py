"""A bar of finer ones, of which nobody heard the first, since the run began within it: it is used, and it is said."""

import pytest

from runner.market.bar import HOUR, SECOND
from tests.adapters.test_live_feed import Paced, Scripted, after, feed_of, minute


@pytest.mark.parametrize(
    ("first", "begun", "said"),
    [("10:31", "10:30:01", 1), ("10:02", "10:30:01", 0), ("10:02", "09:45", 0)],
    ids=["began within", "a file has the beginning", "began before"],
)
def test_it_is_said(first, begun, said):
    hour, minutes, *seconds = map(int, begun.split(":"))
    clock = Paced(after(f"{hour:02d}:{minutes:02d}", *(seconds or [0])))
    parts = [minute(end, 100.5) for end in (first, "10:45", "11:00")]
    feed = feed_of(clock, Scripted("a", clock, *((part.end, part) for part in parts)), steps={"SPY": HOUR},
                   since=after("10:00", 0))  # fmt: skip
    feed.resume({}, clock.now())
    clock.time = max(clock.time, after("11:00", 0))
    assert [bar.end for bar in feed.until(after("11:00", 0))] == [after("11:00", 0)]
    found = [line for line in feed.notes.fresh() if "its beginning is not known" in line]
    assert len(found) == said


def test_bars_of_yesterday_after_the_start_are_of_a_silent_symbol():
    """A source that is behind hands out, after a start, bars from before it: nothing is entered on them. The first bar of
    today is heard."""
    begun = after("10:30", 1)
    clock = Paced(begun)
    old = [(begun + SECOND, minute(end, 100.5)) for end in ("09:40", "09:41")]
    source = Scripted("a", clock, *old, (after("10:32", 1), minute("10:32")))
    feed = feed_of(clock, source, since=after("09:39", 0))
    feed.resume({"SPY": minute("09:39")}, begun)
    clock.time = after("10:31", 0)
    assert len(feed.until(after("10:31", 0))) == 2
    assert feed.quiet() == {"SPY"}
    clock.time = after("10:32", 1)
    assert len(feed.until(after("10:32", 0))) == 1
    assert feed.quiet() == set()
