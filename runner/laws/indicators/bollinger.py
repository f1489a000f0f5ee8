"""Bollinger bands: a simple average and a number of population deviations around it."""

from __future__ import annotations

from typing import TypeAlias

from runner.compilable import compilable
from runner.laws.indicators.sma import SmaState, sma_start
from runner.laws.indicators.standard_deviation import mean_and_deviation

BollingerState: TypeAlias = tuple[SmaState, float]  # window, deviations


def bollinger_start(period: float, deviations: float) -> BollingerState:
    """State before the first value."""
    return sma_start(period), float(deviations)


@compilable
def bollinger_step(state: BollingerState, x: float) -> tuple[BollingerState, tuple[float, float, float]]:
    """(upper, middle, lower): mean + k x deviation, mean, mean - k x deviation."""
    window, k = state
    window, mean, deviation = mean_and_deviation(window, x)
    return (window, k), (mean + deviation * k, mean, mean - deviation * k)
