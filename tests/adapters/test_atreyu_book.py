"""The client's book without a wire: sales through zero, chains, busts and corrections, totals that prove executions."""

import json

import pytest

from runner.adapters import atreyu_news as news
from runner.adapters.atreyu_evidence import NEVER, Answer, interrupted, weigh
from runner.adapters.atreyu_orders import Book, OrderRefused
from runner.adapters.atreyu_reports import apply
from runner.adapters.atreyu_store import Saved
from runner.adapters.atreyu_wire import Fields, read_message
from runner.market.order import LIMIT, MARKET
from tests.gateway.adapter import account

SECOND = 10**9


class Bench:
    """A book, a clock, and reports written by hand."""

    def __init__(self, **held):
        self.time = 0
        self.book = Book(Saved({}, [], dict(held), [], 0), account(), ("desk", "CLIENT1"), lambda: self.time)
        self.told = []
        self.serial = 0

    def place(self, ref, symbol, quantity, kind=LIMIT, limit=5.0, split=True, day=0):
        return self.send(self.book.place(ref, symbol, quantity, kind, limit, False, day, split))

    def send(self, requests):
        """All go out and are answered with status 0."""
        for request in requests:
            assert self.book.set_out(request)
            self.book.proved(request)
        return requests

    def report(self, request, what, status, **fields):
        self.serial += 1
        order = self.book.order_of(request)
        body = {"MsgType": "ExecutionReport", "ExecType": what, "OrdStatus": status, "ClOrdID": request.id,
                "ExecID": f"E{self.serial}", "ExecTransType": "NEW", "Symbol": order.symbol, **fields}  # fmt: skip
        apply(self.book, read_message(json.dumps(body).encode()))

    def fill(self, request, shares, total, leaves, price=5.0, **fields):
        what, status = ("FILL", "FILLED") if leaves == 0 else ("PARTIAL_FILL", "PARTIALLY_FILLED")
        self.report(
            request, what, status, LastShares=shares, LastPx=price, CumQty=total, LeavesQty=leaves, **fields
        )

    def news(self):
        """(kind, signed shares, quantity of the whole, its state) of everything told since the last look."""
        changes, _ = self.book.taken()
        self.told += changes.news
        return [(one.kind, one.shares, one.quantity, one.state) for one in changes.news]


# -- sales through zero ------------------------------------------------------------------------------------------


def test_a_sale_through_zero_is_two_orders_on_the_wire_and_one_to_its_user():
    bench = Bench(SPY=60)
    plain, short = bench.place("A", "SPY", -100)
    sides = [(bench.book.order_of(one).side, one.quantity) for one in (plain, short)]
    assert sides == [("2", 60), ("5", 40)]
    bench.report(plain, "NEW", "NEW", LeavesQty=60, CumQty=0)
    bench.report(short, "NEW", "NEW", LeavesQty=40, CumQty=0)
    bench.fill(plain, 60, 60, 0)
    bench.fill(short, 40, 40, 0)
    assert bench.news() == [
        (news.ACCEPTED, 0, 100, news.WORKING),
        (news.FILLED, -60, 100, news.WORKING),
        (news.FILLED, -40, 100, news.DONE),
    ]
    assert bench.book.positions == {"SPY": -40}


def test_shares_that_another_sale_is_about_to_take_are_not_sold_twice():
    """Section 18, 21: the C# client sends both as plain sales."""
    bench = Bench(SPY=100)
    assert len(bench.place("A", "SPY", -70)) == 1
    plain, short = bench.place("B", "SPY", -50)
    assert (plain.quantity, short.quantity) == (30, 20)
    (third,) = bench.place("C", "SPY", -10)
    assert bench.book.order_of(third).side == "5"


def test_a_short_half_that_is_rejected_leaves_the_sale_of_what_is_held():
    bench = Bench(SPY=60)
    plain, short = bench.place("A", "SPY", -100)
    bench.report(plain, "NEW", "NEW", LeavesQty=60, CumQty=0)
    bench.book.turn_down(short, "no shares to borrow")
    bench.fill(plain, 60, 60, 0)
    assert bench.news() == [
        (news.ACCEPTED, 0, 100, news.WORKING),
        (news.REPLACED, 0, 60, news.WORKING),
        (news.FILLED, -60, 60, news.DONE),
    ]


