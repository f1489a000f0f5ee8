"""What columns hold: hand calculations of splits, other symbols, longer bars and unknowns."""

import math

import numpy as np
import pytest

from runner.engine.columns import Columns
from runner.language.program import compile_program
from runner.language.words import COLUMN
from runner.market.bar import DAY, HOUR, MINUTE
from runner.market.calendar import Calendar
from tests.made import NEW_YORK, at, bars, indicator, row, strategy

nan = math.nan


def column(text, table, indicators=(), own="A", calendar=None, **data):
    """The column of `text > 0`'s left side on the bars of `own`; scanned and pushed alike."""
    program, faults = compile_program(
        strategy(f"{text} > 0", indicators=indicators, symbols=tuple(table), **data)
    )
    assert faults == []
    (only,) = [i for i in program.code if i.op == COLUMN]
    node = only.a
    if (
        program.nodes[node].op == "greater"
    ):  # what looks at several symbols is compared in the code, not in a column
        (node, _) = program.nodes[node].inputs
    scanned = Columns(program, calendar).scan(table)[own][node]
    live, pushed = Columns(program, calendar), []
    for end in sorted({int(e) for b in table.values() for e in b.end}):
        now = {s: row(b, int(np.flatnonzero(b.end == end)[0])) for s, b in table.items() if end in b.end}
        found = live.push_together(now)
        if own in found:
            pushed.append(found[own][node])
    np.testing.assert_array_equal(scanned, pushed)
    return list(scanned)


def minutes(clock, count, day="2013-10-07"):
    return at(day, clock) + MINUTE * np.arange(count)


def same(found, expected):
    np.testing.assert_allclose(found, expected, rtol=1e-14, equal_nan=True)


SPLIT = {
    "A": bars(minutes("09:30", 5), [100, 104, 50, 54, 60], volume=[10, 10, 20, 40, 20], split=[1, 1, 2, 2, 2])
}


class TestSplits:
    """A 2:1 split before the third bar: 100 becomes 50, 10 shares become 20."""

    def test_close_is_the_raw_close(self):
        same(column("close", SPLIT), [100, 104, 50, 54, 60])

    def test_a_lag_is_in_todays_shares(self):
        same(column("close[2]", SPLIT), [nan, nan, 50, 52, 50])
        same(column("volume[2]", SPLIT), [nan, nan, 20, 20, 20])
        same(column("(close * volume)[2]", SPLIT), [nan, nan, 1000, 1040, 1000])
        same(column("(close / volume)[1]", SPLIT), [nan, 10, 2.6, 2.5, 1.35])  # 104/10 is 52/20

    def test_a_later_split_is_not_known(self):
        same(column("close[1]", SPLIT)[:2], [nan, 100])

    def test_indicators_step_in_first_day_shares(self):
        # First-day prices: 100 104 100 108 120.
        same(column("sma(2)", SPLIT), [nan, 102, 51, 52, 57])
        same(
            column("ema(3)", SPLIT),
            [nan, nan, 152 / 3, (108 * 0.5 + 304 / 3 * 0.5) / 2, (60 + (54 + 152 / 3) / 2) / 2],
        )
        same(column("sma(volume, 2)", SPLIT), [nan, 10, 20, 30, 30])
        same(column("roc(2)", SPLIT), [nan, nan, 0, 108 / 104 - 1, 0.2])
        same(column("highest(close, 3)", SPLIT), [nan, nan, 52, 54, 60])
        same(column("momentum(1)", SPLIT), [nan, 4, -2, 4, 6])

    def test_a_crossing_does_not_see_the_split(self):
        table = {"A": bars(minutes("09:30", 4), [100, 104, 50, 53], split=[1, 1, 2, 2])}
        # 104 -> 50 is 52 -> 50 in today's shares: above 51 before, below it now.
        assert_truth("close crosses below 51", table, [nan, 0, 1, 0])
        assert_truth("close crosses above 51", table, [nan, 0, 0, 1])

    def test_a_ratio_of_two_symbols(self):
        table = {
            "A": bars(minutes("09:30", 3), [100, 100, 50], split=[1, 1, 2]),
            "B": bars(minutes("09:30", 3), [10, 40, 10], split=[1, 1, 4]),
        }
        # In the shares of the third row A was worth 50, 50, 50 and B 2.5, 10, 10.
        same(column("(A.close / B.close)[1]", table), [nan, 10, 5])
        same(column("(A.close / B.close)[2]", table), [nan, nan, 20])
        same(column("(close / B.close)[1]", table), [nan, 10, 5])
        same(column("sma(A.close / B.close, 2)", table), [nan, 6.25, 5])


