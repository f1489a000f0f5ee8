"""A live run on this machine: how late its moments are, how long a bar takes to become an order on the wire, how many
orders a second go through journal and gateway, what a restart costs, and what an idle run does.

    python benchmarks/live.py [--seconds 60] [FOLDER OF THE JOURNAL]

Everything is the product's own: YAML, clock, ZeroMQ feed, journal (synchronous=FULL), client. The gateway is a pair of
ports on the loopback that fills whatever comes. Two bare things of the same run stand beside it as a measure: a ZeroMQ
request with its reply, and a commit of one row with SQLite on this disk.
"""

from __future__ import annotations

import argparse
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

import zmq

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.live_run import BEGIN, DAY, Gateway, Live, quantiles, row, understood
from runner.adapters.clocks import SimulatedClock
from runner.adapters.replay import Replay
from runner.assemble.deployment import PAPER, Deployment, Rehearsed
from runner.assemble.live import LiveRun
from runner.assemble.past import history_of


def bare_request(count: int = 1000) -> float:
    """Seconds of a ZeroMQ request with its reply."""
    context = zmq.Context()
    there, here = context.socket(zmq.REP), context.socket(zmq.REQ)
    here.connect(f"tcp://127.0.0.1:{there.bind_to_random_port('tcp://127.0.0.1')}")

    def serve() -> None:
        for _ in range(count):
            there.send(there.recv())

    thread = threading.Thread(target=serve)
    thread.start()
    taken = []
    for _ in range(count):
        began = time.perf_counter()
        here.send(bytes(300))
        here.recv()
        taken.append(time.perf_counter() - began)
    thread.join()
    context.destroy(linger=0)
    row("a bare request and its reply", quantiles(taken))
    return statistics.median(taken)


def bare_commit(folder: Path, count: int = 300) -> float:
    """Seconds of a commit of one row."""
    db = sqlite3.connect(folder / "bare.db", isolation_level=None)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    db.execute("CREATE TABLE rows (serial INTEGER PRIMARY KEY, body BLOB)")
    taken = []
    for _ in range(count):
        began = time.perf_counter()
        db.execute("BEGIN IMMEDIATE")
        db.execute("INSERT INTO rows (body) VALUES (?)", (bytes(200),))
        db.execute("COMMIT")
        taken.append(time.perf_counter() - began)
    db.close()
    row("a bare commit", quantiles(taken))
    return statistics.median(taken)


def moments(folder: Path, seconds: int, busy: bool) -> None:
    """Lateness of a moment every second; busy: between them 20 symbols have a bar, and an order each."""
    at = ", ".join(f"{{after_open: {n + 0.5}s}}" for n in range(11, seconds + 60))
    rules = f"  - {{name: tick, at: [{at}], symbols: [S0], note: tick}}\n"
    symbols = [f"S{n}" for n in range(20 if busy else 1)]
    if busy:
        rules += "  - {name: buy, when: close > 0, every_bar: true, buy: 1}\n"
    live = Live(folder, rules, symbols, None)
    late = len(live.lateness)  # of its start
    for second in range(live.first, live.first + seconds):
        live.wait(second + 0.02)
        live.send(second)
    live.wait(live.first + seconds)
    live.close()
    found = live.lateness[late:]
    row(f"lateness of moments, {'busy' if busy else 'idle'}", quantiles(found), f"{len(found)} moments")


def bar_to_wire(folder: Path, seconds: int, request: float, commit: float) -> None:
    """From sending a bar to its order at the gateway."""
    gateway = Gateway()
    live = Live(folder, "  - {name: buy, when: close > 0, every_bar: true, buy: 1}\n", ["S0"], gateway)
    taken = []
    for second in range(live.first, live.first + seconds):
        live.wait(second + 0.02)
        began, before = time.perf_counter(), len(gateway.came)
        live.send(second)
        live.wait(second + 0.9)
        if len(gateway.came) == before + 1:
            taken.append(gateway.came[-1] - began)
    live.close()
    gateway.close()
    middle = statistics.median(taken)
    row("from a bar to its order on the wire", quantiles(taken),
        f"{len(taken)} orders; {middle / request:.1f} requests, {middle / commit:.1f} commits")  # fmt: skip


