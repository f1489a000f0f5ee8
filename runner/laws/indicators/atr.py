"""Average true range of Wilder (1978)."""

from __future__ import annotations

from typing import TypeAlias

from runner.compilable import compilable
from runner.laws.arithmetic import NAN
from runner.laws.indicators.ema import EmaState, ema_step
from runner.laws.indicators.wilder import wilder_start

AtrState: TypeAlias = tuple[bool, float, EmaState]  # whether there is a previous close, it, average


def atr_start(period: float) -> AtrState:
    """State before the first bar."""
    return False, 0.0, wilder_start(period)


@compilable
def atr_step(state: AtrState, high: float, low: float, close: float) -> tuple[AtrState, float]:
    """Wilder average of the true range: the largest of high - low, |previous close - high| and
    |previous close - low|.

    The first bar's range is high - low and counts (LEAN; TA-Lib leaves it out), so the first value
    comes with the n-th bar. An unknown price moves nothing.
    """
    if high - high != 0.0 or low - low != 0.0 or close - close != 0.0:
        return state, NAN
    begun, previous, average = state
    span = high - low
    if begun:
        up = abs(previous - high)
        if up > span:
            span = up
        down = abs(previous - low)
        if down > span:
            span = down
    average, y = ema_step(average, span)
    return (True, close, average), y
