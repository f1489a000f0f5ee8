"""Executions by name, so that one which never was can be taken out of a position as if it had never been.

Only live runs keep them: a simulated fill stands. Plain Python, outside the kernel.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from runner.laws.account import after_fill

DAYS = 8  # how long executions can be taken back: the broker's client knows them a week
NANOSECONDS = 86_400_000_000_000


class Execution(NamedTuple):
    """Signed shares of `order` at `price` dollars; `amount` has their sign, `fee` is owed for them (millionths)."""

    order: int
    name: str
    time: int
    quantity: int
    price: float
    amount: int
    fee: int


class _Row:
    """One symbol: shares and cost before the first execution, the executions, shares and cost after the last."""

    def __init__(self, position: int, cost: int) -> None:
        self.base = self.now = (position, cost)
        self.done: list[Execution] = []

    def add(self, one: Execution) -> None:
        while self.done and self.done[0].time < one.time - DAYS * NANOSECONDS:
            self.base = _after(self.base, self.done.pop(0))
        self.done.append(one)
        self.now = _after(self.now, one)

    def again(self) -> None:
        self.now = self.base
        for one in self.done:
            self.now = _after(self.now, one)


class Executions:
    """Every execution of the last days."""

    def __init__(self) -> None:
        self._rows: dict[int, _Row] = {}

    def add(self, s: int, position: int, cost: int, one: Execution) -> None:
        """Keep an execution of symbol `s`, which has `position` shares that cost `cost` before it. A position that has
        changed otherwise meanwhile (a split, an adoption) begins anew: what was before stays as it is."""
        row = self._rows.get(s)
        if row is None or row.now != (position, cost):
            row = self._rows[s] = _Row(position, cost)
        row.add(one)

    def find(self, s: int, order: int, name: str) -> Execution | None:
        """The execution of an order by its name; None when it is not kept."""
        row = self._rows.get(s)
        found = (one for one in row.done if one.order == order and one.name == name) if row else iter(())
        return next(found, None)

    def put(
        self, s: int, position: int, cost: int, old: Execution, new: Execution | None
    ) -> tuple[int, int] | None:
        """Take `old` out of the row of symbol `s`, or put `new` in its place; shares and cost as if it had been so from
        the beginning. None when the position has changed otherwise since."""
        row = self._rows[s]
        known = row.now == (position, cost)
        at = row.done.index(old)
        row.done[at : at + 1] = [] if new is None else [new]
        row.again()
        return row.now if known else None

    def state(self) -> list[Any]:
        """Plain values, for `restore`."""
        return [[s, *row.base, [list(one) for one in row.done]] for s, row in self._rows.items()]

    def restore(self, kept: list[Any]) -> None:
        """Keep what `state` said."""
        self._rows = dict(_restored(kept))


def _restored(kept: list[Any]) -> Iterator[tuple[int, _Row]]:
    for s, position, cost, done in kept:
        row = _Row(position, cost)
        row.done = [Execution(*one) for one in done]
        row.again()
        yield s, row


def _after(before: tuple[int, int], one: Execution) -> tuple[int, int]:
    found = after_fill(*before, one.quantity, one.amount)
    return found.position, found.cost
