"""LEAN's risk figures from daily returns, in LEAN's order of steps.

Facts: lean-semantics.md section 15. A step is computed with doubles and kept as a decimal of 15 digits: where a mean
return is raised to the power 252 the last digits show it.
"""

from __future__ import annotations

import math
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from runner.results.lean_formats import NET, ZERO, divide, from_double

TRADING_DAYS = 252


class Risk(NamedTuple):
    """Risk figures as doubles; all zero when fewer than two returns are known."""

    sharpe: float = 0.0
    sortino: float = 0.0
    probabilistic_sharpe: float = 0.0
    alpha: float = 0.0
    beta: float = 0.0
    deviation: float = 0.0
    variance: float = 0.0
    information: float = 0.0
    tracking_error: float = 0.0
    treynor: float = 0.0


def _mean(values: list[float]) -> float:
    """Summed one by one, as LEAN does: a mean to the power 252 shows the last digit."""
    total = 0.0
    for value in values:
        total += value
    return total / len(values)


def _variance(values: list[float]) -> float:
    """Sample variance by the running sum of squares that LEAN's library takes (Chan, Golub and LeVeque)."""
    if len(values) < 2:
        return 0.0
    total, squares = values[0], 0.0
    for n, value in enumerate(values[1:], 2):
        total += value
        difference = n * value - total
        squares += difference * difference / (n * (n - 1.0))
    return squares / (len(values) - 1.0)


def _covariance(left: list[float], right: list[float]) -> float:
    """Sample covariance by running means."""
    mean, other, products = 0.0, 0.0, 0.0
    for n, (a, b) in enumerate(zip(left, right, strict=True), 1):
        before = other
        mean += (a - mean) / n
        other += (b - other) / n
        products += (a - mean) * (b - before)
    return products / (len(left) - 1.0)


def _annual(values: list[float]) -> Decimal:
    try:
        return from_double(math.pow(_mean(values) + 1.0, TRADING_DAYS) - 1.0)
    except OverflowError:
        return ZERO


def risk_of(strategy: list[float], benchmark: list[float], rate: Decimal, sharpe_rate: float) -> Risk:
    """The risk figures from daily returns of equal length; `rate`: mean risk-free rate a year.

    Computed with doubles and kept as decimals of 15 digits between the steps, in LEAN's order of steps."""
    variance = from_double(_variance(strategy) * TRADING_DAYS)
    deviation = from_double(math.sqrt(float(variance)))
    annual, benchmark_annual = _annual(strategy), _annual(benchmark)
    falls = [one for one in strategy if one < 0]
    downside = from_double(math.sqrt(_variance(falls) * TRADING_DAYS))
    market = _variance(benchmark)
    beta = from_double(_covariance(strategy, benchmark) / market) if market else ZERO
    differences = [a - b for a, b in zip(strategy, benchmark, strict=True)]
    tracking = from_double(math.sqrt(_variance(differences) * TRADING_DAYS))
    excess = float(annual) - float(rate)
    lead = from_double(float(annual) - float(benchmark_annual))
    expected = NET.add(rate, NET.multiply(beta, NET.subtract(benchmark_annual, rate)))
    return Risk(
        sharpe=float(from_double(excess / float(deviation))) if deviation else 0.0,
        sortino=float(from_double(excess / float(downside))) if downside else 0.0,
        probabilistic_sharpe=probabilistic_sharpe(np.asarray(strategy), sharpe_rate),
        alpha=float(NET.subtract(annual, expected)) if beta else 0.0,
        beta=float(beta),
        deviation=float(deviation),
        variance=float(variance),
        information=float(divide(lead, tracking)) if tracking else 0.0,
        tracking_error=float(tracking),
        treynor=float(divide(from_double(excess), beta)) if beta else 0.0,
    )


def probabilistic_sharpe(returns: np.ndarray, rate: float) -> float:
    """Probability that the true daily Sharpe ratio exceeds 1/sqrt(252) (Bailey and Lopez de Prado 2012,
    with LEAN's sample skewness and sample excess kurtosis in the places of theirs); 0 when undefined."""
    n = len(returns)
    deviation = math.sqrt(_variance(returns.tolist()))
    if n < 4 or not deviation:
        return 0.0
    mean = float(np.mean(returns))
    centred = returns - mean
    second, third, fourth = (float(np.mean(centred**k)) for k in (2, 3, 4))
    skewness = math.sqrt(n * (n - 1)) / (n - 2) * third / second**1.5
    kurtosis = (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * (fourth / second**2 - 3.0) + 6.0)
    ratio = (mean - rate / TRADING_DAYS) / deviation
    spread = (1.0 - skewness * ratio + (kurtosis - 1.0) / 4.0 * ratio * ratio) / (n - 1)
    if spread <= 0.0:
        return 0.0
    return 0.5 * (
        1.0 + math.erf((ratio - 1.0 / math.sqrt(TRADING_DAYS)) / math.sqrt(spread) / math.sqrt(2.0))
    )
