"""The daily cash sync by hand: the times of LEAN's rule, real files, real programs. Monday 2013-10-07 in New York."""

import json
import os
import shlex
import sys
import time
from types import SimpleNamespace

import pytest

from runner.adapters.cash_sync import CashSync, source_of
from runner.adapters.sessions import calendar
from runner.engine.cash_flows import BY_CASH_SYNC
from runner.engine.gate import Controls
from runner.engine.state import Account
from runner.language.spec_live import CashSync as Plan
from runner.language.spec_live import LiveSpec
from runner.market import events
from tests.results.lean_files import day, ns

CALENDAR = calendar(day("2013-09-01"), day("2013-11-30"))
WORD = {code: word for code, (word, _) in events.RECORD_KINDS.items()}


class Run:
    """A cash sync beside a world at rest, and what it says and posts."""

    def __init__(self, folder, cash=1000.0, unsettled=0.0, cash_account=False, **plan):
        sync = {name: plan.pop(name) for name in list(plan) if name in Plan.__struct_fields__}
        source = {"source": "file", "path": "cash.json"}
        self.plan = LiveSpec(cash_sync=Plan(**(source | sync)), **plan)
        self.path = folder / "cash.json"
        self.account = Account(cash=round(cash * 1e6), unsettled=round(unsettled * 1e6))
        self.world = SimpleNamespace(account=[self.account], controls=[Controls()])
        self.posted, self.said = [], []
        read = source_of(self.plan, folder, os.environ)
        self.sync = CashSync(self.plan, cash_account, self.world, CALENDAR, read, self.posted.append, self.said.append,
                             inline=True)  # fmt: skip

    def file(self, as_of, kind="cash", **amounts):
        self.path.write_text(json.dumps({"as_of": ns(as_of), kind: amounts}), encoding="utf-8")

    def at(self, when):
        """What it posts at a time: kinds and dollars."""
        self.posted.clear()
        self.sync.look(ns(when))
        return [(WORD[one.kind], one.amount / 1e6) for one in self.posted]


def test_the_runs_own_book_is_written_down_once_each_trading_day(tmp_path):
    run = Run(tmp_path, 700.0, 300.0, source="book", path="")
    assert run.at("2013-10-07 07:44:59") == []
    assert run.at("2013-10-07 07:45") == [("cash_synced", 1000.0)]
    assert run.at("2013-10-07 16:00") == []
    assert run.at("2013-10-08 09:30") == [("cash_synced", 1000.0)]
    assert run.at("2013-10-12 09:30") == run.at("2013-10-13 09:30") == []  # a weekend
    assert run.at("2013-11-28 09:30") == []  # Thanksgiving
    assert (
        Run(tmp_path, source="book", path="", at="09:40").at("2013-11-04 09:39:59") == []
    )  # clocks changed the day before
    assert Run(tmp_path, source="book", path="", at="09:40").at("2013-11-04 09:40") == [
        ("cash_synced", 1000.0)
    ]


@pytest.mark.parametrize(("kind", "dollars", "expected"), [
    ("cash", 1250.5, [("deposit", 250.5), ("cash_synced", 1250.5)]),
    ("cash", 400, [("withdrawal", 600.0), ("cash_synced", 400.0)]),
    ("cash", 1000, [("cash_synced", 1000.0)]),
    ("settled", 700, [("cash_synced", 1000.0)]),  # 300 of the run's have not settled
    ("settled", 650, [("withdrawal", 50.0), ("cash_synced", 950.0)]),
])  # fmt: skip
def test_what_differs_is_a_deposit_or_a_withdrawal(kind, dollars, expected, tmp_path):
    run = Run(tmp_path, 700.0, 300.0)
    run.file("2013-10-07 07:30", kind, USD=dollars)
    assert run.at("2013-10-07 07:45") == expected
    assert run.at("2013-10-07 07:50") == []


def test_never_near_a_fill(tmp_path):
    run = Run(tmp_path)
    run.account.last_fill = ns("2013-10-07 07:44:55")
    run.file("2013-10-07 07:45", USD=2000)
    assert run.at("2013-10-07 07:45") == run.at("2013-10-07 07:45:09") == []
    assert run.at("2013-10-07 07:45:10") == []  # 5 s are between the fill and the amounts
    assert run.said == [
        "cash sync: put off, since something was filled near the time of the amounts or after it"
    ]
    run.file("2013-10-07 07:45:05", USD=2000)
    assert run.at("2013-10-07 07:45:39") == []  # 30 s later
    assert run.at("2013-10-07 07:45:40") == [("deposit", 1000.0), ("cash_synced", 2000.0)]


