"""A live run on this machine: how late its moments are, how long a bar takes to become an order on the wire, how many
orders a second go through journal and gateway, what a restart costs, and what an idle run does.

    python benchmarks/live.py [--seconds 60] [FOLDER OF THE JOURNAL]

Everything is the product's own: YAML, clock, ZeroMQ feed, journal (synchronous=FULL), client. The gateway is a pair of
ports on the loopback that fills whatever comes. Two bare things of the same run stand beside it as a measure: a ZeroMQ
request with its reply, and a commit of one row with SQLite on this disk.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import zmq

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from runner.adapters.clocks import ReplayClock, SimulatedClock
from runner.adapters.replay import Replay
from runner.adapters.sessions import calendar
from runner.assemble import feeds
from runner.assemble.deployment import LIVE, PAPER, Deployment, Rehearsed
from runner.assemble.live import LiveRun
from runner.assemble.past import history_of
from runner.language.source import load
from runner.language.validate import understand
from tests.gateway.adapter import Always
from tests.gateway.loopback import LOGON, Loopback

SECOND = 1_000_000_000
BEGIN = (1_381_239_000 + 10) * SECOND  # 2013-10-08 09:30:10 in New York
DAY = 15_986  # that day, since 1970
FIRST = 6  # seconds of a run after which it is looked at
HEAD = """
version: 1
name: measured
universe: {{symbols: [{symbols}]}}
data: {{source: {{csv: "{{symbol}}.csv"}}, resolution: 1s{live}}}
backtest: {{start: "2013-10-08", end: "2013-10-08", cash: 100000000}}
live: {{initial: {{cash: 100000000}}}}
rules:
"""


def document(symbols: list[str], rules: str, live: str = "") -> str:
    return HEAD.format(symbols=", ".join(symbols), live=live) + rules


def row(name: str, figures: str, ratio: str = "") -> None:
    print(f"{name:<36}{figures:<44}{ratio}", flush=True)


def quantiles(seconds: list[float]) -> str:
    ordered = sorted(seconds)
    found = [statistics.median(ordered), ordered[int(len(ordered) * 0.99)], ordered[-1]]
    return "p50 {:.2f}  p99 {:.2f}  max {:.2f} ms".format(*(1e3 * one for one in found))


class Gateway(Loopback):
    """Fills every order at once; remembers when each came."""

    def __init__(self) -> None:
        self.came: list[float] = []
        self.number = 0
        super().__init__(self._reply)

    def _reply(self, body: dict) -> dict:
        if body["35"] == "A":
            return LOGON
        self.came.append(time.perf_counter())
        self.number += 1
        report = {"MsgType": "ExecutionReport", "ExecTransType": "NEW", "ClOrdID": body["11"], "ExecType": "FILL",
                  "OrdStatus": "FILLED", "ExecID": f"E{self.number}", "LastShares": body["38"], "LastPx": 5.0,
                  "CumQty": body["38"], "LeavesQty": 0}  # fmt: skip
        self.publisher.send(json.dumps({"MsgSeqNum": self.number, **report}).encode())
        return {"status": 0}

    def environment(self) -> dict[str, str]:
        return {"ATREYU_HOST": "tcp://127.0.0.1", "ATREYU_REQ_PORT": str(self.request_port),
                "ATREYU_SUB_PORT": str(self.subscription_port), "ATREYU_CLIENT_ID": "B", "ATREYU_USERNAME": "u",
                "ATREYU_PASSWORD": "p", "ATREYU_BROKER_MPID": "ABCD", "ATREYU_LOCATE_RQD": "N"}  # fmt: skip


class Live:
    """A live run of one document in a thread, on a clock of a session of the past, fed over ZeroMQ."""

    def __init__(self, folder: Path, text: str, symbols: list[str], gateway: Gateway | None) -> None:
        folder.mkdir()
        for symbol in symbols:
            lines = "".join(f"2013-10-08 09:30:{n:02d},5,5,5,5,1000\n" for n in range(10))
            (folder / f"{symbol}.csv").write_text(f"time,open,high,low,close,volume\n{lines}")
        self.symbols = symbols
        self.context = zmq.Context()
        self.bars = self.context.socket(zmq.PUSH)
        port = self.bars.bind_to_random_port("tcp://127.0.0.1")
        address = f"tcp://127.0.0.1:{port}"
        live = f", live: [{{zeromq: {{address: '{address}', socket: pull}}}}]"
        program, problems = understand(load(document(symbols, text, live), "measured.yaml"))
        assert program is not None, problems
        self.parts = ExitStack()
        days = calendar(DAY - 5, DAY + 5)
        begin = BEGIN + SECOND // 2
        self.clock = ReplayClock(begin, 1.0)
        feed = feeds.merged(program, days, self.clock, begin, {}, folder, {}, self.parts)
        rehearsed = Rehearsed(self.clock, feed, Always(True), begin)
        mode, environment = (LIVE, gateway.environment()) if gateway else (PAPER, {})
        deployment = Deployment(program, text, folder, mode, folder / "state", environment, {})
        self.lateness: list[float] = []
        self.thread = threading.Thread(target=self._live, args=(deployment, rehearsed))
        self.thread.start()

    def _live(self, deployment: Deployment, rehearsed: Rehearsed) -> None:
        run = LiveRun(deployment, lambda line: None, rehearsed)
        inner = run.loop._instant

        def watched(k: int) -> None:
            instant = run.started.world.instants[k]
            if instant.moment_hi > instant.moment_lo:
                self.lateness.append((self.clock.now() - instant.time) / 1e9)
            inner(k)

        run.loop._instant = watched  # type: ignore[method-assign]
        try:
            run.run()
        finally:
            run.close()

    def wait(self, second: float) -> None:
        """Until so many seconds after the run's first."""
        self.clock.wait_until(BEGIN + int(second * 1e9))

    def send(self, second: int, price: float = 5.0) -> None:
        """The bars that end at a second of the run."""
        end = BEGIN + second * SECOND
        lines = [f"{symbol},{end},{price},{price},{price},{price},1000" for symbol in self.symbols]
        self.bars.send("\n".join(lines).encode())

    def close(self) -> None:
        self.clock.stop()
        self.thread.join()
        self.parts.close()
        self.context.destroy(linger=0)


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
    """Lateness of a moment every second; busy: of 20 symbols with a bar every second and orders, in between."""
    at = ", ".join(f"{{after_open: {n + 10.5}s}}" for n in range(FIRST, seconds + FIRST))
    rules = f"  - {{name: tick, at: [{at}], symbols: [S0], note: tick}}\n"
    symbols = [f"S{n}" for n in range(20 if busy else 1)]
    if busy:
        rules += "  - {name: buy, when: close > 0, every_bar: true, buy: 1}\n"
    live = Live(folder, rules, symbols, None)
    for second in range(1, seconds + FIRST):
        live.wait(second)
        live.send(second)
    live.wait(seconds + FIRST)
    live.close()
    row(
        f"lateness of moments, {'busy' if busy else 'idle'}",
        quantiles(live.lateness),
        f"{len(live.lateness)} moments",
    )


