"""Moving average convergence divergence: fast minus slow average, its signal, their difference."""

from __future__ import annotations

from typing import TypeAlias

from runner.compilable import compilable
from runner.laws.arithmetic import NAN
from runner.laws.indicators.ema import EmaState, ema_start, ema_step

MacdState: TypeAlias = tuple[EmaState, EmaState, EmaState]  # fast, slow, signal


def macd_start(fast: float, slow: float, signal: float) -> MacdState:
    """State before the first value."""
    return ema_start(fast), ema_start(slow), ema_start(signal)


@compilable
def macd_step(state: MacdState, x: float) -> tuple[MacdState, tuple[float, float, float]]:
    """(line, signal, histogram). Each average has its own seed; the signal takes the line from its first
    known value on. The line is known after `slow` values, the other two after slow + signal - 1.

    LEAN's seeds (lean-semantics, section 19); TA-Lib starts the fast average later, so that both begin
    on one bar. An unknown x moves nothing.
    """
    if x - x != 0.0:
        return state, (NAN, NAN, NAN)
    fast, slow, signal = state
    fast, quick = ema_step(fast, x)
    slow, calm = ema_step(slow, x)
    line = quick - calm
    signal, smooth = ema_step(signal, line)  # an unknown line does not move it
    return (fast, slow, signal), (line, smooth, line - smooth)
