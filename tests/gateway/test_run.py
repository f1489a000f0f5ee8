"""Backtest and live over the same bars give the same orders: a day of LEAN's minutes through the gateway's own process.

The stand-in runs in free mode, in pieces of one; its price is set over the control port to each bar's close before the
engine sees the bar. The live run is the one that `--live` starts, with a clock and a feed of the past. What is compared is what was decided: symbol, kind, shares, and whether it was filled.
"""

import contextlib
import json
import socket
import subprocess
import sys
from decimal import Decimal

import pytest
import zmq

from runner import assemble
from runner.adapters.clocks import SimulatedClock
from runner.adapters.recorded_run import open_run
from runner.adapters.replay import Replay
from runner.assemble import live
from runner.assemble.deployment import LIVE, Deployment, Rehearsed
from runner.language.source import load
from runner.language.validate import understand
from runner.market import events
from runner.operate.check_journal import check
from runner.results.compare import compare
from runner.results.sides import Side
from tests.conftest import ROOT, SHARED
from tests.gateway.adapter import Always
from tests.gateway.stand_in import THERE
from tests.test_live_loop import Killed, Stopped

pytestmark = pytest.mark.slow

DOCUMENT = """
version: 1
name: minutes
universe: {symbols: [SPY, IBM]}
data: {source: {lean: LEAN}, resolution: 1m}
indicators: {fast: {ema: 10}, slow: {ema: 30}}
rules:
  - {name: up, when: fast crosses above slow, enter: long, size: {percent_of_equity: 30%}}
  - {name: down, when: fast crosses below slow, enter: short, size: {shares: 50}}
  - {name: rest, at: {after_open: 45m}, symbols: [SPY], buy: 10, as: low, order: {limit: {price: close - 20}}}
  - {name: move, at: {after_open: 60m}, symbols: [SPY], update: low, quantity: 20, limit: close - 25}
  - {name: away, at: {after_open: 90m}, symbols: [SPY], cancel: low}
  - {name: flat, at: {before_close: 10m}, exit: position}
backtest: {start: "2013-10-08", end: "2013-10-08", cash: 100000}
live: {gateway: {through_zero: short}, initial: {cash: 100000}}
""".replace("LEAN", str(SHARED / "lean-data"))


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Control:
    """The stand-in's process and its control port."""

    def __init__(self, *more):
        self.ports = [free_port() for _ in range(3)]
        request, stream, control = map(str, self.ports)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gateway", "--free", "--req-port", request, "--sub-port", stream,
             "--control-port", control, "--pieces", "1", "--volatility", "0", *more],
            cwd=SHARED, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.REQ)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.setsockopt(zmq.RCVTIMEO, 10_000)
        self.socket.connect(f"tcp://127.0.0.1:{control}")
        self.ask(do="state")  # it is up

    def ask(self, **what):
        self.socket.send_json(what)
        return json.loads(self.socket.recv())

    def close(self):
        with contextlib.suppress(zmq.ZMQError):
            self.ask(do="stop")
        self.socket.close()
        self.context.term()
        self.process.terminate()
        self.process.wait(10)


class Priced:
    """A replay that sets the gateway's price to each bar's close before the engine sees the bar."""

    def __init__(self, replay, control):
        self.replay, self.control = replay, control

    def resume(self, newest, now):
        return self.replay.resume(newest, now)

    def ready(self, instant):
        return self.replay.ready(instant)

    def quiet(self):
        return ()

    def until(self, instant):
        bars = self.replay.until(instant)
        for bar in bars:
            self.control.ask(do="price", symbol=bar.symbol, price=round(bar.close, 2))
        return bars


def environment(control):
    """Where the gateway is, as a user would say it."""
    return {"ATREYU_HOST": "tcp://127.0.0.1", "ATREYU_REQ_PORT": str(control.ports[0]),
            "ATREYU_SUB_PORT": str(control.ports[1]), "ATREYU_CLIENT_ID": "T", "ATREYU_BROKER_MPID": "ABCD",
            "ATREYU_LOCATE_RQD": "N", "ATREYU_USERNAME": "user", "ATREYU_PASSWORD": "word"}  # fmt: skip


def through_the_gateway(ready, control, folder, monkeypatch, stop_after=0):
    """Records of the run of `ready`'s bars with the gateway for a broker. `stop_after`: inputs after which it ends as
    if it were killed."""
    program, prepared, days = ready.program, ready.prepared, ready.calendar
    begin = days.midnight_of(prepared.first_day)
    feed = Priced(Replay(prepared.bars, begin), control)
    rehearsed = Rehearsed(SimulatedClock(begin), feed, Always(True), begin, prepared.last_day)
    deployment = Deployment(program, ready.document, ready.folder, LIVE, folder, environment(control), {})
    with monkeypatch.context() as patched:
        if stop_after:
            patched.setattr(live, "LiveJournal", lambda path: Killed(path, stop_after))
        run = live.LiveRun(deployment, lambda line: None, rehearsed)
    try:
        run.run()
        return run.journal.finished({}, run.started.rules.texts).records
    finally:
        run.close()


