"""Whole live runs against an account that is not empty, in the gateway's own process: begun, refused, adopted, flattened.

The stand-in's account holds 10 SPY and 5 IBM (and in one case 7 GE, which the strategy does not follow).
"""

import json

import pytest

from runner import assemble
from runner.adapters.clocks import SimulatedClock
from runner.adapters.coverage import DataFault
from runner.adapters.replay import Replay
from runner.assemble import live
from runner.assemble.deployment import LIVE, Deployment, Rehearsed
from runner.language.source import load
from runner.language.validate import understand
from runner.market import events
from tests.conftest import ROOT, SHARED
from tests.gateway.adapter import Always
from tests.gateway.stand_in import THERE
from tests.gateway.test_run import Control, Priced, environment

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not THERE, reason="needs ../shared/gateway")]

WORD = {code: word for code, (word, _) in events.RECORD_KINDS.items()}
DOCUMENT = """
version: 1
name: watcher
universe: {symbols: [SPY, IBM]}
data: {source: {lean: LEAN}, resolution: 1m}
rules:
  - {name: never, when: close > 100000, exit: position}
backtest: {start: "2013-10-08", end: "2013-10-08", cash: 100000}
live: {initial: {cash: 50000MORE, gateway: {settle: 0.2s}}
""".replace("LEAN", str(SHARED / "lean-data"))
FOUR = ", holdings: [{symbol: SPY, quantity: 4, average_price: 140}, {symbol: IBM, quantity: 5, average_price: 180}]}"


@pytest.fixture
def account(tmp_path):
    """Starts the stand-in with positions."""
    begun = []

    def start(**positions):
        path = tmp_path / "positions.yaml"
        path.write_text(json.dumps(positions), encoding="utf-8")
        begun.append(Control("--positions", str(path)))
        return begun[-1]

    yield start
    for one in begun:
        one.close()


def run(control, folder, more, said, rule=""):
    """A day of the strategy: each record in words."""
    text = DOCUMENT.replace("MORE", more).replace("backtest:", f"{rule}backtest:")
    program, problems = understand(load(text, "watcher.yaml"))
    assert not problems, [one.text() for one in problems]
    ready = assemble.backtest(program, text, ROOT, "loop")
    begin = ready.calendar.midnight_of(ready.prepared.first_day)
    feed = Priced(Replay(ready.prepared.bars, begin), control)
    rehearsed = Rehearsed(SimulatedClock(begin), feed, Always(True), begin, ready.prepared.last_day)
    deployment = Deployment(program, text, ready.folder, LIVE, folder, environment(control), {})
    found = live.LiveRun(deployment, said.append, rehearsed)
    try:
        found.run()
        records = found.journal.finished({}, found.started.rules.texts).records
    finally:
        found.close()
    names = [*program.spec.symbols, "account"]
    return [
        (WORD[int(line["kind"])], names[line["symbol"]], int(line["quantity"]))
        for line in records
        if WORD[int(line["kind"])] not in ("cash_synced", "submitted", "queued", "told")
    ]


def test_it_begins_with_what_the_logon_tells(account, tmp_path):
    said = []
    begun = [("opening_cash", "account", 0), ("opening_position", "IBM", 5), ("opening_position", "SPY", 10)]
    assert run(account(SPY=10, IBM=5), tmp_path, "}", said) == begun
    assert not [line for line in said if "holds" in line]


def test_another_account_than_the_document_says_refuses_the_start(account, tmp_path):
    with pytest.raises(DataFault) as caught:
        run(account(SPY=10, IBM=5), tmp_path, FOUR, [])
    lines = str(caught.value).splitlines()
    assert lines[1] == "  SPY: the run holds +4, the account +10"
    assert len(lines) == 3
    assert "on_mismatch: adopt" in lines[2]


def test_it_is_adopted(account, tmp_path):
    control = account(SPY=10, IBM=5)
    found = run(control, tmp_path, FOUR + ", on_mismatch: adopt", [])
    assert found[3:] == [("adopted", "SPY", 6)]
    assert control.ask(do="state")["positions"] == {"SPY": 10, "IBM": 5}


def test_it_is_flattened(account, tmp_path):
    control = account(SPY=10, IBM=5)
    found = run(control, tmp_path, FOUR + ", on_mismatch: flatten", [])
    assert found[3:] == [("adopted", "SPY", 6), ("unwound", "SPY", 6), ("filled", "SPY", -6)]
    assert control.ask(do="state")["positions"] == {"SPY": 4, "IBM": 5}


def test_a_restart_finds_that_all_is_well_or_that_somebody_has_traded(account, tmp_path):
    control = account(SPY=10, IBM=5)
    run(control, tmp_path, "}", [])
    again = run(control, tmp_path, "}", [])
    assert [one[0] for one in again] == ["opening_cash", "opening_position", "opening_position"]
    with pytest.raises(DataFault, match=r"SPY: the run holds [+]10, the account [+]12"):
        run(account(SPY=12, IBM=5), tmp_path, "}", [])


def test_a_symbol_that_the_strategy_does_not_follow(account, tmp_path):
    control = account(SPY=10, GE=7)
    with pytest.raises(DataFault, match=r"GE: the run holds none, the account [+]7"):
        run(control, tmp_path, "}", [])
    with pytest.raises(DataFault, match="does not follow GE"):
        run(control, tmp_path / "other", "}, on_mismatch: adopt", [])


def test_what_others_hold_in_a_shared_account(account, tmp_path):
    found = run(account(SPY=10, GE=7), tmp_path, "}, account: shared", [])
    assert found == [("opening_cash", "account", 0)]


def test_an_order_of_somebody_elses(account, tmp_path):
    """Another run leaves a limit order far below the market: an exclusive account is refused whatever `on_mismatch` says."""
    control = account()
    rest = "  - {name: rest, at: {after_open: 5m}, symbols: [SPY], buy: 1, order: {limit: {price: close - 50}}}\n"
    assert ("opening_cash", "account", 0) in run(control, tmp_path / "first", "}", [], rest)
    with pytest.raises(DataFault, match=r"order \w+ is open in the account, and no order of this run"):
        run(control, tmp_path / "second", "}, on_mismatch: flatten", [])
    assert run(control, tmp_path / "third", "}, account: shared", []) == [("opening_cash", "account", 0)]


def test_a_deposit_in_the_morning(account, tmp_path):
    """The account's cash is $60,000.5 by a file of half past seven; the run began with $50,000."""
    path = tmp_path / "cash.csv"
    path.write_text("as_of,currency,cash\n2013-10-08T07:30:00-04:00,USD,60000.5\n", encoding="utf-8")
    said = []
    found = run(account(), tmp_path, f"}}, cash_sync: {{from: file, path: {path}}}", said)
    assert found == [("opening_cash", "account", 0), ("deposit", "account", 0)]
    assert "cash sync: deposit of $10,000.50" in said
