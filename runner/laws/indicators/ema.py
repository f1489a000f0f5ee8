"""Exponential moving average; also Wilder's, which differs only in its weight."""

from __future__ import annotations

from typing import TypeAlias

from runner.compilable import compilable
from runner.laws.arithmetic import NAN

# period, samples, weight of a new value, weight of the past, value (the sum until there are n)
EmaState: TypeAlias = tuple[int, int, float, float, float]


def ema_start(period: float) -> EmaState:
    """State before the first value; the weight is 2 / (n + 1)."""
    k = 2.0 / (1.0 + period)
    return int(period), 0, k, 1.0 - k, 0.0


@compilable
def ema_step(state: EmaState, x: float) -> tuple[EmaState, float]:
    """Unknown until n values; the n-th is their mean; then x * k + previous * (1 - k).

    Seed and order of operations are LEAN's (lean-semantics, section 19). An unknown x moves nothing.
    """
    if x - x != 0.0:
        return state, NAN
    period, samples, k, rest, value = state
    if samples >= period:
        value = x * k + value * rest
        return (period, samples, k, rest, value), value
    samples = samples + 1
    value = value + x
    if samples < period:
        return (period, samples, k, rest, value), NAN
    value = value / period
    return (period, samples, k, rest, value), value