def orders(records, symbols):
    """Each order that was sent: symbol, kind, shares as sent, and how it ended."""
    out = {}
    for line in records:
        kind, number = int(line["kind"]), int(line["order"])
        if kind == events.SUBMITTED:
            out[number] = [symbols[line["symbol"]], int(line["order_kind"]), int(line["quantity"]), "open", 0]
        elif kind in (events.FILLED, events.CANCELLED, events.EXPIRED, events.REJECTED):
            out[number][3] = kind
            out[number][4] += int(line["quantity"]) if kind == events.FILLED else 0
        elif kind == events.UPDATED:
            out[number][2] = int(line["quantity"])
    return list(out.values())


@pytest.fixture
def control():
    if not THERE:
        pytest.skip("needs ../shared/gateway")
    one = Control()
    yield one
    one.close()


def test_the_same_orders(control, tmp_path, monkeypatch):
    program, problems = understand(load(DOCUMENT, "minutes.yaml"))
    assert not problems
    ready = assemble.backtest(program, DOCUMENT, ROOT, "loop")
    backtest = assemble.run_backtest(ready).journal.records
    found = through_the_gateway(ready, control, tmp_path, monkeypatch)
    symbols = program.spec.symbols
    decided = orders(backtest, symbols)
    assert len(decided) > 20
    assert [one[:2] for one in orders(found, symbols)] == [one[:2] for one in decided]
    for one, expected in zip(orders(found, symbols), decided, strict=True):
        assert abs(one[2] - expected[2]) <= 1, (one, expected)  # sized after fills at other prices
        assert one[3] == expected[3]
        assert abs(one[4] - expected[4]) <= 1
    agree(control, found, symbols)
    assert_told(ready, tmp_path)


def assert_told(ready, folder):
    """`run diff` finds the same bars and the same orders, one by one; sizes part after a fill at another price."""
    done = assemble.run_backtest(ready)
    ours = Side(done.journal, done.bars, None, None, {})
    kept = open_run(str(folder))
    told = compare(ours, Side(kept.journal, kept.bars, None, kept.instants, kept.taken))
    assert (told.bars.alike, told.bars.differences) == (780, [])
    assert not told.decisions.only_a
    assert not told.decisions.only_b
    assert {one.fields for one in told.decisions.differences} <= {("quantity",)}
    if told.reasons:
        assert told.reasons[0].code == "fill_price"
    assert all(one.good for one in check(str(folder)))


def agree(control, records, symbols):
    """The broker's positions are what the run's fills add up to, and no request was wrong."""
    state = control.ask(do="state")
    assert not state["violations"]
    filled = dict.fromkeys(symbols, 0)
    for order in orders(records, symbols):
        filled[order[0]] += order[4]
    assert {one: state["positions"].get(one, 0) for one in symbols} == filled
    booked = Decimal(
        sum(int(one["amount"]) + int(one["fee"]) for one in records if one["kind"] == events.FILLED)
    )
    paid = Decimal(0)
    for order in state["orders"]:
        side = 1 if order["side"] == "BUY" else -1
        for shares, price in order["executions"].values():
            paid += side * shares * Decimal(str(price)) + shares * Decimal("0.0035")
    assert booked == paid * 1_000_000


def test_in_pieces_and_through_zero_in_two_orders(tmp_path, monkeypatch):
    """Each order fills in up to four pieces, and a sale through zero is two orders on the wire: shares and cash are the
    broker's to the millionth, and one order of the run is one order."""
    if not THERE:
        pytest.skip("needs ../shared/gateway")
    text = DOCUMENT.replace("through_zero: short", "through_zero: split")
    program, problems = understand(load(text, "minutes.yaml"))
    assert not problems
    control = Control("--pieces", "4")
    try:
        ready = assemble.backtest(program, text, ROOT, "loop")
        found = through_the_gateway(ready, control, tmp_path, monkeypatch)
        assert len(orders(found, program.spec.symbols)) < len(control.ask(do="state")["orders"])
        assert sum(one["kind"] == events.FILLED for one in found) > 1.5 * len(
            orders(found, program.spec.symbols)
        )
        agree(control, found, program.spec.symbols)
    finally:
        control.close()


def test_stopped_and_started_again(control, tmp_path, monkeypatch):
    """Ended without warning every 150 inputs or so: no order is lost or sent twice, and what was decided is the same."""
    program, problems = understand(load(DOCUMENT, "minutes.yaml"))
    assert not problems
    ready = assemble.backtest(program, DOCUMENT, ROOT, "loop")
    stops = 0
    for stop_after in (150, 151, 152, 153, 154, 155, 156, 157, 400, 401, 402, 403, 0):
        try:
            found = through_the_gateway(ready, control, tmp_path, monkeypatch, stop_after)
            break
        except Stopped:
            stops += 1
    assert stops >= 8
    symbols = program.spec.symbols
    decided = orders(assemble.run_backtest(ready).journal.records, symbols)
    assert [one[:2] + one[3:4] for one in orders(found, symbols)] == [one[:2] + one[3:4] for one in decided]
    agree(control, found, symbols)
    assert all(one.good for one in check(str(tmp_path), whole=True))
