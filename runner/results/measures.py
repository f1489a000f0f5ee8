"""The figures we would choose ourselves, from one mark a session: 252 sessions are a year.

LEAN's own figures (samples of calendar days, its names) are in `lean_statistics` and never mixed in here.
Ratios are plain (0.05 is 5 %), amounts millionths of a dollar, days New York days since 1970-01-01.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from runner.market.events import MARK_FINAL, MARK_SESSION, Journal
from runner.results.flows import flows, opening
from runner.results.ledger import Ledger, Trade
from runner.results.times import date_text, day_of

SESSIONS = 252


class Drawdown(NamedTuple):
    """The deepest fall from a peak: `depth` as a ratio; days of peak and trough (0: none), and of the first
    session back at the peak (0: not yet). `longest`: most sessions spent below a peak."""

    depth: float = 0.0
    peak: int = 0
    trough: int = 0
    recovered: int = 0
    longest: int = 0


class TradeFigures(NamedTuple):
    """Round trips after fees; `number` of them. `profit_factor`: money won per money lost, None without a loss.
    `average_win`, `average_loss`, `expectancy`, `best`, `worst`: millionths. `average_held`: ns."""

    number: int = 0
    wins: int = 0
    losses: int = 0
    win_rate: float | None = None
    average_win: int = 0
    average_loss: int = 0
    profit_factor: float | None = None
    expectancy: int = 0
    best: int = 0
    worst: int = 0
    average_held: int = 0


class Measures(NamedTuple):
    """A run's figures. None where a figure has no meaning (too few sessions, no deviation). `grown`: equity as if no
    money had come or gone since the start (`flows`), from which all returns are."""

    days: list[int]
    equity: list[int]
    returns: list[float]
    start_equity: int
    end_equity: int
    total_return: float
    annual_return: float | None
    volatility: float | None
    sharpe: float | None
    sortino: float | None
    calmar: float | None
    risk_free: float
    drawdown: Drawdown
    exposure: float
    time_in_market: float
    turnover: float
    traded: int
    fees: int
    dividends: int
    interest: int
    best_day: tuple[int, float] | None
    worst_day: tuple[int, float] | None
    trades: TradeFigures
    months: dict[tuple[int, int], float]
    years: dict[int, float]
    grown: list[int]
    deposits: int = 0
    withdrawals: int = 0


def measures(journal: Journal, ledger: Ledger) -> Measures:
    """All figures of one run; works without trades and with a single session."""
    rows = session_rows(journal.marks, int(journal.header["start"]))
    start = opening(journal).equity
    moved = flows(journal)
    equity: list[int] = rows["equity"].tolist()
    days = [day_of(t) for t in rows["time"].tolist()]
    grown = moved.without(rows["time"].tolist(), equity)
    returns = [now / then - 1.0 if then else 0.0 for then, now in pairwise([start, *grown])]
    end = grown[-1] if grown else start
    rate = _mean_rate(journal.header.get("risk_free", 0.0), days)
    drawdown = _drawdown([days[0] if days else 0, *days], [start, *grown])
    annual = _annual_return(start, end, len(equity))
    volatility, sharpe, sortino = _risk(np.asarray(returns), rate)
    # What is held inside a session shows in the marks between closes: an intraday strategy is flat at every close.
    seen = journal.marks[journal.marks["time"] > int(journal.header["start"])]
    gross = (seen["long_value"] - seen["short_value"]).astype(float)
    positive = seen["equity"] > 0
    traded = sum(abs(fill.amount) for fill in ledger.fills)
    mean_equity = float(np.mean(rows["equity"])) if len(rows) else float(start)
    ranked = sorted(zip(returns, days, strict=True))
    return Measures(
        days=days,
        equity=equity,
        returns=returns,
        start_equity=start,
        end_equity=equity[-1] if equity else start,
        total_return=end / start - 1.0 if start else 0.0,
        annual_return=annual,
        volatility=volatility,
        sharpe=sharpe,
        sortino=sortino,
        calmar=annual / drawdown.depth if annual is not None and drawdown.depth else None,
        risk_free=rate,
        drawdown=drawdown,
        exposure=float(np.mean(gross[positive] / seen["equity"][positive])) if positive.any() else 0.0,
        time_in_market=float(np.mean(gross > 0)) if len(seen) else 0.0,
        turnover=traded / mean_equity * SESSIONS / len(rows) if len(rows) and mean_equity > 0 else 0.0,
        traded=traded,
        fees=ledger.fees,
        dividends=ledger.dividends,
        interest=ledger.interest,
        best_day=(ranked[-1][1], ranked[-1][0]) if ranked else None,
        worst_day=(ranked[0][1], ranked[0][0]) if ranked else None,
        trades=_trades(ledger.trades),
        months=_by_period(days, returns, 7),
        years={year: r for (year, _), r in _by_period(days, returns, 4).items()},
        grown=grown,
        deposits=moved.deposits,
        withdrawals=moved.withdrawals,
    )


def session_rows(marks: np.ndarray, start: int) -> Any:
    """One mark a session: those flagged MARK_SESSION and a later final one. A journal without any gives the
    last mark of each weekday after `start` (ns); a mark at midnight belongs to the day that it ends."""
    flags = marks["flags"]
    rows = marks[(flags & MARK_SESSION) != 0]
    if not len(rows):
        later = marks[marks["time"] > start]
        days = np.array([day_of(int(t) - 1) for t in later["time"].tolist()], dtype=np.int64)
        last = np.append(days[1:] != days[:-1], True) if len(days) else np.zeros(0, bool)
        return later[last & ((days + 3) % 7 < 5)]  # 1970-01-01 was a Thursday
    final = marks[(flags & MARK_FINAL) != 0]
    if len(final) and final["time"][-1] > rows["time"][-1]:
        same_day = day_of(int(final["time"][-1])) == day_of(int(rows["time"][-1]))
        rows = np.append(rows[:-1] if same_day else rows, final[-1:])
    return rows


def _annual_return(start: int, end: int, sessions: int) -> float | None:
    if not sessions or start <= 0 or end <= 0:
        return None
    exponent = SESSIONS / sessions * math.log(end / start)
    return math.exp(exponent) - 1.0 if exponent < 700.0 else None


def _mean_rate(rates: Any, days: list[int]) -> float:
    """Mean yearly rate over the sessions; `rates` a number or [[day, rate], ...]."""
    if isinstance(rates, int | float):
        return float(rates)
    if not rates or not days:
        return 0.0
    known = [int(day) for day, _ in rates]
    return sum(float(rates[max(0, bisect_right(known, d) - 1)][1]) for d in days) / len(days)


def _risk(returns: np.ndarray, rate: float) -> tuple[float | None, float | None, float | None]:
    """Yearly volatility (n - 1), Sharpe ratio, and Sortino ratio (root mean square of all shortfalls)."""
    if len(returns) < 2:
        return None, None, None
    excess = returns - rate / SESSIONS
    deviation = float(np.std(returns, ddof=1))
    downside = math.sqrt(float(np.mean(np.minimum(excess, 0.0) ** 2)))
    mean = float(np.mean(excess))
    year = math.sqrt(SESSIONS)
    return (
        deviation * year,
        mean / deviation * year if deviation else None,
        mean / downside * year if downside else None,
    )


def _drawdown(days: list[int], equity: list[int]) -> Drawdown:
    """`equity[0]` is the start's, before the first session."""
    peak, peak_day, below, longest = equity[0], days[0], 0, 0
    worst = Drawdown()
    open_worst = False
    for day, value in zip(days[1:], equity[1:], strict=True):
        if value >= peak:
            if open_worst:
                worst, open_worst = worst._replace(recovered=day), False
            peak, peak_day, below = value, day, 0
            continue
        below += 1
        longest = max(longest, below)
        depth = 1.0 - value / peak if peak > 0 else 0.0
        if depth > worst.depth:
            worst, open_worst = Drawdown(depth, peak_day, day, 0), True
    return worst._replace(longest=longest)


def _trades(trades: list[Trade]) -> TradeFigures:
    if not trades:
        return TradeFigures()
    nets = [trade.net for trade in trades]
    won, lost = [n for n in nets if n > 0], [n for n in nets if n <= 0]
    return TradeFigures(
        number=len(nets),
        wins=len(won),
        losses=len(lost),
        win_rate=len(won) / len(nets),
        average_win=round(sum(won) / len(won)) if won else 0,
        average_loss=round(sum(lost) / len(lost)) if lost else 0,
        profit_factor=sum(won) / -sum(lost) if sum(lost) else None,
        expectancy=round(sum(nets) / len(nets)),
        best=max(nets),
        worst=min(nets),
        average_held=round(sum(t.closed - t.opened for t in trades) / len(trades)),
    )


def _by_period(days: list[int], returns: list[float], width: int) -> dict[tuple[int, int], float]:
    """Compounded returns by (year, month); month 0 with the width of a year."""
    grown: dict[tuple[int, int], float] = {}
    for day, change in zip(days, returns, strict=True):
        text = date_text(day)[:width]
        key = (int(text[:4]), int(text[5:7] or 0))
        grown[key] = grown.get(key, 1.0) * (1.0 + change)
    return {key: value - 1.0 for key, value in grown.items()}
