"""LEAN's summary of a run: its names, its formulas, its formats.

Facts: lean-semantics.md sections 11, 15, 20 and 21. Amounts and rates that LEAN keeps as decimals are
decimals here, risk figures are doubles. Nothing below is a figure we would choose ourselves (252 trading
days against samples of calendar days): ours are in `measures`.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from decimal import Decimal
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from runner.market.bar import DAY, Bars
from runner.market.events import INVALID, REJECTED, SUBMITTED, Journal
from runner.results import capacity
from runner.results.lean_formats import (
    ZERO,
    capacity_text,
    decimal_text,
    divide,
    double_text,
    fees_text,
    from_double,
    from_micros,
    percent_text,
    places,
    plain,
    smart_round,
)
from runner.results.lean_samples import Samples, samples
from runner.results.ledger import Ledger
from runner.results.times import day_of

TRADING_DAYS = 252
# Names that LEAN's dictionary of November 2023 does not have yet, and the one that it called otherwise.
SINCE_2023 = ("Start Equity", "End Equity", "Sortino Ratio", "Drawdown Recovery")
RENAMED_2023 = {"Total Orders": "Total Trades"}


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


def statistics(journal: Journal, ledger: Ledger, bars: dict[str, Bars]) -> dict[str, str]:
    """LEAN's dictionary, name to text, in LEAN's order; 2023's when `conventions` is `lean_2023`."""
    header = journal.header
    old = header.get("conventions") == "lean_2023"
    drawn = samples(journal)
    start = from_micros(header["start_cash"])
    end = _charted(drawn.equity[-1]) if drawn.equity else start
    strategy, benchmark = _returns(drawn)
    enough = bool(start) and len(strategy) >= 2 and len(benchmark) >= 2
    annual_return = net = drawdown = ZERO
    recovery = 0
    wins = _Wins()
    risk = Risk()
    if enough:
        net = divide(end, start) - 1
        years = (drawn.times[-1] - drawn.times[0]) / DAY / 365.0
        growth = float(divide(end, start))
        annual_return = from_double(growth ** (1.0 / years) - 1.0) if years and growth > 0 else ZERO
        drawdown, recovery = _drawdown(drawn.times, drawn.equity)
        rate = _risk_free(header.get("risk_free", 0.0), drawn.times)
        risk = _risk(np.asarray(strategy), np.asarray(benchmark), rate, 0.0 if old else rate)
        wins = _wins(ledger, start)
    # Orders that reached the broker, accepted or not (fact sheet 21).
    sent = np.isin(journal.records["kind"], (SUBMITTED, REJECTED, INVALID))
    total = len(np.unique(journal.records["order"][sent]))
    size = capacity.estimate(journal, ledger, bars)
    lowest = header["symbols"][size.symbol] if size.symbol >= 0 else ""
    figures = {
        "Total Orders": str(total),
        "Average Win": percent_text(wins.win, 2),
        "Average Loss": percent_text(wins.loss, 2),
        "Compounding Annual Return": percent_text(annual_return, 3),
        "Drawdown": percent_text(drawdown, 3),
        "Expectancy": decimal_text(wins.expectancy, 3),
        "Start Equity": decimal_text(start, 2),
        "End Equity": decimal_text(end, 2),
        "Net Profit": percent_text(net, 3),
        "Sharpe Ratio": double_text(risk.sharpe),
        "Sortino Ratio": double_text(risk.sortino),
        "Probabilistic Sharpe Ratio": percent_text(from_double(risk.probabilistic_sharpe), 3),
        "Loss Rate": percent_text(wins.loss_rate, 0),
        "Win Rate": percent_text(wins.win_rate, 0),
        "Profit-Loss Ratio": decimal_text(wins.ratio, 2),
        "Alpha": double_text(risk.alpha),
        "Beta": double_text(risk.beta),
        "Annual Standard Deviation": double_text(risk.deviation),
        "Annual Variance": double_text(risk.variance),
        "Information Ratio": double_text(risk.information),
        "Tracking Error": double_text(risk.tracking_error),
        "Treynor Ratio": double_text(risk.treynor),
        "Total Fees": fees_text(ledger.fees),
        "Estimated Strategy Capacity": capacity_text(size.dollars),
        "Lowest Capacity Asset": header.get("security_ids", {}).get(lowest, lowest),
        "Portfolio Turnover": percent_text(_turnover(ledger, drawn), 2),
        "Drawdown Recovery": str(recovery),
    }
    if old:
        return {
            RENAMED_2023.get(name, name): text for name, text in figures.items() if name not in SINCE_2023
        }
    return figures


def _returns(drawn: Samples) -> tuple[list[float], list[float]]:
    """Daily returns of the strategy (without the first two) and of the benchmark (without the first).

    Both series pass through a chart, which rounds: the returns in percent to 10 decimals and then to 7
    digits (found by recomputing basic_template_minute, whose information ratio needs it), the benchmark's
    prices to 7 digits."""
    strategy: list[float] = []
    before = drawn.day_equity[:1] + drawn.day_equity[:-1]
    for now, then in zip(drawn.day_equity, before, strict=True):
        change = divide(Decimal(100 * (now - then)), Decimal(then)) if then else ZERO
        strategy.append(float(smart_round(places(change, 10))) / 100.0)
    prices = [smart_round(from_double(price)) for price in drawn.benchmark]
    benchmark = [float(divide(now - then, then)) if then else 0.0 for then, now in pairwise(prices[1:])]
    return strategy[2:], benchmark


