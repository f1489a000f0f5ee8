"""A strategy compiled: columns that need bars only, and decision code over columns and account.

Every maximal part of an expression that needs bars only becomes one column, computed once however many
rules mention it. What is left is a short list of instructions in postfix order, run by one function.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from runner.language.checks import portfolio_texts
from runner.language.meaning import OWN, Meaning
from runner.language.problems import Fault, Path
from runner.language.resolve import Resolver
from runner.language.spec import OrderPlan, Size, Spec, Step, Text
from runner.language.units_of import fits
from runner.language.words import ACCOUNT_CALL, COLUMN, CONSTANT, OPERATIONS, ORDER_WORD, WORD
from runner.laws.indicators import INDICATORS
from runner.market.bar import DAY, MINUTE

SESSION = 390 * MINUTE  # regular hours of a full session: bounds the bars in a longer timeframe


class Span(NamedTuple):
    """code[lo:hi] leaves one value. `warm_up`: bars of the symbol before it can be known. `ratio`: a distance that
    is a percentage."""

    lo: int
    hi: int
    warm_up: int
    ratio: bool = False


class Node(NamedTuple):
    """One column; inputs come before users, each distinct column once.

    `op`: field (`text` its name; `session` and `split` too), constant (parameters[0]), indicator (`text` its
    kind, `parameters` its numbers and the index of the output), lag (parameters[0] bars), crosses_above and
    crosses_below (inputs a, b, a one bar ago, b one bar ago), align (the newest value of the input, a column
    of another symbol, that is known at the end of the own bar), or an operation of words.OPERATIONS.
    `exponent`: power of the symbol's split factor by which the value grows into first-day shares.
    `symbol`: empty for the rule's own symbol, else the one on whose bars the column lies.
    `timeframe`: ns, 0 for the bars of the data; a field is then that of the longer bar so far, and
    indicators and lags step when that bar is complete.
    """

    op: str
    inputs: tuple[int, ...] = ()
    parameters: tuple[float, ...] = ()
    text: str = ""
    exponent: int = 0
    symbol: str = OWN
    timeframe: int = 0


class Instruction(NamedTuple):
    """Postfix: CONSTANT pushes `value`, COLUMN node `a` and WORD word `a` of symbol `b` (index in spec.symbols, -1
    the rule's own), ORDER_WORD word `a` of order `b` (index in names); any other op is one of OPERATIONS."""

    op: int
    a: int = 0
    b: int = 0
    value: float = 0.0


class Program(NamedTuple):
    """`spans` is keyed by `Text.path`; `names` are those of orders; `warm_ups` go with `nodes`."""

    spec: Spec
    nodes: tuple[Node, ...]
    code: tuple[Instruction, ...]
    spans: dict[Path, Span]
    names: tuple[str, ...]
    warm_ups: tuple[int, ...] = ()


def compile_program(spec: Spec) -> tuple[Program, list[Fault]]:
    """The program of `spec` and the faults of its expressions; the program is whole when there are none."""
    resolver = Resolver(spec)
    columns = Graph(resolver)
    code: list[Instruction] = []
    spans: dict[Path, Span] = {}
    moments = {rule.path for rule in spec.rules if rule.at or rule.upon}
    reach = range(max(map(len, moments), default=0) + 1)
    for indicator in spec.indicators:
        resolver.definitions.resolve(indicator, OWN)
    for text, role in texts(spec):
        before = len(resolver.faults)
        value = resolver.resolve(text)
        if len(resolver.faults) > before or value.broken:
            continue
        clash = fits(value.unit, role, value.constant)
        if clash:
            resolver.faults.append(Fault(text.path, clash.message, clash.cure))
            continue
        lo = len(code)
        # At a moment the newest row may be of the day before a split: prices are restated before they are
        # compared, so only series, indicators and lags are columns there, not what is made of them.
        leaves = any(text.path[:n] in moments for n in reach)
        warm_up = _emit(value, columns, code, leaves)
        spans[text.path] = Span(lo, len(code), warm_up, role == "distance" and value.unit.tag == "ratio")
    faults = list(dict.fromkeys(resolver.faults))
    return Program(
        spec, tuple(columns.nodes), tuple(code), spans, resolver.names, tuple(columns.warm_ups)
    ), faults


def texts(spec: Spec) -> Iterator[tuple[Text, str]]:
    """Every expression of the rules with what its place wants (a role of units_of)."""
    yield from _of_order(spec.default_order)
    for rule in spec.rules:
        for text in (rule.when, rule.only_if):
            if text is not None:
                yield text, "condition"
        for step in rule.steps:
            yield from _of_step(step)
    if spec.portfolio is not None:
        yield from portfolio_texts(spec.portfolio)


def _of_step(step: Step) -> Iterator[tuple[Text, str]]:
    if step.when is not None:
        yield step.when, "condition"
    for _, weight in step.weights:
        yield weight, "share of equity"
    if step.size is not None:
        yield from _of_size(step.size)
    yield from _of_order(step.order)
    if step.protect is not None:
        for text in (step.protect.stop, step.protect.target, step.protect.trail):
            if text is not None:
                yield text, "distance"


def _of_size(size: Size) -> Iterator[tuple[Text, str]]:
    roles = {"shares": "shares", "dollars": "money", "percent_of_position": "share of the position"}
    yield size.value, roles.get(size.unit, "share of equity")
    if size.stop is not None:
        yield size.stop, "price"


def _of_order(order: OrderPlan) -> Iterator[tuple[Text, str]]:
    if order.limit is not None:
        yield order.limit, "price"
    if order.stop is not None:
        yield order.stop, "price"
    if order.by is not None:
        yield order.by, "distance"


def _emit(value: Meaning, columns: Graph, code: list[Instruction], leaves: bool) -> int:
    """Append the code of `value`; its warm-up. `leaves`: operations stay in the code, only their leaves are
    columns; else all that needs bars only is one column."""
    if value.op == "constant":
        code.append(Instruction(CONSTANT, value=value.parameters[0]))
        return 0
    if value.op == "word":
        code.append(Instruction(WORD, value.code, value.which))
        return 0
    if value.op == "order_word":
        code.append(Instruction(ORDER_WORD, value.code, value.which))
        return 0
    if value.op == "account_call":
        warm_up = _emit(value.inputs[0], columns, code, leaves)
        code.append(Instruction(ACCOUNT_CALL, value.code, value.which))
        return warm_up
    # What looks at several symbols stays in the code too: each is read where its own newest bar stands.
    apart = leaves or len(value.symbols) > 1
    if not value.account and not (apart and value.op in OPERATIONS):
        (there,) = value.symbols if len(value.symbols) == 1 else (OWN,)
        node = columns.node(value, there)
        code.append(Instruction(COLUMN, node, columns.symbol(there)))
        return columns.warm_ups[node]
    warm_up = max(_emit(part, columns, code, leaves) for part in value.inputs)
    code.append(Instruction(OPERATIONS[value.op]))
    return warm_up


class Graph:
    """The graph of columns, each distinct one once."""

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver
        self.nodes: list[Node] = []
        self.warm_ups: list[int] = []
        self.index: dict[Node, int] = {}

    def symbol(self, name: str) -> int:
        """Index of a symbol, -1 for the rule's own."""
        return -1 if name == OWN else self.resolver.spec.symbols.index(name)

    def add(self, node: Node, warm_up: int) -> int:
        """Number of a column, a new one if there is none like it."""
        if node not in self.index:
            self.index[node] = len(self.nodes)
            self.nodes.append(node)
            self.warm_ups.append(warm_up)
        return self.index[node]

    def node(self, value: Meaning, place: str) -> int:
        """The column of `value` on the bars of `place` (a symbol, or empty for the rule's own)."""
        if value.op == "constant":
            return self.add(Node("constant", (), value.parameters, symbol=place), 0)
        if len(value.symbols) == 1 and place not in value.symbols:
            (there,) = value.symbols
            inner = self.node(value, there)
            return self.add(Node("align", (inner,), symbol=place), self.warm_ups[inner])
        exponent = dict(value.scale or ()).get(place, 0)
        if value.op == "field":
            return self.add(
                Node("field", (), (), value.text, exponent, place, value.timeframe), self.bars(value, 1)
            )
        if value.op in ("indicator", "lag"):
            return self.windowed(value, place, exponent)
        inputs = tuple(self.node(part, place) for part in value.inputs)
        warm_up = max(self.warm_ups[i] for i in inputs)
        return self.add(Node(value.op, inputs, (), "", exponent, place), warm_up)

    def windowed(self, value: Meaning, place: str, exponent: int) -> int:
        """An indicator or a lag. Split factors of other symbols (in a ratio of two) are put in by hand; the
        symbol's own is `Node.exponent`'s business."""
        inputs = tuple(self.shares_of(self.node(part, place), part, place, 1) for part in value.inputs)
        if value.op == "lag":
            window = int(value.parameters[0])
        else:
            *numbers, output = value.parameters
            window = INDICATORS[value.text].warm_up(*numbers)[int(output)] - 1
        warm_up = max(self.warm_ups[i] for i in inputs) + self.bars(value, window)
        node = self.add(
            Node(value.op, inputs, value.parameters, value.text, exponent, place, value.timeframe), warm_up
        )
        return self.shares_of(node, value, place, -1)

    def shares_of(self, node: int, value: Meaning, place: str, sign: int) -> int:
        """`node` times (sign 1) or over (sign -1) the powers of other symbols' split factors in its scale."""
        for symbol, power in value.scale or ():
            if symbol == place or self.resolver.adjusted:
                continue
            split = self.add(Node("field", text="split", symbol=symbol), 1)
            here = self.add(Node("align", (split,), symbol=place), 1)
            op = "multiply" if power * sign > 0 else "divide"
            exponent = self.nodes[node].exponent
            for _ in range(abs(power)):
                node = self.add(
                    Node(op, (node, here), exponent=exponent, symbol=place), max(1, self.warm_ups[node])
                )
        return node

    def bars(self, value: Meaning, count: int) -> int:
        """`count` bars of the value's timeframe in bars of the data, rounded up."""
        if not value.timeframe:
            return count
        symbols = [value.home] if value.home != OWN else self.resolver.spec.symbols
        step = min((self.resolver.step_of(symbol)[1] for symbol in symbols), default=DAY)
        return count * -(-min(value.timeframe, SESSION) // min(step, SESSION))