def test_a_fill_that_comes_soon_after_the_amounts_puts_it_off(tmp_path):
    run = Run(tmp_path)
    run.file("2013-10-07 07:44:55", USD=2000)
    assert run.at("2013-10-07 07:45") == []
    run.account.last_fill = ns("2013-10-07 07:45:02")
    assert run.at("2013-10-07 07:45:05") == []
    assert run.at("2013-10-07 07:45:35") == []
    run.file("2013-10-07 07:50", USD=2000)
    assert run.at("2013-10-07 07:51") == [("deposit", 1000.0), ("cash_synced", 2000.0)]


@pytest.mark.parametrize(("as_of", "fine"), [
    ("2013-10-04 15:59", False),  # before Friday's close
    ("2013-10-04 18:00", True),
    ("2013-10-07 07:46", True),
    ("2013-10-07 07:46:01", False),  # more than a minute ahead
])  # fmt: skip
def test_old_amounts_are_refused(as_of, fine, tmp_path):
    run = Run(tmp_path)
    run.file(as_of, USD=1000)
    run.at("2013-10-07 07:45")
    assert run.at("2013-10-07 07:46:10") == ([] if as_of != "2013-10-07 07:46" else [("cash_synced", 1000.0)])
    assert (run.said == []) == fine


def test_five_failures_stop_entries_and_lose_nothing(tmp_path):
    run = Run(tmp_path)
    times = [f"2013-10-07 07:4{minute}" for minute in ("5:00", "5:29", "5:30", "6:00", "6:30")]
    assert [run.at(when) for when in times] == [[]] * 5
    assert len(run.said) == 4
    assert run.at("2013-10-07 07:47:00") == [("paused", BY_CASH_SYNC / 1e6)]
    assert run.posted[0].why == ("it failed 5 times in a row, entries stop and exits go on; the last time: "
                                 "cash.json cannot be read: No such file or directory")  # fmt: skip
    run.world.controls[0].unsure = True  # as the engine does
    run.file("2013-10-07 07:48", USD=1500)
    assert run.at("2013-10-07 07:51:59") == []
    assert run.at("2013-10-07 07:52:00") == [
        ("deposit", 500.0),
        ("cash_synced", 1500.0),
        ("resumed", BY_CASH_SYNC / 1e6),
    ]


def test_a_restart_knows_that_today_is_done_and_what_is_paused(tmp_path):
    run = Run(tmp_path)
    run.account.synced = ns("2013-10-07 07:45")
    run.file("2013-10-08 07:00", USD=1000)
    assert run.at("2013-10-07 12:00") == []
    run.world.controls[0].unsure = True
    assert run.at("2013-10-08 07:45") == [("cash_synced", 1000.0), ("resumed", BY_CASH_SYNC / 1e6)]


def test_other_currencies(tmp_path):
    """The run began with 100 EUR at 1.1, which count among its $1,000; the file has 200 EUR: $110 more. Yen have no rate,
    and where the source does not name a currency it is what it was."""
    money = {"currencies": (("EUR", 100.0, 1.1), ("JPY", 5.0, None))}
    run = Run(tmp_path, **money)
    run.file("2013-10-07 07:30", USD=890, EUR=200, JPY=70, CHF=0)
    assert run.at("2013-10-07 07:45") == [("deposit", 110.0), ("cash_synced", 1110.0)]
    assert run.said[0] == "cash sync: JPY count nothing, since live.initial.currencies has no rate of them"
    again = Run(tmp_path, **money)
    again.file("2013-10-07 07:30", USD=890)
    assert again.at("2013-10-07 07:45") == [("cash_synced", 1000.0)]
    cash = Run(tmp_path, cash_account=True, **money)
    cash.file("2013-10-07 07:30", USD=1000, EUR=200)
    assert cash.at("2013-10-07 07:45") == [("cash_synced", 1000.0)]


def test_a_source_without_dollars_is_a_failure(tmp_path):
    run = Run(tmp_path)
    run.file("2013-10-07 07:30", EUR=200)
    assert run.at("2013-10-07 07:45") == []
    assert run.said == ["cash sync failed (1 of 5): it has no amount of USD"]


def test_a_slow_program_holds_nothing_up(tmp_path, monkeypatch):
    body = tmp_path / "slow.py"
    text = json.dumps({"as_of": ns("2013-10-07 07:30"), "cash": {"USD": 999}})
    body.write_text(f"import time; time.sleep(0.5); print({text!r})", encoding="utf-8")
    monkeypatch.setenv("RUNNER_CASH_COMMAND", f"{shlex.quote(sys.executable)} {shlex.quote(str(body))}")
    run = Run(tmp_path, source="command", path="")
    run.sync._inline = False
    began = time.perf_counter()
    assert run.at("2013-10-07 07:45") == []
    assert time.perf_counter() - began < 0.3
    posted = []
    while not posted and time.perf_counter() - began < 10:
        posted = run.at("2013-10-07 07:46")
        time.sleep(0.01)
    assert posted == [("withdrawal", 1.0), ("cash_synced", 999.0)]
