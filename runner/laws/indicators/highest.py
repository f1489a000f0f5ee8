"""Highest of the last n values."""

from __future__ import annotations

from typing import TypeAlias

from runner.compilable import compilable
from runner.laws.arithmetic import NAN

# ring, next place, samples, best, steps since the best
HighestState: TypeAlias = tuple[list[float], int, int, float, int]


def highest_start(period: float) -> HighestState:
    """State before the first value."""
    return [0.0] * int(period), 0, 0, 0.0, 0


@compilable
def highest_step(state: HighestState, x: float) -> tuple[HighestState, float]:
    """The largest of the last n values, x among them; unknown until there are n. An unknown x moves
    nothing. The window is searched only when its best value leaves it."""
    if x - x != 0.0:
        return state, NAN
    ring, place, samples, best, age = state
    n = len(ring)
    ring[place] = x
    samples = samples + 1 if samples < n else n
    age = age + 1
    if samples == 1 or x >= best:
        best = x
        age = 0
    elif age >= n:
        best = x
        age = 0
        for back in range(1, n):  # newest first, so that age is that of the newest of equals
            value = ring[place - back if place >= back else place - back + n]
            if value > best:
                best = value
                age = back
    place = place + 1 if place + 1 < n else 0
    return (ring, place, samples, best, age), best if samples >= n else NAN
