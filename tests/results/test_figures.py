"""Figures beside the measures: by hand, or against pandas as an independent computation."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from runner.market.events import MARK_SESSION
from runner.results.by_symbol import by_symbol
from runner.results.distribution import distribution
from runner.results.drawdowns import Fall, falls
from runner.results.excursions import Excursion, excursions
from runner.results.exposures import exposures
from runner.results.ledger import Trade, fold
from runner.results.measures import measures
from runner.results.reading import read
from runner.results.relative import benchmark_returns, relative
from runner.results.rolling import WINDOWS, rolling
from tests.engine import tiny
from tests.results.lean_files import bars, day, journal, marks, ns
from tests.results.made_runs import made_run

STEPS = np.random.default_rng(7)
RETURNS = STEPS.normal(0.0004, 0.011, 600)
OTHER = 0.6 * RETURNS + STEPS.normal(0.0002, 0.006, 600)
DAYS = list(range(15000, 15600))
START = 100_000_000_000
EQUITY = [int(value) for value in START * np.cumprod(1.0 + RETURNS)]
OWN = pd.Series([now / then - 1.0 for now, then in zip(EQUITY, [START, *EQUITY], strict=False)])
PRICES = 50.0 * np.cumprod(1.0 + OTHER)


# -- the spread of returns -----------------------------------------------------------------------------------


def test_moments_and_tails():
    got = distribution(OWN.tolist())
    assert got.skew == pytest.approx(OWN.skew())
    assert got.kurtosis == pytest.approx(OWN.kurt())
    assert got.var_95 == pytest.approx(OWN.quantile(0.05))
    assert got.var_99 == pytest.approx(OWN.quantile(0.01))
    assert got.cvar_95 == pytest.approx(OWN[OWN.quantile(0.05) >= OWN].mean())
    assert got.cvar_99 == pytest.approx(OWN[OWN.quantile(0.01) >= OWN].mean())
    assert got.tail_ratio == pytest.approx(abs(OWN.quantile(0.95) / OWN.quantile(0.05)))
    assert got.positive == pytest.approx((OWN > 0).mean())


def test_without_a_few_sessions():
    """1.1 x 0.9 x 1.05 x 0.95 x 1.2 x 1.0: each left out by hand."""
    got = distribution([0.1, -0.1, 0.05, -0.05, 0.2, 0.0])
    assert got.without_best == {1: pytest.approx(1.1 * 0.9 * 1.05 * 0.95 - 1), 5: pytest.approx(-0.1)}
    assert got.without_worst == {1: pytest.approx(1.1 * 1.05 * 0.95 * 1.2 - 1), 5: pytest.approx(0.2)}


@pytest.mark.parametrize("returns", [[], [0.01], [0.0] * 200])
def test_too_little_for_a_shape(returns: list[float]):
    got = distribution(returns)
    assert (got.skew, got.kurtosis, got.tail_ratio) == (None, None, None)
    assert got.without_best.get(1) in (None, 0.0)


# -- falls ---------------------------------------------------------------------------------------------------


def test_falls_by_hand():
    """Start 100; closes 90 95 100 120 108 96 114 120 130 117: three falls, the last one open."""
    equity = [90, 95, 100, 120, 108, 96, 114, 120, 130, 117]
    assert falls(list(range(1, 11)), equity, 100) == [
        Fall(pytest.approx(0.2), 4, 6, 8, 3, 2, 2),
        Fall(pytest.approx(0.1), 1, 1, 3, 2, 1, 2),
        Fall(pytest.approx(0.1), 9, 10, 0, 1, 1, 0),
    ]


def test_the_deepest_fall_is_that_of_the_measures():
    run, prices = made_run(fills=90, mark_count=600, length=7800)
    reading = read(run, prices)
    assert reading.falls[0].depth == reading.measures.drawdown.depth
    assert max(fall.sessions for fall in reading.falls) == reading.measures.drawdown.longest


def test_no_session_no_fall():
    assert falls([], [], 100) == []
    assert falls([1, 2], [100, 101], 100) == []


# -- windows -------------------------------------------------------------------------------------------------


def test_windows_against_pandas():
    other = benchmark_returns(PRICES)
    got = rolling(DAYS, EQUITY, START, OWN.tolist(), other, 0.03)
    assert [window.sessions for window in got] == list(WINDOWS)
    curve = pd.Series([float(START), *map(float, EQUITY)])
    for window in got:
        n = window.sessions
        spread = OWN.rolling(n).std()
        sharpe = (OWN.rolling(n).mean() - 0.03 / 252) / spread * math.sqrt(252)
        beta = OWN.rolling(n).cov(pd.Series(other)) / pd.Series(other).rolling(n).var()
        fall = curve.rolling(n + 1).apply(lambda part: (1.0 - part / part.cummax()).max())
        assert window.days == DAYS[n - 1 :]
        for mine, theirs in (
            (window.total_return, curve.pct_change(n).dropna()),
            (window.volatility, spread.dropna() * math.sqrt(252)),
            (window.sharpe, sharpe.dropna()),
            (window.drawdown, fall.dropna()),
        ):
            np.testing.assert_allclose(mine, theirs.to_numpy(), rtol=1e-9, atol=1e-12)
        # The first session has no earlier close of the benchmark: one window fewer.
        np.testing.assert_allclose(window.beta[1:], beta.dropna().to_numpy(), rtol=1e-9)
        assert math.isnan(window.beta[0])


def test_windows_longer_than_the_run_are_left_out():
    few = rolling(DAYS[:70], EQUITY[:70], START, OWN.tolist()[:70], np.full(70, np.nan), 0.0)
    assert [window.sessions for window in few] == [21, 63]
    assert np.isnan(few[0].beta).all()


# -- the benchmark -------------------------------------------------------------------------------------------


def test_against_a_benchmark():
    got = relative("SPY", OWN.tolist(), PRICES, 0.02)
    own, other = OWN[1:], pd.Series(PRICES).pct_change()[1:]
    slope, _ = np.polyfit(other, own, 1)
    assert got is not None
    assert got.beta == pytest.approx(slope)
    assert got.alpha == pytest.approx(((own - 0.02 / 252).mean() - slope * (other - 0.02 / 252).mean()) * 252)
    assert got.correlation == pytest.approx(own.corr(other))
    assert got.tracking_error == pytest.approx((own - other).std() * math.sqrt(252))
    assert got.information_ratio == pytest.approx((own - other).mean() / (own - other).std() * math.sqrt(252))
    assert got.up_capture == pytest.approx(own[other > 0].mean() / other[other > 0].mean())
    assert got.down_capture == pytest.approx(own[other < 0].mean() / other[other < 0].mean())
    assert got.benchmark_return == pytest.approx(PRICES[-1] / PRICES[0] - 1)
    assert got.total_return == pytest.approx(EQUITY[-1] / EQUITY[0] - 1)
    assert got.benchmark_volatility == pytest.approx(other.std() * math.sqrt(252))
    assert got.benchmark_drawdown == pytest.approx((1 - PRICES / np.maximum.accumulate(PRICES)).max())


@pytest.mark.parametrize("prices", [[], [0.0] * 3, [5.0] * 3, [0.0, 5.0, 6.0]])
def test_no_benchmark_that_moves(prices: list[float]):
    assert relative("", [0.1, 0.1, -0.1][: len(prices)], np.array(prices), 0.0) is None


# -- exposure and months -------------------------------------------------------------------------------------

HEAD = {"symbols": ["AAA", "BBB"], "rules": ["r"], "start": ns("2024-01-30 00:00"), "start_cash": 100_000_000,
        "risk_free": 0.0, "tallies": {}}  # fmt: skip


def test_exposure_by_hand():
    rows = [(ns("2024-01-30 16:00"), MARK_SESSION, 100_000_000, 80_000_000, 0.0),
            (ns("2024-01-31 16:00"), MARK_SESSION, 50_000_000, 0, 0.0)]  # fmt: skip
    found = marks(rows)
    found["short_value"] = [-30_000_000, -25_000_000]
    got = exposures(journal(HEAD, [], found))
    assert got.gross.tolist() == pytest.approx([1.1, 0.5])
    assert got.net.tolist() == pytest.approx([0.5, -0.5])
    assert got.long.tolist() == pytest.approx([0.8, 0.0])
    assert got.short.tolist() == pytest.approx([-0.3, -0.5])


def test_months_by_hand():
    """January: closes 100 and 110, 60 bought. February: 99; 66 sold, one round trip closed."""
    rows = [(ns("2024-01-30 16:00"), MARK_SESSION, 100_000_000, 0, 10.0),
            (ns("2024-01-31 16:00"), MARK_SESSION, 110_000_000, 0, 12.0),
            (ns("2024-02-01 16:00"), MARK_SESSION, 99_000_000, 0, 15.0)]  # fmt: skip
    common = {"kind": 4, "symbol": 0, "rule": 0, "fee": 10_000}
    items = [
        {
            **common,
            "time": ns("2024-01-31 10:00"),
            "order": 1,
            "quantity": 6,
            "price": 10.0,
            "amount": 60_000_000,
        },
        {
            **common,
            "time": ns("2024-02-01 10:00"),
            "order": 2,
            "quantity": -6,
            "price": 11.0,
            "amount": -66_000_000,
        },
    ]
    reading = read(journal(HEAD, items, marks(rows)), {})
    january, february = reading.months
    assert (january.year, january.month, january.closed) == (2024, 1, 0)
    assert january.total_return == pytest.approx(0.1)
    assert january.turnover == pytest.approx(60 / 105)
    assert january.benchmark == pytest.approx(0.2)  # from the run's first close on
    assert february.turnover == pytest.approx(66 / 99)
    assert february.benchmark == pytest.approx(0.25)
    assert (february.fees, february.closed) == (10_000, 1)


# -- symbols -------------------------------------------------------------------------------------------------


def test_the_symbols_add_up_to_the_run():
    """Closed and open profits less fees, over all symbols, are the change of equity to the millionth."""
    run, prices = made_run(fills=101, mark_count=600, length=7800)
    rows = by_symbol(fold(run), run.header["symbols"], prices)
    assert len(rows) == 3
    assert any(row.position for row in rows)
    assert sum(row.profit or 0 for row in rows) == run.marks["equity"][-1] - run.header["start_cash"]
    assert sum(row.number for row in rows) == measures(run, fold(run)).trades.number


def test_a_symbol_with_a_dividend_and_a_split(tmp_path):
    """10 at 100, a dividend of 1 a share, 2:1 (20 at 50), 20 sold at 55: 100 + 10, less fees of 30 x 0.0035."""
    run = tiny.run(
        '[{name: a, at: {time: "10:00", on: ["2013-10-07"]}, buy: 10 shares}, {name: x, at: {time: "10:00", on: ["2013-10-09"]}, exit: position}]',
        "Mon 10:00 100 100 100 100; Tue 10:00 50 50 50 50 dividend 1 split 2; Wed 10:00 55 60 40 55",
        tmp_path,
    )
    reading = read(run.journal, run.bars)
    (row,) = reading.symbols
    assert (row.realized, row.dividends, row.fees) == (110_000_000, 10_000_000, 105_000)
    assert (row.open_profit, row.profit) == (0, 109_895_000)
    # In the 20 shares of the exit the entry is at 50; the worst was 40, the best 60: the exit's bar was held whole.
    assert reading.excursions == [Excursion(-200_000_000, 200_000_000)]


# -- excursions ----------------------------------------------------------------------------------------------


def trade(opened: str, closed: str, entry: float, leave: float, quantity: int = 10) -> Trade:
    cost = round(quantity * entry * 1e6)
    profit = round(quantity * (leave - entry) * 1e6)
    return Trade(0, quantity, ns(opened), ns(closed), entry, leave, 1, 2, 0, 0, cost, profit, 0)


def test_excursions_by_hand(tmp_path):
    """Daily bars: decided at Monday's close, in at Tuesday's open (100), out at Thursday's open (104).

    Tuesday and Wednesday were held whole: low 93, high 111. Thursday's 150 came after the exit, Monday's 50 before
    the entry."""
    run = tiny.run(
        "[{name: in, when: close == 90, buy: 10 shares}, {name: out, when: close == 105, exit: position}]",
        "Mon 95 95 50 90; Tue 100 111 93 100; Wed 101 106 95 105; Thu 104 150 60 100",
        tmp_path,
        resolution="1d",
    )
    reading = read(run.journal, run.bars)
    assert [(t.entry_price, t.exit_price) for t in reading.ledger.trades] == [(100.0, 104.0)]
    assert reading.excursions == [Excursion(-70_000_000, 110_000_000)]


def test_excursions_of_a_short_and_of_a_limit(tmp_path):
    """Short at 100 at 10:00 (after its bar); a limit to buy at 95 fills inside 10:02, whose 80 and 120 are not known
    to lie before it; 10:01 was held whole (97 to 103)."""
    run = tiny.run(
        '[{name: in, at: {time: "10:00"}, sell: 10 shares}, '
        '{name: out, at: {time: "10:00"}, buy: 10 shares, order: {limit: {price: 95}}}]',
        "Mon 10:00 100 130 70 100; Mon 10:01 100 103 97 99; Mon 10:02 99 120 80 90",
        tmp_path,
    )
    reading = read(run.journal, run.bars)
    assert [(t.quantity, t.exit_price) for t in reading.ledger.trades] == [(-10, 95.0)]
    assert reading.excursions == [Excursion(-30_000_000, 50_000_000)]


def test_excursions_over_many_blocks():
    """Every stretch against a plain look at its bars."""
    count = 3000
    closes = 100.0 + np.cumsum(np.random.default_rng(3).normal(0, 0.2, count)).round(2)
    begin = ns("2024-03-04 09:30")
    made = bars(
        [(begin + i * 60 * 10**9, begin + (i + 1) * 60 * 10**9, closes[i], 1.0) for i in range(count)]
    )
    made = made._replace(low=made.low - 0.5, high=made.high + 0.25)
    trades = []
    pairs = [(0, 2999), (5, 6), (200, 1300), (255, 512), (256, 511), (2700, 2999), (10, 300)]
    for a, b in pairs:
        trades.append(
            Trade(
                0,
                1,
                int(made.end[a]),
                int(made.end[b]),
                closes[a],
                closes[b],
                1,
                2,
                0,
                0,
                round(closes[a] * 1e6),
                0,
                0,
            )
        )
    got = excursions(trades, [], ["AAA"], {"AAA": made})
    for (a, b), found in zip(pairs, got, strict=True):
        # Without a known order every fill counts as sent before its bar: a flat bar's price is its open.
        low, high = made.low[a:b].min(), made.high[a:b].max()
        assert found is not None
        assert found.adverse == pytest.approx(min(0.0, min(low, closes[b]) - closes[a]) * 1e6, abs=1)
        assert found.favorable == pytest.approx(max(0.0, max(high, closes[b]) - closes[a]) * 1e6, abs=1)


def test_no_bars_no_excursion():
    assert excursions([trade("2024-03-04 10:00", "2024-03-04 11:00", 5.0, 6.0)], [], ["AAA"], {}) == [None]
    assert day("2024-03-04")
