"""Real corporate actions in whole runs over the embedded data: shares, cash, equity, and no false alarm.

Apple split two for one on 2005-02-28. Its closes were $88.99 on Friday 2005-02-25 and $44.86 on the Monday (published
prices). IBM paid $0.18 a share, ex-date 2005-02-08.
"""

from pathlib import Path

import pytest

from runner import assemble
from runner.engine import compiler
from runner.language.source import load
from runner.language.validate import understand
from runner.market import events
from tests.engine import tiny

# Everything that a split could set off: a fall by half, a stop, crosses, extremes, profit, volume.
ALARMS = {
    "half": "close < close[1] * 0.8",
    "double": "close > close[1] * 1.2",
    "under the average": "close crosses below sma(close, 20)",
    "over the average": "close crosses above sma(close, 20)",
    "fast under slow": "ema(5) crosses below ema(40)",
    "new low": "low < lowest(low, 20)[1]",
    "new high": "high > highest(high, 20)[1]",
    "stop": "unrealized_percent < -20%",
    "gain": "unrealized_percent > 60%",
    "falling": "roc(close, 5) < -15%",
    "oversold": "rsi(close, 5) < 30",
    "wild": "atr(10) > 0.1 * close",
    "busy": "volume > 2.5 * sma(volume, 20)",
    "under water": "close < entry_price",
}
DRIVERS = ["loop", pytest.param("kernel", marks=pytest.mark.slow)] if compiler.installed() else ["loop"]
HELD = "{name: hold, when: close > 0, once_per: run, buy: 100 shares}"


def run(rules, symbol="AAPL", start="2005-01-03", end="2005-05-31", data="", more="", driver="loop"):
    text = f"""\
version: 1
name: held
universe: {{symbols: [{symbol}]}}
data: {{source: embedded, resolution: 1d{data}}}
{more}
rules: [{", ".join(rules)}]
backtest: {{start: "{start}", end: "{end}", cash: 100000}}
"""
    program, problems = understand(load(text, "held.yaml"))
    assert not problems, "\n".join(problem.text() for problem in problems)
    return assemble.run_backtest(assemble.backtest(program, text, Path(), driver))


@pytest.fixture(scope="module")
def held():
    return run([HELD])


def marks(run, day):
    found = [m for m in run.journal.marks if tiny.clock(int(m["time"])) == f"{day} 16:00"]
    assert len(found) == 1
    return found[0]


def test_the_shares_double(held):
    assert tiny.sentences(held)[2:] == [
        "2005-01-04 16:00 filled #1 +100 @ " + tiny.number(held.bars["AAPL"].open[1]),
        "2005-02-28 00:00 split 2 -> 200",
    ]


def test_equity_moves_with_the_price_and_nothing_else(held):
    before, after = marks(held, "2005-02-25"), marks(held, "2005-02-28")
    assert before["long_value"] == 8_899_000_000  # 100 x 88.99
    assert after["long_value"] == 8_972_000_000  # 200 x 44.86
    assert after["equity"] - before["equity"] == 73_000_000
    assert after["cash"] == before["cash"]


def test_no_equity_appears_at_midnight(held):
    """LEAN's samples of midnight see the split's first instant: 200 shares at half the price."""
    lean = run([HELD], data=", prices: raw", more="brokerage: {name: default, conventions: lean}")
    at = {tiny.clock(int(m["time"])): int(m["equity"]) for m in lean.journal.marks}
    assert at["2005-02-28 00:00"] == at["2005-02-27 00:00"] == at["2005-02-26 00:00"]


def notes(run):
    kept = run.journal.records[run.journal.records["kind"] == events.NOTED]
    return {(tiny.clock(int(line["time"])), run.journal.header["rules"][line["rule"]]) for line in kept}


def test_no_rule_fires_that_would_not_on_split_adjusted_prices():
    rules = [HELD, *(f"{{name: {name}, when: '{when}', note: x}}" for name, when in ALARMS.items())]
    raw = notes(run(rules, data=", prices: raw"))
    adjusted = notes(run(rules, data=", prices: split_adjusted"))
    assert raw == adjusted
    assert len({name for _, name in raw}) >= 8, (
        "the alarms are to be real ones: most of them ring at some time"
    )
    assert not {name for time, name in raw if time.startswith("2005-02-28")} & {
        "half",
        "stop",
        "falling",
        "new low",
    }


def test_a_limit_that_waits_over_a_split_keeps_its_meaning():
    """100 shares at 60 dollars before the split are 200 at 30 after it, which Apple did not see again."""
    rules = [
        "{name: low, when: close > 0, once_per: run, buy: 100 shares, order: {limit: {price: 60}, time_in_force: good_till_cancelled}}"
    ]
    found = run(rules, start="2005-02-14", end="2005-03-31", more="brokerage: {name: axos}")
    kinds = [(tiny.clock(int(line["time"])), tiny.KINDS[int(line["kind"])]) for line in found.journal.records]
    assert ("2005-02-28 00:00", "updated") in kinds
    assert "filled" not in [kind for _, kind in kinds]
    changed = found.journal.records[found.journal.records["kind"] == events.UPDATED][0]
    assert (int(changed["quantity"]), float(changed["limit"])) == (200, 30.0)


def test_a_dividend_is_cash_on_the_ex_date():
    found = run([HELD], symbol="IBM", start="2005-02-01", end="2005-02-28")
    assert "2005-02-08 00:00 dividend $18" in tiny.sentences(found)  # 100 x 0.18
    before, after = marks(found, "2005-02-07"), marks(found, "2005-02-08")
    assert after["cash"] - before["cash"] == 18_000_000


def test_a_short_pays_it():
    found = run(
        ["{name: short, when: close > 0, once_per: run, sell: 100 shares}"],
        symbol="IBM",
        start="2005-02-01",
        end="2005-02-28",
    )
    assert "2005-02-08 00:00 dividend $-18" in tiny.sentences(found)


@pytest.mark.parametrize("driver", DRIVERS)
def test_total_return_gains_the_dividend_in_the_price_only(driver):
    """Its warm-up reaches over no dividend: the fill is raw. Afterwards each price has $0.18 more and no cash comes."""
    plain, total = (
        run([HELD], symbol="IBM", start="2005-02-01", end="2005-02-28", data=data, driver=driver)
        for data in (", prices: raw", ", prices: total_return")
    )
    assert tiny.sentences(total) == [one for one in tiny.sentences(plain) if "dividend" not in one]
    assert marks(total, "2005-02-07")["equity"] == marks(plain, "2005-02-07")["equity"]
    for day in ("2005-02-08", "2005-02-25"):
        assert marks(total, day)["long_value"] == marks(plain, day)["long_value"] + 18_000_000
        assert marks(total, day)["equity"] == marks(plain, day)["equity"]


def test_the_warm_up_moves_no_price_of_the_run():
    """The price at which a run with a long average fills is the raw one of its first days; IBM paid in 2004."""
    held = "{name: hold, when: sma(100) > 0, once_per: run, buy: 100 shares}"
    found = run([held], symbol="IBM", start="2005-02-01", end="2005-02-28", data=", prices: total_return")
    raw = run([HELD], symbol="IBM", start="2005-02-01", end="2005-02-28", data=", prices: raw")
    assert tiny.sentences(found)[:3] == tiny.sentences(raw)[:3]
