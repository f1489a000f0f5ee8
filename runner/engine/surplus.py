"""Open exits are never more than the position: what another order has taken from it, they lose.

An exit, a protection and a margin call leave a position; none of them may turn it. A plain order, an entry of the other
side or a target that fills first takes shares from what they were sent for. LEAN's conventions (`exits: replaced`) leave
open exits as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from runner.compilable import compilable
from runner.engine import state
from runner.engine.book import change_order
from runner.engine.send import ask_cancel
from runner.engine.sizes import opens
from runner.market.order import CALL, CANCEL, CHANGE, EXIT, PROTECT, QUEUED, UNASKED


@compilable
def leaves(order: Any) -> bool:
    """Whether an order was sent to leave a position, and for nothing else."""
    return bool(order.purpose == EXIT or order.purpose == PROTECT or order.purpose == CALL)


@compilable
def to_come(order: Any) -> int:
    """Shares, not negative, that an order still fills once the broker has done what it was asked."""
    if order.pending == CANCEL:
        return 0
    quantity = order.asked_quantity if order.pending == CHANGE else order.quantity
    return int(max(0, abs(quantity) - abs(order.filled)))


@compilable
def surplus(w: Any, o: int) -> int:
    """Shares that order `o` has to lose: all when it would open a position or add to one, else what the open exits of its
    symbol are beyond the position."""
    order = w.orders[o]
    holding = w.holdings[order.symbol]
    own = to_come(order)
    if opens(holding, order):
        return own
    total = 0
    for i in range(w.counters[0].working):
        other = w.orders[w.working[i]]
        if other.symbol == order.symbol and leaves(other) and not opens(holding, other):
            total += to_come(other)
    return int(min(own, max(0, total - abs(holding.position))))


@compilable
def shorten(w: Any, k: int, o: int, less: int) -> int:
    """Ask for order `o` with `less` shares; what is asked."""
    order = w.orders[o]
    if less >= to_come(order):
        ask_cancel(w, k, o)
        return state.WITHDRAW
    order.asked_quantity = order.quantity - less if order.quantity > 0 else order.quantity + less
    order.asked_limit = order.limit
    order.asked_stop = order.stop
    order.asked_by = order.by
    order.asked_tag = -1
    order.pending = CHANGE
    if order.state == QUEUED:
        change_order(w, k, o)
    return state.REPLACE


@compilable
def cuts_at(w: Any, k: int) -> Iterator[tuple[int, int]]:
    """Cut the open exits to what is left of their positions, the newest first; yields (intent, order number). An order
    about which the broker still owes an answer is cut when it has come."""
    if not w.counters[0].surplus:
        return
    w.counters[0].surplus = False
    i = w.counters[0].working - 1
    while i >= 0:
        o = w.working[i]
        i -= 1
        if leaves(w.orders[o]) and w.orders[o].pending == UNASKED:
            less = surplus(w, o)
            if less > 0:
                yield shorten(w, k, o, less), o
