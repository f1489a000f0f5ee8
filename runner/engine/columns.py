"""The columns of a program: scanned over a whole history, or pushed one bar at a time, equal bit for bit.

Both feeds run the same steps and the same arithmetic; what differs is who holds the loop. A scan gives
every node at every row; a push gives every node at the row that came. Windowed operations work in
first-day shares: inputs times the symbol's split factor to the power `exponent`, outputs over it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from runner.engine.buckets import Buckets, Sessions, buckets, hold
from runner.engine.elementwise import CROSSES, Floats, elementwise, to_first
from runner.engine.live_columns import LiveColumns, PushedBar
from runner.engine.ranks import Spans, ranks
from runner.engine.scans import scan, worth_compiling
from runner.language.program import Node, Program
from runner.laws.arithmetic import NAN
from runner.laws.indicators import INDICATORS
from runner.laws.indicators.bucket import LAST, MODES, bucket_start, bucket_step
from runner.market.bar import Bars
from runner.market.calendar import Calendar


class Columns:
    """The columns of one program. `calendar` tells early closes to timeframes; without it sessions close at
    16:00. `compiled`: whether scans use the compiler, None for when it pays. `members`: for each symbol that
    comes and goes, when it changes and whether it is a member from then on; only members are ranked."""

    def __init__(
        self,
        program: Program,
        calendar: Calendar | None = None,
        compiled: bool | None = None,
        members: Spans | None = None,
    ) -> None:
        self.nodes = program.nodes
        self.symbols = program.spec.symbols
        self.sessions = Sessions(calendar)
        self.compiled = compiled
        self.members = members
        self.ranks: dict[int, dict[str, Floats]] = {}
        self._live = {symbol: LiveColumns(self.nodes) for symbol in self.symbols}

    # -- a whole history ------------------------------------------------------------------------------

    def scan(self, bars: dict[str, Bars]) -> dict[str, list[Floats]]:
        """Every node at every row of every symbol: {symbol: [column of node 0, ...]}. A column that lies on
        another symbol's bars is empty there."""
        self.ranks.clear()
        rows = max((len(b.end) for b in bars.values()), default=0)
        work = _work(self.nodes, sum(len(b.end) for b in bars.values()))
        compiled = worth_compiling(work) if self.compiled is None else self.compiled and rows > 0
        out: dict[str, list[Floats]] = {symbol: [] for symbol in bars}
        makers = {symbol: _Scan(self, symbol, b, compiled) for symbol, b in bars.items()}
        for i, node in enumerate(self.nodes):
            for symbol, maker in makers.items():
                here = node.symbol in ("", symbol)
                out[symbol].append(maker.column(i, node, out, bars) if here else np.empty(0))
        return out

    # -- one bar --------------------------------------------------------------------------------------

    def push(self, symbol: str, row: Bars) -> list[float]:
        """Every node at this bar of `symbol` (`row`: one number for each field of Bars).

        When bars of several symbols end at one instant, `push_together` gives each the others' newest."""
        return self.push_together({symbol: row})[symbol]

    def push_together(self, rows: dict[str, Bars]) -> dict[str, list[float]]:
        """Every node at the bars that end at one instant: {symbol: values}."""
        steps = [(symbol, self._live[symbol], PushedBar(row, self.sessions)) for symbol, row in rows.items()]
        for _, live, bar in steps:
            live.begin(bar, self.sessions)
        for i, node in enumerate(self.nodes):
            for symbol, live, bar in steps:
                if node.symbol in ("", symbol):
                    live.values[i] = (
                        self._beyond(node, symbol)
                        if node.op in ("align", "rank")
                        else live.value(i, node, bar)
                    )
        for _, live, bar in steps:
            live.end(bar)
        return {symbol: list(live.values) for symbol, live, _ in steps}

    def state(self) -> dict[str, Any]:
        """What was pushed so far, as plain values."""
        return {symbol: live.state() for symbol, live in self._live.items()}

    def restore(self, kept: dict[str, Any]) -> None:
        """Put a state back."""
        for symbol, live in self._live.items():
            live.restore(kept[symbol])

    def begin_anew(self, symbol: str) -> None:
        """Forget every bar of `symbol`."""
        self._live[symbol] = LiveColumns(self.nodes)

    def _beyond(self, node: Node, symbol: str) -> float:
        """A node that looks at other symbols' newest values."""
        return self._aligned(node, symbol) if node.op == "align" else self._ranked(node, symbol)

    def _ranked(self, node: Node, symbol: str) -> float:
        (source,) = node.inputs
        own = self._live[symbol].values[source]
        if own != own:
            return NAN
        place, earlier = 1.0, True
        for name, live in self._live.items():
            other = live.values[source]
            if name == symbol:
                earlier = False
            elif other > own or (earlier and other == own):
                place = place + 1.0
        return place

    def _aligned(self, node: Node, symbol: str) -> float:
        there = self.nodes[node.inputs[0]].symbol or symbol
        return self._live[there].values[node.inputs[0]] if there in self._live else NAN


