"""A live run whose journal begins new epochs all the time, and which is killed and started again from them, writes the
journal of the backtest, record for record. Every seventh worked run of `worked/*.csv`, and strategies with indicators.
"""

import math

import pytest

from runner import assemble
from runner.adapters.live_journal import LiveJournal
from runner.engine.exact import packed, unpacked
from tests import test_live_loop as live_loop
from tests.engine import tiny
from tests.engine.test_queueing import ROWS, plan_of


def over_and_over(ready, path, most, inputs):
    """Killed after every few inputs, until it comes to its end."""
    for i in range(2000):
        try:
            live_loop.live(ready, path, stop_after=inputs + i % 3, most=most)
            return i
        except live_loop.Stopped:
            continue
    raise AssertionError("it never comes to its end")


@pytest.mark.parametrize("row", ROWS[::7], ids=lambda row: row["case"])
def test_new_epochs_change_nothing(row, tmp_path):
    """First in one process, an epoch every two inputs; then killed after every few inputs, an epoch every three."""
    ready = tiny.ready(row["rules"], row["bars"], tmp_path, **plan_of(row))
    backtest = assemble.run_backtest(ready)
    live_loop.assert_same(ready, backtest, tmp_path / "one.db", most=2)
    over_and_over(ready, tmp_path / "live.db", most=3, inputs=4)
    live_loop.assert_same(ready, backtest, tmp_path / "live.db", most=3)


@pytest.mark.slow
@pytest.mark.parametrize("path", live_loop.STRATEGIES[::4], ids=lambda path: path.stem)
def test_indicators_and_portfolios(path, tmp_path):
    text = path.read_text(encoding="utf-8")
    program, problems = live_loop.understand(live_loop.load(text, path.name))
    assert not problems
    ready = assemble.backtest(live_loop.first_days(program), text, path.parent, "loop")
    stops = over_and_over(ready, tmp_path / "live.db", most=9, inputs=40)
    assert stops > 1
    live_loop.assert_same(ready, assemble.run_backtest(ready), tmp_path / "live.db", most=9)


def test_values_come_back_bit_for_bit():
    value = {"a": (1 << 62, -1, (True, None)), "b": [0.1, -0.0, math.inf, -math.inf], 3: [[], ()], "": "text"}
    del value[""]
    again = unpacked(packed({**value, "nan": math.nan}))
    assert math.isnan(again.pop("nan"))
    assert again == value
    assert [type(one) for one in again["a"]] == [int, int, tuple]
    assert math.copysign(1.0, again["b"][1]) == -1.0


def test_a_restart_hears_one_epoch(tmp_path):
    """However many inputs there were: of 12 minutes of bars and an epoch every five inputs, fewer than five."""
    bars = "; ".join(f"Mon 10:{i:02} 100 101 99 100.{i:02}" for i in range(12))
    ready = tiny.ready("[{name: e, when: close > sma(3), enter: long, size: {shares: 1}}]", bars, tmp_path)
    live_loop.live(ready, tmp_path / "live.db", most=5)
    journal = LiveJournal(tmp_path / "live.db")
    total = journal._count("inputs")
    left = 0
    while journal.recall() is not None:
        left += 1
    journal.close()
    assert total > 12
    assert left < 5
