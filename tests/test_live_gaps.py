"""A live run that was down, or asleep, or whose clock was set: what leaves runs late, entries are skipped, every moment is
written down, and the columns are those of a run that never stopped."""

import numpy as np
import pytest

from runner import assemble
from runner.market import events
from tests.engine import tiny
from tests.live_runs import Scripted, minutes, run
from tests.made import at

MONDAY, TUESDAY = "2013-10-07", "2013-10-08"


def closes(n, start=100.0):
    """A path of prices that no one step repeats."""
    return [round(start + ((7 * i) % 13) - 0.01 * i, 2) for i in range(n)]


def told(journal, silence=False):
    """What happened; of silent symbols only when asked: after its last bar each is one."""
    hushed = () if silence else (events.SILENT, events.HEARD)
    return [tiny.sentence(journal, line) for line in journal.records if line["kind"] not in hushed]


def stopped(ready, path, begin, stop, again, end=None, **more):
    """Run from `begin` until `stop`, then again from `again` (until `end`)."""
    run(ready, path, Scripted(begin, stop), begin, **more)
    return run(ready, path, Scripted(again, end), begin, **more)


RULES = "[{name: in, at: {after_open: 5m}, buy: 10}, {name: out, at: {before_close: 10m}, exit: position}]"
DAY = minutes("09:31", closes(390))


def test_an_exit_that_was_missed_runs_late(tmp_path):
    ready = tiny.ready(RULES, DAY, tmp_path)
    begin = at(MONDAY, "09:00")
    found, _ = stopped(ready, tmp_path / "a.db", begin, at(MONDAY, "15:40:30"), at(MONDAY, "15:53:20"))
    price = closes(390)
    assert told(found) == [
        "Mon 09:35 submitted #1 +10",
        f"Mon 09:35 filled #1 +10 @ {tiny.number(price[4])}",
        "Mon 15:50 missed",
        "Mon 15:53 ran_late",
        "Mon 15:53 submitted #2 -10",
        f"Mon 15:53 filled #2 -10 @ {tiny.number(price[382])}",
    ]
    late = found.records[found.records["kind"] == 87][0]
    assert late["good_till"] == at(MONDAY, "15:50")


def test_an_entry_that_was_missed_is_skipped(tmp_path):
    ready = tiny.ready(RULES, DAY, tmp_path)
    begin = at(MONDAY, "09:00")
    found, _ = stopped(ready, tmp_path / "a.db", begin, at(MONDAY, "09:33:30"), at(MONDAY, "09:37:10"),
                       at(MONDAY, "09:40"))  # fmt: skip
    assert told(found) == ["Mon 09:35 missed", "Mon 09:37 skipped too_late"]


def test_within_the_tolerance_nothing_is_missed(tmp_path):
    ready = tiny.ready(RULES, DAY, tmp_path)
    begin = at(MONDAY, "09:00")
    found, _ = stopped(ready, tmp_path / "a.db", begin, at(MONDAY, "09:34:30"), at(MONDAY, "09:35:50"))
    whole, _ = run(ready, tmp_path / "b.db", Scripted(begin), begin)
    assert told(found) == told(whole)
    assert len(told(whole)) == 4


def test_a_condition_that_leaves_is_seen_in_the_bars_of_the_gap(tmp_path):
    """The price falls below 90 for two bars while the run is down: the position is left at the restart."""
    path = [100.0] * 10 + [89.0] * 2 + [95.0] * 8
    rules = "[{name: in, at: {after_open: 5m}, buy: 10}, {name: out, when: close < 90, exit: position}, {name: more, when: close < 90, buy: 5}]"
    ready = tiny.ready(rules, minutes("09:31", path), tmp_path)
    begin = at(MONDAY, "09:00")
    found, _ = stopped(ready, tmp_path / "a.db", begin, at(MONDAY, "09:38:30"), at(MONDAY, "09:45:10"))
    assert told(found)[2:] == [
        "Mon 09:41 missed",
        "Mon 09:45 ran_late",
        "Mon 09:45 submitted #2 -10",
        "Mon 09:45 filled #2 -10 @ 95",
    ]


def test_a_stop_that_was_reached_meanwhile(tmp_path):
    path = [100.0] * 10 + [89.0] * 2 + [95.0] * 8
    rules = "[{name: in, at: {after_open: 5m}, enter: long, size: {shares: 10}, protect: {stop: 5%}}]"
    ready = tiny.ready(rules, minutes("09:31", path), tmp_path)
    begin = at(MONDAY, "09:00")
    found, _ = stopped(ready, tmp_path / "a.db", begin, at(MONDAY, "09:38:30"), at(MONDAY, "09:45:10"))
    assert told(found)[2:] == [
        "Mon 09:41 protected stop +10 @ 89 level 95",
        "Mon 09:45 submitted #2 -10",
        "Mon 09:45 filled #2 -10 @ 95",
    ]


