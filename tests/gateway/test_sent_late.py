"""An order that was decided and never sent, since the process was killed in between; the run is started again another day."""

import contextlib

import numpy as np
import pytest

from runner.adapters.atreyu import Atreyu
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
from tests.made import at

MINUTE = 60_000_000_000
BEGIN = at("2013-10-08", "15:50")
DAY = 15_986  # 8 October 2013, a Tuesday

DOCUMENT = """
version: 1
name: late
universe: {symbols: [KA]}
data: {source: {csv: "{symbol}.csv"}, resolution: 1m}
rules:
  - {name: in, at: {before_close: 8m}, buy: 10}
  - {name: out, at: {before_close: 4m}, RULE}
backtest: {start: "2013-10-08", end: "2013-10-09", cash: 100000}
live: {fill_wait: 2s, initial: {cash: 100000}}
"""


class Killed(BaseException):
    """The process is gone."""


class There(Loopback):
    """Fills every order at once, at 9."""

    def __init__(self):
        self.number, self.held = 0, 0
        super().__init__(self._reply)

    def _reply(self, body):
        if body["35"] == "A":
            return LOGON | {"positions": [{"Symbol": "KA", "LongQty": self.held, "ShortQty": 0}]}
        shares = body["38"]
        self.held += shares if body["54"] == "1" else -shares
        for kind, done in (("NEW", 0), ("FILL", shares)):
            self.number += 1
            self.publish(self.number, MsgType="ExecutionReport", ExecTransType="NEW", ClOrdID=body["11"], ExecType=kind,
                OrdStatus={"FILL": "FILLED"}.get(kind, kind), ExecID=f"E{self.number}", LastShares=done, LastPx=9.0,
                CumQty=done, LeavesQty=shares - done, OrderQty=shares, Symbol="KA",
                Side="BUY" if body["54"] == "1" else "SELL")  # fmt: skip
        return {"status": 0}

    def orders(self):
        return [(one["54"], one["38"]) for one in self.requests if one["35"] == "D"]


def bars(first, count, price=9.0):
    end = first + MINUTE * (1 + np.arange(count))
    one, nothing = np.full(count, price), np.full(count, np.nan)
    return empty_bars()._replace(
        start=end - MINUTE, end=end, open=one, high=one, low=one, close=one, bid=nothing, ask=nothing,
        volume=np.full(count, 1000.0), quote_end=np.zeros(count, np.int64), real=np.ones(count, bool),
        split=np.ones(count),
    )  # fmt: skip


HISTORY = "time,open,high,low,close,volume,split\n2013-10-08 15:40,9,9,9,9,1000,\n"


def life(there, folder, begin, rule, first, count, until, monkeypatch, die_at=0, history=HISTORY, price=9.0):
    """One life from `begin`, until the clock shows `until` or the order number `die_at` is about to be placed; its records."""
    (folder / "KA.csv").write_text(history, encoding="utf-8")
    text = DOCUMENT.replace("RULE", rule)
    program, problems = understand(load(text, "late.yaml"))
    assert not problems, [one.text() for one in problems]
    environment = {"ATREYU_HOST": "tcp://127.0.0.1", "ATREYU_REQ_PORT": str(there.request_port),
                   "ATREYU_SUB_PORT": str(there.subscription_port), "ATREYU_CLIENT_ID": "T",
                   "ATREYU_USERNAME": "user", "ATREYU_PASSWORD": "word"}  # fmt: skip

    class Ends(SimulatedClock):
        def wait_until(self, instant):
            return instant <= until and super().wait_until(instant)

    clock = Ends(begin)
    placed = []
    place = Atreyu.place

    def placing(self, *values, **more):
        placed.append(clock.now())
        if len(placed) == die_at:
            raise Killed
        place(self, *values, **more)

    with monkeypatch.context() as patched:
        patched.setattr(Atreyu, "place", placing)
        one = LiveRun(
            Deployment(program, text, folder, LIVE, folder / "state", environment, {}), lambda line: None,
            Rehearsed(clock, Replay({"KA": bars(first, count, price)}, begin), Always(True), BEGIN, DAY + 1),
        )  # fmt: skip
        try:
            with contextlib.suppress(Killed):
                one.run()
            return one.journal.finished({}, one.started.rules.texts).records, placed
        finally:
            one.close()


@pytest.mark.parametrize("rule", ["exit: position", "sell: 10"])
def test_an_order_of_yesterday_is_not_sent_before_the_open(rule, tmp_path, monkeypatch):
    """Sent at eight in the morning it would trade in a market that is closed; an exit goes out at the open."""
    there = There()
    try:
        first, _ = life(
            there, tmp_path, BEGIN, rule, BEGIN, 10, at("2013-10-08", "16:30"), monkeypatch, die_at=2
        )
        assert there.orders() == [("1", 10)]
        assert first["kind"].tolist().count(events.FILLED) == 1
        again = at("2013-10-09", "08:00")
        opening = at("2013-10-09", "09:30")
        found, placed = life(there, tmp_path, again, rule, opening, 5, at("2013-10-09", "09:40"), monkeypatch)
        assert all(time >= opening for time in placed)
        kinds = found["kind"].tolist()
        assert kinds.count(events.NOT_SENT) == 1
        assert there.orders() == [("1", 10)] + [("2", 10)] * (rule == "exit: position")
    finally:
        there.close()