def assert_truth(text, table, expected):
    program, faults = compile_program(strategy(text, symbols=tuple(table)))
    assert faults == []
    found = Columns(program).scan(table)["A"][program.code[0].a]
    same(found, expected)


def test_unknown_spreads():
    table = {"A": bars(minutes("09:30", 4), [1, 2, 3, 4], bid=[1, nan, 0, 4])}
    assert_truth("bid > 2 and close > 0", table, [0, nan, 0, 1])
    assert_truth("bid > 2 or close > 0", table, [1, nan, 1, 1])
    assert_truth("not bid > 2", table, [1, nan, 1, 0])
    assert_truth("close / bid > 0", table, [1, nan, nan, 1])
    assert_truth("max(bid, close) > 2", table, [0, nan, 1, 1])
    assert_truth("bid crosses above 1", table, [nan, nan, nan, 1])


def test_a_touch_is_no_crossing():
    table = {"A": bars(minutes("09:30", 6), [1, 2, 3, 2, 1, 2])}
    assert_truth("close crosses above 2", table, [nan, 0, 1, 0, 0, 0])
    assert_truth("close crosses below 2", table, [nan, 0, 0, 0, 1, 0])


class TestOtherSymbols:
    def test_the_newest_that_is_known_at_the_own_end(self):
        table = {
            "A": bars(minutes("09:31", 4), [1, 2, 3, 4]),
            "B": bars(
                [at("2013-10-07", "09:30"), at("2013-10-07", "09:32"), at("2013-10-07", "09:33")],
                [10, 12, 13],
            ),
        }
        # A window over both symbols lies on A's bars. They end 09:32 to 09:35, B's 09:31, 09:33, 09:34.
        same(column("sma(B.close / close, 1)", table), [10, 12 / 2, 13 / 3, 13 / 4])
        same(column("sma(B.close[1] / close, 1)", table), [nan, 10 / 2, 12 / 3, 12 / 4])
        same(column("sma(B.sma(2) / close, 1)", table), [nan, 11 / 2, 12.5 / 3, 12.5 / 4])

    def test_daily_bars_seen_from_minutes(self):
        table = {
            "A": bars([*minutes("15:58", 2), *minutes("09:30", 1, "2013-10-08")], [1, 2, 3]),
            "B": bars([at("2013-10-04", "09:30"), at("2013-10-07", "09:30")], [50, 60], step=390 * MINUTE),
        }
        same(column("sma(B.close / close, 1)", table, resolutions=(("B", "1d"),)), [50, 30, 20])

    def test_a_symbol_without_bars_is_unknown(self):
        program, _ = compile_program(strategy("sma(close / B.close, 1) > 0", symbols=("A", "B")))
        table = {"A": bars(minutes("09:30", 2), [1, 2])}
        same(Columns(program).scan(table)["A"][program.code[0].a], [nan, nan])
        assert math.isnan(Columns(program).push("A", row(table["A"], 0))[program.code[0].a])


