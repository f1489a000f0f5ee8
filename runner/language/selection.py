"""A dynamic selection compiled: columns over each candidate's days, and code over them for each expression."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from runner.language.expression import parse
from runner.language.meaning import BROKEN, OWN, Meaning, field
from runner.language.problems import Fault, quoted
from runner.language.program import Graph, Instruction, Program
from runner.language.resolve import Resolver
from runner.language.spec import Selection, Spec, Text
from runner.language.units_of import MONEY, NUMBER, TRUTH, Unit, fits
from runner.language.words import COLUMN, CONSTANT, OPERATIONS, SERIES, WORD, WORDS

RANK = 90  # an instruction of selections only: the place of each candidate's value among all, 1 the highest

# Series of a candidate's days beside those of a bar: by source of the selection.
BARS: Mapping[str, Unit] = {name: unit for name, unit in SERIES.items() if name not in ("bid", "ask")} | {
    "history": NUMBER  # days of data so far
}
COARSE: Mapping[str, Unit] = {
    "close": SERIES["close"],
    "volume": SERIES["volume"],
    "dollar_volume": MONEY,
    "has_fundamentals": TRUTH,
    "price_factor": NUMBER,
    "split_factor": NUMBER,
    "history": NUMBER,
}
DOLLAR_VOLUME = "dollar_volume"  # of bars: close * volume


class Chooser(NamedTuple):
    """A selection's expressions. `program`: its columns, one candidate's days at a time. Each code leaves one
    value for every candidate; `rank_by` is empty without one."""

    program: Program
    where: tuple[tuple[Instruction, ...], ...]
    rank_by: tuple[Instruction, ...]


def compile_selection(spec: Spec, selection: Selection) -> tuple[Chooser, list[Fault]]:
    """The expressions of a dynamic selection, and their faults; whole when there are none."""
    plan = msgspec.structs.replace(spec.data, resolution="1d", resolutions=(), prices="raw")
    daily = msgspec.structs.replace(spec, symbols=(), indicators=(), rules=(), data=plan)
    resolver = _Resolver(daily, selection)
    graph = Graph(resolver)
    where = []
    for text in selection.where:
        value = resolver.resolve(text)
        if not value.broken:
            clash = fits(value.unit, "condition", value.constant)
            if clash:
                resolver.faults.append(Fault(text.path, clash.message, clash.cure))
            else:
                where.append(_code(value, graph, resolver, text))
    rank_by: tuple[Instruction, ...] = ()
    if selection.rank_by is not None:
        value = resolver.resolve(selection.rank_by)
        if not value.broken and value.unit.kind == "truth":
            resolver.faults.append(
                Fault(
                    selection.rank_by.path, "a condition has no order", "write a value such as dollar_volume"
                )
            )
        elif not value.broken:
            rank_by = _code(value, graph, resolver, selection.rank_by)
    program = Program(daily, tuple(graph.nodes), (), {}, (), tuple(graph.warm_ups))
    return Chooser(program, tuple(where), rank_by), list(dict.fromkeys(resolver.faults))


class _Resolver(Resolver):
    """Names of a selection: a candidate's days, and the instant. No account, no other symbol."""

    def __init__(self, spec: Spec, selection: Selection) -> None:
        super().__init__(spec)
        self.coarse = selection.source == "coarse"
        self.series = COARSE if self.coarse else BARS

    def single(self, name: str, column: int) -> Meaning:
        if name == DOLLAR_VOLUME and not self.coarse:
            return self.value(parse("close * volume"))._replace(column=column)
        if name in self.series:
            return field(name, self.series[name], self.own, 0, column)
        if name in SERIES:
            what = "a coarse file" if self.coarse else "a daily bar"
            return self.fault(column, f"{what} has no '{name}'", f"there is {', '.join(self.series)}")
        if name in WORDS and WORDS[name].scope != "instant":
            return self.fault(
                column,
                f"'{name}' is of the account: a selection sees data only",
                "test it in a rule, with only_if",
            )
        return super().single(name, column)

    def unknown_symbol(self, symbol: str, column: int) -> Meaning:
        self.fault(
            column,
            f"{symbol} cannot be asked here: a selection sees each candidate's own days",
            "write, for example, close",
        )
        return BROKEN

    def known(self) -> list[str]:
        return [name for name in super().known() if name not in SERIES] + [*self.series, DOLLAR_VOLUME]


def _code(value: Meaning, graph: Graph, resolver: _Resolver, text: Text) -> tuple[Instruction, ...]:
    if _window_of_rank(value, False):
        resolver.faults.append(
            Fault(text.path, "a rank has no past in a selection", "rank the past: rank(close[1])")
        )
        return ()
    before = len(graph.nodes)
    out: list[Instruction] = []
    _emit(value, graph, out)
    for node in graph.nodes[before:]:
        if node.op == "field" and node.text not in resolver.series:  # the default input of an indicator
            resolver.faults.append(
                Fault(
                    text.path,
                    f"a coarse file has no {quoted(node.text)}",
                    f"there is {', '.join(resolver.series)}",
                )
            )
    return tuple(out)


def _window_of_rank(value: Meaning, inside: bool) -> bool:
    """Whether a lag or an indicator looks at a rank."""
    if value.op == "rank":
        return inside or any(_window_of_rank(part, True) for part in value.inputs)
    windowed = inside or (value.op not in OPERATIONS)
    return any(_window_of_rank(part, windowed) for part in value.inputs)


def _emit(value: Meaning, graph: Graph, out: list[Instruction]) -> None:
    if value.op == "constant":
        out.append(Instruction(CONSTANT, value=value.parameters[0]))
    elif value.op == "word":
        out.append(Instruction(WORD, value.code))
    elif value.op == "rank":
        _emit(value.inputs[0], graph, out)
        out.append(Instruction(RANK))
    elif value.op in OPERATIONS and (value.account or _ranks(value)):
        for part in value.inputs:
            _emit(part, graph, out)
        out.append(Instruction(OPERATIONS[value.op]))
    else:
        out.append(Instruction(COLUMN, graph.node(value, OWN)))


def _ranks(value: Meaning) -> bool:
    return value.op == "rank" or any(_ranks(part) for part in value.inputs)
