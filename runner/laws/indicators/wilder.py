"""Wilder's moving average: an exponential one with the weight 1 / n and the same seed."""

from __future__ import annotations

from runner.compilable import compilable
from runner.laws.indicators.ema import EmaState, ema_step


def wilder_start(period: float) -> EmaState:
    """State before the first value; the weight is 1 / n."""
    k = 1.0 / period
    return int(period), 0, k, 1.0 - k, 0.0


@compilable
def wilder_step(state: EmaState, x: float) -> tuple[EmaState, float]:
    """Unknown until n values; the n-th is their mean; then x * k + previous * (1 - k)."""
    return ema_step(state, x)
