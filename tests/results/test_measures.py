"""Session-based figures, by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from runner.market.bar import DAY
from runner.market.events import MARK_FINAL, MARK_SESSION
from runner.results.ledger import fold
from runner.results.measures import Drawdown, measures
from tests.results.lean_files import bought, day, journal, marks, ns

HEAD = {
    "start_cash": 100_000_000,
    "symbols": ["AAA"],
    "rules": ["r"],
    "risk_free": 0.0,
    "start": ns("2024-01-30 00:00"),
}
CLOSES = ["2024-01-30", "2024-01-31", "2024-02-01", "2024-02-02", "2024-02-05"]
# 100 -> 110 -> 99 -> 108.9 -> 119.79 -> 107.811: +10 %, -10 %, +10 %, +10 %, -10 %
EQUITY = [110.0, 99.0, 108.9, 119.79, 107.811]


def made(flags: int = MARK_SESSION):
    rows = [(ns(d + " 16:00"), flags, round(e * 1e6), 50_000_000 if i < 4 else 0, 0.0)
            for i, (d, e) in enumerate(zip(CLOSES, EQUITY, strict=True))]  # fmt: skip
    items = bought(1, ns("2024-01-30 10:00"), 1, 50.0, 100_000) + bought(
        2, ns("2024-02-05 10:00"), -1, 57.0, 100_000
    )
    return journal(HEAD, items, marks(rows))


def test_figures() -> None:
    run = made()
    got = measures(run, fold(run))
    assert got.total_return == pytest.approx(0.07811)
    assert got.returns == pytest.approx([0.1, -0.1, 0.1, 0.1, -0.1])
    # mean 0.02; squared deviations 3 x 0.0064 + 2 x 0.0144 = 0.048, / 4 = 0.012
    assert got.volatility == pytest.approx(math.sqrt(0.012 * 252))
    assert got.sharpe == pytest.approx(0.02 / math.sqrt(0.012) * math.sqrt(252))
    assert got.sortino == pytest.approx(0.02 / math.sqrt(0.02 / 5) * math.sqrt(252))
    assert got.annual_return == pytest.approx(1.07811 ** (252 / 5) - 1)
    assert got.drawdown == Drawdown(pytest.approx(0.1), day(CLOSES[0]), day(CLOSES[1]), day(CLOSES[3]), 2)
    assert got.best_day == (day(CLOSES[3]), pytest.approx(0.1))
    assert got.worst_day is not None
    assert got.worst_day[1] == pytest.approx(-0.1)
    assert got.months == {(2024, 1): pytest.approx(-0.01), (2024, 2): pytest.approx(0.089)}
    assert got.years == {2024: pytest.approx(0.07811)}
    assert got.time_in_market == pytest.approx(0.8)
    assert got.traded == 107_000_000
    assert (got.trades.number, got.trades.wins, got.trades.expectancy) == (1, 1, 6_800_000)
    assert got.trades.profit_factor is None
    assert got.trades.average_held == 6 * DAY


def test_days_found_without_session_marks() -> None:
    """LEAN's samples: a mark at midnight belongs to the day before, weekends and the start count for nothing."""
    run = made(0)
    extra = marks([(HEAD["start"], 0, 100_000_000, 0, 0.0), (ns("2024-02-04 00:00"), 0, 119_790_000, 0, 0.0)])
    both = np.append(run.marks, extra)
    sampled = run._replace(marks=both[np.argsort(both["time"])])
    got = measures(sampled, fold(sampled))
    assert got.days == [day(d) for d in CLOSES]


def test_final_mark_closes_the_last_session() -> None:
    run = made()
    late = marks([(ns("2024-02-05 16:01"), MARK_FINAL, 108_000_000, 0, 0.0)])
    later = run._replace(marks=np.append(run.marks, late))
    got = measures(later, fold(later))
    assert len(got.days) == 5
    assert got.end_equity == 108_000_000


def test_one_session_and_none() -> None:
    run = made()
    one = measures(run._replace(marks=run.marks[:1]), fold(run))
    assert (one.volatility, one.sharpe, one.sortino) == (None, None, None)
    assert one.total_return == pytest.approx(0.1)
    none = measures(run._replace(marks=run.marks[:0]), fold(run))
    assert none.end_equity == 100_000_000
    assert none.annual_return is None
    assert none.best_day is None


def test_a_ruined_account_has_no_annual_return() -> None:
    run = made()
    run.marks["equity"][-1] = -5_000_000
    got = measures(run, fold(run))
    assert got.annual_return is None
    assert got.drawdown.depth > 1.0
