"""Arithmetic of expressions on one value: what an unknown does, what a division by zero gives.

Unknown is NaN, and any unknown input makes the whole unknown: arithmetic, comparison, `and`, `or` and
`not` alike. Truth is 1.0 or 0.0. The same function is called for a pushed bar, by the decision code and
(compiled) by the kernel; `engine/columns.py` has the same operations over whole columns, and a test holds
the two equal bit for bit.
"""

from __future__ import annotations

import math

from runner.compilable import compilable

NAN = float("nan")
WHOLE = 4503599627370496.0  # 2 ** 52: from here on every float is a whole number

ADD, SUBTRACT, MULTIPLY, DIVIDE, MOD, NEGATE = 10, 11, 12, 13, 14, 15
LESS, LESS_EQUAL, GREATER, GREATER_EQUAL, EQUAL, NOT_EQUAL = 20, 21, 22, 23, 24, 25
AND, OR, NOT = 30, 31, 32
MIN, MAX, ABS, FLOOR, CEIL, ROUND, SQRT = 40, 41, 42, 43, 44, 45, 46

OPERATIONS = {
    "add": ADD,
    "subtract": SUBTRACT,
    "multiply": MULTIPLY,
    "divide": DIVIDE,
    "mod": MOD,
    "negate": NEGATE,
    "less": LESS,
    "less_equal": LESS_EQUAL,
    "greater": GREATER,
    "greater_equal": GREATER_EQUAL,
    "equal": EQUAL,
    "not_equal": NOT_EQUAL,
    "and": AND,
    "or": OR,
    "not": NOT,
    "min": MIN,
    "max": MAX,
    "abs": ABS,
    "floor": FLOOR,
    "ceil": CEIL,
    "round": ROUND,
    "sqrt": SQRT,
}
UNARY = frozenset({NEGATE, NOT, ABS, FLOOR, CEIL, ROUND, SQRT})


@compilable
def operate(op: int, a: float, b: float) -> float:
    """One operation. `b` is 0.0 for operations on one value.

    Division by zero, `mod` by zero and the root of a negative number are unknown. `mod` has the sign of
    its divisor. `round` goes to the nearest whole number, halves to the even one.
    """
    if a != a or b != b:
        return NAN
    if op < LESS:
        if op == ADD:
            return a + b
        if op == SUBTRACT:
            return a - b
        if op == MULTIPLY:
            return a * b
        if op == DIVIDE:
            return a / b if b != 0.0 else NAN
        if op == NEGATE:
            return -a
        return modulo(a, b)
    if op < AND:
        return compare(op, a, b)
    if op == AND:
        return 1.0 if a != 0.0 and b != 0.0 else 0.0
    if op == OR:
        return 1.0 if a != 0.0 or b != 0.0 else 0.0
    if op == NOT:
        return 1.0 if a == 0.0 else 0.0
    if op == MIN:
        return a if a < b else b
    if op == MAX:
        return a if a > b else b
    if op == ABS:
        return abs(a)
    if op == SQRT:
        return math.sqrt(a) if a >= 0.0 else NAN
    return whole(op, a)


@compilable
def compare(op: int, a: float, b: float) -> float:
    """A comparison of two known values: 1.0 or 0.0."""
    if op == LESS:
        return 1.0 if a < b else 0.0
    if op == LESS_EQUAL:
        return 1.0 if a <= b else 0.0
    if op == GREATER:
        return 1.0 if a > b else 0.0
    if op == GREATER_EQUAL:
        return 1.0 if a >= b else 0.0
    if op == EQUAL:
        return 1.0 if a == b else 0.0
    return 1.0 if a != b else 0.0


@compilable
def modulo(a: float, b: float) -> float:
    """Rest of a / b with the sign of b; exact, never -0.0."""
    if b == 0.0 or a - a != 0.0:
        return NAN
    return a % b + 0.0


@compilable
def whole(op: int, a: float) -> float:
    """Floor, ceil or round; never -0.0. Large values are whole already (and overflow an integer)."""
    if abs(a) >= WHOLE:
        return a
    if op == FLOOR:
        return float(math.floor(a))
    if op == CEIL:
        return float(math.ceil(a))
    return float(round(a))
