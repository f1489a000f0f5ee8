"""What a broker says of an order, booked. Simulated or real: the engine changes no working order of its own accord."""

from __future__ import annotations

from typing import Any

from runner.compilable import compilable
from runner.engine import book
from runner.laws import refusals
from runner.market import events, order


@compilable
def take(w: Any, k: int, kind: int, o: int, quantity: int, price: float) -> None:
    """Book news of order `o` at instant `k`: FILLED (signed shares, dollars a share), UPDATED (the change that was
    asked for holds), CANCELLED, EXPIRED, REJECTED, NOT_SENT, UPDATE_REFUSED and CANCEL_REFUSED (the order works on as it was)."""
    if kind == events.FILLED:
        book.fill(w, k, o, quantity, price)
    elif kind == events.UPDATED:
        book.change_order(w, k, o)
    elif kind == events.CANCELLED:
        book.end_order(w, k, o, order.CANCELLED, kind)
    elif kind == events.EXPIRED:
        book.end_order(w, k, o, order.EXPIRED, kind)
    elif kind == events.REJECTED:
        book.end_order(w, k, o, order.REJECTED, kind)
        w.records[w.counters[0].records - 1].code = refusals.TURNED_DOWN
    elif kind == events.NOT_SENT:
        withhold(w, k, o)
    elif kind == events.UPDATE_REFUSED or kind == events.CANCEL_REFUSED:
        w.orders[o].pending = order.UNASKED
        book.record(w, k, kind, w.orders[o].symbol, w.orders[o].rule, o)


@compilable
def withhold(w: Any, k: int, o: int) -> None:
    """End order `o`, which was decided and never sent: it is too late for it."""
    line = book.record(w, k, events.NOT_SENT, w.orders[o].symbol, w.orders[o].rule, o)
    line.code = refusals.TOO_LATE
    book.end_order(w, k, o, order.CANCELLED, events.CANCELLED)
