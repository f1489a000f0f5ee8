"""What comes to a live run without an order, by hand: deposits, adopted shares, what is closed of them.

The run begins with $1,000 and 10 A that cost $90; A is at 100 on Monday's 09:31, at 110 at its close, at 120 on Tuesday's
09:31, at 121 at its close.
"""

import pytest

from runner.engine.cash_flows import BY_CASH_SYNC
from runner.engine.opening_account import Opening, Position
from runner.engine.ports import Notice
from runner.market import events
from runner.results.ledger import fold
from runner.results.measures import measures
from tests.engine.accounts import run, sessions, told

WATCH = "[{name: r, when: close > 1000, exit: position}]"
BUY = "[{name: r, when: close > 0, every_bar: true, buy: 1 shares}]"
HELD = Position("A", 10, 900_000_000, 99.0)


def begun(begin):
    return Opening(begin, 1_000_000_000, (HELD,))


def after(found):
    return told(found)[2:]  # the account itself is told by test_opening_account


def test_a_deposit_is_no_profit(tmp_path):
    """2,100 at Monday's close; $900 come before Tuesday's first bar (3,000 at 110); 3,100 at 120, 3,110 at the close."""
    came = Notice(events.DEPOSIT, -1, 900_000_000, 0.0, "cash sync", "a file")
    found = run(tmp_path, WATCH, begun, [("Tue 09:30", came)])
    assert after(found) == ["Tue 09:30 deposit $900"]
    assert found.texts[found.records["text"][2]] == "cash sync: a file"
    ledger = fold(found)
    got = measures(found, ledger)
    assert sessions(found)[-1] == 3_110_000_000
    assert (ledger.cash, ledger.flows) == (1_900_000_000, 900_000_000)
    # from 99: 1,990 of equity at the start
    assert got.start_equity == 1_990_000_000
    assert got.total_return == pytest.approx(2_100 / 1_990 * 3_110 / 3_000 - 1)


def test_a_withdrawal_moves_what_losses_are_measured_from(tmp_path):
    """The session opens on Tuesday with 2,100. $1,050 go: the day's loss limit of 30 % is measured from 1,050; at 120 the
    account has 1,150. Were it measured from 2,100, that would be a loss of 45 %."""
    went = Notice(events.WITHDRAWAL, -1, 1_050_000_000, 0.0, "alice", "")
    limit = {"more": "risk: {max_daily_loss: {limit: 30%, then: flatten}}"}
    bars = "Mon 16:00 110 110 110 110; Tue 09:31 110 110 110 110; Tue 09:32 120 120 120 120; Tue 16:00 121 121 121 121"
    found = run(tmp_path, WATCH, begun, [("Tue 09:32", went)], bars, **limit)
    assert after(found) == ["Tue 09:32 withdrawal $-1050"]


def test_adopted_shares_cost_what_they_are_worth(tmp_path):
    """5 more A at Monday's 110: cash falls by $550, equity stays 2,100."""
    more = Notice(events.ADOPTED, 0, 5, 0.0, "reconciliation", "adopt")
    found = run(tmp_path, WATCH, begun, [("Tue 09:30", more)])
    assert after(found)[0].endswith("adopted +5 @ 110 $550")
    ledger = fold(found)
    assert (ledger.cash, ledger.holdings[0]) == (450_000_000, (15, 1_450_000_000, 0))
    assert sessions(found)[-1] == 450_000_000 + 15 * 121_000_000
    assert int(found.marks["cash"][-1]) == ledger.cash


def test_all_that_was_held_is_gone(tmp_path):
    """10 A fewer at 110: $1,100 of cash, 200 of profit; the position is flat and may be entered again."""
    fewer = Notice(events.ADOPTED, 0, -10, 0.0, "reconciliation", "adopt")
    rules = "[{name: r, when: close > 115, enter: long, size: {shares: 1}}]"
    found = run(tmp_path, rules, begun, [("Tue 09:30", fewer)])
    assert [line.split(" ", 2)[2] for line in after(found)] == [
        "adopted -10 @ 110 $-1100", "submitted #1 +1", "filled #1 +1 @ 120",
    ]  # fmt: skip
    assert fold(found).holdings[0].realized == 200_000_000


def test_what_the_run_did_not_know_is_closed_at_the_next_open(tmp_path):
    """4 A are adopted after Monday's close and closed again; the order waits for the open and takes a price there."""
    notices = [Notice(events.ADOPTED, 0, 4, 0.0, "reconciliation", "flatten"),
               Notice(events.UNWOUND, 0, 4, 0.0, "reconciliation", "flatten")]  # fmt: skip
    found = run(tmp_path, WATCH, begun, [("Tue 09:30", one) for one in notices])
    kinds = [line.split(" ", 2)[2] for line in after(found)]
    assert kinds[0] == "adopted +4 @ 110 $440"
    assert kinds[1].startswith("unwound")
    assert kinds[-1].startswith("filled #1 -4 @")
    assert fold(found).position_at(0, int(found.records["time"][-1])) == 10


def test_a_difference_that_is_only_reported(tmp_path):
    told_of = Notice(events.MISMATCH, 0, 5, 0.0, "reconciliation", "A: the run holds +10, the account +15")
    found = run(tmp_path, WATCH, begun, [("Tue 09:30", told_of)])
    assert after(found)[0].endswith("mismatch +5")
    assert sessions(found)[-1] == 1_000_000_000 + 10 * 121_000_000


def test_two_pauses_stand_beside_each_other(tmp_path):
    """The cash sync's pause ends with the cash sync, the operator's with the operator."""
    sync = {"amount": BY_CASH_SYNC, "who": "cash sync"}
    bars = "; ".join(f"Mon 09:3{i} 100 100 100 100" for i in range(1, 7))
    script = [
        ("Mon 09:32", Notice(events.PAUSED, **sync)), ("Mon 09:33", Notice(events.PAUSED, who="alice")),
        ("Mon 09:34", Notice(events.RESUMED, **sync)), ("Mon 09:35", Notice(events.RESUMED, who="alice")),
    ]  # fmt: skip
    found = run(tmp_path, BUY, begun, script, bars)
    signs = {"filled": "F", "refused": "x", "submitted": "", "paused": "(", "resumed": ")"}
    assert "".join(signs[line.split(" ")[2]] for line in after(found)) == "F(x(x)x)FF"
