"""A real broker's word, booked: what it says of an order's shares, price, fee, quantity and limit is what is so.

It changes orders of its own accord, takes executions back, and may say so after an order has ended. Plain Python, outside
the kernel: the simulated market does none of it (`engine/news.py` books what both say).
"""

from __future__ import annotations

from typing import Any

from runner.engine import book, news, open_exits, state, unsettled
from runner.engine.executions import DAYS, NANOSECONDS, Execution, Executions
from runner.engine.ports import News
from runner.laws import settlement
from runner.laws.account import after_fill
from runner.market import events, order

INTENTS = (order.PLAIN, order.ENTRY, order.REBALANCE)
ENDS = {
    order.CANCELLED: events.CANCELLED,
    order.EXPIRED: events.EXPIRED,
    order.REJECTED: events.REJECTED,
}


class Told:
    """Books news of any broker, and remembers the executions that a real one may take back."""

    def __init__(self) -> None:
        self._executions = Executions()
        self._rests: list[int] = []  # orders that ended, whose rest goes to the market

    def state(self) -> dict[str, list[Any]]:
        """What is remembered, as plain values."""
        return {"executions": self._executions.state(), "rests": self._rests}

    def restore(self, kept: dict[str, list[Any]]) -> None:
        """Remember what `state` said."""
        self._executions.restore(kept["executions"])
        self._rests = kept["rests"]

    def rests(self) -> list[int]:
        """Orders that have ended since the last call, whose rest waited for that."""
        found, self._rests = self._rests, []
        return found

    def take(self, w: Any, k: int, one: News) -> None:
        """Book one piece of news at instant `k`."""
        row = w.orders[one.order]
        if one.state >= 0:
            self._take(w, k, one)
        elif row.state == order.WORKING:
            news.take(w, k, one.kind, one.order, one.quantity, one.price)
        if row.rest and (row.state != order.WORKING or row.pending != order.CANCEL):
            if row.state == order.CANCELLED:
                self._rests.append(one.order)
            row.rest = False

    def _take(self, w: Any, k: int, one: News) -> None:
        row = w.orders[one.order]
        if one.kind == events.FILLED:
            self._filled(w, k, one)
        elif one.kind == events.BUSTED or one.kind == events.CORRECTED:
            self._taken_back(w, k, one)
        elif one.kind == events.UPDATED or one.kind == events.AMENDED:
            amended(w, k, one)
        elif one.kind == events.UPDATE_REFUSED or one.kind == events.CANCEL_REFUSED:
            asked = row.pending
            news.take(w, k, one.kind, one.order, 0, 0.0)
            row.pending = order.UNASKED if one.answered else asked
        elif row.state == order.WORKING:
            news.take(w, k, one.kind, one.order, 0, 0.0)

    def _filled(self, w: Any, k: int, one: News) -> None:
        row = w.orders[one.order]
        if row.state != order.WORKING and one.state == order.WORKING:
            reopen(w, one.order)
        late = row.state != order.WORKING
        holding = w.holdings[row.symbol]
        done = Execution(
            one.order, one.execution, w.instants[k].time, one.quantity, one.price, one.amount, one.fee
        )
        self._executions.add(row.symbol, holding.position, holding.cost, done)
        book.fill_for(w, k, one.order, one.quantity, one.price, one.fee)
        ended(w, k, one.order, one.state)
        if late:
            owe_exit(w, k, row.symbol)

    def _taken_back(self, w: Any, k: int, one: News) -> None:
        """An execution never was, or was another."""
        row = w.orders[one.order]
        s = row.symbol
        holding = w.holdings[s]
        old = self._executions.find(s, one.order, one.refers)
        new = None
        if one.kind == events.CORRECTED:
            was = old or Execution(one.order, "", 0, 0, 0.0, 0, 0)
            quantity, worth, fee = was.quantity + one.quantity, was.amount + one.amount, was.fee + one.fee
            if quantity != 0:
                time = old.time if old else w.instants[k].time
                new = Execution(one.order, one.execution, time, quantity, one.price, worth, fee)
        after = None
        if old is not None:
            after = self._executions.put(s, holding.position, holding.cost, old, new)
        if after is None:
            after = without(holding.position, holding.cost, one, old, new)
        if old is not None:
            move_cash(w, k, s, old.amount, -1)
            write(w, k, events.BUSTED, one.order, -old.quantity, old.price, -old.amount, -old.fee)
        elif new is None:
            move_cash(w, k, s, -one.amount, -1)
            write(w, k, events.BUSTED, one.order, one.quantity, one.price, one.amount, one.fee)
        if new is not None:
            move_cash(w, k, s, new.amount, 1)
            write(w, k, events.CORRECTED, one.order, new.quantity, new.price, new.amount, new.fee)
        w.account[0].cash -= one.fee
        count_filled(w, one.order, one.quantity)
        place(w, s, *after)
        if one.state == order.WORKING and row.state != order.WORKING:
            reopen(w, one.order)
            note_amended(w, k, one.order)
        elif row.state == order.FILLED and row.filled != row.quantity:
            row.state = order.CANCELLED  # what it lost does not come back
        ended(w, k, one.order, one.state)
        open_exits.watch_exits(w, s)
        owe_exit(w, k, s)


