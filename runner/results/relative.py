"""A run against its benchmark, session by session. Without a benchmark that moves there is nothing to say."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from runner.results.measures import SESSIONS


class Relative(NamedTuple):
    """Over the sessions from the second on (the first has no earlier close of the benchmark).

    `beta`: covariance over the benchmark's variance. `alpha`: a year's mean return beyond the risk-free rate that
    `beta` does not explain. `tracking_error`: yearly deviation of the difference of returns; `information_ratio`:
    a year's mean difference over it. `up_capture`: mean return of the sessions in which the benchmark rose over the
    benchmark's own mean there; `down_capture`: where it fell."""

    name: str
    total_return: float
    benchmark_return: float
    excess_return: float
    alpha: float | None
    beta: float | None
    correlation: float | None
    tracking_error: float | None
    information_ratio: float | None
    up_capture: float | None
    down_capture: float | None
    benchmark_volatility: float | None
    benchmark_drawdown: float


def benchmark_returns(prices: np.ndarray) -> np.ndarray:
    """Returns from close to close, NaN for the first session; all NaN without a benchmark that moves."""
    out = np.full(len(prices), np.nan)
    if len(prices) > 1 and (prices > 0.0).all() and (prices != prices[0]).any():
        out[1:] = prices[1:] / prices[:-1] - 1.0
    return out


def relative(name: str, returns: list[float], prices: np.ndarray, rate: float) -> Relative | None:
    """Figures of `returns` against the benchmark's closes; `rate`: risk-free, a year."""
    own, other = np.asarray(returns, dtype=float)[1:], benchmark_returns(prices)[1:]
    if not len(other) or np.isnan(other).any():
        return None
    total, against = float(np.prod(1.0 + own) - 1.0), float(prices[-1] / prices[0] - 1.0)
    year = math.sqrt(SESSIONS)
    several = len(own) > 1
    spread, scale = (float(np.std(x, ddof=1)) if several else 0.0 for x in (own, other))
    shared = float(np.cov(own, other)[0, 1]) if several else 0.0
    beta = shared / (scale * scale) if scale else None
    free = rate / SESSIONS
    alpha = None if beta is None else float(np.mean(own - free) - beta * np.mean(other - free)) * SESSIONS
    error = float(np.std(own - other, ddof=1)) if several else 0.0
    peaks = np.maximum.accumulate(prices)
    return Relative(
        name=name,
        total_return=total,
        benchmark_return=against,
        excess_return=total - against,
        alpha=alpha,
        beta=beta,
        correlation=shared / (spread * scale) if spread and scale else None,
        tracking_error=error * year if several else None,
        information_ratio=float(np.mean(own - other)) / error * year if error else None,
        up_capture=_capture(own, other, other > 0.0),
        down_capture=_capture(own, other, other < 0.0),
        benchmark_volatility=scale * year if several else None,
        benchmark_drawdown=float(np.max(1.0 - prices / peaks)),
    )


def _capture(own: np.ndarray, other: np.ndarray, chosen: np.ndarray) -> float | None:
    return float(own[chosen].mean() / other[chosen].mean()) if chosen.any() else None