INDICATORS = """indicators: {fast: {ema: 5}, slow: {sma: 20}, range: {atr: 7}}"""
TREND = (
    "[{name: up, when: fast crosses above slow, enter: long, size: {shares: 10}}, "
    "{name: down, when: fast crosses below slow, exit: position}, {name: wide, when: range > 3, note: wide}]"
)


@pytest.mark.parametrize("again", ["10:31:05", "12:00", "15:59:30"])
def test_the_columns_are_those_of_a_run_that_never_stopped(again, tmp_path):
    ready = tiny.ready(TREND, DAY, tmp_path, more=INDICATORS)
    begin = at(MONDAY, "09:00")
    _, whole = run(ready, tmp_path / "whole.db", Scripted(begin), begin)
    found, columns = stopped(ready, tmp_path / "a.db", begin, at(MONDAY, "10:07:20"), at(MONDAY, again))
    for one, other in zip(columns, whole, strict=True):
        np.testing.assert_array_equal(np.sort(one), np.sort(other))
    assert not [line for line in told(found) if "hole" in line or "bars_lost" in line]


def test_days_that_were_missed(tmp_path):
    """Down from Monday's afternoon to Wednesday's: Tuesday's split and Wednesday's dividend are applied in order."""
    bars = "; ".join([
        minutes("09:31", [100.0] * 10), "A@Tue 09:31 50 50 50 50 split 2", minutes("09:32", [50.0] * 9, "Tue"),
        "A@Wed 09:31 50 50 50 50 dividend 0.5", minutes("09:32", [51.0] * 30, "Wed"),
    ])  # fmt: skip
    rules = '[{name: in, at: {after_open: 5m, on: ["2013-10-07"]}, buy: 10}]'
    ready = tiny.ready(rules, bars, tmp_path, more="indicators: {mean: {sma: 12}}")
    begin = at(MONDAY, "09:00")
    found, columns = stopped(
        ready, tmp_path / "a.db", begin, at(MONDAY, "09:38:30"), at("2013-10-09", "09:50:10")
    )
    assert told(found)[2:] == ["Tue 00:00 split 2 -> 20", "Wed 00:00 dividend $10"]
    _, whole = run(ready, tmp_path / "whole.db", Scripted(begin), begin)
    for one, other in zip(columns, whole, strict=True):
        np.testing.assert_array_equal(np.sort(one), np.sort(other))


def test_killed_while_it_catches_up(tmp_path):
    """Ended after every few inputs of the catching up, over and over: what comes of it is the same."""
    from tests.test_live_loop import Killed, Stopped

    ready = tiny.ready(RULES + "", DAY, tmp_path)
    begin, again = at(MONDAY, "09:00"), at(MONDAY, "15:53:20")
    run(ready, tmp_path / "a.db", Scripted(begin, at(MONDAY, "15:40:30")), begin)
    for i in range(100):
        try:
            journal = Killed(tmp_path / "a.db", 2 + i % 3)
            found, _ = run(ready, tmp_path / "a.db", Scripted(again), begin, journal=journal)
            break
        except Stopped:
            continue
    whole, _ = stopped(ready, tmp_path / "b.db", begin, at(MONDAY, "15:40:30"), again)
    assert told(found) == told(whole)


def test_a_hole_is_named_and_the_rules_sleep(tmp_path):
    """Nobody has the bars of 09:41 to 10:00: the mean of five bars is unknown until 10:05."""
    (tmp_path / "short").mkdir()
    rules = "[{name: high, when: mean > 0, every_bar: true, note: awake}]"
    more = "indicators: {mean: {sma: 5}}"
    ready = tiny.ready(rules, minutes("09:31", [100.0] * 60), tmp_path, more=more)
    short = tiny.ready(rules, minutes("09:31", [100.0] * 10), tmp_path / "short", more=more).history
    begin = at(MONDAY, "09:00")
    found, _ = stopped(ready, tmp_path / "a.db", begin, at(MONDAY, "09:38:30"), at(MONDAY, "10:00:30"),
                       at(MONDAY, "10:10"), history=short)  # fmt: skip
    lines = told(found)
    assert [line for line in lines if "noted" not in line] == ["Mon 10:00 hole"]
    hole = found.records[found.records["kind"] == 89][0]
    assert (hole["quantity"], hole["good_till"]) == (20, at(MONDAY, "09:40"))
    noted = [line.split()[1] for line in lines if "noted" in line]
    assert noted == ["09:35", "09:36", "09:37", "09:38", "10:05", "10:06", "10:07", "10:08", "10:09"]


