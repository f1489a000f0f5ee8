"""An account that goes over to the document that it had is the same account: what comes after a new epoch is what would
have come without it. The worked runs of `worked/*.csv`, taken over in their middle, give the journals worked out by hand.
"""

import pytest

from runner.adapters.clocks import SimulatedClock
from runner.adapters.recorded_run import live_run
from runner.adapters.replay import Replay
from runner.assemble.accept import accept
from runner.assemble.deployment import PAPER, Deployment, Rehearsed
from runner.assemble.live import LiveRun
from runner.engine import carry_over, snapshot
from runner.engine.state import World
from tests.engine import tiny
from tests.engine.test_queueing import ROWS, plan_of

LIVE = ("epoch ", "opening_", "cash_synced ", "missed", "ran_late")  # records that only live runs have


def test_every_table_has_its_way():
    """A new table is carried over, made of the document, laid out by the day, or of one instant."""
    ways = [
        carry_over.CARRIED,
        carry_over.LAID_OUT,
        snapshot.OF_THE_DOCUMENT - {"limits"},
        snapshot.OF_ONE_INSTANT,
    ]
    assert set().union(*ways) == set(World._fields)
    assert sum(map(len, ways)) == len(World._fields)


class Ends(SimulatedClock):
    """Jumps no further than to `last`, as a process that ends there."""

    def __init__(self, start, last):
        super().__init__(start)
        self.last = last

    def wait_until(self, instant):
        return instant <= self.last and super().wait_until(instant)


def taken_over(ready, folder, at):
    """Sentences of the run, which goes over to its own document after instant `at`; but for what only live runs say."""
    begin = ready.calendar.midnight_of(ready.prepared.first_day)
    deployment = Deployment(
        ready.program, ready.document, ready.folder, PAPER, folder / "state", {}, {}, {}, {}
    )
    end = int(ready.prepared.market.instants["time"][-1])

    def rehearsed(until):
        feed = Replay(ready.prepared.bars, begin)
        return Rehearsed(Ends(begin, until), feed, None, begin, ready.prepared.last_day)

    def run(until):
        live = LiveRun(deployment, lambda line: None, rehearsed(until))
        try:
            live.run()
        finally:
            live.close()

    run(at)
    accept(deployment, [], "ann", lambda line: None, rehearsed(at))
    run(end)
    journal = live_run(folder / "state" / "journal.db").journal
    lines = [tiny.sentence(journal, line) for line in journal.records if line["time"] <= end]
    assert sum(" epoch " in line for line in lines) == 1
    return [line for line in lines if not any(f" {word}" in line for word in LIVE)]


@pytest.mark.slow
@pytest.mark.parametrize("row", ROWS[::3], ids=lambda row: row["case"])
def test_taken_over_in_the_middle(row, tmp_path):
    ready = tiny.ready(row["rules"], row["bars"], tmp_path, **plan_of(row))
    times = ready.prepared.market.instants["time"]
    assert taken_over(ready, tmp_path, int(times[len(times) // 2])) == tiny.told(row["expected"])
