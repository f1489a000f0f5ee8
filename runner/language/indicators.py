"""Indicators in a strategy: those named under `indicators`, and calls inside expressions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.language.expression import Tree
from runner.language.meaning import BROKEN, Meaning, constant, field, home_of, operation
from runner.language.problems import KEY, Fault, did_you_mean
from runner.language.spec import Indicator
from runner.language.units_of import LITERAL, NUMBER, POINTS, PRICE, RATIO, Clash, quantity
from runner.language.words import SERIES
from runner.laws.indicators import INDICATORS, Kind
from runner.market.bar import DAY

if TYPE_CHECKING:
    from runner.language.resolve import Resolver

CHAINED = 12  # indicators of indicators; resolving them is recursive


class Definitions:
    """The named indicators. Each is resolved once for each symbol that it is asked of."""

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver
        self.by_name: dict[str, Indicator] = {}
        self.found: dict[tuple[str, str], tuple[Meaning, ...]] = {}
        self.open: list[str] = []
        for indicator in resolver.spec.indicators:
            self.by_name[indicator.name] = indicator

    def value(self, name: str, output: str, own: str, column: int) -> Meaning:
        """`fast`, `bands.upper`; of the symbol `own` unless the definition names one."""
        indicator = self.by_name[name]
        if name in self.open:
            loop = " -> ".join([*self.open[self.open.index(name) :], name])
            return self.resolver.fault(column, f"the indicator is made of itself: {loop}", "break the circle")
        if len(self.open) >= CHAINED:
            return self.resolver.fault(
                column, f"more than {CHAINED} indicators are built on one another", "use fewer"
            )
        if indicator.symbol and own and own != indicator.symbol:
            return self.resolver.fault(column, f"'{name}' is of {indicator.symbol} only", f"write {name}")
        outputs = self.resolve(indicator, own)
        kind = INDICATORS.get(indicator.kind)
        if kind is None or not outputs:
            return BROKEN
        chosen = _output(kind, output)
        if chosen is None:
            return self.resolver.fault(column, *_no_output(name, kind, output))
        return outputs[chosen]._replace(column=column)

    def resolve(self, indicator: Indicator, own: str) -> tuple[Meaning, ...]:
        """All outputs of an indicator, empty when it has a fault."""
        own = indicator.symbol or own
        key = (indicator.name, own)
        if key not in self.found:
            self.open.append(indicator.name)
            self.found[key] = self._resolve(indicator, own)
            self.open.pop()
        return self.found[key]

    def _resolve(self, indicator: Indicator, own: str) -> tuple[Meaning, ...]:
        resolver, path = self.resolver, indicator_path(indicator)
        kind = INDICATORS.get(indicator.kind)
        if kind is None:
            fault = Fault(
                (*path, KEY),
                f"unknown indicator '{indicator.kind}'",
                did_you_mean(indicator.kind, INDICATORS),
            )
            resolver.faults.append(fault)
            return ()
        if indicator.symbol and indicator.symbol not in resolver.spec.symbols:
            return ()  # read.py has reported it
        before = len(resolver.faults)
        numbers = self._numbers(indicator, kind, path)
        timeframe = self._timeframe(indicator, own, path)
        of = None
        if indicator.of is not None:
            of = resolver.resolve(indicator.of, own, timeframe, account=False)
            if not kind.takes_of:
                cure = f"leave 'of' out: it reads {', '.join(kind.inputs)}"
                resolver.faults.append(Fault((*path, "of", KEY), f"{indicator.kind} takes no 'of'", cure))
        if len(resolver.faults) > before or (of is not None and of.broken):
            return ()
        made = build(indicator.kind, of, numbers, own, timeframe, resolver.adjusted)
        if isinstance(made, Clash):
            place = indicator.of.path if indicator.of else path
            resolver.faults.append(Fault(place, made.message, made.cure))
            return ()
        return made

    def _numbers(self, indicator: Indicator, kind: Kind, path: tuple[str | int, ...]) -> tuple[float, ...]:
        """The kind's numbers in its order; `read.py` has checked them one by one."""
        numbers = []
        for p in kind.parameters:
            value = indicator.parameters.get(p.name, p.default)
            if value is None:
                message = f"{indicator.kind} needs '{p.name}'"
                self.resolver.faults.append(Fault(path, message, f"write {p.name}: 20"))
            else:
                numbers.append(float(value))
        return tuple(numbers)

    def _timeframe(self, indicator: Indicator, own: str, path: tuple[str | int, ...]) -> int:
        """The bars' length in ns, 0 when it is that of the data."""
        wanted, resolver = indicator.timeframe, self.resolver
        if wanted <= 0:
            return 0
        if wanted > DAY:
            fault = Fault((*path, "timeframe"), "a timeframe longer than a session", "write at most 1d")
            resolver.faults.append(fault)
            return 0
        steps = {symbol: resolver.step_of(symbol) for symbol in ([own] if own else resolver.spec.symbols)}
        for symbol, (name, step) in steps.items():
            if wanted < step or (wanted % step and not (step < DAY == wanted)):
                message = f"the timeframe is no multiple of {symbol}'s bars of {name}"
                resolver.faults.append(
                    Fault((*path, "timeframe"), message, f"write a multiple of {name}, or leave it out")
                )
                return 0
        return 0 if all(step == wanted for _, step in steps.values()) else wanted


