"""Relative strength index of Wilder (1978), 0 to 100."""

from __future__ import annotations

from typing import TypeAlias

from runner.compilable import compilable
from runner.laws.arithmetic import NAN
from runner.laws.indicators.ema import EmaState, ema_step
from runner.laws.indicators.wilder import wilder_start

# whether there is a previous value, previous value, average gain, average loss
RsiState: TypeAlias = tuple[bool, float, EmaState, EmaState]

NO_LOSS = 5e-11  # an average loss that rounds to 0 at 10 decimals (LEAN): all gains


def rsi_start(period: float) -> RsiState:
    """State before the first value."""
    return False, 0.0, wilder_start(period), wilder_start(period)


@compilable
def rsi_step(state: RsiState, x: float) -> tuple[RsiState, float]:
    """100 - 100 / (1 + gain / loss) of Wilder averages; both start at the second value.

    Unknown until n + 1 values. No loss at all gives 100. An unknown x moves nothing.
    """
    if x - x != 0.0:
        return state, NAN
    begun, previous, gains, losses = state
    if not begun:
        return (True, x, gains, losses), NAN
    change = x - previous
    gains, gain = ema_step(gains, change if change > 0.0 else 0.0)
    losses, loss = ema_step(losses, -change if change < 0.0 else 0.0)
    if loss != loss:
        y = NAN
    elif loss <= NO_LOSS:
        y = 100.0
    else:
        y = 100.0 - 100.0 / (1.0 + gain / loss)
    return (True, x, gains, losses), y
