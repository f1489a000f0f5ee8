"""A live run that begins with an account, by hand: its records, its figures, and a restart that an edited figure does not
change."""

import pytest

from runner.adapters.live_journal import LiveJournal
from runner.engine import opening_account
from runner.engine.opening_account import Opening, Position
from runner.engine.recorded import Diverged
from runner.market.events import Journal
from runner.results.ledger import fold
from tests.engine.accounts import run, sessions, told

LEAVE = "[{name: r, when: close > 115, exit: position}]"
HELD = Position("A", 10, 900_000_000, 99.0)


def test_a_run_that_begins_with_shares_leaves_them(tmp_path):
    """$1,000 and 10 A at $90, valued at 99: sold at Tuesday's 09:31 for 120, fee 10 x $0.0035."""
    found = run(tmp_path, LEAVE, lambda begin: Opening(begin, 1_000_000_000, (HELD,)))
    assert told(found) == [
        "Mon 00:00 opening_cash $1000", "Mon 00:00 opening_position +10 @ 99 $900",
        "Tue 09:31 submitted #1 -10", "Tue 09:31 filled #1 -10 @ 120",
    ]  # fmt: skip
    assert sessions(found) == [2_100_000_000, 2_199_965_000]
    ledger = fold(found)
    assert (ledger.cash, ledger.holdings[0].quantity) == (2_199_965_000, 0)
    assert ledger.trades[0].net == 300_000_000 - 35_000


def test_an_entry_sees_that_the_position_is_there(tmp_path):
    rules = "[{name: r, when: close > 0, every_bar: true, enter: long, size: {shares: 5}}]"
    found = run(tmp_path, rules, lambda begin: Opening(begin, 0, (HELD,)))
    assert len(found.records) == 2


def test_a_shared_account_uses_no_more_equity_than_it_may(tmp_path):
    """$100,000, of which $5,000 may be used: 50 % less the reserve of 0.25 % are $2,493.75, and with the fee 24 shares at
    $100. At 2x $10,000 can be held: 80 shares more are too many, 70 are not."""
    rules = "[{name: r, when: close > 0, once_per: run, do: [{enter: long, size: {percent_of_equity: 50%}}, {buy: 80 shares}, {buy: 70 shares}]}]"
    found = run(tmp_path, rules, lambda begin: Opening(begin, 100_000_000_000), most=5000.0)
    assert told(found)[1:] == [
        "Mon 09:31 submitted #1 +24", "Mon 09:31 filled #1 +24 @ 100",
        "Mon 09:31 invalid #2 +80 buying_power",
        "Mon 09:31 submitted #3 +70", "Mon 09:31 filled #3 +70 @ 100",
    ]  # fmt: skip


def test_margin_of_a_short_position(tmp_path):
    """$1,500 and -10 A at 99: worth $510; at 110 equity is $400, maintenance 30 % of $1,100 is $330, and less than 5 %
    of equity is not left: no warning at $70; at 120 equity is $300, maintenance $360: a call."""
    short = Position("A", -10, -900_000_000, 99.0)
    found = run(
        tmp_path, LEAVE.replace("> 115", "> 1000"), lambda begin: Opening(begin, 1_500_000_000, (short,))
    )
    assert [line for line in told(found) if "margin" in line] == [
        "Tue 09:31 margin_warning $-60", "Tue 09:31 margin_call #1 +2",
    ]  # fmt: skip


def test_a_restart_hears_the_account_of_its_journal(tmp_path):
    first = run(tmp_path, LEAVE, lambda begin: Opening(begin, 1_000_000_000, (HELD,)))
    again = run(tmp_path, LEAVE, lambda begin: Opening(begin, 7, ()))
    assert told(again) == told(first)
    assert isinstance(again, Journal)
    assert sessions(again) == sessions(first)


def test_a_log_that_does_not_begin_with_an_account(tmp_path):
    journal = LiveJournal(tmp_path / "other.db")
    journal.write(["day", {}])
    journal.close()
    journal = LiveJournal(tmp_path / "other.db")
    with pytest.raises(Diverged, match="not with an account"):
        opening_account.heard(journal, lambda: Opening(0, 0))
    journal.close()