def _work(nodes: tuple[Node, ...], rows: int) -> float:
    """Rough work of a scan in steps of an exponential average."""
    work = 0.0
    for node in nodes:
        if node.op == "indicator":
            work += INDICATORS[node.text].cost(*node.parameters[:-1])
        elif node.op == "field" and node.timeframe:
            work += 1.0
    return work * rows


class _Scan:
    """One symbol's columns as they are made."""

    def __init__(self, columns: Columns, symbol: str, bars: Bars, compiled: bool) -> None:
        self.columns, self.symbol, self.bars, self.compiled = columns, symbol, bars, compiled
        self.rows = len(bars.end)
        self.split: Floats = np.asarray(bars.split, dtype=np.float64)
        self.splits = bool(np.any(self.split != 1.0))
        self.groups: dict[tuple[Any, ...], list[Floats]] = {}
        self.buckets: dict[int, Buckets] = {}

    def column(self, index: int, node: Node, out: dict[str, list[Floats]], bars: dict[str, Bars]) -> Floats:
        mine = out[self.symbol]
        if node.op == "constant":
            return np.broadcast_to(np.float64(node.parameters[0]), (self.rows,))
        if node.op == "field":
            return self.field(node)
        if node.op == "align":
            return self.align(node, out, bars)
        if node.op == "rank":
            return self.rank(index, node, out, bars)
        inputs = [mine[i] for i in node.inputs]
        if node.op == "indicator":
            return self.indicator(node, inputs)
        if node.op == "lag":
            return self.lag(node, inputs[0])
        if node.op in CROSSES:
            a, b, a_before, b_before = inputs
            before, now = (
                ("less_equal", "greater") if node.op == "crosses_above" else ("greater_equal", "less")
            )
            return elementwise("and", [elementwise(before, [a_before, b_before]), elementwise(now, [a, b])])
        return elementwise(node.op, inputs)

    def field(self, node: Node) -> Floats:
        if node.text == "session":
            return self.columns.sessions.days(np.asarray(self.bars.start))[0].astype(np.float64)
        if node.text == "history":
            return np.arange(1.0, self.rows + 1.0)
        column: Floats = np.asarray(getattr(self.bars, node.text), dtype=np.float64)
        if not node.timeframe:
            return column
        part = self.bucket(node.timeframe).part
        mode = float(MODES.get(node.text, LAST))
        return scan(bucket_step, bucket_start(mode), [column, part], 1, self.compiled)[0]

    def bucket(self, timeframe: int) -> Buckets:
        if timeframe not in self.buckets:
            self.buckets[timeframe] = buckets(self.bars, timeframe, self.columns.sessions)
        return self.buckets[timeframe]

    def align(self, node: Node, out: dict[str, list[Floats]], bars: dict[str, Bars]) -> Floats:
        (source,) = node.inputs
        there = self.columns.nodes[source].symbol or self.symbol
        if there == self.symbol:
            return out[there][source]
        if there not in bars:
            return np.full(self.rows, np.nan)
        newest = np.searchsorted(np.asarray(bars[there].end), np.asarray(self.bars.end), side="right")
        return hold(out[there][source], newest.astype(np.int64))

    def rank(self, index: int, node: Node, out: dict[str, list[Floats]], bars: dict[str, Bars]) -> Floats:
        """Place among the members' newest known values; equal values in the order of the universe."""
        made = self.columns.ranks
        if index not in made:
            (source,) = node.inputs
            ends = {symbol: np.asarray(rows.end, np.int64) for symbol, rows in bars.items()}
            values = {symbol: out[symbol][source] for symbol in bars}
            made[index] = ranks(values, ends, self.columns.members)
        return made[index][self.symbol]

    def first_day(self, column: Floats, exponent: int, split: Floats) -> Floats:
        with np.errstate(all="ignore"):
            return to_first(column, split, exponent) if self.splits else column

    def indicator(self, node: Node, inputs: list[Floats]) -> Floats:
        *numbers, output = node.parameters
        group = (node.text, node.inputs, tuple(numbers), node.timeframe)
        if group not in self.groups:
            kind = INDICATORS[node.text]
            exponents = [self.columns.nodes[i].exponent for i in node.inputs]
            split = self.split
            if node.timeframe:
                rows = self.bucket(node.timeframe).source
                inputs, split = [column[rows] for column in inputs], split[rows]
            columns = [self.first_day(c, p, split) for c, p in zip(inputs, exponents, strict=True)]
            self.groups[group] = scan(
                kind.step, kind.start(*numbers), columns, max(1, len(kind.outputs)), self.compiled
            )
        return self.today(self.groups[group][int(output)], node)

    def lag(self, node: Node, column: Floats) -> Floats:
        bars = int(node.parameters[0])
        split = self.split
        if node.timeframe:
            rows = self.bucket(node.timeframe).source
            column, split = column[rows], split[rows]
        column = self.first_day(column, node.exponent, split)
        before = np.full(len(column), np.nan)
        before[bars:] = column[: max(0, len(column) - bars)]
        return self.today(before, node)

    def today(self, column: Floats, node: Node) -> Floats:
        """Held between buckets, and back in the shares of each row's day."""
        if node.timeframe:
            column = hold(column, self.bucket(node.timeframe).known)
        return self.first_day(column, -node.exponent, self.split)
