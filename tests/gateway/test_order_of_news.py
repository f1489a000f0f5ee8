"""News of one order that come while another is waited for, and news of an order from before a restart: both are booked."""

import time

import numpy as np
import pytest

from runner.adapters.clocks import SimulatedClock
from runner.adapters.replay import Replay
from runner.assemble.deployment import LIVE, Deployment, Rehearsed
from runner.assemble.live import LiveRun
from runner.language.source import load
from runner.language.validate import understand
from runner.market import events
from runner.market.bar import empty_bars
from tests.gateway.adapter import Always
from tests.gateway.loopback import LOGON, Loopback

MINUTE = 60_000_000_000
BASE = 1_381_239_000_000_000_000 + MINUTE  # 2013-10-08 09:31 in New York
BEGIN = BASE + 1_000_000_000
DAY = 15_986

DOCUMENT = """
version: 1
name: two-orders
universe: {symbols: [KA, KB]}
data: {source: {csv: "{symbol}.csv"}, resolution: 1m}
rules:
  - {name: rest, when: close > 10, symbols: [KA], buy: 7, order: {limit: {price: 9}}}
  - {name: take, when: close > 11, symbols: [KB], buy: 5}
backtest: {start: "2013-10-08", end: "2013-10-08", cash: 100000}
live: {fill_wait: 2s, initial: {cash: 100000}}
"""


class Paced(Replay):
    """A bar of each symbol at each minute. Before the bar at minute `pause` it waits for what the gateway publishes; with
    the last the clock stops."""

    def __init__(self, closes, clock, pause=0):
        end = BASE + MINUTE * (1 + np.arange(len(closes)))
        close = np.array(closes)
        nothing = np.full(len(closes), np.nan)
        bars = empty_bars()._replace(
            start=end - MINUTE, end=end, open=close, high=close, low=close, close=close, bid=nothing, ask=nothing,
            volume=np.full(len(closes), 1000.0), quote_end=np.zeros(len(closes), np.int64),
            real=np.ones(len(closes), bool), split=np.ones(len(closes)),
        )  # fmt: skip
        super().__init__({"KA": bars, "KB": bars}, BEGIN)
        self.clock, self.pause, self.last = clock, BASE + pause * MINUTE, int(end[-1])

    def until(self, instant):
        if instant == self.pause:
            time.sleep(0.3)
        if instant >= self.last:
            self.clock.stop()
        return super().until(instant)


class There(Loopback):
    """KA rests; KB fills, and right before it KA when `both`."""

    def __init__(self, both):
        self.number, self.both, self.ids, self.held = 0, both, {}, {}
        super().__init__(self._reply)

    def report(self, symbol, kind, shares):
        self.number += 1
        total = 7 if symbol == "KA" else 5
        body = {"MsgType": "ExecutionReport", "ExecTransType": "NEW", "ClOrdID": self.ids[symbol], "ExecType": kind,
                "OrdStatus": {"FILL": "FILLED"}.get(kind, kind), "ExecID": f"E{self.number}", "LastShares": shares,
                "LastPx": 9.0, "CumQty": shares, "LeavesQty": total - shares, "OrderQty": total, "Symbol": symbol,
                "Side": "BUY"}  # fmt: skip
        self.held[symbol] = shares
        self.publish(self.number, **body)

    def _reply(self, body):
        if body["35"] == "A":
            if self.number:  # the second life: KA filled while nobody listened
                self.report("KA", "FILL", 7)
            positions = [
                {"Symbol": one, "LongQty": shares, "ShortQty": 0} for one, shares in self.held.items()
            ]
            return LOGON | {"positions": positions}
        symbol = body["55"]
        self.ids[symbol] = body["11"]
        self.report(symbol, "NEW", 0)
        if symbol == "KB":
            if self.both:
                self.report("KA", "FILL", 7)
            self.report("KB", "FILL", 5)
        return {"status": 0}


def run(there, folder, closes, pause=0):
    """One life; the records of its journal."""
    for symbol in ("KA", "KB"):
        (folder / f"{symbol}.csv").write_text(
            "time,open,high,low,close,volume\n2013-10-08 09:30,9,9,9,9,1000\n"
        )
    program, problems = understand(load(DOCUMENT, "two.yaml"))
    assert not problems
    environment = {"ATREYU_HOST": "tcp://127.0.0.1", "ATREYU_REQ_PORT": str(there.request_port),
                   "ATREYU_SUB_PORT": str(there.subscription_port), "ATREYU_CLIENT_ID": "T",
                   "ATREYU_USERNAME": "user", "ATREYU_PASSWORD": "word"}  # fmt: skip
    clock = SimulatedClock(BEGIN)
    one = LiveRun(
        Deployment(program, DOCUMENT, folder, LIVE, folder / "state", environment, {}),
        lambda line: None,
        Rehearsed(clock, Paced(closes, clock, pause), Always(True), BEGIN, DAY),
    )
    try:
        one.run()
        return one.journal.finished({}, one.started.rules.texts).records
    finally:
        one.close()


def filled(records):
    return sorted(int(line["quantity"]) for line in records[records["kind"] == events.FILLED])


@pytest.fixture
def there(request):
    one = There(request.param)
    yield one
    one.close()


@pytest.mark.parametrize("there", [True], indirect=True)
def test_news_of_an_order_that_is_not_waited_for(there, tmp_path):
    """KA's fill comes while KB's is waited for: it is older by its serial, and booked after it all the same."""
    assert filled(run(there, tmp_path, [10.5, 11.5, 11.5, 11.5])) == [5, 7]


@pytest.mark.parametrize("there", [False], indirect=True)
def test_news_of_an_order_from_before_a_restart(there, tmp_path):
    assert filled(run(there, tmp_path, [10.5, 11.5])) == [5]
    assert filled(run(there, tmp_path, [10.5, 11.5, 11.5, 11.5], pause=3)) == [5, 7]