class TestTimeframes:
    def of(self, kind, table, timeframe=5 * MINUTE, calendar=None, **parameters):
        return column(
            "x", table, [indicator("x", kind, timeframe=timeframe, **parameters)], calendar=calendar
        )

    def test_steps_with_the_bar_that_completes_the_bucket_and_holds(self):
        close = np.arange(1.0, 13.0)
        found = self.of("sma", {"A": bars(minutes("09:30", 12), close)}, period=2)
        # Five-minute closes: 5 and 10; known at the ends of the bars 5 and 10.
        same(found, [nan] * 9 + [7.5] * 3)

    def test_the_longer_bar_has_its_own_high_low_and_volume(self):
        n = 10
        table = {
            "A": bars(minutes("09:30", n), [5] * n, open=[4] * n, high=[9, 7, 7, 7, 8, 6, 6, 6, 6, 11],
                      low=[3, 2, 3, 3, 3, 4, 4, 1, 4, 4], volume=range(n))
        }  # fmt: skip
        same(self.of("highest", table, period=1), [nan] * 4 + [9] * 5 + [11])
        same(self.of("lowest", table, period=1), [nan] * 4 + [2] * 5 + [1])
        same(self.of("atr", table, period=1), [nan] * 4 + [7] * 5 + [10])
        same(self.of("sma", table, period=1, of="volume"), [nan] * 4 + [10] * 5 + [35])
        same(self.of("sma", table, period=1, of="volume + volume[1]"), [nan] * 9 + [45])

    def test_buckets_are_aligned_to_the_clock(self):
        found = self.of("sma", {"A": bars(minutes("09:58", 4), [1, 2, 3, 4])}, timeframe=HOUR, period=1)
        same(found, [nan, 2, 2, 2])

    def test_a_missing_last_bar_completes_the_bucket_at_the_next_bar(self):
        start = [at("2013-10-07", f"09:{m}") for m in (30, 31, 33, 35, 36, 46, 50)]
        found = self.of("sma", {"A": bars(start, [1, 2, 3, 4, 5, 6, 7])}, period=1)
        # 09:30 to 09:35 ends with 3, known when the bar of 09:35 comes; 5 when that of 09:46 comes; then 6.
        same(found, [nan, nan, nan, 3, 3, 5, 6])

    def test_one_bar_can_close_two_buckets(self):
        start = [at("2013-10-07", c) for c in ("09:30", "09:39", "09:40")]
        same(self.of("momentum", {"A": bars(start, [1, 5, 7])}, period=1), [nan, 4, 4])

    def test_the_session_cuts_a_bucket(self):
        start = [at("2013-10-07", "15:58"), at("2013-10-07", "15:59"), at("2013-10-08", "09:30")]
        found = self.of("sma", {"A": bars(start, [1, 2, 3])}, timeframe=7 * MINUTE, period=1)
        same(found, [1, 2, 2])  # 15:52 to 15:59, and 15:59 to 16:06 by the clock

    def test_an_early_close_needs_the_calendar(self):
        start = [at("2013-11-29", "12:59"), at("2013-12-02", "09:30")]
        table = {"A": bars(start, [1, 2])}
        same(self.of("sma", table, timeframe=DAY, period=1), [nan, 1])
        same(self.of("sma", table, timeframe=DAY, period=1, calendar=thanksgiving()), [1, 1])

    def test_a_day_is_its_regular_hours(self):
        clock = ["09:29", "09:30", "15:59", "16:00", "19:59"]
        start = [at(day, c) for day in ("2013-10-07", "2013-10-08") for c in clock]
        high = [99, 2, 3, 99, 99, 99, 5, 4, 99, 99]
        found = self.of("highest", {"A": bars(start, range(1, 11), high=high)}, timeframe=DAY, period=1)
        same(found, [nan, nan, 3, 3, 3, 3, 3, 5, 5, 5])

    def test_a_held_value_follows_a_split(self):
        start = [at("2013-10-07", "15:59"), at("2013-10-08", "09:30")]
        table = {"A": bars(start, [100, 51], split=[1, 2])}
        same(self.of("sma", table, period=1), [100, 50])


class TestSessionVwap:
    def test_it_begins_anew_with_each_day_of_new_york(self):
        # 19:59 New York is the next day in UTC.
        start = [at("2013-10-07", "09:30"), at("2013-10-07", "19:59"), at("2013-10-08", "04:00")]
        table = {"A": bars(start, [10, 13, 20], high=[11, 13, 22], low=[9, 13, 18], volume=[100, 200, 50])}
        same(column("session_vwap()", table), [10, 12, 20])

    def test_another_price(self):
        table = {"A": bars(minutes("09:30", 2), [10, 13], open=[1, 4], volume=[100, 200])}
        same(column("session_vwap(open)", table), [1, 3])


def thanksgiving():
    """Sessions of 2013-11-29 (13:00 close) and 2013-12-02."""
    days = ["2013-11-29", "2013-12-02"]
    numbers = [int(np.datetime64(d).astype(int)) for d in days]
    midnight = [at(str(np.datetime64(numbers[0] + i, "D")), "00:00") for i in range(5)]
    assert NEW_YORK.key == "America/New_York"

    def times(*clocks):
        return np.array([at(d, c) for d, c in zip(days, clocks, strict=True)])

    return Calendar(
        np.array(numbers), times("09:30", "09:30"), times("13:00", "16:00"), times("04:00", "04:00"),
        times("17:00", "20:00"), numbers[0], np.array(midnight),
    )  # fmt: skip


def test_no_bars():
    program, _ = compile_program(strategy("ema(3) > close[1]", symbols=("A",)))
    assert [len(c) for c in Columns(program).scan({"A": bars([], [])})["A"]] == [0] * len(program.nodes)


@pytest.mark.parametrize("compiled", [False, True])
def test_columns_are_float64(compiled):
    if compiled:
        pytest.importorskip("numba")
    program, _ = compile_program(strategy("ema(2) > close and macd(2, 3, 2).signal < 4", symbols=("A",)))
    found = Columns(program, compiled=compiled).scan({"A": bars(minutes("09:30", 8), range(8))})["A"]
    assert {c.dtype for c in found} == {np.dtype("float64")}
