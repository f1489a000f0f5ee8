"""What a step wants of orders that are open already: another quantity or limit, or their end."""

from __future__ import annotations

import math
from typing import Any

from runner.compilable import compilable
from runner.engine import state
from runner.engine.evaluate import evaluate
from runner.engine.sizes import add, limit_price
from runner.laws import refusals, sizing
from runner.market.order import LIMIT, QUEUED, WORKING


@compilable
def want_update(w: Any, k: int, step: Any, s: int) -> int:
    """Update: change the named open order's quantity or limit (what the step does not name stays)."""
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
        if shares == 0:
            return refusals.ZERO_QUANTITY
        quantity = shares if order.quantity > 0 else -shares
    limit = order.limit
    if step.limit_hi > step.limit_lo and order.kind == LIMIT:
        limit = limit_price(w, k, step, s, quantity)
        if math.isnan(limit):
            return refusals.UNKNOWN_VALUE
        if limit < 0.0:
            return refusals.BAD_PRICE
    if quantity == order.quantity and limit == order.limit and step.retag < 0:
        return refusals.UNCHANGED
    add(w, state.REPLACE, s, quantity, limit, o, 0)
    return refusals.FINE


@compilable
def want_cancel(w: Any, step: Any, s: int) -> int:
    """Cancel: the named open order, or every open order of the symbol."""
    found = False
    if step.action == state.CANCEL:
        o = w.named[step.refers * len(w.holdings) + s]
        if o > 0 and (w.orders[o].state == WORKING or w.orders[o].state == QUEUED):
            add(w, state.WITHDRAW, s, 0, 0.0, o, 0)
            found = True
    else:
        for i in range(w.counters[0].working):
            if w.orders[w.working[i]].symbol == s:
                add(w, state.WITHDRAW, s, 0, 0.0, w.working[i], 0)
                found = True
    return refusals.FINE if found else refusals.NO_SUCH_ORDER
