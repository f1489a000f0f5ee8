"""Simple moving average: the mean of the last n values."""

from __future__ import annotations

from typing import TypeAlias

from runner.compilable import compilable
from runner.laws.arithmetic import NAN

# ring, next place, samples, high part of the sum, low part, last value, equal values in a row
SmaState: TypeAlias = tuple[list[float], int, int, float, float, float, int]


def sma_start(period: float) -> SmaState:
    """State before the first value."""
    return [0.0] * int(period), 0, 0, 0.0, 0.0, 0.0, 0


@compilable
def sma_step(state: SmaState, x: float) -> tuple[SmaState, float]:
    """Mean of the last n known values; unknown until there are n. An unknown x moves nothing.

    The running sum is kept in two parts (Knuth's exact two-sum), so that it does not drift: the mean
    does not depend on where the data began. A flat window gives exactly its value, which a sum divided
    by n does not, and without which `close > average` would be true by a rounding error.
    """
    if x - x != 0.0:
        return state, NAN
    ring, place, samples, high, low, last, flat = state
    n = len(ring)
    flat = flat + 1 if x == last else 1
    total = high + x
    part = total - high
    low = low + ((high - (total - part)) + (x - part))
    if samples < n:
        samples = samples + 1
        high = total
    else:
        old = -ring[place]
        high = total + old
        part = high - total
        low = low + ((total - (high - part)) + (old - part))
    ring[place] = x
    place = place + 1 if place + 1 < n else 0
    if samples < n:
        y = NAN
    elif flat >= n:
        y = x
    else:
        y = (high + low) / n
    return (ring, place, samples, high, low, x, flat), y
