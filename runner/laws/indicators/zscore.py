"""Distance from the mean in population standard deviations."""

from __future__ import annotations

from runner.compilable import compilable
from runner.laws.arithmetic import NAN
from runner.laws.indicators.sma import SmaState, sma_start
from runner.laws.indicators.standard_deviation import mean_and_deviation


def zscore_start(period: float) -> SmaState:
    """State before the first value."""
    return sma_start(period)


@compilable
def zscore_step(state: SmaState, x: float) -> tuple[SmaState, float]:
    """(x - mean) / deviation over the last n values, x among them; unknown when they are all equal."""
    state, mean, deviation = mean_and_deviation(state, x)
    if deviation == 0.0:
        return state, NAN
    return state, (x - mean) / deviation
