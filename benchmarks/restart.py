"""How long a restart of a live run takes, by its age: with the epochs of its journal, and if there were none."""

from __future__ import annotations

import sqlite3
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from benchmarks.drivers import DOCUMENT, write_bars
from runner.adapters.clocks import SimulatedClock
from runner.adapters.replay import Replay
from runner.assemble.deployment import PAPER, Deployment, Rehearsed
from runner.assemble.live import LiveRun
from runner.assemble.past import history_of
from runner.language.program import Program
from runner.language.source import load
from runner.language.validate import understand

SYMBOLS = ["AAA", "BBB", "CCC", "DDD"]
AGES = (1, 5, 20, 60)  # sessions


class Ends(SimulatedClock):
    """Jumps no further than to `last`."""

    def __init__(self, start: int, last: int) -> None:
        super().__init__(start)
        self.last = last

    def wait_until(self, instant: int) -> bool:
        """Jump, up to `last`."""
        return instant <= self.last and super().wait_until(instant)


def run(
    program: Program, folder: Path, state: Path, feed: Replay, begin: int, last: int, epochs: bool
) -> float:
    """Seconds until the past was heard; then the run goes on to instant `last`."""
    started = time.perf_counter()
    heard: list[float] = []
    clock = Ends(begin, last)
    rehearsed = Rehearsed(clock, feed, None, begin, begin // 86_400_000_000_000 + 400)
    deployment = Deployment(program, "", folder, PAPER, state, {}, {})
    live = LiveRun(deployment, lambda line: None, rehearsed)

    def resting(world: object) -> bool:
        if not heard:
            heard.append(time.perf_counter() - started)
        if epochs:  # as on a wall clock
            live.epochs.rest(live.instants.latest)
        return True

    live.instants.resting = resting
    try:
        live.run()
    finally:
        live.close()
    return heard[0]


def main() -> None:
    """A line for each age."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_bars(folder, SYMBOLS)
        program, problems = understand(load(DOCUMENT.format(symbols=", ".join(SYMBOLS)), "minutes.yaml"))
        assert program is not None, problems
        history = history_of(program.spec, folder)
        first, final = 18_995, 19_130
        rows = {s: history.bars(s, "1m", first, final, "raw", False) for s in SYMBOLS}
        ends = np.asarray(rows[SYMBOLS[0]].end)
        days = np.unique(ends // 86_400_000_000_000)
        begin = int(ends[np.searchsorted(ends // 86_400_000_000_000, days[10])]) - 60_000_000_000
        print("sessions   inputs   restart (s)   without epochs (s)   newest state (MB)")
        for age in AGES:
            last = int(ends[np.searchsorted(ends // 86_400_000_000_000, days[10 + age]) - 100])
            seconds = []
            for epochs in (True, False):
                state = folder / f"{age}-{epochs}"
                run(program, folder, state, Replay(rows, begin), begin, last, epochs)
                seconds.append(run(program, folder, state, Replay(rows, last + 1), begin, last, epochs))
            with sqlite3.connect(folder / f"{age}-True" / "journal.db") as db:
                inputs = db.execute("SELECT MAX(serial) FROM inputs").fetchone()[0]
                size = db.execute("SELECT LENGTH(state) FROM epochs ORDER BY serial DESC").fetchone()
            kept = f"{size[0] / 1e6:17.2f}" if size else " " * 16 + "-"
            print(f"{age:8} {inputs:8} {seconds[0]:13.2f} {seconds[1]:20.2f} {kept}", flush=True)


if __name__ == "__main__":
    main()