def test_both_halves_are_cancelled_as_one():
    bench = Bench(SPY=60)
    plain, short = bench.place("A", "SPY", -100)
    bench.report(plain, "NEW", "NEW", LeavesQty=60, CumQty=0)
    bench.report(short, "NEW", "NEW", LeavesQty=40, CumQty=0)
    bench.fill(plain, 10, 10, 50)
    one, two = bench.send(bench.book.cancel("A"))
    bench.news()
    bench.report(two, "CANCELED", "CANCELED", CumQty=0, LeavesQty=0)
    bench.report(one, "CANCELED", "CANCELED", CumQty=10, LeavesQty=0)
    assert bench.news() == [(news.REPLACED, 0, 60, news.WORKING), (news.CANCELLED, 0, 100, news.CANCELLED)]


@pytest.mark.parametrize(
    ("total", "sent"),
    [(120, [("G", 60)]), (80, [("G", 20)]), (60, [("F", 0)]), (50, [("G", 50), ("F", 0)])],
)
def test_a_change_of_a_sale_through_zero_takes_from_its_short_half_first(total, sent):
    """60 plain and 40 short: 120 is 60 + 60, 80 is 60 + 20, 60 ends the short half, 50 takes ten of the plain one."""
    bench = Bench(SPY=60)
    for request in bench.place("A", "SPY", -100):
        bench.report(request, "NEW", "NEW", LeavesQty=1, CumQty=0)
    assert [(one.kind, one.quantity) for one in bench.book.replace("A", total, None)] == sent


def test_a_plain_sale_does_not_grow_beyond_what_is_held():
    bench = Bench(SPY=100)
    bench.place("A", "SPY", -80)
    assert bench.book.replace("A", 100, None)
    bench = Bench(SPY=100)
    bench.place("A", "SPY", -80)
    with pytest.raises(OrderRefused, match="more than is held"):
        bench.book.replace("A", 101, None)


def test_a_half_of_which_nothing_is_known_makes_the_order_unknown():
    bench = Bench(SPY=60)
    plain, short = bench.book.place("A", "SPY", -100, LIMIT, 5.0, False, 0, True)
    bench.send([plain])
    bench.book.set_out(short)
    bench.book.no_answer(short)
    bench.fill(plain, 60, 60, 0)
    assert bench.news()[-1] == (news.FILLED, -60, 100, news.DOUBTFUL)


def test_one_short_sale_where_the_gateway_wants_it_whole():
    bench = Bench(SPY=60)
    (only,) = bench.place("A", "SPY", -100, split=False)
    assert (bench.book.order_of(only).side, only.quantity) == ("5", 100)


# -- chains ------------------------------------------------------------------------------------------------------


def test_a_change_that_the_user_leaves_out_stays_as_last_asked():
    bench = Bench()
    bench.place("A", "SPY", 100)
    bench.send(bench.book.replace("A", None, 5.5))
    (second,) = bench.book.replace("A", 80, None)
    assert (second.quantity, second.price) == (80, 5.5)


def test_a_change_waits_while_the_one_before_it_is_unknown():
    bench = Bench()
    bench.place("A", "SPY", 100)
    (first,) = bench.book.replace("A", 80, None)
    (cancel,) = bench.book.cancel("A")
    bench.book.set_out(first)
    bench.book.no_answer(first)
    assert not bench.book.may_go(cancel)
    bench.report(first, "REPLACE", "REPLACED", OrderQty=80, CumQty=0, LeavesQty=80)
    assert bench.book.may_go(cancel)
    bench.book.set_out(cancel)
    assert cancel.original == first.id


def test_the_cancel_of_an_order_whose_outcome_is_unknown_waits():
    """A request may name only what the gateway knows: an order that never reached it is no order there."""
    bench = Bench()
    (order,) = bench.book.place("A", "SPY", 100, MARKET, 0.0, False, 0, True)
    bench.book.set_out(order)
    bench.book.no_answer(order)
    (cancel,) = bench.book.cancel("A")
    assert not bench.book.may_go(cancel)
    bench.report(order, "NEW", "NEW", CumQty=0, LeavesQty=100)
    assert bench.book.may_go(cancel)


def test_a_name_is_used_once():
    bench = Bench()
    bench.place("A", "SPY", 100)
    with pytest.raises(OrderRefused, match="placed before"):
        bench.place("A", "SPY", 100)


# -- executions --------------------------------------------------------------------------------------------------


