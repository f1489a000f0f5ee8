"""Population standard deviation of the last n values."""

from __future__ import annotations

import math

from runner.compilable import compilable
from runner.laws.arithmetic import NAN
from runner.laws.indicators.sma import SmaState, sma_start, sma_step


def standard_deviation_start(period: float) -> SmaState:
    """State before the first value."""
    return sma_start(period)


@compilable
def mean_and_deviation(state: SmaState, x: float) -> tuple[SmaState, float, float]:
    """Mean and population deviation of the last n values, both unknown until there are n.

    Two passes over the window at each step: the usual difference of running sums loses all its digits
    when the spread is small against the price. A flat window has a deviation of exactly 0.
    """
    if x - x != 0.0:
        return state, NAN, NAN
    state, mean = sma_step(state, x)
    if mean != mean:
        return state, NAN, NAN
    ring = state[0]
    total = 0.0
    for value in ring:
        off = value - mean
        total = total + off * off
    return state, mean, math.sqrt(total / len(ring))


@compilable
def standard_deviation_step(state: SmaState, x: float) -> tuple[SmaState, float]:
    """Square root of the mean squared distance from the mean; divides by n, not n - 1."""
    state, _, deviation = mean_and_deviation(state, x)
    return state, deviation