class Calls:
    """Indicators called inside an expression: `sma(close, 20)`, `ema(20)`, `SPY.atr(14)`."""

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver

    def call(self, tree: Tree, output: str) -> Meaning:
        """The output (empty: the main one) of the call."""
        resolver = self.resolver
        *prefix, name = tree.text.split("\0")
        kind = INDICATORS[name]
        own = resolver.own
        if len(prefix) > 1 or (prefix and prefix[0] not in resolver.spec.symbols):
            return resolver.unknown_symbol(".".join(prefix), tree.column)
        if prefix:
            own = prefix[0]
        saved, resolver.own = resolver.own, own
        arguments = [resolver.value(i) for i in tree.inputs]
        resolver.own = saved
        if any(a.broken for a in arguments):
            return BROKEN
        of = arguments[0] if kind.takes_of and arguments and arguments[0].constant is None else None
        if any(a.account for a in arguments):
            return resolver.fault(
                tree.column,
                "a word of the account stands inside an indicator",
                "the account has no history here: use series and indicators only",
            )
        given = [(a, t.column) for a, t in zip(arguments, tree.inputs, strict=True)][0 if of is None else 1 :]
        numbers = self._numbers(tree, name, kind, given)
        if numbers is None:
            return BROKEN
        made = build(name, of, numbers, own, resolver.timeframe, resolver.adjusted)
        if isinstance(made, Clash):
            return resolver.fault(tree.column, made.message, made.cure)
        chosen = _output(kind, output)
        if chosen is None:
            return resolver.fault(tree.column, *_no_output(name, kind, output))
        return made[chosen]._replace(column=tree.column)

    def _numbers(
        self, tree: Tree, name: str, kind: Kind, given: list[tuple[Meaning, int]]
    ) -> tuple[float, ...] | None:
        resolver, shape = self.resolver, _shape(name, kind)
        if len(given) > len(kind.parameters):
            resolver.fault(given[len(kind.parameters)][1], f"too many values for {name}", f"write {shape}")
            return None
        numbers: list[float] = []
        for i, p in enumerate(kind.parameters):
            value = given[i][0].constant if i < len(given) else p.default
            if value is None:
                column = given[i][1] if i < len(given) else tree.column
                message = (
                    f"the {p.name} of {name} is no fixed number"
                    if i < len(given)
                    else f"{name} needs its {p.name}"
                )
                resolver.fault(column, message, f"write {shape}")
                return None
            wrong = wrong_number(name, p.name, value)
            if wrong:
                resolver.fault(given[i][1] if i < len(given) else tree.column, wrong.message, wrong.cure)
                return None
            numbers.append(value)
        wrong = wrong_together(name, numbers)
        if wrong:
            resolver.fault(tree.column, wrong.message, wrong.cure)
            return None
        return tuple(numbers)


