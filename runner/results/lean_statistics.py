"""LEAN's summary of a run: its names, its formulas, its formats.

Facts: lean-semantics.md sections 11, 15, 20 and 21. Amounts and rates that LEAN keeps as decimals are
decimals here, risk figures are doubles. Nothing below is a figure we would choose ourselves (252 trading
days against samples of calendar days): ours are in `measures`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from decimal import Decimal
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from runner.market.bar import DAY, Bars
from runner.market.events import INVALID, REJECTED, SUBMITTED, Journal
from runner.results import capacity
from runner.results.flows import opening
from runner.results.lean_formats import (
    NET,
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
from runner.results.lean_risk import Risk, risk_of
from runner.results.lean_samples import Samples, samples
from runner.results.ledger import Ledger
from runner.results.times import day_of

# Names that LEAN's dictionary of November 2023 does not have yet, and the one that it called otherwise.
SINCE_2023 = ("Start Equity", "End Equity", "Sortino Ratio", "Drawdown Recovery")
RENAMED_2023 = {"Total Orders": "Total Trades"}


def statistics(journal: Journal, ledger: Ledger, bars: dict[str, Bars]) -> dict[str, str]:
    """LEAN's dictionary, name to text, in LEAN's order; 2023's when `statistics` says so."""
    header = journal.header
    old = header.get("spec", {}).get("statistics") == "lean_2023"
    drawn = samples(journal)
    start = from_micros(opening(journal).equity)
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
        risk = risk_of(strategy, benchmark, rate, 0.0 if old else float(rate))
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


def _risk_free(rates: Any, times: list[int]) -> Decimal:
    """Mean over the series' time stamps of the rate of each date; `rates` a number or [[day, rate], ...]."""
    if isinstance(rates, int | float):
        return from_double(float(rates))
    if not rates or not times:
        return ZERO
    days = [int(day) for day, _ in rates]
    known = [from_double(float(rate)) for _, rate in rates]
    total = ZERO
    for time in times:
        total = NET.add(total, known[max(0, bisect_right(days, day_of(time)) - 1)])
    return divide(total, Decimal(len(times)))


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