def test_a_quiet_symbol_is_no_hole(tmp_path):
    """B trades once in a quarter of an hour; A's bars show that the history was there."""
    quiet = "; ".join(f"B@Mon {clock} 50 50 50 50" for clock in ("09:31", "09:46", "10:01", "10:16"))
    ready = tiny.ready(
        "[{name: x, when: close > 1000, note: x}]", f"{minutes('09:31', [100.0] * 60)}; {quiet}", tmp_path
    )
    begin = at(MONDAY, "09:00")
    found, _ = stopped(ready, tmp_path / "a.db", begin, at(MONDAY, "09:38:30"), at(MONDAY, "10:10:30"))
    assert told(found) == []


def test_a_start_in_the_middle_of_a_session(tmp_path):
    """Begun at 09:50:10: the bars of the day warm the columns, and nothing is decided on them."""
    rules = "[{name: high, when: mean > 0, every_bar: true, note: awake}]"
    ready = tiny.ready(rules, minutes("09:31", [100.0] * 25), tmp_path, more="indicators: {mean: {sma: 5}}")
    begin = at(MONDAY, "09:50:10")
    found, _ = run(ready, tmp_path / "a.db", Scripted(begin, at(MONDAY, "09:54:10")), begin)
    assert told(found) == [f"Mon 09:{m} noted awake" for m in (51, 52, 53, 54)]


def test_the_backtest_and_the_run_that_never_stopped_agree(tmp_path):
    ready = tiny.ready(TREND, DAY, tmp_path, more=INDICATORS)
    begin = at(MONDAY, "00:00")
    found, _ = run(ready, tmp_path / "a.db", Scripted(begin), begin)
    assert told(found) == told(assemble.run_backtest(ready).journal)


def test_a_symbol_that_falls_silent_and_is_heard_again(tmp_path):
    """B's bars of 09:34 to 09:39 do not come: after three of them its entry of 09:38 is refused, and with 09:40 it is heard."""
    b = "; ".join(
        f"B@Mon {clock} 50 50 50 50" for clock in ("09:31", "09:32", "09:33", "09:40", "09:41", "09:42")
    )
    rules = "[{name: in, at: [{after_open: 8m}, {after_open: 11m}], symbols: [B], buy: 10}]"
    ready = tiny.ready(rules, f"{minutes('09:31', [100.0] * 15)}; {b}", tmp_path)
    begin = at(MONDAY, "09:00")
    found, _ = run(ready, tmp_path / "a.db", Scripted(begin, at(MONDAY, "09:43")), begin)
    assert told(found, silence=True)[:5] == [
        "Mon 09:36 silent B feed", "Mon 09:38 refused B +10 silent", "Mon 09:40 heard B feed",
        "Mon 09:41 submitted #1 B +10", "Mon 09:41 filled #1 B +10 @ 50",
    ]  # fmt: skip


def test_which_rules_sleep_is_said(tmp_path):
    """After the hole to 10:00 the mean of five bars and the lag of two need five and three new ones."""
    (tmp_path / "short").mkdir()
    rules = (
        "[{name: high, when: mean > 0, note: x}, {name: before, when: 'close[2] > 0', note: x}, "
        "{name: now, when: close > 1000, note: x}]"
    )
    more = "indicators: {mean: {sma: 5}}"
    ready = tiny.ready(rules, minutes("09:31", [100.0] * 60), tmp_path, more=more)
    short = tiny.ready(rules, minutes("09:31", [100.0] * 10), tmp_path / "short", more=more).history
    begin = at(MONDAY, "09:33:10")
    first, second = [], []
    run(ready, tmp_path / "a.db", Scripted(begin, at(MONDAY, "09:38:30")), begin, said=first)
    again = Scripted(at(MONDAY, "10:00:30"), at(MONDAY, "10:10"))
    run(ready, tmp_path / "a.db", again, begin, history=short, said=second)
    assert first == ["high sleeps for A until 2013-10-07 09:35:00: 2 bars are missing"]
    assert second == [
        "high sleeps for A until 2013-10-07 10:05:00: 5 bars are missing",
        "before sleeps for A until 2013-10-07 10:03:00: 3 bars are missing",
        "now sleeps for A until 2013-10-07 10:01:00: 1 bar is missing",
    ]