def _charted(micros: int) -> Decimal:
    """An amount as LEAN's equity chart keeps it, in dollars."""
    return smart_round(from_micros(micros))


def _drawdown(times: list[int], equity: list[int]) -> tuple[Decimal, int]:
    """Largest fall from a running peak, rounded to 3 decimals, and the longest recovery in whole days.

    A peak that is reached again counts from its last instant."""
    peak, peak_time = equity[0], times[0]
    least, worst = 1.0, (1, 1)
    under, longest = False, 0
    for time, value in zip(times, equity, strict=True):
        if value >= peak:
            if under:
                longest = max(longest, (time - peak_time) // DAY)
            peak, peak_time, under = value, time, False
        else:
            under = True
            if peak > 0 and value / peak < least:
                least, worst = value / peak, (value, peak)
    return places(1 - divide(_charted(worst[0]), _charted(worst[1])), 3), longest


def _risk_free(rates: Any, times: list[int]) -> float:
    """Mean over the series' time stamps of the rate of each date; `rates` a number or [[day, rate], ...]."""
    if isinstance(rates, int | float):
        return float(rates)
    if not rates or not times:
        return 0.0
    days = [int(day) for day, _ in rates]
    total = 0.0
    for time in times:
        total += float(rates[max(0, bisect_right(days, day_of(time)) - 1)][1])
    return total / len(times)


def _variance(values: np.ndarray) -> float:
    return float(np.var(values, ddof=1)) if len(values) > 1 else 0.0


def _annual(values: np.ndarray) -> float:
    try:
        return float((1.0 + float(np.mean(values))) ** TRADING_DAYS - 1.0)
    except OverflowError:
        return 0.0


def _risk(strategy: np.ndarray, benchmark: np.ndarray, rate: float, sharpe_rate: float) -> Risk:
    """The risk figures from daily returns of equal length; `rate`: mean risk-free rate a year."""
    variance = _variance(strategy) * TRADING_DAYS
    deviation = math.sqrt(variance)
    annual, benchmark_annual = _annual(strategy), _annual(benchmark)
    downside = math.sqrt(_variance(strategy[strategy < 0]) * TRADING_DAYS)
    market = _variance(benchmark)
    beta = float(np.cov(strategy, benchmark, ddof=1)[0, 1]) / market if market else 0.0
    tracking = math.sqrt(_variance(strategy - benchmark) * TRADING_DAYS)
    return Risk(
        sharpe=(annual - rate) / deviation if deviation else 0.0,
        sortino=(annual - rate) / downside if downside else 0.0,
        probabilistic_sharpe=probabilistic_sharpe(strategy, sharpe_rate),
        alpha=annual - (rate + beta * (benchmark_annual - rate)) if beta else 0.0,
        beta=beta,
        deviation=deviation,
        variance=variance,
        information=(annual - benchmark_annual) / tracking if tracking else 0.0,
        tracking_error=tracking,
        treynor=(annual - rate) / beta if beta else 0.0,
    )


def probabilistic_sharpe(returns: np.ndarray, rate: float) -> float:
    """Probability that the true daily Sharpe ratio exceeds 1/sqrt(252) (Bailey and Lopez de Prado 2012,
    with LEAN's sample skewness and sample excess kurtosis in the places of theirs); 0 when undefined."""
    n = len(returns)
    deviation = math.sqrt(_variance(returns))
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


class _Wins(NamedTuple):
    win: Decimal = ZERO
    loss: Decimal = ZERO
    ratio: Decimal = ZERO
    win_rate: Decimal = ZERO
    loss_rate: Decimal = ZERO
    expectancy: Decimal = ZERO


def _wins(ledger: Ledger, start: Decimal) -> _Wins:
    """Means of profit over running capital, by closing fill; a profit of zero counts as a loss."""
    capital = start
    sums, counts = [ZERO, ZERO], [0, 0]
    for closing in ledger.closings:
        profit = from_micros(closing.profit)
        side = 0 if profit > 0 else 1
        sums[side] += divide(profit, capital) if capital else ZERO
        counts[side] += 1
        capital += profit
    if not sum(counts):
        return _Wins()
    win, loss = (divide(s, Decimal(c)) if c else ZERO for s, c in zip(sums, counts, strict=True))
    ratio = divide(win, abs(loss)) if loss else ZERO
    win_rate, loss_rate = (divide(Decimal(c), Decimal(sum(counts))) for c in counts)
    return _Wins(win, loss, ratio, win_rate, loss_rate, plain(win_rate * ratio) - loss_rate)


def _turnover(ledger: Ledger, drawn: Samples) -> Decimal:
    """Mean over the daily samples after the first of sale volume since the sample before over equity."""
    volumes = [0.0] * len(drawn.day_times)
    for fill in ledger.fills:
        i = bisect_left(drawn.day_times, fill.time)
        if i < len(volumes):
            volumes[i] += abs(fill.quantity) * fill.price
    rates = [v * 1e6 / e if e else 0.0 for v, e in zip(volumes[1:], drawn.day_equity[1:], strict=True)]
    return from_double(sum(rates) / len(rates)) if rates else ZERO
