"""When run and account are compared, and what counts: by hand, with a client that tells what the test says.

The times are those of a stopwatch; a difference must stand for 5 seconds.
"""

from types import SimpleNamespace

import pytest

from runner.adapters.account_check import AccountCheck
from runner.adapters.atreyu_core import Health
from runner.adapters.atreyu_view import Snapshot, Untold
from runner.adapters.coverage import DataFault
from runner.adapters.sessions import calendar
from runner.engine.state import Counters, Holding, Quote
from runner.market import events
from tests.results.lean_files import day, ns

CALENDAR = calendar(day("2013-09-01"), day("2013-11-30"))


class Desk:
    """A run that holds SPY, and a client whose words the test writes."""

    def __init__(self, held=100, on_mismatch="refuse"):
        holding = Holding(position=held)
        self.quote = Quote(last=50.0)
        self.world = SimpleNamespace(
            holdings=[holding], counters=[Counters()], working=[], orders=[], quotes=[self.quote]
        )
        self.own, self.theirs, self.untold, self.logons = {"SPY": held}, {"SPY": held}, [], 1
        self.seconds, self.now = 0.0, ns("2013-10-07 10:00")
        self.posted, self.said, self.corrected = [], [], []
        self.check = AccountCheck(
            self.world, ("SPY",), self, lambda serial: serial <= 3, str, on_mismatch, True, True, lambda: self.now,
            lambda: self.seconds, CALENDAR, 5.0, lambda symbol: self.quote.last, self.posted.append, self.said.append,
        )  # fmt: skip

    def snapshot(self):
        return Snapshot({}, dict(self.own), dict(self.theirs), [], self.untold, self.logons)

    def health(self):
        return Health(logons=self.logons)

    def correct(self, changes):
        self.corrected.append(dict(changes))
        for symbol, shares in changes.items():
            self.own[symbol] = self.own.get(symbol, 0) + shares

    def sleep(self, seconds):
        self.seconds += seconds

    def looked(self, *times):
        for self.seconds in times:
            self.check.look()
        return [(one.kind, one.amount) for one in self.posted]


def test_an_execution_that_is_still_to_be_told_is_no_difference():
    one = Desk()
    one.own = one.theirs = {"SPY": 150}
    one.untold = [Untold(3, "X1", "SPY", 25), Untold(4, "X1", "SPY", 50)]  # the third is booked
    one.check.start(one.sleep)
    assert (one.seconds, one.posted) == (0.0, [])


def test_a_start_waits_for_differences_that_pass():
    one = Desk()
    one.theirs = {"SPY": 90}

    def sleep(seconds):
        one.seconds += seconds
        if one.seconds > 2:
            one.theirs = {"SPY": 100}

    one.check.start(sleep)
    assert 2 < one.seconds < 3


def test_a_difference_that_stands_refuses():
    one = Desk()
    one.theirs = {"SPY": 90}
    with pytest.raises(DataFault, match=r"the run holds [+]100, the account [+]90"):
        one.check.start(one.sleep)
    assert 5 <= one.seconds < 6


def test_the_clients_own_positions_follow():
    one = Desk(on_mismatch="adopt")
    one.theirs = {"SPY": 90}
    one.check.start(one.sleep)
    assert [(n.kind, n.symbol, n.amount) for n in one.posted] == [(events.ADOPTED, 0, -10)]
    assert one.corrected == [{"SPY": -10}]


def test_a_gateway_that_is_shut_is_waited_for():
    one = Desk()
    one.logons, one.theirs = 0, {}
    one.check.start(one.sleep)
    assert one.said == ["the gateway has not told the account yet: it is compared at the first logon"]
    assert one.looked(1, 2, 3) == []
    one.logons, one.theirs = 1, {"SPY": 90}
    with pytest.raises(DataFault, match=r"the account [+]90"):
        one.looked(10, 11, 12, 13, 14, 15, 16)


def test_after_a_logon_a_difference_is_told_once_and_changes_nothing():
    one = Desk()
    one.check.start(one.sleep)
    one.theirs = {"SPY": 90}
    assert one.looked(1, 20, 40) == []  # nobody asks
    one.logons = 2
    assert one.looked(41, 43, 45) == []  # it must stand
    assert one.looked(46, 47) == [(events.MISMATCH, -10)]
    one.logons = 3
    assert one.looked(50, 52, 55, 58) == [(events.MISMATCH, -10)]
    one.logons, one.theirs = 4, {"SPY": 100}
    one.looked(60, 61)
    assert one.said[-1] == "the run and its account agree again"
    assert one.corrected == []


def test_after_each_close():
    one = Desk()
    one.check.start(one.sleep)
    one.theirs = {"SPY": 90}
    one.now = ns("2013-10-07 15:59:59")
    assert one.looked(1, 10, 20) == []
    one.now = ns("2013-10-07 16:00")
    assert one.looked(21, 27) == [(events.MISMATCH, -10)]


def test_a_split_overnight():
    """2 for 1 at midnight: the run has 200; the client hears it from the run, the gateway tells it with its next logon."""
    one = Desk(held=200)
    one.own, one.quote.split_since = {"SPY": 100}, 2.0
    one.check.start(one.sleep)
    assert one.corrected == [{"SPY": 100}]
    again = Desk(held=100)
    again.check.start(again.sleep)
    again.world.holdings[0].position, again.quote.split_since = 200, 2.0
    assert again.looked(1, 3) == []
    assert again.corrected == [{"SPY": 100}]
    again.logons, again.theirs = 2, {"SPY": 200}
    assert again.looked(4, 10) == []
    assert len(again.corrected) == 1


def test_a_client_that_lost_something_follows_when_run_and_account_agree():
    one = Desk()
    one.check.start(one.sleep)
    one.own, one.logons = {"SPY": 70}, 2
    assert one.looked(1, 3, 5) == []
    assert one.corrected == []
    assert one.looked(6, 7) == []
    assert one.corrected == [{"SPY": 30}]


def test_without_a_price_nothing_is_adopted():
    one = Desk(on_mismatch="adopt")
    one.theirs, one.quote.last = {"SPY": 90}, 0.0
    with pytest.raises(DataFault, match="SPY cannot be taken over from the account, since no price is known"):
        one.check.start(one.sleep)
    assert not one.posted
