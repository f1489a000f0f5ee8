"""Two runs side by side: what a comparison reads of each of them, and the time that they have in common."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from runner.market.bar import MINUTE, RESOLUTIONS, Bars
from runner.market.events import Journal
from runner.results.kept_bars import Digests
from runner.results.ledger import Ledger, fold
from runner.results.orders import OrderLine, order_lines
from runner.results.standing_fills import standing

LATE = MINUTE  # news of a live order that came at the end of the common time may be so late


class Side(NamedTuple):
    """One of two runs. `bars`: None when they were not kept, then `digests` may be known. `instants`: ns at which a live run was
    at work; None of a backtest. `taken`: the instant at which a live run took each bar."""

    journal: Journal
    bars: dict[str, Bars] | None
    digests: Digests | None
    instants: np.ndarray | None
    taken: dict[str, np.ndarray]
    name: str = ""

    def symbol(self, index: int) -> str:
        """The symbol of a record; empty for none."""
        return _name(self.journal.header["symbols"], index)

    def rule(self, index: int) -> str:
        """The rule of a record; empty for none."""
        return _name(self.journal.header["rules"], index)

    def text(self, index: int) -> str:
        """The text of a record; empty for none."""
        return _name(self.journal.texts, index)


class Event(NamedTuple):
    """A record with names for numbers."""

    time: int
    kind: int
    symbol: str
    rule: str
    order: int
    quantity: int
    price: float
    limit: float
    stop: float
    bid: float
    ask: float
    amount: int
    code: int
    text: str


class Part(NamedTuple):
    """A side within the common time, after `since` (ns) up to `until`: its records by name, its orders decided in it, and the
    whole ledger up to its end. `bar`: length of each symbol's bars, ns."""

    side: Side
    since: int
    until: int
    events: list[Event]
    orders: list[OrderLine]
    ledger: Ledger
    bar: dict[str, int]


def _name(names: list[str], index: int) -> str:
    return names[index] if 0 <= index < len(names) else ""


def shared_time(a: Side, b: Side) -> tuple[int, int]:
    """The time that both runs saw: (after, up to), ns. Empty when `after` is not before `up to`."""
    heads = [a.journal.header, b.journal.header]
    return max(int(h["start"]) for h in heads), min(int(h["end"]) for h in heads)


def part(side: Side, since: int, until: int) -> Part:
    """The side as it was in the common time."""
    journal = side.journal
    late = LATE - 1 if side.instants is not None else 0
    times = journal.records["time"]
    known = journal._replace(records=journal.records[times <= until + late])
    lines = [line for line in order_lines(known) if since < line.created <= until]
    return Part(side, since, until, _events(side, known, since), lines, fold(known), _lengths(journal.header))


def _lengths(header: dict[str, Any]) -> dict[str, int]:
    return {symbol: RESOLUTIONS.get(word, MINUTE) for symbol, word in header.get("resolution", {}).items()}


def _events(side: Side, known: Journal, since: int) -> list[Event]:
    rows = standing(known.records)
    rows = rows[rows["time"] > since]
    columns = [rows[name].tolist() for name in Event._fields]
    return [
        Event._make([time, kind, side.symbol(symbol), side.rule(rule), *numbers, side.text(text)])
        for time, kind, symbol, rule, *numbers, text in zip(*columns, strict=True)
    ]
