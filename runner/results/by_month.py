"""Each month of a run: what it earned, what the benchmark did, how much was traded."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from runner.results.ledger import Ledger
from runner.results.measures import Measures
from runner.results.times import date_text, day_of


class Month(NamedTuple):
    """`benchmark`: its return, None without one. `traded`, `fees`: millionths; `turnover`: traded over the mean
    equity of the month's closes. `closed`: round trips that ended in it."""

    year: int
    month: int
    total_return: float
    benchmark: float | None
    traded: int
    turnover: float
    fees: int
    closed: int


def months(measures: Measures, ledger: Ledger, benchmark: np.ndarray) -> list[Month]:
    """In order of time. `benchmark`: returns by session, NaN where unknown."""
    traded: dict[tuple[int, int], int] = {}
    fees: dict[tuple[int, int], int] = {}
    closed: dict[tuple[int, int], int] = {}
    for fill in ledger.fills:
        key = _month(day_of(fill.time))
        traded[key] = traded.get(key, 0) + abs(fill.amount)
        fees[key] = fees.get(key, 0) + fill.fee
    for trade in ledger.trades:
        key = _month(day_of(trade.closed))
        closed[key] = closed.get(key, 0) + 1
    equity: dict[tuple[int, int], list[int]] = {}
    others: dict[tuple[int, int], float] = {}
    for day, value, other in zip(measures.days, measures.equity, benchmark.tolist(), strict=True):
        key = _month(day)
        equity.setdefault(key, []).append(value)
        if other == other:  # not NaN
            others[key] = others.get(key, 1.0) * (1.0 + other)
    out = []
    for key, change in measures.months.items():
        mean = sum(equity[key]) / len(equity[key])
        value = traded.get(key, 0)
        out.append(
            Month(*key, change, others[key] - 1.0 if key in others else None, value,
                  value / mean if mean > 0 else 0.0, fees.get(key, 0), closed.get(key, 0))
        )  # fmt: skip
    return out


def _month(day: int) -> tuple[int, int]:
    text = date_text(day)
    return int(text[:4]), int(text[5:7])