def build(
    name: str, of: Meaning | None, numbers: tuple[float, ...], own: str, timeframe: int, adjusted: bool
) -> tuple[Meaning, ...] | Clash:
    """All outputs of the indicator `name` over `of` (None: its usual input)."""
    kind = INDICATORS[name]
    if of is not None:
        found = quantity(of.unit)
        if isinstance(found, Clash):
            return found
        if of.constant is not None:
            return Clash(f"{name} of a constant is that constant", "name a series")
        if of.scale is None:
            if not adjusted:
                return Clash(
                    f"{name} over prices of several symbols added together would jump at a split",
                    "divide one by the other, or set data: {prices: split_adjusted}",
                )
            of = of._replace(scale=())
    inputs = tuple(
        of if of is not None and i == 0 else _series(series, own, timeframe)
        for i, series in enumerate(kind.inputs)
    )
    home = home_of(frozenset().union(*(i.symbols for i in inputs)), own)
    unit = {"number": NUMBER, "points": POINTS, "ratio": RATIO}.get(kind.unit, inputs[0].unit)
    scale = inputs[0].scale if kind.unit == "same" else ()
    return tuple(
        Meaning(
            "indicator", inputs, unit, scale, frozenset({home}), text=name,
            parameters=(*numbers, float(i)), home=home, timeframe=timeframe,
        )
        for i in range(max(1, len(kind.outputs)))
    )  # fmt: skip


def _series(name: str, own: str, timeframe: int) -> Meaning:
    """A field, `typical` (the mean of high, low and close) or `session` (a number that names it)."""
    if name == "session":
        return field("session", NUMBER, own, 0)
    if name != "typical":
        return field(name, SERIES[name], own, timeframe)
    high, low, close = (field(n, PRICE, own, timeframe) for n in ("high", "low", "close"))
    total = _sure(operation("add", (_sure(operation("add", (high, low), 0)), close), 0))
    return _sure(operation("divide", (total, constant(3.0, LITERAL)), 0))._replace(unit=PRICE)


def _sure(found: Meaning | Clash) -> Meaning:
    assert isinstance(found, Meaning)
    return found


def wrong_number(kind: str, name: str, value: float) -> Clash | None:
    """Whether `value` is out of the bounds of the parameter `name`."""
    p = next(p for p in INDICATORS[kind].parameters if p.name == name)
    if p.whole and value != int(value):
        return Clash(f"the {name} of {kind} is {value:g}, no whole number", f"write {max(round(value), 1)}")
    if not p.low <= value <= p.high:
        return Clash(
            f"the {name} of {kind} is {value:g}, not from {p.low:g} to {p.high:g}",
            f"write {p.default or 20:g}",
        )
    return None


def wrong_together(kind: str, numbers: list[float] | tuple[float, ...]) -> Clash | None:
    """Whether numbers that are right one by one contradict each other."""
    if kind == "macd" and numbers[0] >= numbers[1]:
        return Clash("the fast average of macd is not shorter than the slow one", "write fast: 12, slow: 26")
    return None


def indicator_path(indicator: Indicator) -> tuple[str | int, ...]:
    """The path of the indicator's settings: (indicators, NAME, KIND)."""
    path = indicator.path
    return path if path[-1:] == (indicator.kind,) and len(path) > 2 else (*path, indicator.kind)


def _output(kind: Kind, output: str) -> int | None:
    if not output:
        return kind.main
    return kind.outputs.index(output) if output in kind.outputs else None


def _no_output(name: str, kind: Kind, output: str) -> tuple[str, str]:
    cure = did_you_mean(output, kind.outputs) if kind.outputs else f"write {name}"
    return f"{name} has no output '{output}'", cure


def _shape(name: str, kind: Kind) -> str:
    inputs = ["close"] if kind.takes_of else []
    return f"{name}({', '.join([*inputs, *(p.name for p in kind.parameters)])})"
