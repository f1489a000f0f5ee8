"""Backtest and live over the same bars give the same orders: a day of LEAN's minutes through the gateway's own process.

The stand-in runs in free mode, in pieces of one; its price is set over the control port to each bar's close before the
engine sees the bar. What is compared is what was decided: symbol, kind, shares, and whether it was filled.
"""

import contextlib
import json
import socket
import subprocess
import sys
import time

import pytest
import zmq

from runner import assemble
from runner.adapters.atreyu import Atreyu
from runner.adapters.atreyu_settings import AtreyuSettings, Credentials
from runner.adapters.atreyu_store import SqliteStore
from runner.adapters.clocks import SimulatedClock, WallClock
from runner.adapters.gateway import Gateway
from runner.adapters.live_journal import LiveJournal
from runner.adapters.replay import Replay
from runner.engine import live_day, live_start
from runner.engine.live_instants import LiveInstants
from runner.engine.loop import Loop
from runner.engine.recorded import RecordedBroker
from runner.engine.world import Growth
from runner.language.source import load
from runner.language.validate import understand
from runner.market import events
from tests.conftest import ROOT, SHARED
from tests.gateway.adapter import Always, account
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

    def until(self, instant):
        bars = self.replay.until(instant)
        for bar in bars:
            self.control.ask(do="price", symbol=bar.symbol, price=round(bar.close, 2))
        return bars


def client(control, folder):
    settings = AtreyuSettings(
        host="tcp://127.0.0.1", request_port=control.ports[0], subscription_port=control.ports[1],
        client_id="T", broker_mpid="ABCD", locate_required="N", through_zero="short",
    )  # fmt: skip
    return Atreyu(settings, Credentials("user", "word"), SqliteStore(folder / "atreyu.db"), WallClock(), Always(True),
                  account())  # fmt: skip


def through_the_gateway(ready, control, folder, stop_after=0):
    """Records of the run of `ready`'s bars with the gateway for a broker. `stop_after`: inputs after which it ends as
    if it were killed."""
    program, prepared, days = ready.program, ready.prepared, ready.calendar
    begin = days.midnight_of(prepared.first_day)
    past = live_start.past_bars(program, ready.history, days, prepared.first_day, begin)
    first = live_day.lay_out(program, ready.history, days, prepared.first_day)
    started = live_start.start(program, days, first, past, begin)
    path = folder / "live.db"
    journal = Killed(path, stop_after) if stop_after else LiveJournal(path)
    link = client(control, folder)
    link.start()
    gateway = Gateway(started.world, program.spec.symbols, link, lambda n: f"run-{n}", time.monotonic,
                      set(link.snapshot().orders), lambda one: None)  # fmt: skip
    instants = LiveInstants(
        program, days, lambda day: live_day.lay_out(program, ready.history, days, day),
        Priced(Replay(prepared.bars, begin), control), SimulatedClock(begin), started.store, gateway.waiting,
        prepared.last_day, journal,
    )  # fmt: skip
    try:
        broker = RecordedBroker(gateway, journal)
        Loop(started.world, instants, Growth(compiled=False), broker, journal, ahead=True).run()
        return journal.finished({}, started.rules.texts).records
    finally:
        link.stop()
        journal.close()


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


def test_the_same_orders(control, tmp_path):
    program, problems = understand(load(DOCUMENT, "minutes.yaml"))
    assert not problems
    ready = assemble.backtest(program, DOCUMENT, ROOT, "loop")
    backtest = assemble.run_backtest(ready).journal.records
    live = through_the_gateway(ready, control, tmp_path)
    symbols = program.spec.symbols
    decided = orders(backtest, symbols)
    assert len(decided) > 20
    assert [one[:2] for one in orders(live, symbols)] == [one[:2] for one in decided]
    for found, expected in zip(orders(live, symbols), decided, strict=True):
        assert abs(found[2] - expected[2]) <= 1, (found, expected)  # sized after fills at other prices
        assert found[3] == expected[3]
        assert abs(found[4] - expected[4]) <= 1
    agree(control, live, symbols)


def agree(control, records, symbols):
    """The broker's positions are what the run's fills add up to, and no request was wrong."""
    state = control.ask(do="state")
    assert not state["violations"]
    filled = dict.fromkeys(symbols, 0)
    for order in orders(records, symbols):
        filled[order[0]] += order[4]
    assert {one: state["positions"].get(one, 0) for one in symbols} == filled


def test_stopped_and_started_again(control, tmp_path):
    """Ended without warning every 150 inputs or so: no order is lost or sent twice, and what was decided is the same."""
    program, problems = understand(load(DOCUMENT, "minutes.yaml"))
    assert not problems
    ready = assemble.backtest(program, DOCUMENT, ROOT, "loop")
    stops = 0
    for stop_after in (150, 151, 152, 153, 154, 155, 156, 157, 400, 401, 402, 403, 0):
        try:
            live = through_the_gateway(ready, control, tmp_path, stop_after)
            break
        except Stopped:
            stops += 1
    assert stops >= 8
    symbols = program.spec.symbols
    decided = orders(assemble.run_backtest(ready).journal.records, symbols)
    assert [one[:2] + one[3:4] for one in orders(live, symbols)] == [one[:2] + one[3:4] for one in decided]
    agree(control, live, symbols)
