"""Who belongs to the universe when: the expressions of a selection at one instant, and sets as joins and leaves.

All of it depends on data alone, so a backtest knows it beforehand.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from runner.engine.elementwise import Floats, elementwise
from runner.language.program import Instruction
from runner.language.selection import RANK, Chooser
from runner.language.words import COLUMN, CONSTANT, WORD
from runner.laws.arithmetic import OPERATIONS

Int64s = npt.NDArray[np.int64]
Sets = list[tuple[int, frozenset[str]]]  # from which instant on (ns UTC) who is selected

_NAMES = {code: name for name, code in OPERATIONS.items()}
_UNARY = ("negate", "not", "abs", "sqrt", "floor", "ceil", "round")


class Membership(NamedTuple):
    """The changes of a run's universe in order: `time` (ns UTC), `symbol` (empty: a selection was made, whatever
    came of it), `joins`: it joins or it leaves. `deliveries`: when files came, where that is a slice (LEAN). `already`: who
    belongs before the first instant without having joined."""

    time: Int64s
    symbol: tuple[str, ...]
    joins: tuple[bool, ...]
    deliveries: Int64s = np.empty(0, np.int64)
    already: frozenset[str] = frozenset()

    def first(self) -> dict[str, int]:
        """When each symbol joins for the first time; 0 of those that belong already."""
        out: dict[str, int] = dict.fromkeys(sorted(self.already), 0)
        for time, symbol, joins in zip(self.time.tolist(), self.symbol, self.joins, strict=True):
            if joins:
                out.setdefault(symbol, time)
        return out

    def spans(self) -> dict[str, tuple[Int64s, npt.NDArray[np.bool_]]]:
        """For each symbol the instants of its changes and whether it is a member from then on."""
        found: dict[str, tuple[list[int], list[bool]]] = {name: ([0], [True]) for name in self.already}
        for time, symbol, joins in zip(self.time.tolist(), self.symbol, self.joins, strict=True):
            if symbol:
                times, flags = found.setdefault(symbol, ([], []))
                times.append(time)
                flags.append(joins)
        return {name: (np.array(t, np.int64), np.array(f, bool)) for name, (t, f) in found.items()}


def ordered(names: list[str]) -> list[str]:
    """Candidates in the order in which equal ones are chosen."""
    return sorted(names)


def choose(
    chooser: Chooser, columns: Mapping[int, Floats], words: Mapping[int, float], taking_part: Any, keep: int
) -> list[int]:
    """Numbers of the chosen candidates, best first. `columns`: each node's value for every candidate;
    `taking_part`: which candidates can be judged at all; `keep` 0: all that pass."""
    passed = np.asarray(taking_part, bool).copy()
    for code in chooser.where:
        value = np.broadcast_to(_value(code, columns, words, passed), passed.shape)
        passed &= ~np.isnan(value) & (value != 0.0)
    if not chooser.rank_by:
        return [int(i) for i in np.flatnonzero(passed)]
    value = np.broadcast_to(_value(chooser.rank_by, columns, words, passed), passed.shape)
    value = np.where(passed, value, np.nan)
    best = np.argsort(-value, kind="stable")[: int(np.count_nonzero(~np.isnan(value)))]
    return [int(i) for i in best[:keep]]


def _value(
    code: tuple[Instruction, ...], columns: Mapping[int, Floats], words: Mapping[int, float], taking_part: Any
) -> Floats:
    stack: list[Any] = []
    for line in code:
        if line.op == CONSTANT:
            stack.append(np.float64(line.value))
        elif line.op == COLUMN:
            stack.append(columns[line.a])
        elif line.op == WORD:
            stack.append(np.float64(words[line.a]))
        elif line.op == RANK:
            inner = np.broadcast_to(stack.pop(), np.shape(taking_part))
            stack.append(places(np.where(taking_part, inner, np.nan)))
        elif _NAMES[line.op] in _UNARY:
            stack.append(elementwise(_NAMES[line.op], [stack.pop()]))
        else:
            b = stack.pop()
            stack.append(elementwise(_NAMES[line.op], [stack.pop(), b]))
    out: Floats = np.asarray(stack[0])
    return out


def places(values: Floats) -> Floats:
    """1 for the highest of each row's known values, then 2, and so on; equal ones in their order."""
    order = np.argsort(-values, axis=-1, kind="stable")
    out = np.empty(values.shape)
    np.put_along_axis(
        out, order, np.broadcast_to(np.arange(1.0, values.shape[-1] + 1), values.shape), axis=-1
    )
    return np.where(np.isnan(values), np.nan, out)


def membership(listed: tuple[str, ...], selections: list[Sets], start: int, end: int) -> Membership:
    """Joins and leaves from `start` to before `end`. A symbol is a member while it is listed or selected by
    any; at one instant those that leave come first, then those that join, each by symbol."""
    always = frozenset(listed)
    moves: dict[int, list[tuple[int, frozenset[str]]]] = {}
    for i, sets in enumerate(selections):
        for time, chosen in sets:
            if time < end:
                moves.setdefault(max(time, start), []).append((i, chosen))
    now: list[frozenset[str]] = [frozenset()] * len(selections)
    before: frozenset[str] = frozenset()
    times: list[int] = []
    symbols: list[str] = []
    joins: list[bool] = []
    for time in sorted(moves):
        for i, chosen in moves[time]:
            now[i] = chosen
        after = frozenset().union(*now) - always
        rows = [("", False)]
        rows += [(symbol, False) for symbol in sorted(before - after)]
        rows += [(symbol, True) for symbol in sorted(after - before)]
        for symbol, joined in rows:
            times.append(time)
            symbols.append(symbol)
            joins.append(joined)
        before = after
    return Membership(np.array(times, np.int64), tuple(symbols), tuple(joins))


def begun(found: Membership, start: int) -> Membership:
    """The same from `start` on: what joined before it belongs already."""
    already: set[str] = set()
    row = int(np.searchsorted(found.time, start))
    for symbol, joins in zip(found.symbol[:row], found.joins[:row], strict=True):
        (already.add if joins else already.discard)(symbol)
    return found._replace(
        time=found.time[row:], symbol=found.symbol[row:], joins=found.joins[row:], already=frozenset(already)
    )