def without(
    position: int, cost: int, one: News, old: Execution | None, new: Execution | None
) -> tuple[int, int]:
    """Shares and cost after a change of an execution that lies before a split, or is not known: as if it were undone by
    another one of today."""
    if old is None and new is None:
        found = after_fill(position, cost, one.quantity, one.amount)
        return found.position, found.cost
    if old is not None:
        found = after_fill(position, cost, -old.quantity, -old.amount)
        position, cost = found.position, found.cost
    if new is not None:
        found = after_fill(position, cost, new.quantity, new.amount)
        position, cost = found.position, found.cost
    return position, cost


def move_cash(w: Any, k: int, s: int, amount: int, sign: int) -> None:
    """Cash of an execution of symbol `s` (`amount` signed as its shares) comes (1) or is taken back (-1): of a sale that
    has not settled, out of the cash that waits, the newest first."""
    brought = -amount
    delayed = w.holdings[s].settlement != settlement.IMMEDIATE
    account = w.account[0]
    if sign > 0:
        moved = settlement.proceeds(delayed, brought)
        account.cash += moved.settled
        if moved.unsettled > 0:
            unsettled.hold_back(w, unsettled.due(w, k, s), moved.unsettled)
        return
    if delayed and brought > 0:
        i = w.counters[0].unsettled - 1
        while i >= 0 and brought > 0:
            part = min(brought, w.unsettled[i].amount)
            w.unsettled[i].amount -= part
            account.unsettled -= part
            brought -= part
            i -= 1
    account.cash -= brought


def write(w: Any, k: int, kind: int, o: int, quantity: int, price: float, amount: int, fee: int) -> None:
    """A record of an execution of order `o`."""
    line = book.record(w, k, kind, w.orders[o].symbol, w.orders[o].rule, o)
    line.quantity = quantity
    line.price = price
    line.amount = amount
    line.fee = fee


def count_filled(w: Any, o: int, quantity: int) -> None:
    """Add to what order `o` has executed; below zero for what was taken back."""
    if w.orders[o].state == order.WORKING:
        book.count_open(w, o, -1)
        w.orders[o].filled += quantity
        book.count_open(w, o, 1)
    else:
        w.orders[o].filled += quantity


def place(w: Any, s: int, position: int, cost: int) -> None:
    """Give symbol `s` another position, and what goes with one that ends, begins or turns."""
    holding = w.holdings[s]
    was = holding.position
    holding.cost = cost
    book.revalue(w, s, position, w.quotes[s].last)
    if was == 0 or (was > 0) != (position > 0) or position == 0:
        holding.bars_held = 0
    if was != 0 and (position == 0 or (was > 0) != (position > 0)):
        book.forget(w, s)
        w.protections[s].plan = -1
    if position == 0:
        book.flat(w, s)


