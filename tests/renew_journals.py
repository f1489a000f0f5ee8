"""Live journals of the present version, kept in `frozen/journals/NAME/`: a later version must still read them and go on.

Each folder has the strategy, its bars (made up, by formula), the journal, and its records as text. `paper` was filled by the
simulated broker, `live` by the independent gateway in three pieces (tests/gateway, which has to be there to renew it). When a
later version adds a field, the journals stay as they are: that is what they are for. They are renewed, and the difference of the
records read, only when a change of the engine is meant to change what a live run does:

    python -m tests.renew_journals
"""

import json
import math
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from runner import assemble
from runner.adapters.clocks import SimulatedClock
from runner.adapters.recorded_run import open_run
from runner.adapters.replay import Replay
from runner.assemble.deployment import LIVE, PAPER, Deployment, Rehearsed
from runner.assemble.live import LiveRun
from runner.language.source import load
from runner.language.validate import understand
from runner.results.tables import journal_text

FROZEN = Path(__file__).parent / "frozen" / "journals"
STRATEGY = """\
version: 1
name: kept
universe: {symbols: [AAA, BBB]}
data: {source: {csv: {path: "{symbol}.csv", label: end}}, resolution: 1m}
indicators: {fast: {ema: 3}, slow: {ema: 8}}
rules:
  - {name: up, when: fast crosses above slow, enter: long, size: {percent_of_equity: 20%}, order: {tag: with the trend}, protect: {stop: 1%}}
  - {name: down, when: fast crosses below slow, exit: position}
  - {name: rest, at: {after_open: 5m}, symbols: [AAA], buy: 10, as: low, order: {limit: {price: close - 20}}}
  - {name: move, at: {after_open: 10m}, symbols: [AAA], update: low, quantity: 20, limit: close - 25}
  - {name: away, at: {after_open: 15m}, symbols: [AAA], cancel: low}
  - {name: too much, at: {after_open: 20m}, symbols: [BBB], buy: 100000}
  - {name: word, when: close > 101, symbols: [AAA], note: above}
backtest: {start: "2013-10-07", end: "2013-10-08", cash: 100000}
live: {initial: {cash: 100000}, gateway: {through_zero: short}}
"""
MINUTES = 40  # of each of two days


def closes(symbol: str, day: int) -> list[float]:
    """Waves about a hundred dollars."""
    phase = (1.3 if symbol == "BBB" else 0.0) + 2.0 * day
    return [round(100.0 + 1.5 * math.sin(i / 5.0 + phase) + i / 50.0, 2) for i in range(MINUTES)]


def write_bars(folder: Path) -> None:
    """One CSV file a symbol."""
    for symbol in ("AAA", "BBB"):
        lines = ["time,open,high,low,close,volume"]
        for day in range(2):
            before = 100.0
            for i, close in enumerate(closes(symbol, day)):
                high, low = max(before, close) + 0.05, min(before, close) - 0.05
                clock = f"{9 + (31 + i) // 60:02d}:{(31 + i) % 60:02d}"
                lines.append(
                    f"2013-10-{7 + day:02d} {clock},{before:.2f},{high:.2f},{low:.2f},{close:.2f},{900 + i}"
                )
                before = close
        (folder / f"{symbol}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def paper(ready, state):
    """The strategy on paper, to its end."""
    run = LiveRun(Deployment(ready.program, STRATEGY, ready.folder, PAPER, state, {}, {}), lambda line: None)
    try:
        run.run()
        run.ended("finished")
    finally:
        run.close()


def through_the_gateway(ready, state):
    """The strategy through the stand-in, in three pieces; it ends without warning."""
    from tests.gateway.adapter import Always
    from tests.gateway.test_run import Control, Priced, environment

    control = Control("--pieces", "3")
    try:
        begin = ready.calendar.midnight_of(ready.prepared.first_day)
        feed = Priced(Replay(ready.prepared.bars, begin), control)
        rehearsed = Rehearsed(SimulatedClock(begin), feed, Always(True), begin, ready.prepared.last_day)
        deployment = Deployment(ready.program, STRATEGY, ready.folder, LIVE, state, environment(control), {})
        run = LiveRun(deployment, lambda line: None, rehearsed)
        try:
            run.run()
        finally:
            run.close()
    finally:
        control.close()


def renew(name, act):
    """Make one of them anew."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        write_bars(folder)
        program, problems = understand(load(STRATEGY, "kept.yaml"))
        assert program is not None, "\n".join(problem.text() for problem in problems)
        ready = assemble.backtest(program, STRATEGY, folder, "loop")
        act(ready, folder / "state")
        path = folder / "state" / "journal.db"
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            db.execute(
                "UPDATE facts SET value = ? WHERE name = 'folder'", (json.dumps("."),)
            )  # of no machine
            db.execute("PRAGMA journal_mode=DELETE")
            db.execute("VACUUM")
        kept = FROZEN / name
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir(parents=True)
        (kept / "kept.yaml").write_text(STRATEGY, encoding="utf-8")
        for symbol in ("AAA", "BBB"):
            shutil.copy(folder / f"{symbol}.csv", kept)
        shutil.copy(path, kept)
        store = path.with_name("atreyu.db")
        if store.is_file():
            with closing(sqlite3.connect(store, isolation_level=None)) as db:
                db.execute("PRAGMA journal_mode=DELETE")
            shutil.copy(store, kept)
        text = journal_text(open_run(str(kept)).journal)
        (kept / "records.txt").write_text(text, encoding="utf-8")
        print(f"{name}: {len(text.splitlines())} records, {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    renew("paper", paper)
    renew("live", through_the_gateway)
