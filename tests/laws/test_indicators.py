"""Every indicator against hand calculations, and against TA-Lib where both define the same thing."""

import csv
import importlib.util
import math
from pathlib import Path

import numpy as np
import pytest

from runner.laws.indicators import INDICATORS

WORKED = Path(__file__).parents[1] / "worked" / "indicators.csv"
ROWS = list(csv.DictReader(WORKED.read_text().splitlines()))


def numbers(text):
    return [math.nan if word == "-" else float(word) for word in text.split()]


def run(kind, parameters, *columns, output=0):
    """The values of one output, step by step."""
    entry = INDICATORS[kind]
    state, found = entry.start(*parameters), []
    for row in zip(*columns, strict=True):
        state, y = entry.step(state, *(float(x) for x in row))
        found.append(y[output] if entry.outputs else y)
    return np.array(found)


@pytest.mark.parametrize(
    "row", ROWS, ids=lambda row: f"{row['kind']}-{row['parameters']}-{row['output']}-{row['inputs'][:12]}"
)
def test_hand_calculations(row):
    columns = [numbers(text) for text in row["inputs"].split("|")]
    found = run(row["kind"], numbers(row["parameters"]), *columns, output=int(row["output"]))
    np.testing.assert_allclose(found, numbers(row["expected"]), rtol=1e-14, atol=1e-14, equal_nan=True)


def test_every_kind_is_worked():
    assert {row["kind"] for row in ROWS} == set(INDICATORS)


@pytest.mark.parametrize("kind", INDICATORS)
def test_warm_up_is_the_first_known_value(kind):
    entry = INDICATORS[kind]
    parameters = tuple(p.default or 7.0 for p in entry.parameters)
    r = np.random.default_rng(1)
    columns = [r.uniform(90, 110, 60) for _ in entry.inputs]
    if kind == "session_vwap":
        columns[2] = np.ones(60)
    for output, bars in enumerate(entry.warm_up(*parameters)):
        known = np.flatnonzero(~np.isnan(run(kind, parameters, *columns, output=output)))
        assert known[0] + 1 == bars
        assert len(known) == 60 - bars + 1


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("kind", INDICATORS)
def test_an_unknown_input_gives_unknown_and_moves_nothing(kind, bad):
    entry = INDICATORS[kind]
    parameters = tuple(p.default or 3.0 for p in entry.parameters)
    r = np.random.default_rng(2)
    columns = [r.uniform(90, 110, 50) for _ in entry.inputs]
    if kind == "session_vwap":
        columns[2] = np.ones(50)
    holes = np.array([0, 1, 20, 33])
    with_holes = [
        np.insert(c, holes, bad if i == 0 else 100.0 if i == 1 else 1.0) for i, c in enumerate(columns)
    ]
    at = holes + np.arange(len(holes))
    found = run(kind, parameters, *with_holes)
    assert np.isnan(found[at]).all()
    np.testing.assert_array_equal(np.delete(found, at), run(kind, parameters, *columns))


def test_flat_prices_are_their_own_average():
    # 100.01 * 49 / 49 is not 100.01 in floats; a rule `close > average` must not see that.
    for n in range(1, 200):
        values = [3.3] * 5 + [100.01] * (n + 3)
        assert run("sma", (n,), values)[-1] == 100.01
        assert run("standard_deviation", (n,), values)[-1] == 0.0


def test_the_mean_does_not_depend_on_where_the_data_began():
    r = np.random.default_rng(3)
    x = np.round(100 + np.cumsum(r.normal(0, 0.05, 20_000)), 2)
    np.testing.assert_array_equal(run("sma", (30,), x)[-500:], run("sma", (30,), x[-529:])[-500:])


def test_a_huge_value_leaves_no_trace_in_the_mean():
    found = run("sma", (3,), [1e15, 1.1, 2.2, 3.3, 4.4])
    np.testing.assert_allclose(found[3:], [2.2, 3.3], rtol=1e-15)


@pytest.mark.skipif(importlib.util.find_spec("talib") is None, reason="needs the extra talib")
class TestAgainstTaLib:
    """Independent library; tolerances are for its other order of operations."""

    r = np.random.default_rng(4)
    close = 100 + np.cumsum(r.normal(0, 0.3, 1500))
    open = close + r.normal(0, 0.2, 1500)
    high = np.maximum(open, close) + r.uniform(0, 0.3, 1500)
    low = np.minimum(open, close) - r.uniform(0, 0.3, 1500)

    @property
    def talib(self):
        import talib

        return talib

    def same(self, found, expected):
        np.testing.assert_array_equal(np.isnan(found), np.isnan(expected))
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9, equal_nan=True)

    @pytest.mark.parametrize("n", [2, 5, 20, 100])
    def test_windows(self, n):
        x, t = self.close, self.talib
        self.same(run("sma", (n,), x), t.SMA(x, n))
        self.same(run("ema", (n,), x), t.EMA(x, n))
        self.same(run("rsi", (n,), x), t.RSI(x, n))
        self.same(run("momentum", (n,), x), t.MOM(x, n))
        self.same(run("roc", (n,), x), t.ROCP(x, n))
        self.same(run("highest", (n,), x), t.MAX(x, n))
        self.same(run("lowest", (n,), x), t.MIN(x, n))
        # TA-Lib differs by 1e-8: it subtracts running sums of squares.
        np.testing.assert_allclose(
            run("standard_deviation", (n,), x), t.STDDEV(x, n, 1.0), rtol=1e-6, atol=1e-7, equal_nan=True
        )

    @pytest.mark.parametrize("n", [5, 20])
    @pytest.mark.parametrize("width", [1.0, 2.5])
    def test_bollinger(self, n, width):
        for i, band in enumerate(self.talib.BBANDS(self.close, n, width, width, 0)):
            found = run("bollinger", (n, width), self.close, output=i)
            np.testing.assert_allclose(found, band, rtol=1e-7, equal_nan=True)

    def test_macd_line_and_signal_of_its_own_seeds(self):
        # TA-Lib's MACD starts the fast average late; its EMA seeds each average alone, as ours does.
        x, ema = self.close, self.talib.EMA
        line = ema(x, 12) - ema(x, 26)
        self.same(run("macd", (12, 26, 9), x), line)
        signal = np.concatenate((np.full(25, np.nan), ema(line[25:], 9)))
        self.same(run("macd", (12, 26, 9), x, output=1), signal)
        self.same(run("macd", (12, 26, 9), x, output=2), line - signal)

    def test_macd_agrees_with_the_whole_once_the_seeds_have_faded(self):
        for i, column in enumerate(self.talib.MACD(self.close, 12, 26, 9)):
            found = run("macd", (12, 26, 9), self.close, output=i)
            np.testing.assert_allclose(found[400:], column[400:], rtol=0, atol=1e-9)

    @pytest.mark.parametrize("n", [2, 14])
    def test_atr_from_the_second_bar(self, n):
        # TA-Lib has no range for the first bar. The second bar holds the first close, so that its range
        # is the same without a bar before it.
        high, low = self.high.copy(), self.low.copy()
        high[1], low[1] = max(high[1], self.close[0]), min(low[1], self.close[0])
        expected = self.talib.ATR(high, low, self.close, n)
        self.same(run("atr", (n,), high[1:], low[1:], self.close[1:]), expected[1:])

    def test_wilder_of_true_ranges(self):
        ranges = self.talib.TRANGE(self.high, self.low, self.close)[1:]
        self.same(run("wilder", (14,), ranges), self.talib.ATR(self.high, self.low, self.close, 14)[1:])
