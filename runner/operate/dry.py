"""The newest session of the data, played as a live day whose orders go nowhere: what would be sent, also on a closed
market."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from runner.adapters.clocks import SimulatedClock
from runner.adapters.coverage import DataFault
from runner.adapters.recorded_run import live_run
from runner.adapters.replay import Replay
from runner.adapters.sessions import calendar
from runner.assemble.deployment import PAPER, Deployment, Rehearsed
from runner.assemble.live import JOURNAL, LiveRun
from runner.assemble.past import history_of
from runner.engine import prepare
from runner.market import events
from runner.results.happening import order_text
from runner.results.times import date_text, moment


class Would(NamedTuple):
    """An order that would be sent: `record` is its first (QUEUED, SUBMITTED or INVALID)."""

    record: Any
    symbol: str
    rule: str

    def text(self) -> str:
        """`2013-10-11 09:31:00 buy 100 SPY at market (rule)`."""
        kind = int(self.record["kind"])
        at = ", at the next open" if kind == events.QUEUED else ""
        refused = "would be turned down: " if kind == events.INVALID else ""
        return f"{moment(int(self.record['time']))} {refused}{order_text(self.record, self.symbol)}{at} ({self.rule})"


class Dry(NamedTuple):
    """`day`: of the session that was played; `orders` in the sequence in which they would be sent."""

    day: int
    orders: list[Would]


def play(deployment: Deployment, said: Callable[[str], None]) -> Dry:
    """Play the newest session that the data have. Fills are simulated, so that what follows a fill is seen too."""
    program = deployment.program
    spec = program.spec
    history = history_of(spec, deployment.folder)
    last = max(
        (
            extent[1]
            for symbol in spec.symbols
            if (extent := history.extent(symbol, prepare.resolution_of(spec, symbol))) is not None
        ),
        default=None,
    )
    if last is None:
        raise DataFault("the data hold none of the universe's symbols")
    days = calendar(last - 30, last)
    last = int(days.date[-1])  # the data may end on a closed day
    begin = days.midnight_of(last)
    rows = {
        symbol: history.bars(
            symbol,
            prepare.resolution_of(spec, symbol),
            last,
            last,
            spec.data.prices,
            spec.data.extended_hours,
        )
        for symbol in spec.symbols
    }
    with tempfile.TemporaryDirectory() as folder:
        rehearsed = Rehearsed(SimulatedClock(begin), Replay(rows, begin), None, begin, last)
        run = LiveRun(deployment._replace(mode=PAPER, state=Path(folder)), said, rehearsed)
        try:
            run.run()
        finally:
            run.close()
        journal = live_run(Path(folder) / JOURNAL).journal
    first: dict[int, Would] = {}
    for record in journal.records:
        if record["kind"] in (events.QUEUED, events.SUBMITTED, events.INVALID) and record["order"]:
            rule = journal.header["rules"][record["rule"]] if record["rule"] >= 0 else "the account"
            first.setdefault(int(record["order"]), Would(record, spec.symbols[record["symbol"]], rule))
    return Dry(last, list(first.values()))


def told(dry: Dry) -> list[str]:
    """What a person is shown."""
    head = f"dry run: the session of {date_text(dry.day)}, the newest in the data; nothing is sent"
    if not dry.orders:
        return [head, "no order would be sent"]
    return [
        head,
        *(one.text() for one in dry.orders),
        "1 order would be sent" if len(dry.orders) == 1 else f"{len(dry.orders)} orders would be sent",
    ]
