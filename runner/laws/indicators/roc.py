"""Rate of change over n values, as a ratio."""

from __future__ import annotations

from runner.compilable import compilable
from runner.laws.arithmetic import NAN
from runner.laws.indicators.momentum import WindowState, momentum_start, push_window


def roc_start(period: float) -> WindowState:
    """State before the first value."""
    return momentum_start(period)


@compilable
def roc_step(state: WindowState, x: float) -> tuple[WindowState, float]:
    """(x - old) / old, old being the value of n samples ago: 0.05 is 5 %. Unknown until there are n + 1
    values (LEAN compares with the first until then) and when old is 0. An unknown x moves nothing."""
    if x - x != 0.0:
        return state, NAN
    state, old = push_window(state, x)
    if old == 0.0:
        return state, NAN
    return state, (x - old) / old