def orders(folder: Path, request: float, commit: float, count: int = 300) -> None:
    """Market orders of one instant: each is sized after the one before it has filled."""
    gateway = Gateway()
    symbols = [f"S{n}" for n in range(50)]
    steps = ", ".join("{buy: 1}" for _ in range(count // 50))
    live = Live(folder, f"  - {{name: buy, when: close > 5, do: [{steps}]}}\n", symbols, gateway)
    live.wait(live.first + 0.02)
    live.send(live.first, 6.0)
    until = time.monotonic() + 60
    while len(gateway.came) < count and time.monotonic() < until:
        time.sleep(0.05)
    live.close()
    gateway.close()
    each = (gateway.came[-1] - gateway.came[0]) / (len(gateway.came) - 1)
    row("orders, one after the other's fill", f"{1 / each:.0f} a second, {each * 1e3:.2f} ms each",
        f"{len(gateway.came)} orders; {each / request:.1f} requests, {each / commit:.1f} commits")  # fmt: skip


def restart(folder: Path, seconds: int = 6000) -> None:
    """A paper run over bars of seconds, and its second start."""
    folder.mkdir()
    lines = [f"2013-10-08 {9 + (1800 + s) // 3600:02d}:{(1800 + s) // 60 % 60:02d}:{s % 60:02d},5,5,5,{5 + s % 7},100"
             for s in range(seconds)]  # fmt: skip
    for symbol in ("S0", "S1"):
        (folder / f"{symbol}.csv").write_text(
            "time,open,high,low,close,volume\n" + "\n".join(lines).replace("5,5,5,", "5,12,5,") + "\n"
        )
    rules = '  - {name: up, when: "close crosses above sma(close, 20)", enter: long, size: {shares: 10}}\n'
    rules += '  - {name: down, when: "close crosses below sma(close, 20)", exit: position}\n'
    program, text = understood(["S0", "S1"], rules)
    deployment = Deployment(program, text, folder, PAPER, folder / "state", {}, {})
    bars = {
        one: history_of(program.spec, folder).bars(one, "1s", DAY, DAY, "raw", False)
        for one in program.spec.symbols
    }

    def opened(speed_of: str) -> tuple[float, float, int]:
        clock = SimulatedClock(BEGIN)
        began = time.perf_counter()
        run = LiveRun(deployment, lambda line: None, Rehearsed(clock, Replay(bars, BEGIN), None, BEGIN, DAY))
        ready = time.perf_counter()
        inner, heard = run.journal.recall, []

        def recall() -> list | None:
            entry = inner()
            heard.append(time.perf_counter())
            if entry is None and len(heard) > 1:
                clock.stop()
            return entry

        if speed_of == "again":
            run.journal.recall = recall  # type: ignore[method-assign]
        run.run()
        ended = heard[-1] if heard else time.perf_counter()
        run.close()
        return ready - began, ended - ready, len(heard) - 1

    first = opened("first")
    opening, hearing, inputs = opened("again")
    row("a restart: opening", f"{opening * 1e3:.0f} ms")
    row("a restart: each thousand inputs", f"{hearing / inputs * 1e6:.0f} ms",
        f"{inputs} inputs; lived through in {first[1] / inputs * 1e6:.0f} ms")  # fmt: skip


def idle(folder: Path, seconds: int) -> None:
    """Processor time while nothing happens, the gateway connected."""
    gateway = Gateway()
    began, at = time.process_time(), time.perf_counter()
    time.sleep(3)
    alone = (time.process_time() - began) / (time.perf_counter() - at)
    live = Live(folder, "  - {name: never, at: {before_close: 5m}, note: late}\n", ["S0"], gateway)
    live.wait(live.first + 8)  # silent by then
    began, at = time.process_time(), time.perf_counter()
    live.wait(live.first + 8 + seconds)
    used = (time.process_time() - began) / (time.perf_counter() - at)
    live.close()
    gateway.close()
    row("an idle run", f"{(used - alone) * 100:.1f} % of a processor")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--seconds", type=int, default=60)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as temporary:
        folder = Path(temporary)
        request, commit = bare_request(), bare_commit(folder)
        bar_to_wire(folder / "wire", options.seconds, request, commit)
        orders(folder / "orders", request, commit)
        moments(folder / "idle", options.seconds, busy=False)
        moments(folder / "busy", options.seconds, busy=True)
        restart(folder / "restart")
        idle(folder / "nothing", min(options.seconds, 20))


if __name__ == "__main__":
    main()