def test_money_of_executions_busts_and_corrections():
    """By hand, at $0.0035 a share: 40 at 5.00 cost 200 and 0.14; corrected to 30 at 5.50 they cost 165 and 0.105;
    taken back, nothing."""
    bench = Bench()
    (order,) = bench.place("A", "SPY", 100)
    bench.fill(order, 40, 40, 60, 5.0)
    bench.report(order, "PARTIAL_FILL", "PARTIALLY_FILLED", ExecTransType="CORRECT", ExecRefID="E1", LastShares=30,
                 LastPx=5.5, CumQty=30, LeavesQty=70)  # fmt: skip
    bench.report(
        order, "PARTIAL_FILL", "NEW", ExecTransType="CANCEL", ExecRefID="E1", CumQty=0, LeavesQty=100
    )
    bench.news()
    assert [(one.kind, one.shares, one.amount, one.fee) for one in bench.told] == [
        (news.FILLED, 40, 200_000_000, 140_000),
        (news.CORRECTED, -10, -35_000_000, -35_000),
        (news.BUSTED, -30, -165_000_000, -105_000),
    ]
    assert bench.book.positions["SPY"] == 0


def test_an_execution_that_is_taken_back_before_it_comes_never_counts():
    bench = Bench()
    (order,) = bench.place("A", "SPY", 100)
    bench.report(
        order, "PARTIAL_FILL", "NEW", ExecTransType="CANCEL", ExecRefID="E9", CumQty=0, LeavesQty=100
    )
    bench.fill(order, 40, 40, 60, ExecID="E9")
    assert bench.news() == []
    assert bench.book.positions.get("SPY", 0) == 0


def test_a_day_that_is_told_again_changes_nothing():
    """After numbers that began anew the replay holds the whole day: an old quantity does not come back, and an order
    that has filled stays filled."""
    bench = Bench()
    (order,) = bench.place("A", "SPY", 100)
    first, second = bench.send(bench.book.replace("A", 80, None)) + bench.send(
        bench.book.replace("A", 60, None)
    )
    for _ in range(2):
        bench.serial = 0
        bench.report(order, "NEW", "NEW", CumQty=0, LeavesQty=100)
        bench.report(first, "REPLACE", "REPLACED", OrderQty=80, CumQty=0, LeavesQty=80)
        bench.report(second, "REPLACE", "REPLACED", OrderQty=60, CumQty=0, LeavesQty=60)
        bench.fill(second, 60, 60, 0)
    assert bench.news() == [
        (news.ACCEPTED, 0, 100, news.WORKING),
        (news.REPLACED, 0, 80, news.WORKING),
        (news.REPLACED, 0, 60, news.WORKING),
        (news.FILLED, 60, 60, news.DONE),
    ]


def test_a_total_proves_what_no_report_told_and_a_late_report_takes_its_place():
    """25 at 5 are known, the total is 100 for 4.75 on average, 50 of them at 5: the 25 between cost 4.00 each."""
    bench = Bench()
    (order,) = bench.place("A", "SPY", 100)
    bench.fill(order, 25, 25, 75, 5.0)
    bench.fill(order, 50, 100, 0, 5.0, AvgPx=4.75)
    bench.fill(order, 25, 50, 50, 4.0)  # the lost one, after all
    bench.news()
    assert [(one.kind, one.shares, one.amount) for one in bench.told] == [
        (news.FILLED, 25, 125_000_000),
        (news.FILLED, 25, 100_000_000),
        (news.FILLED, 50, 250_000_000),
        (news.CORRECTED, -25, -100_000_000),
        (news.FILLED, 25, 100_000_000),
    ]
    assert bench.book.positions["SPY"] == 100


def test_a_total_is_not_trusted_when_told_so():
    bench = Bench()
    bench.book.trust_totals = False
    (order,) = bench.place("A", "SPY", 100)
    bench.fill(order, 50, 75, 25, AvgPx=5.0)
    assert bench.news() == [(news.FILLED, 50, 100, news.WORKING)]


# -- what a logon's answer proves --------------------------------------------------------------------------------


def answer(bench, *rows):
    return Answer([Fields(row) for row in rows], [], bench.time, 0)


def test_silence_for_long_enough_proves_that_an_order_never_arrived():
    bench = Bench()
    (order,) = bench.book.place("A", "SPY", 100, MARKET, 0.0, False, 0, True)
    bench.book.set_out(order)
    bench.book.no_answer(order)
    assert bench.news() == [(news.UNKNOWN, 0, 100, news.DOUBTFUL)]
    bench.time = 29 * SECOND
    weigh(bench.book, answer(bench), 0, 30 * SECOND)
    assert bench.news() == []
    bench.time = 30 * SECOND
    weigh(bench.book, answer(bench), 0, 30 * SECOND)
    assert bench.news() == [(news.REJECTED, 0, 100, news.REJECTED)]
    assert bench.told[-1].text == NEVER
    bench.report(order, "NEW", "NEW", CumQty=0, LeavesQty=100)  # it was on its way all the same
    assert bench.news() == [(news.ACCEPTED, 0, 100, news.WORKING)]


