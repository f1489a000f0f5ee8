"""Columns pushed one bar at a time: one symbol's states and newest values."""

from __future__ import annotations

from typing import Any

from runner.engine.buckets import Sessions, Track
from runner.engine.elementwise import CROSSES, to_first
from runner.language.program import Node
from runner.language.words import OPERATIONS
from runner.laws.arithmetic import AND, NAN, compare, operate
from runner.laws.indicators import INDICATORS
from runner.laws.indicators.bucket import LAST, MODES, bucket_start, bucket_step
from runner.laws.indicators.momentum import momentum_start, push_window
from runner.market.bar import DAY, Bars


class PushedBar:
    """The bar that was pushed, with its day."""

    def __init__(self, row: Bars, sessions: Sessions) -> None:
        self.row = row
        self.split = float(row.split)
        utc = int(row.start)
        local = utc + sessions.offset(utc // DAY)
        self.day = local // DAY
        self.time = local - self.day * DAY
        self.until = self.time + int(row.end) - utc


class LiveColumns:
    """One symbol's states and newest values."""

    def __init__(self, nodes: tuple[Node, ...]) -> None:
        self.nodes = nodes
        self.values: list[float] = [NAN] * len(nodes)
        first: dict[Node, int] = {}
        # The first output of an indicator steps for all of them.
        self.groups = [
            first.setdefault(
                n._replace(parameters=n.parameters[:-1], exponent=0) if n.op == "indicator" else n, i
            )
            for i, n in enumerate(nodes)
        ]
        self.states: dict[int, Any] = {}
        self.results: dict[int, Any] = {}  # of indicators: their newest outputs in first-day shares
        self.fresh: set[int] = set()
        self.tracks = {node.timeframe: Track() for node in nodes if node.timeframe}
        self.moves: dict[int, tuple[float, bool, bool]] = {}
        self.before: dict[int, tuple[list[float], float]] = {}  # values and split of the bucket's last bar

    def state(self) -> dict[str, Any]:
        """Everything that the next bar looks back on, as plain values."""
        tracks = {length: [t.day, t.bucket, t.done, t.before] for length, t in self.tracks.items()}
        return {
            "values": self.values,
            "states": self.states,
            "results": self.results,
            "tracks": tracks,
            "before": self.before,
        }

    def restore(self, kept: dict[str, Any]) -> None:
        """Put a state back."""
        self.values, self.states, self.results = kept["values"], kept["states"], kept["results"]
        self.before = kept["before"]
        for length, found in kept["tracks"].items():
            track = self.tracks[length]
            track.day, track.bucket, track.done, track.before = found

    def begin(self, bar: PushedBar, sessions: Sessions) -> None:
        """A bar begins: the timeframes move, nothing is fresh yet."""
        self.fresh.clear()
        for timeframe, track in self.tracks.items():
            self.moves[timeframe] = track.push(sessions, bar.day, bar.time, bar.until, timeframe)

    def end(self, bar: PushedBar) -> None:
        """A bar is over: its values are what a late bucket looks back on."""
        for timeframe, (part, _, _) in self.moves.items():
            if part >= 0.0:
                self.before[timeframe] = (list(self.values), bar.split)

    def value(self, index: int, node: Node, bar: PushedBar) -> float:
        """The node's value at the bar."""
        op, values = node.op, self.values
        if op in OPERATIONS:
            a = values[node.inputs[0]]
            return operate(OPERATIONS[op], a, values[node.inputs[1]] if len(node.inputs) > 1 else 0.0)
        if op == "constant":
            return node.parameters[0]
        if op == "field":
            return self.field(index, node, bar)
        if op in CROSSES:
            a, b, a_before, b_before = (values[i] for i in node.inputs)
            if a != a or b != b or a_before != a_before or b_before != b_before:
                return NAN
            before, now = CROSSES[op]
            return operate(AND, compare(before, a_before, b_before), compare(now, a, b))
        return self.windowed(index, node, bar)

    def field(self, index: int, node: Node, bar: PushedBar) -> float:
        """A series of the bar, or of the longer bar so far."""
        if node.text == "session":
            return float(bar.day)
        x = float(getattr(bar.row, node.text))
        if not node.timeframe:
            return x
        if index not in self.states:
            self.states[index] = bucket_start(float(MODES.get(node.text, LAST)))
        self.states[index], y = bucket_step(self.states[index], x, self.moves[node.timeframe][0])
        return y

    def windowed(self, index: int, node: Node, bar: PushedBar) -> float:
        """An indicator or a lag: its step for each bucket (or bar) that is complete now, once for all outputs."""
        group = self.groups[index]
        if group not in self.fresh:
            self.fresh.add(group)
            late, done = (False, True)
            if node.timeframe:
                _, late, done = self.moves[node.timeframe]
            if late:
                self.step(group, node, *self.before[node.timeframe])
            if done:
                self.step(group, node, self.values, bar.split)
        if group not in self.results:
            return NAN
        result = self.results[group]
        y = result[int(node.parameters[-1])] if isinstance(result, tuple) else result
        return float(to_first(y, bar.split, -node.exponent))

    def step(self, group: int, node: Node, values: list[float], split: float) -> None:
        """One step of a windowed node."""
        inputs = [to_first(values[i], split, self.nodes[i].exponent) for i in node.inputs]
        if node.op == "lag":
            state = self.states.get(group) or momentum_start(node.parameters[0])
            self.states[group], self.results[group] = push_window(state, inputs[0])
            return
        kind = INDICATORS[node.text]
        state = self.states.get(group) or kind.start(*node.parameters[:-1])
        self.states[group], self.results[group] = kind.step(state, *inputs)
