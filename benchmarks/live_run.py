"""A live run in a thread, for `live.py`: the product's own, on a clock of a session of the past, with bars over ZeroMQ and
a gateway on the loopback."""

from __future__ import annotations

import json
import statistics
import sys
import threading
import time
from pathlib import Path

import zmq

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from runner.adapters.bar_grid import BarGrid
from runner.adapters.clocks import ReplayClock
from runner.adapters.feed_settings import FeedSettings, ZeromqFeed
from runner.adapters.feed_zeromq import ZeromqSource
from runner.adapters.live_feed import LiveFeed
from runner.adapters.sessions import calendar
from runner.assemble.deployment import LIVE, PAPER, Deployment, Rehearsed
from runner.assemble.live import LiveRun
from runner.engine import live_day
from runner.language.program import Program
from runner.language.source import load
from runner.language.validate import understand
from tests.gateway.adapter import Always
from tests.gateway.loopback import LOGON, Loopback

SECOND = 1_000_000_000
BEGIN = (1_381_239_000 + 10) * SECOND  # 2013-10-08 09:30:10 in New York
DAY = 15_986  # that day, since 1970
HEAD = """
version: 1
name: measured
universe: {{symbols: [{symbols}]}}
data: {{source: {{csv: "{{symbol}}.csv"}}, resolution: 1s}}
backtest: {{start: "2013-10-08", end: "2013-10-08", cash: 100000000}}
live: {{initial: {{cash: 100000000}}}}
rules:
"""


def understood(symbols: list[str], rules: str) -> tuple[Program, str]:
    """A strategy with these rules, and its document."""
    text = HEAD.format(symbols=", ".join(symbols)) + rules
    program, problems = understand(load(text, "measured.yaml"))
    assert program is not None, problems
    return program, text


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

    def __init__(self, folder: Path, rules: str, symbols: list[str], gateway: Gateway | None) -> None:
        folder.mkdir()
        for symbol in symbols:
            lines = "".join(f"2013-10-08 09:30:{n:02d},5,5,5,5,1000\n" for n in range(10))
            (folder / f"{symbol}.csv").write_text(f"time,open,high,low,close,volume\n{lines}")
        self.symbols = symbols
        self.context = zmq.Context()
        self.bars = self.context.socket(zmq.PUSH)
        port = self.bars.bind_to_random_port("tcp://127.0.0.1")
        program, text = understood(symbols, rules)
        begin = BEGIN + SECOND // 2
        self.clock = ReplayClock(begin, 1.0)
        grid = BarGrid(calendar(DAY - 5, DAY + 5), live_day.steps(program), False)
        self.source = ZeromqSource(ZeromqFeed(address=f"tcp://127.0.0.1:{port}", socket="pull"))
        feed = LiveFeed([self.source], grid, self.clock, FeedSettings(), begin)
        rehearsed = Rehearsed(self.clock, feed, Always(True), begin)
        mode, environment = (LIVE, gateway.environment()) if gateway else (PAPER, {})
        deployment = Deployment(program, text, folder, mode, folder / "state", environment, {})
        self.lateness: list[float] = []
        self.opened, self.go = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self._live, args=(deployment, rehearsed))
        self.thread.start()
        self.opened.wait()
        self.first = int((self.clock.now() - BEGIN) / SECOND) + 3  # the first second that is looked at
        for second in range(1, self.first - 1):
            self.send(second)
        time.sleep(0.2)
        self.go.set()
        self.until(self.first)

    def _live(self, deployment: Deployment, rehearsed: Rehearsed) -> None:
        run = LiveRun(deployment, lambda line: None, rehearsed)
        inner = run.loop._instant

        def watched(k: int) -> None:
            instant = run.started.world.instants[k]
            if instant.moment_hi > instant.moment_lo:
                self.lateness.append((self.clock.now() - instant.time) / 1e9)
            inner(k)

        run.loop._instant = watched  # type: ignore[method-assign]
        self.opened.set()
        self.go.wait()
        try:
            run.run()
        finally:
            run.close()

    def wait(self, second: float) -> None:
        """Until so many seconds after the run's first."""
        self.clock.wait_until(BEGIN + int(second * 1e9))

    def until(self, second: int) -> None:
        """Send the bars of each second before this one, as they end."""
        for one in range(self.first - 2, second):
            self.wait(one + 0.02)
            self.send(one)

    def send(self, second: int, price: float = 5.0) -> None:
        """The bars that end at a second of the run."""
        end = BEGIN + second * SECOND
        lines = [f"{symbol},{end},{price},{price},{price},{price},1000" for symbol in self.symbols]
        self.bars.send("\n".join(lines).encode())

    def close(self) -> None:
        self.clock.stop()
        self.thread.join()
        self.source.close()
        self.context.destroy(linger=0)
