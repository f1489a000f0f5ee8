"""Golden cases: where they are, what LEAN published for them, and one run of each."""

from __future__ import annotations

import datetime
import functools
import json
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from runner import assemble
from runner.language.program import Program
from runner.language.source import load
from runner.language.validate import understand
from runner.market import events
from runner.results.orders import OrderLine
from runner.results.reading import Reading, read
from tests.conftest import SHARED
from tests.golden import order_hash

CASES = Path(__file__).parent / "cases"
NAMES = sorted(path.stem for path in CASES.glob("*.yaml"))
NEW_YORK = ZoneInfo("America/New_York")


class Played(NamedTuple):
    """A case run to its end."""

    program: Program
    run: assemble.Run
    reading: Reading

    @property
    def orders(self) -> list[OrderLine]:
        return self.reading.orders

    def records(self, *kinds: int) -> list[Any]:
        """Records of these kinds (all of them when none is named), in order."""
        return [one for one in self.run.journal.records if not kinds or one["kind"] in kinds]

    def fills(self) -> list[Any]:
        return self.records(events.FILLED)


@functools.cache
def published() -> dict[str, dict[str, Any]]:
    """Every case of LEAN's table, by its id."""
    table = json.loads((SHARED / "golden" / "cases.json").read_text())
    return {case["id"]: case for case in table["cases"]}


def understood(name: str) -> tuple[Program, str]:
    """A case's program and its text."""
    path = CASES / f"{name}.yaml"
    text = path.read_text(encoding="utf-8")
    program, problems = understand(load(text, path.name))
    assert program is not None, [problem.text() for problem in problems]
    return program, text


@functools.cache
def play(name: str, driver: str = "loop") -> Played:
    """Run a case, once a session and driver."""
    program, text = understood(name)
    run = assemble.run_backtest(assemble.backtest(program, text, CASES.resolve(), driver))
    return Played(program, run, read(run.journal, run.bars))


def order_text(name: str) -> str:
    """The order list of a case as LEAN writes it, from the loop's journal."""
    played = play(name)
    ends = (int(end) for bars in played.run.bars.values() for end in bars.end)
    orders = order_hash.orders_of(played.run.journal, ends, played.program, SHARED / "lean-data")
    return order_hash.order_list(orders, played.program.spec.conventions != "lean_2023")


def new_york(time: int) -> str:
    """`2013-10-07 09:31:00` of a time in ns UTC."""
    return datetime.datetime.fromtimestamp(time // 10**9, NEW_YORK).strftime("%Y-%m-%d %H:%M:%S")
