"""A whole run against the gateway's own process, which amends an order, takes executions back and corrects one, by hand.

A: 100 are asked for and 80 taken; 30 at 5 never were, 50 at 5.5 were at 5.25, 30 at 5.4 come in their place. B: 60 at 5, and
40 at 5.2 that never were, with which it ends. Cash: 100,000 - (262.5 + 162) - 300 - 0.0035 x 140.
"""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from runner.adapters.clocks import SimulatedClock
from runner.adapters.replay import Replay
from runner.assemble import live
from runner.assemble.deployment import LIVE, Deployment, Rehearsed
from runner.results.ledger import fold
from runner.results.orders import order_lines
from tests.conftest import SHARED
from tests.engine import tiny
from tests.gateway.adapter import Always
from tests.gateway.stand_in import THERE
from tests.gateway.test_run import free_port

pytestmark = pytest.mark.slow
FILE = Path(__file__).with_name("told.yaml")
RULES = "[{name: r, when: close > 0, once_per: run, enter: long, size: {shares: 100}, order: {limit: {price: 6}}}]"


class Slow:
    """A replay that leaves the gateway some time at each bar."""

    def __init__(self, replay):
        self.replay = replay

    def resume(self, newest, now):
        return self.replay.resume(newest, now)

    def ready(self, instant):
        return self.replay.ready(instant)

    def quiet(self):
        return self.replay.quiet()

    def until(self, instant):
        bars = self.replay.until(instant)
        if bars:
            time.sleep(0.5)
        return bars


@pytest.fixture
def gateway(tmp_path):
    """Its ports, and what it found once it has ended."""
    if not THERE:
        pytest.skip("needs ../shared/gateway")
    ports, report = (free_port(), free_port()), tmp_path / "report.json"
    process = subprocess.Popen(
        [sys.executable, "-m", "gateway", "--scenarios", str(FILE), "--req-port", str(ports[0]), "--sub-port",
         str(ports[1]), "--report", str(report), "--idle", "20"],
        cwd=SHARED, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip

    def found():
        process.wait(30)
        return json.loads(report.read_text(encoding="utf-8"))

    yield ports, found
    process.terminate()
    process.wait(10)


def test_the_brokers_last_word(gateway, tmp_path):
    (request, stream), found = gateway
    bars = "; ".join(f"{s}@Mon 10:{i:02d} 5.5 5.5 5.5 5.5" for s in ("ZTLA", "ZTLB") for i in range(6))
    ready = tiny.ready(RULES, bars, tmp_path, more="live: {initial: {cash: 100000}}")
    begin = ready.calendar.midnight_of(ready.prepared.first_day)
    environment = {"ATREYU_HOST": "tcp://127.0.0.1", "ATREYU_REQ_PORT": str(request), "ATREYU_SUB_PORT": str(stream),
                   "ATREYU_CLIENT_ID": "T", "ATREYU_BROKER_MPID": "ABCD", "ATREYU_LOCATE_RQD": "N",
                   "ATREYU_USERNAME": "user", "ATREYU_PASSWORD": "word"}  # fmt: skip
    clock, feed = SimulatedClock(begin), Slow(Replay(ready.prepared.bars, begin))
    rehearsed = Rehearsed(clock, feed, Always(True), begin, ready.prepared.last_day)
    deployment = Deployment(
        ready.program, ready.document, ready.folder, LIVE, tmp_path / "live", environment, {}
    )
    run = live.LiveRun(deployment, lambda line: None, rehearsed)
    try:
        run.run()
        header = json.loads(run.journal.fact("header"))
        journal = run.journal.finished(header, run.started.rules.texts)
        cash = run.started.world.account[0].cash
        held = [(one.position, one.cost) for one in run.started.world.holdings]
    finally:
        run.close()
    said = [tiny.sentence(journal, line)[10:] for line in journal.records if line["order"]]
    first, second = [[one for one in said if number in one] for number in ("#1", "#2")]
    assert first == tiny.told(
        "submitted #1 ZTLA +100 limit 6; amended #1 ZTLA +80 limit 6; filled #1 ZTLA +30 @ 5; filled #1 ZTLA +50 @ 5.5; "
        "busted #1 ZTLA -30 @ 5; amended #1 ZTLA +80 limit 6; busted #1 ZTLA -50 @ 5.5; corrected #1 ZTLA +50 @ 5.25; "
        "filled #1 ZTLA +30 @ 5.4"
    )
    assert second == tiny.told(
        "submitted #2 ZTLB +100 limit 6; filled #2 ZTLB +60 @ 5; filled #2 ZTLB +40 @ 5.2; busted #2 ZTLB -40 @ 5.2"
    )
    assert cash == round((100_000 - 424.5 - 300 - 0.49) * 1_000_000)
    assert held == [(80, 424_500_000), (60, 300_000_000)]
    ledger = fold(journal)
    assert (ledger.cash, ledger.fees) == (cash, 490_000)
    assert [(fill.quantity, fill.price) for fill in ledger.fills if fill.order == 1] == [
        (50, 5.25),
        (30, 5.4),
    ]
    assert [(line.state, line.filled) for line in order_lines(journal)] == [("filled", 80), ("cancelled", 60)]
    assert found() == [{"id": "TOLD", "ok": True, "wire": []}]