def test_silence_proves_nothing_when_messages_were_lost_since():
    bench = Bench()
    bench.time = 10
    (order,) = bench.book.place("A", "SPY", 100, MARKET, 0.0, False, 0, True)
    bench.book.set_out(order)
    bench.book.no_answer(order)
    bench.news()
    bench.time = 100 * SECOND
    weigh(bench.book, answer(bench), 0, 30 * SECOND, broken=50 * SECOND)
    assert bench.news() == []


def test_an_order_that_the_gateway_has_taken_is_not_given_up():
    """Status 0 means that the gateway has it, though the list may not show it yet (section 7)."""
    bench = Bench()
    bench.place("A", "SPY", 100)
    bench.time = 3600 * SECOND
    weigh(bench.book, answer(bench), 0, 30 * SECOND)
    assert bench.news() == []


def test_an_order_that_works_and_is_not_listed_is_unknown():
    """Numbers that begin anew while nobody listens lose messages for good (section 18, 6): it may have been executed."""
    bench = Bench()
    (order,) = bench.place("A", "SPY", 100)
    bench.report(order, "NEW", "NEW", CumQty=0, LeavesQty=100)
    bench.news()
    bench.time = 30 * SECOND
    weigh(bench.book, answer(bench), 0, 30 * SECOND, complete=False)
    assert bench.news() == []  # where the list is not trusted to be whole
    weigh(bench.book, answer(bench), 0, 30 * SECOND)
    assert bench.news() == [(news.UNKNOWN, 0, 100, news.DOUBTFUL)]
    bench.fill(order, 100, 100, 0)
    assert bench.news() == [(news.FILLED, 100, 100, news.DONE)]


def test_the_list_proves_orders_changes_and_shares():
    bench = Bench()
    (order,) = bench.book.place("A", "SPY", 100, LIMIT, 5.0, False, 0, True)
    bench.book.set_out(order)
    bench.book.no_answer(order)
    (change,) = bench.book.replace("A", 80, None)
    bench.book.set_out(change)
    bench.book.no_answer(change)
    bench.news()
    row = {"ClOrdID": change.id, "Symbol": "SPY", "OrdStatus": "PARTIALLY_FILLED", "OrderQty": 80, "CumQty": 20,
           "LeavesQty": 60, "Price": 5, "AvgPx": "4.5"}  # fmt: skip
    weigh(bench.book, answer(bench, row), 0, 30 * SECOND)
    assert bench.news() == [
        (news.ACCEPTED, 0, 100, news.WORKING),
        (news.REPLACED, 0, 80, news.WORKING),
        (news.FILLED, 20, 80, news.WORKING),
    ]
    assert bench.told[-1].price == 4.5


def test_a_day_order_of_yesterday_that_is_not_open_has_expired():
    bench = Bench()
    bench.place("A", "SPY", 100, day=4)
    weigh(bench.book, answer(bench), 4, SECOND)
    assert bench.news() == []
    weigh(bench.book, answer(bench), 5, SECOND)
    assert bench.news() == [(news.EXPIRED, 0, 100, news.EXPIRED)]


def test_after_a_restart_what_was_written_and_not_sent_never_went():
    bench = Bench()
    (gone,) = bench.book.place("A", "SPY", 100, MARKET, 0.0, False, 0, True)
    bench.book.place("B", "SPY", 100, MARKET, 0.0, False, 0, True)
    bench.book.set_out(gone)
    bench.news()
    interrupted(bench.book)
    assert bench.news() == [(news.UNKNOWN, 0, 100, news.DOUBTFUL), (news.REJECTED, 0, 100, news.REJECTED)]


def test_reports_about_others_touch_nothing():
    bench = Bench()
    bench.place("A", "SPY", 100)
    bench.news()
    body = {"MsgType": "ExecutionReport", "ExecType": "FILL", "OrdStatus": "FILLED", "ClOrdID": "OTHER1",
            "OrderID": "NONE", "ExecID": "E1", "LastShares": 500, "LastPx": 5, "CumQty": 500, "LeavesQty": 0,
            "Symbol": "SPY"}  # fmt: skip
    apply(bench.book, read_message(json.dumps(body).encode()))
    _, passing = bench.book.taken()
    assert [(one.kind, one.shares) for one in passing] == [(news.FOREIGN, 500)]
    assert bench.book.positions == {}
