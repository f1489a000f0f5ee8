"""What a step wants of orders that are open already: another quantity or price, or their end."""

from __future__ import annotations

import math
from typing import Any

from runner.compilable import compilable
from runner.engine import state
from runner.engine.evaluate import evaluate
from runner.engine.prices import NO_PRICES, Prices, order_prices
from runner.engine.sizes import add
from runner.laws import refusals, sizing
from runner.market.order import QUEUED, WORKING


@compilable
def want_update(w: Any, k: int, step: Any, s: int) -> int:
    """Update: change the named open order's quantity and prices (what the step does not name stays)."""
    o = w.named[step.refers * len(w.holdings) + s]
    if o == 0 or (w.orders[o].state != WORKING and w.orders[o].state != QUEUED):
        return refusals.NO_SUCH_ORDER
    order = w.orders[o]
    quantity = order.quantity
    if step.value_hi > step.value_lo:
        value = evaluate(w, k, step.value_lo, step.value_hi, s)
        if math.isnan(value):
            return refusals.UNKNOWN_VALUE
        shares = abs(sizing.whole(value))
        if shares <= abs(order.filled):  # nothing of it would be left
            return refusals.ZERO_QUANTITY
        quantity = shares if order.quantity > 0 else -shares
    asked = order_prices(w, k, step, s, order.kind, quantity)
    if asked.code != refusals.FINE:
        return asked.code
    limit = asked.limit if asked.limit > 0.0 and order.limit > 0.0 else order.limit
    stop = asked.stop if asked.stop > 0.0 and order.stop > 0.0 else order.stop
    by = asked.by if asked.by > 0.0 and order.by > 0.0 else order.by
    same = limit == order.limit and stop == order.stop and by == order.by
    if same and quantity == order.quantity and step.retag < 0:
        return refusals.UNCHANGED
    add(w, state.REPLACE, s, quantity, Prices(refusals.FINE, limit, stop, by), o, 0)
    return refusals.FINE


@compilable
def want_cancel(w: Any, step: Any, s: int) -> int:
    """Cancel: the named open order, or every open order of the symbol."""
    found = False
    if step.action == state.CANCEL:
        o = w.named[step.refers * len(w.holdings) + s]
        if o > 0 and (w.orders[o].state == WORKING or w.orders[o].state == QUEUED):
            add(w, state.WITHDRAW, s, 0, NO_PRICES, o, 0)
            found = True
    else:
        for i in range(w.counters[0].working):
            if w.orders[w.working[i]].symbol == s:
                add(w, state.WITHDRAW, s, 0, NO_PRICES, w.working[i], 0)
                found = True
    return refusals.FINE if found else refusals.NO_SUCH_ORDER
