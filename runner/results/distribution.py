"""How the returns of single sessions are spread: moments, tails, and what a run owes to a few days.

Ratios are plain; a loss is negative. None where there are too few sessions for a figure to mean anything.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

LEFT_OUT = (1, 5, 10)  # sessions left out of a run, best or worst first
FEWEST = {95: 20, 99: 100}  # sessions of which one lies beyond the percentile


class Distribution(NamedTuple):
    """`skew`, `kurtosis`: of a sample (adjusted for its size), the latter in excess of a normal distribution's.
    `var_95`: the 5th percentile of the returns; `cvar_95`: the mean of those at or below it. `tail_ratio`: 95th
    percentile over the size of the 5th. `positive`: share of the sessions above zero. `without_best`: total return
    without so many of the best sessions, `without_worst` of the worst."""

    skew: float | None
    kurtosis: float | None
    var_95: float | None
    cvar_95: float | None
    var_99: float | None
    cvar_99: float | None
    tail_ratio: float | None
    positive: float | None
    without_best: dict[int, float]
    without_worst: dict[int, float]


def distribution(returns: list[float]) -> Distribution:
    """Of the returns of a run's sessions."""
    values = np.asarray(returns, dtype=float)
    ranked = np.sort(values)
    low, high = _percentile(values, 5, 95), _percentile(values, 95, 95)
    bounds = {level: _percentile(values, 100 - level, level) for level in FEWEST}
    tails = {
        level: None if at is None else float(values[values <= at].mean()) for level, at in bounds.items()
    }
    counts = [count for count in LEFT_OUT if count < len(values)]
    return Distribution(
        skew=_skew(values),
        kurtosis=_kurtosis(values),
        var_95=bounds[95],
        cvar_95=tails[95],
        var_99=bounds[99],
        cvar_99=tails[99],
        tail_ratio=high / -low if low is not None and high is not None and low < 0.0 else None,
        positive=float(np.mean(values > 0.0)) if len(values) else None,
        without_best={n: float(np.prod(1.0 + ranked[:-n]) - 1.0) for n in counts},
        without_worst={n: float(np.prod(1.0 + ranked[n:]) - 1.0) for n in counts},
    )


def _percentile(values: np.ndarray, percent: float, level: int) -> float | None:
    """Between the two nearest ranks, by straight line."""
    return float(np.percentile(values, percent)) if len(values) >= FEWEST[level] else None


def _standard(values: np.ndarray) -> np.ndarray | None:
    """Distances from the mean in standard deviations (n - 1); None without any deviation."""
    deviation = float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
    return (values - values.mean()) / deviation if deviation else None


def _skew(values: np.ndarray) -> float | None:
    n, z = len(values), _standard(values)
    if n < 3 or z is None:
        return None
    return float(n / ((n - 1) * (n - 2)) * np.sum(z * z * z))


def _kurtosis(values: np.ndarray) -> float | None:
    n, z = len(values), _standard(values)
    if n < 4 or z is None:
        return None
    scale = n * (n + 1) / ((n - 1) * (n - 2) * (n - 3))
    squares = z * z
    return float(scale * np.sum(squares * squares) - 3 * (n - 1) * (n - 1) / ((n - 2) * (n - 3)))
