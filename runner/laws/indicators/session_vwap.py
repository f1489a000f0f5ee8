"""Volume-weighted average price since the session began."""

from __future__ import annotations

from typing import TypeAlias

from runner.compilable import compilable
from runner.laws.arithmetic import NAN

VwapState: TypeAlias = tuple[float, float, float]  # session, sum of volume, sum of price x volume


def session_vwap_start() -> VwapState:
    """State before the first bar."""
    return -1.0, 0.0, 0.0


@compilable
def session_vwap_step(
    state: VwapState, price: float, volume: float, session: float
) -> tuple[VwapState, float]:
    """Sum of price x volume over sum of volume, since the first bar of `session` (any number that names
    it). Unknown until something traded. `price` is (high + low + close) / 3 by default, as LEAN's is.
    An unknown input moves nothing."""
    if price - price != 0.0 or volume - volume != 0.0:
        return state, NAN
    day, shares, value = state
    if session != day:
        shares = 0.0
        value = 0.0
    shares = shares + volume
    value = value + price * volume
    return (session, shares, value), value / shares if shares > 0.0 else NAN
