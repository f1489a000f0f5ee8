"""The operations of `laws/arithmetic.py` over whole columns, equal to them bit for bit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from runner.laws.arithmetic import GREATER, GREATER_EQUAL, LESS, LESS_EQUAL

Floats = npt.NDArray[np.float64]
Function = Callable[..., Any]

# Comparison one bar ago and now.
CROSSES = {"crosses_above": (LESS_EQUAL, GREATER), "crosses_below": (GREATER_EQUAL, LESS)}

_COMPARE: dict[str, Function] = {
    "less": np.less,
    "less_equal": np.less_equal,
    "greater": np.greater,
    "greater_equal": np.greater_equal,
    "equal": np.equal,
    "not_equal": np.not_equal,
}
_WHOLE: dict[str, Function] = {"floor": np.floor, "ceil": np.ceil, "round": np.rint}
_PLAIN: dict[str, Function] = {"add": np.add, "subtract": np.subtract, "multiply": np.multiply}


def elementwise(op: str, inputs: list[Floats]) -> Floats:
    """The column of an operation. Unknown (NaN) where an input is."""
    with np.errstate(all="ignore"):
        a = inputs[0]
        b = inputs[1] if len(inputs) > 1 else a
        known = ~(np.isnan(a) | np.isnan(b))
        if op in _PLAIN:
            out = _PLAIN[op](a, b)
        elif op in _COMPARE:
            out = _COMPARE[op](a, b).astype(np.float64)
        else:
            out = _other(op, a, b)
        return np.where(known, out, np.nan)


def _other(op: str, a: Floats, b: Floats) -> Any:
    if op == "divide":
        return np.where(b != 0.0, a / b, np.nan)
    if op == "mod":
        rest = np.fmod(a, b)
        rest = np.where((rest != 0.0) & ((rest < 0.0) != (b < 0.0)), rest + b, rest)
        return np.where((b == 0.0) | np.isinf(a), np.nan, rest + 0.0)
    if op == "negate":
        return -a
    if op == "and":
        return ((a != 0.0) & (b != 0.0)).astype(np.float64)
    if op == "or":
        return ((a != 0.0) | (b != 0.0)).astype(np.float64)
    if op == "not":
        return (a == 0.0).astype(np.float64)
    if op == "min":
        return np.where(a < b, a, b)
    if op == "max":
        return np.where(a > b, a, b)
    if op == "abs":
        return np.abs(a)
    if op == "sqrt":
        return np.where(a >= 0.0, np.sqrt(a), np.nan)
    return _WHOLE[op](a) + 0.0  # never -0.0


def to_first(value: Any, split: Any, exponent: int) -> Any:
    """`value` (a number or a column) in first-day shares."""
    for _ in range(exponent):
        value = value * split
    for _ in range(-exponent):
        value = value / split
    return value
