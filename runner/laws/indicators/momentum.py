"""Momentum: the change over n values."""

from __future__ import annotations

from typing import TypeAlias

from runner.compilable import compilable
from runner.laws.arithmetic import NAN

WindowState: TypeAlias = tuple[list[float], int, int]  # ring of n, next place, samples (at most n)


def momentum_start(period: float) -> WindowState:
    """State before the first value."""
    return [0.0] * int(period), 0, 0


@compilable
def push_window(state: WindowState, x: float) -> tuple[WindowState, float]:
    """The value of n samples ago, unknown until there is one; x takes its place in the window."""
    ring, place, samples = state
    n = len(ring)
    old = ring[place] if samples >= n else NAN
    ring[place] = x
    place = place + 1 if place + 1 < n else 0
    samples = samples + 1 if samples < n else n
    return (ring, place, samples), old


@compilable
def momentum_step(state: WindowState, x: float) -> tuple[WindowState, float]:
    """x minus the value of n samples ago; unknown until there are n + 1. (LEAN compares with the first
    value until then; a rule must not act on that.) An unknown x moves nothing."""
    if x - x != 0.0:
        return state, NAN
    state, old = push_window(state, x)
    return state, x - old
