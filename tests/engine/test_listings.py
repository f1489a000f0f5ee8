"""Symbols that leave the exchange or change their name: real map files, raw prices, record by record.

The first AAA had its last day on Friday 2007-05-18 (map file). Its daily bars: Tue 15th 27.00 27.65 27.00 27.17; Wed 16th
27.22 27.25 26.34 26.74; Thu 17th 26.28 26.55 26.15 26.35; Fri 18th 25.71 26.36 25.61 26.00. The Fox share was NWSA to
2013-06-28 and FOXA from the session after it (map file of TFCFA).
"""

import pytest

from runner import assemble
from runner.adapters.lean_data import LeanFolder
from runner.language.source import load
from runner.language.validate import understand
from runner.market import events
from tests.adapters.days import day
from tests.engine import tiny

pytestmark = pytest.mark.usefixtures("shared")

BUY = "{name: buy, symbols: [AAA.1], when: close > 0, once_per: run, buy: 100 shares}"
OTHER = "{name: other, symbols: [SPY], when: close < 0, note: never}"


def run(shared, *rules, account="", driver="loop"):
    text = f"""\
version: 1
name: gone
universe: {{symbols: [AAA.1, SPY]}}
data: {{source: {{lean: {shared / "lean-data"}}}, resolution: 1d}}
{account}
rules: [{", ".join((*rules, OTHER))}]
backtest: {{start: "2007-05-15", end: "2007-05-25", cash: 100000}}
"""
    program, problems = understand(load(text, "gone.yaml"))
    assert not problems, "\n".join(problem.text() for problem in problems)
    return assemble.run_backtest(assemble.backtest(program, text, shared, driver))


def told(found):
    return [line for line in tiny.sentences(found) if "gated" not in line]


def test_what_is_held_is_settled_at_the_last_price(shared):
    """Bought at Wednesday's open, settled on the day after the last at Friday's close, without a fee."""
    found = run(shared, BUY)
    assert told(found) == [
        "2007-05-15 16:00 queued #1 AAA.1 +100",
        "2007-05-16 09:30 submitted #1 AAA.1 +100",
        "2007-05-16 16:00 filled #1 AAA.1 +100 @ 27.22",
        "2007-05-18 00:00 last_day AAA.1",
        "2007-05-19 00:00 delisted AAA.1",
        "2007-05-19 00:00 submitted #2 AAA.1 -100",
        "2007-05-19 00:00 filled #2 AAA.1 -100 @ 26",
    ]
    filled = found.journal.records[found.journal.records["kind"] == events.FILLED]
    assert filled["fee"].tolist() == [350_000, 0]
    # 100000 - 2722 - 0.35 + 2600
    assert found.journal.marks[-1]["equity"] == 99_877_650_000


def test_a_short_position_is_settled_too(shared):
    found = run(shared, BUY.replace("buy: 100", "sell: 100"))
    assert told(found)[-2:] == [
        "2007-05-19 00:00 submitted #2 AAA.1 +100",
        "2007-05-19 00:00 filled #2 AAA.1 +100 @ 26",
    ]


def test_open_orders_are_cancelled(shared):
    """Decided at the last close, queued for an open that never comes."""
    late = "{name: late, symbols: [AAA.1], when: close == 26, buy: 1 share}"
    assert told(run(shared, late)) == [
        "2007-05-18 00:00 last_day AAA.1",
        "2007-05-18 16:00 queued #1 AAA.1 +1",
        "2007-05-19 00:00 delisted AAA.1",
        "2007-05-19 00:00 cancelled #1 AAA.1",
    ]


def test_later_orders_are_refused(shared):
    late = "{name: late, symbols: [AAA.1], at: {before_open: 10m, on: [2007-05-21]}, buy: 1 share}"
    assert told(run(shared, late))[-1] == "2007-05-21 09:20 refused AAA.1 +1 delisted"


def test_rules_can_ask(shared):
    """At the close of the last day it is the last day; afterwards the symbol is gone."""
    last = "{name: last, symbols: [AAA.1], when: delisting_soon, note: last day}"
    gone = """{name: gone, symbols: [SPY], when: '"AAA.1".delisted and not "AAA.1".delisting_soon', note: gone}"""
    notes = [line for line in told(run(shared, last, gone)) if "noted" in line]
    assert notes == ["2007-05-18 16:00 noted AAA.1 last day", "2007-05-21 16:00 noted SPY gone"]


def test_nothing_is_missing_after_the_last_day(shared):
    found = run(shared, BUY)
    assert found.journal.header["data"]["missing"] == {}


def test_a_new_name_is_known_by_its_day(shared):
    listing = LeanFolder(shared / "lean-data").listing("TFCFA")
    assert listing.last_day == day("2019-03-20")
    assert listing.renamed == (day("2013-06-29"), day("2019-03-19"))
    assert LeanFolder(shared / "lean-data").listing("SPWR").renamed == (day("2008-09-30"), day("2011-11-17"))


def test_a_new_name_cancels_open_orders(shared):
    """SPWR became SPWRA on 2008-09-30: a limit that waits since the 29th is cancelled, the position stays."""
    text = f"""\
version: 1
name: renamed
brokerage: {{name: default, conventions: atreyu}}
universe: {{symbols: [SPWR]}}
data: {{source: {{lean: {shared / "lean-data"}}}, resolution: 1h}}
rules:
  - {{name: hold, when: close > 0, once_per: run, do: [{{buy: 1 share}}, {{buy: 1 share, order: {{limit: {{price: 1}}}}}}]}}
backtest: {{start: "2008-09-29", end: "2008-09-30", cash: 100000}}
"""
    program, problems = understand(load(text, "renamed.yaml"))
    assert not problems, "\n".join(problem.text() for problem in problems)
    found = assemble.run_backtest(assemble.backtest(program, text, shared, "loop"))
    ends = [line for line in tiny.sentences(found) if line.startswith("2008-09-30")]
    assert ends == ["2008-09-30 00:00 renamed", "2008-09-30 00:00 cancelled #2"]
    assert found.journal.marks[-1]["long_value"] > 0
