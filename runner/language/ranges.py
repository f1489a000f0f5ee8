"""Between which numbers the value of a compiled expression lies, whatever prices and account do."""

from __future__ import annotations

import math
from typing import NamedTuple

from runner.language.program import Node, Program, Span
from runner.language.units_of import TRUTH
from runner.language.words import (
    ACCOUNT_CALL,
    COLUMN,
    CONSTANT,
    MAY_SHORT,
    ORDER_WORD,
    ORDER_WORDS,
    WORD,
    WORDS,
)
from runner.laws import arithmetic as a

INF = math.inf
_NOT_NEGATIVE = {"entry_price", "bars_held", "open_orders", "shortable", "members", "day_trades", "good_faith_violations",
                 "exposure", "fill_price", "year", "month", "day", "weekday", "hour", "minute", "limit", "stop", "trigger",
                 "updates"}  # fmt: skip
_LIKE_INPUT = ("sma", "ema", "wilder", "highest", "lowest", "session_vwap")
_DISPERSION = ("standard_deviation", "atr")
_UPPER, _MIDDLE = 0, 1  # outputs of bollinger


class Range(NamedTuple):
    """Both ends belong. What is unknown is no number and has no place in it."""

    low: float = -INF
    high: float = INF


ANY, POSITIVE, SWITCH = Range(), Range(0.0), Range(0.0, 1.0)


def range_of(program: Program, span: Span) -> Range:
    """The range of the expression whose code is `span`."""
    stack: list[Range] = []
    for op, which, _, value in program.code[span.lo : span.hi]:
        if op == CONSTANT:
            stack.append(Range(value, value))
        elif op == COLUMN:
            stack.append(_of_column(program.nodes, which))
        elif op in (WORD, ORDER_WORD):
            stack.append(_of_word(op, which))
        elif op == ACCOUNT_CALL:
            stack[-1] = SWITCH if which == MAY_SHORT else ANY
        elif op in a.UNARY:
            stack.append(_operated(op, stack.pop(), Range(0.0, 0.0)))
        else:
            right = stack.pop()
            stack.append(_operated(op, stack.pop(), right))
    return stack[-1]


def _of_word(op: int, code: int) -> Range:
    table = WORDS if op == WORD else ORDER_WORDS
    name, word = next((name, word) for name, word in table.items() if word.code == code)
    if word.unit == TRUTH:
        return SWITCH
    return POSITIVE if name in _NOT_NEGATIVE else ANY


def _of_column(nodes: tuple[Node, ...], number: int) -> Range:
    node = nodes[number]
    if node.op == "field":
        return POSITIVE  # prices, shares, split factors, numbers of sessions
    if node.op == "constant":
        return Range(node.parameters[0], node.parameters[0])
    if node.op in ("crosses_above", "crosses_below"):
        return SWITCH
    if node.op == "rank":
        return Range(1.0)
    inputs = [_of_column(nodes, i) for i in node.inputs]
    if node.op in ("lag", "align"):
        return _restated(inputs[0])
    if node.op == "indicator":
        return _of_indicator(node, inputs[0])
    if node.op in a.OPERATIONS:
        return _operated(a.OPERATIONS[node.op], inputs[0], inputs[1] if len(inputs) > 1 else Range(0.0, 0.0))
    return ANY


def _of_indicator(node: Node, of: Range) -> Range:
    if node.text == "rsi":
        return Range(0.0, 100.0)
    if node.text in _DISPERSION:
        return POSITIVE
    if node.text in _LIKE_INPUT or (node.text == "bollinger" and node.parameters[-1] in (_UPPER, _MIDDLE)):
        return _restated(of)._replace(high=INF)
    return ANY


def _restated(of: Range) -> Range:
    """Of a value in shares of another day: split factors keep its sign, not its size."""
    if of == SWITCH:
        return of
    return Range(0.0 if of.low >= 0.0 else -INF, 0.0 if of.high <= 0.0 else INF)


def _operated(op: int, x: Range, y: Range) -> Range:
    """The range of an operation; `y` counts for those on two values."""
    if a.LESS <= op <= a.NOT:
        return SWITCH
    if op == a.NEGATE:
        return Range(-x.high, -x.low)
    if op == a.ADD:
        return Range(x.low + y.low, x.high + y.high)
    if op == a.SUBTRACT:
        return Range(x.low - y.high, x.high - y.low)
    if op == a.MULTIPLY:
        return _product(x, y)
    if op == a.DIVIDE:
        if y.low > 0.0 or y.high < 0.0:
            return _product(x, Range(1.0 / y.high, 1.0 / y.low))
        return _restated(_product(x, _restated(y)))
    if op == a.MOD:
        return Range(0.0, y.high) if y.low >= 0.0 else ANY
    if op == a.MIN:
        return Range(min(x.low, y.low), min(x.high, y.high))
    if op == a.MAX:
        return Range(max(x.low, y.low), max(x.high, y.high))
    if op == a.ABS:
        most = max(abs(x.low), abs(x.high))
        return Range(0.0 if x.low <= 0.0 <= x.high else min(abs(x.low), abs(x.high)), most)
    if op == a.SQRT:
        return Range(math.sqrt(max(x.low, 0.0)), math.sqrt(max(x.high, 0.0)))
    return Range(*(end if math.isinf(end) else a.whole(op, end) for end in x))


def _product(x: Range, y: Range) -> Range:
    ends = [0.0 if 0.0 in (p, q) else p * q for p in x for q in y]
    return Range(min(ends), max(ends))
