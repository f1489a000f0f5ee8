"""A live run over the bars of a backtest writes the backtest's journal: the loop waits for instants that it did not know,
its columns are pushed bar by bar, and nothing else differs.

Every worked run of `worked/queueing.csv` and every strategy whose data are here.
"""

import datetime
import re
from pathlib import Path

import msgspec
import numpy as np
import pytest

from runner import assemble
from runner.adapters.bar_grid import BarGrid
from runner.adapters.clocks import SimulatedClock
from runner.adapters.feed_settings import FeedSettings
from runner.adapters.live_feed import LiveFeed
from runner.adapters.live_journal import LiveJournal
from runner.adapters.replay import Replay
from runner.adapters.simulated import SimulatedBroker
from runner.engine import live_day, live_start
from runner.engine.compaction import Compaction
from runner.engine.live_instants import LiveInstants
from runner.engine.loop import Loop
from runner.engine.world import Growth
from runner.language.source import load
from runner.language.validate import understand
from runner.market.events import MARK_SESSION
from runner.results.tables import journal_text
from tests.engine import tiny
from tests.engine.test_queueing import ROWS, plan_of

ROOT = Path(__file__).parents[1]
STRATEGIES = sorted((ROOT / "strategies").rglob("*.yaml"))


def merged(ready, begin, clock):
    """The bars of the run from two sources, which send the same."""
    spec, days = ready.program.spec, ready.calendar
    midnight = spec.settings["data.daily_end"] == "midnight"
    grid = BarGrid(days, live_day.steps(ready.program), spec.data.extended_hours, midnight)
    sources = [Replay(ready.prepared.bars, begin), Replay(ready.prepared.bars, begin)]
    settings = FeedSettings(stale_after=10**6)  # the tables have few bars: nobody is silent
    return LiveFeed(sources, grid, clock, settings, begin)


def live(ready, path, stop_after=None, two=False, most=0):
    """The run of `ready` (a backtest that is laid out), live: its bars replayed, its fills simulated, its journal on
    the disk. `stop_after`: inputs after which it ends as if it were killed. `most`: inputs of an epoch, 0 for one epoch."""
    program, prepared, days = ready.program, ready.prepared, ready.calendar
    begin = days.midnight_of(prepared.first_day)
    past = live_start.past_bars(program, ready.history, days, prepared.first_day, begin)
    if most and path.exists():
        past = live_start.no_bars(program)
    first = live_day.lay_out(program, ready.history, days, prepared.first_day)
    started = live_start.start(program, days, first, past, begin)
    clock = SimulatedClock(begin)
    feed = merged(ready, begin, clock) if two else Replay(prepared.bars, begin)
    journal = Killed(path, stop_after) if stop_after else LiveJournal(path)
    journal.use_texts(started.rules.texts)
    instants = LiveInstants(
        program, days, lambda day: live_day.lay_out(program, ready.history, days, day), feed,
        clock, started.store, lambda: False, prepared.last_day, journal,
    )  # fmt: skip
    broker = SimulatedBroker(started.world)  # it answers from the bars: what it said is no input
    if most:
        parts = {"columns": started.store, "instants": instants}
        epochs = Compaction(journal, started.world, started.rules.texts, parts, days, most)
        epochs.resume()
        instants.resting = lambda world: epochs.rest(instants.latest) or True
    loop = Loop(started.world, instants, Growth(compiled=False), broker, journal, ahead=True)
    try:
        loop.run()
        return journal.finished(assemble.header(ready, started.world), started.rules.texts)
    finally:
        journal.close()


class Stopped(Exception):  # noqa: N818
    """The process is gone."""


class Killed(LiveJournal):
    """A journal whose process ends at one of its writes: what was not committed is lost."""

    def __init__(self, path, after):
        super().__init__(path)
        self.left = after

    def write(self, entry):
        self.left -= 1
        if self.left < 0:
            raise Stopped
        super().write(entry)

    def close(self):
        self._db.close()
        self._owner.close()


def assert_same(ready, backtest, path, two=False, most=0):
    """Up to the last bar: a backtest ends there, a live day with its close."""
    found, end = live(ready, path, two=two, most=most), int(ready.prepared.market.instants["time"][-1])
    ours = found._replace(records=found.records[found.records["time"] <= end])
    for a, b in zip(
        journal_text(backtest.journal).splitlines(), journal_text(ours).splitlines(), strict=False
    ):
        assert a == b
    assert len(ours.records) == len(backtest.journal.records)
    shown = [
        m[(m["flags"] & MARK_SESSION > 0) & (m["time"] <= end)] for m in (backtest.journal.marks, found.marks)
    ]
    for name in ("time", "equity", "cash", "unsettled", "long_value", "short_value"):
        np.testing.assert_array_equal(shown[0][name], shown[1][name], name)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["case"])
def test_worked_runs(row, tmp_path):
    ready = tiny.ready(row["rules"], row["bars"], tmp_path, **plan_of(row))
    assert_same(ready, assemble.run_backtest(ready), tmp_path / "live.db")


def possible(row):
    """Whether every bar's open and close lie within its low and high: some tables cut corners, a feed does not."""
    bars = [
        [float(word) for word in re.findall(r" (\d[\d.]*)(?= |$)", bar)[:4]] for bar in row["bars"].split(";")
    ]
    return all(low <= min(opened, close) <= max(opened, close) <= high for opened, high, low, close in bars)


@pytest.mark.parametrize("row", [row for row in ROWS if possible(row)][::3], ids=lambda row: row["case"])
def test_worked_runs_from_two_feeds(row, tmp_path):
    """The merged feed hands out what each of them sends, bit for bit."""
    ready = tiny.ready(row["rules"], row["bars"], tmp_path, **plan_of(row))
    assert_same(ready, assemble.run_backtest(ready), tmp_path / "live.db", two=True)


@pytest.mark.parametrize("row", ROWS[::7], ids=lambda row: row["case"])
def test_killed_and_started_again(row, tmp_path):
    """After a few inputs, over and over: the journal at the end is that of a run without a stop."""
    ready = tiny.ready(row["rules"], row["bars"], tmp_path, **plan_of(row))
    path = tmp_path / "live.db"
    for i in range(200):
        try:
            live(ready, path, stop_after=5 + i % 6)
            break
        except Stopped:
            continue
    else:
        pytest.fail("it never comes to its end")
    assert_same(ready, assemble.run_backtest(ready), path)


def first_days(program):
    """The program with a run of some days from the start that its document names, or from a day with data."""
    plan = program.spec.backtest
    start = (
        plan.start if plan.start is not None else (datetime.date(2005, 1, 3) - datetime.date(1970, 1, 1)).days
    )
    length = 40 if program.spec.data.resolution == "1d" else 1
    end = start + length if plan.end is None else min(plan.end, start + length)
    backtest = msgspec.structs.replace(plan, start=start, end=end)
    return program._replace(spec=msgspec.structs.replace(program.spec, backtest=backtest))


@pytest.mark.parametrize("path", STRATEGIES, ids=lambda path: path.stem)
def test_strategies(path, tmp_path):
    text = path.read_text(encoding="utf-8")
    program, problems = understand(load(text, path.name))
    assert not problems
    ready = assemble.backtest(first_days(program), text, path.parent, "loop")
    assert_same(ready, assemble.run_backtest(ready), tmp_path / "live.db")
