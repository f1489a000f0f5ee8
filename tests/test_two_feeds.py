"""Two feeds, one answer: every column scanned over the whole history and pushed bar by bar, equal bit for bit.

No expected values here: what the indicators should give is in tests/laws/test_indicators.py.
"""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runner.engine.columns import Columns
from runner.engine.compiler import installed
from runner.language.program import compile_program
from runner.laws.indicators import INDICATORS
from runner.market.bar import DAY, HOUR, MINUTE
from tests.made import at, bars, indicator, row, strategy

SYMBOLS = ("A", "B")
FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def program_of(*conditions, indicators=(), **data):
    program, faults = compile_program(strategy(*conditions, indicators=indicators, symbols=SYMBOLS, **data))
    assert faults == []
    return program


def pushed(columns, table):
    """Every node at every row by pushing, the bars that end at one instant together."""
    values = {symbol: [] for symbol in table}
    ends = sorted({int(end) for b in table.values() for end in b.end})
    place = dict.fromkeys(table, 0)
    for end in ends:
        rows = {}
        for symbol, b in table.items():
            if place[symbol] < len(b.end) and b.end[place[symbol]] == end:
                rows[symbol] = row(b, place[symbol])
                place[symbol] += 1
        for symbol, found in columns.push_together(rows).items():
            values[symbol].append(found)
    return values


def assert_equal_bit_for_bit(program, table, **how):
    scanned = Columns(program, **how).scan(table)
    found = pushed(Columns(program, **how), table)
    for symbol, b in table.items():
        for i, node in enumerate(program.nodes):
            if node.symbol not in ("", symbol):
                continue
            one, other = scanned[symbol][i], np.array([values[i] for values in found[symbol]], dtype=float)
            assert len(one) == len(b.end)
            np.testing.assert_array_equal(np.isnan(one), np.isnan(other), err_msg=str(node))
            known = ~np.isnan(one)
            np.testing.assert_array_equal(
                one[known].view(np.int64), other[known].view(np.int64), err_msg=str(node)
            )
    return scanned


def random_bars(seed, rows, gaps=0.3, flat=0.3, splits=True, step=MINUTE):
    """Minutes of three sessions with bars missing, flat stretches, quotes with holes and a split or two."""
    r = np.random.default_rng(seed)
    minutes = [
        at(day, "09:30") + i * step for day in ("2013-10-04", "2013-10-07", "2013-10-08") for i in range(rows)
    ]
    start = np.array(minutes, dtype=np.int64)[r.random(len(minutes)) >= gaps]
    n = len(start)
    close = np.round(np.exp(np.cumsum(np.where(r.random(n) < flat, 0.0, r.normal(0, 0.01, n)))) * 50, 2)
    open_ = np.round(close + r.normal(0, 0.1, n), 2)
    split = np.ones(n)
    if splits:
        day = (start - at("2013-10-04", "09:30")) // DAY
        split = np.select([day >= 4, day >= 3], [3.0 * 0.7, 3.0], 1.0)
    return bars(
        start, close, step=step, open=open_, high=np.maximum(open_, close) + 0.01, low=np.minimum(open_, close) - 0.01,
        volume=r.integers(0, 3, n) * 100.0, bid=np.where(r.random(n) < 0.3, np.nan, close), split=split,
    )  # fmt: skip


def settings_of(kind, period):
    entry = INDICATORS[kind]
    if kind == "macd":
        return {"fast": period, "slow": period + 3, "signal": 2}
    return {p.name: period if p.name == "period" else p.default for p in entry.parameters}


@pytest.mark.parametrize("kind", INDICATORS)
@FEW
@given(seed=st.integers(0, 10**6), rows=st.integers(0, 40), period=st.integers(1, 12))
def test_every_indicator(kind, seed, rows, period):
    values = settings_of(kind, period)
    outputs = INDICATORS[kind].outputs
    named = [f"x.{o} > 0" if kind != "roc" else "x > 0" for o in outputs] or ["x > 0", "x[2] > 0", "slow > 0"]
    made = [indicator("x", kind, **values), indicator("slow", kind, timeframe=5 * MINUTE, **values)]
    if INDICATORS[kind].takes_of:
        made.append(indicator("y", kind, of="bid", **values))
        named.append("y > 0")
    program = program_of(*named, indicators=made)
    assert_equal_bit_for_bit(program, {"A": random_bars(seed, rows), "B": random_bars(seed + 1, rows)})


@FEW
@given(
    seed=st.integers(0, 10**6),
    rows=st.integers(0, 60),
    timeframe=st.sampled_from([5 * MINUTE, 7 * MINUTE, HOUR, DAY]),
)
def test_timeframes_and_other_symbols(seed, rows, timeframe):
    program = program_of(
        "slow crosses above close",
        "A.close[3] > B.close and zscore(A.close / close, 4) > 1",
        "wide > 0 and wide[2] < 3 * bands.upper",
        "(A.close - 2 * B.close)[2] > A.x or B.slow > 1",
        "(volume * close)[1] > sma(volume, 3) * close and highest(3) > lowest(close, 2)",
        "spread crosses below 0",
        indicators=[
            indicator("slow", "ema", period=2, timeframe=timeframe),
            indicator("x", "atr", period=3),
            indicator("wide", "sma", of="(high + low)[1] / 2 + x", period=2, timeframe=timeframe, symbol="B"),
            indicator("bands", "bollinger", of="slow", period=3),
            indicator("spread", "zscore", of="A.close / B.close", period=3, timeframe=timeframe),
        ],
    )
    assert_equal_bit_for_bit(
        program, {"A": random_bars(seed, rows), "B": random_bars(seed + 1, rows, gaps=0.6)}
    )


NUMBERS = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from([0.0, -0.0, 1.0, -1.0, 2.5, 0.5, -2.5, 1e300]),
)


@FEW
@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=30))
def test_arithmetic_of_any_numbers(pairs):
    one, other = zip(*pairs, strict=True)
    program = program_of(
        *(f"open {op} close" for op in ("<", "<=", ">", ">=", "==", "!=")),
        *(f"open {op} close > 1" for op in ("+", "-", "*", "/")),
        "open mod close > 0", "not (open < close and close < 3 or open > 1)", "min(open, close) < max(open, close)",
        "abs(open) + floor(open) + ceil(close) + round(close) > sqrt(open / close)", "-open > close",
    )  # fmt: skip
    start = at("2013-10-07", "09:30") + MINUTE * np.arange(len(pairs))
    with np.errstate(all="ignore"):
        assert_equal_bit_for_bit(program, {"A": bars(start, other, open=one)})


@pytest.mark.skipif(not installed(), reason="needs the extra fast")
@pytest.mark.parametrize("kind", INDICATORS)
def test_compiled_scans_give_the_same_bits(kind):
    values = settings_of(kind, 5)
    outputs = INDICATORS[kind].outputs or ("",)
    program = program_of(
        *(f"x{'.' * bool(o)}{o} > 0 and slow{'.' * bool(o)}{o} > 0" for o in outputs),
        indicators=[indicator("x", kind, **values), indicator("slow", kind, timeframe=5 * MINUTE, **values)],
    )
    table = {"A": random_bars(7, 300), "B": random_bars(8, 300)}
    plain, fast = (Columns(program, compiled=c).scan(table) for c in (False, True))
    for symbol in table:
        for one, other in zip(plain[symbol], fast[symbol], strict=True):
            np.testing.assert_array_equal(one.view(np.int64), other.view(np.int64))
    assert_equal_bit_for_bit(program, table, compiled=True)