def bar_to_wire(folder: Path, seconds: int, request: float, commit: float) -> None:
    """From sending a bar to its order at the gateway."""
    gateway = Gateway()
    live = Live(folder, "  - {name: buy, when: close > 0, every_bar: true, buy: 1}\n", ["S0"], gateway)
    taken = []
    for second in range(1, seconds + FIRST):
        live.wait(second + 0.02)
        began, before = time.perf_counter(), len(gateway.came)
        live.send(second)
        live.wait(second + 0.9)
        if second >= FIRST and len(gateway.came) == before + 1:
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
    for second in range(1, FIRST + 1):
        live.wait(second + 0.02)
        live.send(second, 5.0 if second < FIRST else 6.0)
    until = time.monotonic() + 60
    while len(gateway.came) < count and time.monotonic() < until:
        time.sleep(0.05)
    live.close()
    gateway.close()
    each = (gateway.came[-1] - gateway.came[0]) / (len(gateway.came) - 1)
    row("orders, one after the other's fill", f"{1 / each:.0f} a second, {each * 1e3:.2f} ms each",
        f"{each / request:.1f} requests, {each / commit:.1f} commits")  # fmt: skip


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
    text = document(["S0", "S1"], rules)
    program, problems = understand(load(text, "measured.yaml"))
    assert program is not None, problems
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
    live.wait(3)
    began, at = time.process_time(), time.perf_counter()
    live.wait(3 + seconds)
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
