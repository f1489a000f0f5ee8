"""Figures over windows of sessions that move through the run, one value for each session on which a window ends."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from runner.results.measures import SESSIONS

WINDOWS = (21, 63, 126, 252)  # sessions: about a month, a quarter, half a year, a year
FIGURES = ("total_return", "volatility", "sharpe", "beta", "drawdown")


class Rolling(NamedTuple):
    """One window of `sessions`. `days`: the last session of each; the figures are arrays beside it, NaN where one
    has no meaning. `total_return` is not scaled to a year; `drawdown`: the deepest fall inside the window."""

    sessions: int
    days: list[int]
    total_return: np.ndarray
    volatility: np.ndarray
    sharpe: np.ndarray
    beta: np.ndarray
    drawdown: np.ndarray


def rolling(
    days: list[int], equity: list[int], start: int, returns: list[float], benchmark: np.ndarray, rate: float
) -> list[Rolling]:
    """Every window that the run is long enough for. `benchmark`: its returns, NaN where unknown."""
    curve = np.array([start, *equity], dtype=float)
    own = np.asarray(returns, dtype=float)
    return [
        _window(size, days, curve, own, benchmark, rate)
        for size in WINDOWS
        if size <= len(days) and (curve > 0.0).all()
    ]


def _window(
    size: int, days: list[int], curve: np.ndarray, own: np.ndarray, benchmark: np.ndarray, rate: float
) -> Rolling:
    year = math.sqrt(SESSIONS)
    inside, other = sliding_window_view(own, size), sliding_window_view(benchmark, size)
    deviation = inside.std(axis=1, ddof=1)
    level = sliding_window_view(curve, size + 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        sharpe = (inside.mean(axis=1) - rate / SESSIONS) / deviation * year
        apart = other - other.mean(axis=1, keepdims=True)
        beta = (apart * inside).sum(axis=1) / (apart * apart).sum(axis=1)
    return Rolling(
        size,
        days[size - 1 :],
        curve[size:] / curve[:-size] - 1.0,
        deviation * year,
        np.where(deviation > 0.0, sharpe, np.nan),
        np.where(np.isfinite(beta), beta, np.nan),
        (1.0 - level / np.maximum.accumulate(level, axis=1)).max(axis=1),
    )
