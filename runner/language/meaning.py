"""What an expression means: a tree whose names are resolved, with units, and powers of split factors.

Windowed operations (indicators, lags, crosses) work in first-day shares, so that a split moves nothing.
`scale` says how: a value of scale (("", 1),) is a price of the rule's own symbol and is multiplied by
its split factor G before the window and divided by it after; shares have -1, ratios none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from runner.language.units_of import (
    LITERAL,
    TRUTH,
    UNKNOWN,
    Clash,
    Unit,
    compared,
    over,
    root,
    same,
    times,
    truth,
)
from runner.laws.arithmetic import OPERATIONS, operate

OWN = ""  # the symbol for which a rule is evaluated
Scale = tuple[tuple[str, int], ...]
COMPARISONS = ("less", "less_equal", "greater", "greater_equal", "equal", "not_equal")


class Meaning(NamedTuple):
    """`op`: constant, field, indicator, lag, crosses_above, crosses_below, word, order_word, broken (a fault
    was reported), or an operation. `symbols`: on whose bars the value lives. `account`: it needs more than
    bars. `scale` None: prices of several symbols added, no one power fits. `home`: of a windowed operation,
    the symbol on whose bars it steps. `code`, `which`: of a word, and the symbol's or order's index.
    """

    op: str
    inputs: tuple[Meaning, ...] = ()
    unit: Unit = LITERAL
    scale: Scale | None = ()
    symbols: frozenset[str] = frozenset()
    account: bool = False
    broken: bool = False
    text: str = ""
    parameters: tuple[float, ...] = ()
    home: str = OWN
    timeframe: int = 0
    column: int = 0
    code: int = 0
    which: int = -1

    @property
    def constant(self) -> float | None:
        """Its value when it needs neither bars nor account."""
        return self.parameters[0] if self.op == "constant" else None


BROKEN = Meaning("broken", unit=UNKNOWN, broken=True)


def constant(value: float, unit: Unit, column: int = 0) -> Meaning:
    """A number."""
    return Meaning("constant", unit=unit, parameters=(value,), column=column)


def field(name: str, unit: Unit, symbol: str, timeframe: int, column: int = 0) -> Meaning:
    """A series of a symbol's bars."""
    power = unit.price - unit.shares
    scale: Scale = ((symbol, power),) if power else ()
    return Meaning(
        "field", unit=unit, scale=scale, symbols=frozenset({symbol}), text=name,
        home=symbol, timeframe=timeframe, column=column,
    )  # fmt: skip


def ranked(value: Meaning, column: int) -> Meaning:
    """The place of the own symbol's value among the universe's."""
    return Meaning("rank", (value,), unit=Unit(), symbols=value.symbols, home=OWN, column=column)


def operation(op: str, inputs: tuple[Meaning, ...], column: int) -> Meaning | Clash:
    """An operation of arithmetic or logic, folded when all inputs are constants."""
    unit = _unit(op, inputs)
    if isinstance(unit, Clash):
        return unit
    values = [i.constant for i in inputs]
    if op in ("divide", "mod") and values[1] == 0.0:
        return Clash("a division by zero is always unknown", "divide by something else")
    if all(v is not None for v in values):
        a, b = values[0], values[1] if len(values) > 1 else 0.0
        assert a is not None
        assert b is not None
        folded = operate(OPERATIONS[op], a, b)
        if folded != folded:
            return Clash("the value is always unknown", "a root is taken of a negative number")
        return constant(folded, unit, column)
    return Meaning(
        op,
        inputs,
        unit,
        _scale(op, inputs),
        frozenset().union(*(i.symbols for i in inputs)),
        any(i.account for i in inputs),
        any(i.broken for i in inputs),
        column=column,
    )


def _unit(op: str, inputs: tuple[Meaning, ...]) -> Unit | Clash:
    units = [i.unit for i in inputs]
    if op in ("and", "or", "not"):
        for unit in units:
            found = truth(unit)
            if isinstance(found, Clash):
                return found
        return TRUTH
    if op in COMPARISONS:
        return compared(units[0], units[1], inputs[0].constant, inputs[1].constant)
    if op == "multiply":
        return times(units[0], units[1])
    if op == "divide":
        return over(units[0], units[1])
    if op == "sqrt":
        return root(units[0])
    if len(units) == 2:
        return same(units[0], units[1])
    return same(units[0], units[0])  # a number, not a condition


def _scale(op: str, inputs: tuple[Meaning, ...]) -> Scale | None:
    scales = [i.scale for i in inputs]
    if op in COMPARISONS or op in ("and", "or", "not"):
        return ()
    if any(s is None for s in scales):
        return None
    a: Mapping[str, int] = dict(scales[0] or ())
    if op == "sqrt":
        return tuple((name, power // 2) for name, power in a.items())
    if len(scales) == 1:
        return scales[0]
    b: Mapping[str, int] = dict(scales[1] or ())
    if op in ("multiply", "divide"):
        sign = 1 if op == "multiply" else -1
        powers = {name: a.get(name, 0) + sign * b.get(name, 0) for name in {*a, *b}}
        return tuple(sorted((name, power) for name, power in powers.items() if power))
    if a == b or not b:
        return scales[0]
    return scales[1] if not a else None


def lagged(value: Meaning, bars: int, own: str, timeframe: int, column: int) -> Meaning:
    """`value` of `bars` bars ago, in today's shares; a constant stays what it is.

    Where no one power of the split factor fits, the lag is put on each leaf instead.
    """
    if bars == 0 or value.op in ("constant", "broken"):
        return value
    if value.scale is None:
        return value._replace(inputs=tuple(lagged(i, bars, own, timeframe, column) for i in value.inputs))
    home = home_of(value.symbols, own)
    return Meaning(
        "lag", (value,), value.unit, value.scale, frozenset({home}), broken=value.broken,
        parameters=(float(bars),), home=home, timeframe=timeframe, column=column,
    )  # fmt: skip


def crossing(op: str, a: Meaning, b: Meaning, own: str, timeframe: int, column: int) -> Meaning | Clash:
    """`a crosses above b`: a[1] <= b[1] and a > b; below: a[1] >= b[1] and a < b."""
    unit = compared(a.unit, b.unit, a.constant, b.constant)
    if isinstance(unit, Clash):
        return unit
    if a.op == "constant" and b.op == "constant":
        return Clash("two constants never cross", "name a series on one side")
    home = home_of(a.symbols | b.symbols, own)
    before = tuple(lagged(side, 1, own, timeframe, column) for side in (a, b))
    return Meaning(
        op,
        (a, b, *before),
        TRUTH,
        (),
        frozenset({home}),
        broken=a.broken or b.broken,
        home=home,
        column=column,
    )


def home_of(symbols: frozenset[str], own: str) -> str:
    """On whose bars a windowed operation steps: the only symbol it reads, else the expression's own."""
    return next(iter(symbols)) if len(symbols) == 1 else own