def reopen(w: Any, o: int) -> None:
    """Order `o` works again, in its place by number."""
    w.orders[o].state = order.WORKING
    w.orders[o].pending = order.UNASKED
    n = w.counters[0].working
    while n > 0 and w.working[n - 1] > o:
        w.working[n] = w.working[n - 1]
        n -= 1
    w.working[n] = o
    w.counters[0].working += 1
    book.count_open(w, o, 1)


def ended(w: Any, k: int, o: int, now: int) -> None:
    """The broker says that order `o` has ended (`now`): what is missing of it will not come."""
    row = w.orders[o]
    if row.state != order.WORKING or now == order.WORKING:
        return
    if now != order.FILLED or row.filled == 0:
        kind = ENDS.get(now, events.CANCELLED)
        news.take(w, k, kind, o, 0, 0.0)
        return
    change(w, k, o, row.filled, row.limit)
    book.close_order(w, o, order.FILLED)


def amended(w: Any, k: int, one: News) -> None:
    """Order `one.order` has the quantity and the limit of the news: those that were asked for, or others."""
    row = w.orders[one.order]
    total = one.total or row.quantity
    limit = one.limit if one.limit > 0.0 and row.limit > 0.0 else row.limit
    if row.state != order.WORKING:
        if one.state == order.WORKING and abs(total) > abs(row.filled):
            row.quantity, row.limit = total, limit
            reopen(w, one.order)
            note_amended(w, k, one.order)
        return
    asked = row.pending
    if asked != order.UNASKED and one.kind == events.UPDATED and (total, limit) == (
        row.asked_quantity, row.asked_limit):  # fmt: skip
        if (total, limit) != (row.quantity, row.limit) or row.asked_tag not in (-1, row.tag):
            book.change_order(w, k, one.order)
    elif (total, limit) != (row.quantity, row.limit):
        change(w, k, one.order, total, limit)
    row.pending = order.UNASKED if one.answered else asked
    ended(w, k, one.order, one.state)


def change(w: Any, k: int, o: int, total: int, limit: float) -> None:
    """Working order `o` is another than it was asked to be: a record says what it is."""
    row = w.orders[o]
    if (total, limit) == (row.quantity, row.limit):
        return
    kept = row.asked_quantity, row.asked_limit, row.asked_stop, row.asked_by, row.asked_tag
    row.asked_quantity, row.asked_limit, row.asked_stop, row.asked_by = total, limit, row.stop, row.by
    row.asked_tag = -1
    book.change_order(w, k, o)
    w.records[w.counters[0].records - 1].kind = events.AMENDED
    row.asked_quantity, row.asked_limit, row.asked_stop, row.asked_by, row.asked_tag = kept


def note_amended(w: Any, k: int, o: int) -> None:
    """Write down that order `o` works, and how."""
    book.note_update(w, k, o)
    w.records[w.counters[0].records - 1].kind = events.AMENDED


def owe_exit(w: Any, k: int, s: int) -> None:
    """Shares of symbol `s` came or went after an order had ended. If the newest intent was to be flat, it still is: the
    exit goes on until nothing is held."""
    holding = w.holdings[s]
    if holding.position == 0:
        return
    since = w.instants[k].time - DAYS * NANOSECONDS
    for o in range(w.counters[0].orders, 0, -1):
        row = w.orders[o]
        if row.created < since:
            return
        if row.symbol != s or row.state in (order.INVALID, order.REJECTED):
            continue
        if row.purpose in INTENTS:
            return
        if row.purpose in (order.EXIT, order.PROTECT) and row.step >= 0:
            if w.steps[row.step].unit == state.ALL:
                holding.exiting = row.step + 1
                holding.exiting_rule = row.rule
            return
