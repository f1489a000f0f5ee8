"""Working limit orders that follow their price: the expression worked out anew at the ends of bars."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from runner.compilable import compilable
from runner.engine import state
from runner.engine.gate import let_follow
from runner.engine.prices import NO_PRICES, order_prices
from runner.engine.send import act
from runner.engine.sizes import add
from runner.laws import refusals
from runner.market.order import MARKET, UNASKED, WORKING

# What becomes of the order when the time of it is over.
THEN_KEEP, THEN_CANCEL, THEN_MARKET = 0, 1, 2
THENS = {"keep": THEN_KEEP, "cancel": THEN_CANCEL, "market": THEN_MARKET}


@compilable
def want_step(w: Any, k: int, o: int) -> int:
    """Fill the list of wanted things for order `o`, whose next step has come: another limit, its end, or its rest
    as a market order. Design section 3: an unknown price, and the same price after rounding, change nothing."""
    order = w.orders[o]
    step = w.steps[order.step]
    now = w.instants[k].time
    w.counters[0].wanted = 0
    every = step.reprice_every
    order.next_step = order.sent + every * ((now - order.sent) // every + 1)
    if step.reprice_for > 0 and now >= order.sent + step.reprice_for:
        if step.reprice_then == THEN_KEEP:
            order.next_step = 0
            return refusals.UNCHANGED
        add(w, state.WITHDRAW, order.symbol, 0, NO_PRICES, o, 0)
        if step.reprice_then == THEN_MARKET:
            add(w, state.SUBMIT, order.symbol, order.quantity - order.filled, NO_PRICES, 0, order.purpose)
            w.wanted[1].kind = MARKET
            w.wanted[1].cut = order.may_cut
            let_follow(w, o)
        return refusals.FINE
    asked = order_prices(w, k, step, order.symbol, order.kind, order.quantity)
    if asked.code != refusals.FINE or asked.limit == order.limit:
        return refusals.UNCHANGED
    add(w, state.REPLACE, order.symbol, order.quantity, asked, o, 0)
    return refusals.FINE


@compilable
def is_due(w: Any, k: int, o: int) -> bool:
    """Whether the next step of order `o` has come, at the end of a bar or a quote of its symbol; not while the broker
    still owes an answer."""
    order = w.orders[o]
    now = w.instants[k].time
    if order.next_step == 0 or now < order.next_step or order.state != WORKING or order.pending != UNASKED:
        return False
    return bool(w.quotes[order.symbol].fresh or w.quotes[order.symbol].quote_end == now)


@compilable
def steps_at(w: Any, k: int) -> Iterator[tuple[int, int]]:
    """Move the orders whose next step has come at instant `k`, in order of their numbers; yields (intent, order
    number)."""
    i = 0
    while i < w.counters[0].working:
        o = w.working[i]
        if is_due(w, k, o) and want_step(w, k, o) == refusals.FINE:
            rule = w.orders[o].rule
            step = w.orders[o].step
            for j in range(w.counters[0].wanted):
                intent = w.wanted[j].intent
                if intent == state.SUBMIT and w.orders[o].state == WORKING:
                    w.orders[
                        o
                    ].rest = True  # its end is not known yet: what is left of it must not be sent twice
                    break
                sent = act(w, k, rule, step, j)
                if sent > 0:
                    yield intent, sent
        if i < w.counters[0].working and w.working[i] == o:  # it is still there
            i += 1
