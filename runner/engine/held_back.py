"""Exits that wait until the broker has said that an order ended: what it may still fill must not be sold twice.

The simulated market answers at once, so that nothing is ever held back in a backtest.
"""

from __future__ import annotations

from typing import Any

from runner.compilable import compilable
from runner.engine import state
from runner.market.order import CANCEL, WORKING


@compilable
def unanswered(w: Any, s: int) -> bool:
    """Whether an order that reduces the position of symbol `s` was asked to end, and the broker has not answered."""
    position = w.holdings[s].position
    for n in range(w.counters[0].working):
        order = w.orders[w.working[n]]
        if order.symbol == s and order.pending == CANCEL and (order.quantity > 0) != (position > 0):
            return True
    return False


@compilable
def in_the_way(w: Any, j: int) -> bool:
    """Whether wanted row `j` would sell what an order may sell yet: one whose end is not known, or one that the rows
    before it were to end and the broker would not."""
    s = w.wanted[j].symbol
    for n in range(j):
        if w.wanted[n].intent == state.WITHDRAW and w.wanted[n].symbol == s:
            order = w.orders[w.wanted[n].reference]
            if order.state == WORKING and (order.quantity > 0) != (w.holdings[s].position > 0):
                return True
    return unanswered(w, s)


@compilable
def hold(w: Any, r: int, i: int, s: int) -> bool:
    """Keep the exit of symbol `s` that step `i` of rule `r` wants for later; False for an exit of a part, which never
    persists."""
    if w.steps[i].unit != state.ALL:
        return False
    holding = w.holdings[s]
    holding.exiting = i + 1
    holding.exiting_rule = r
    if not holding.held_back:
        holding.held_back = True
        w.counters[0].held_back += 1
    return True


@compilable
def leavers(w: Any, k: int) -> int:
    """Put the symbols on the list that want to be flat and have a bar at instant `k`, then those whose exit was held
    back and may go now, bar or not; returns how many."""
    n = 0
    for j in range(w.instants[k].bar_lo, w.instants[k].bar_hi):
        s = w.arrivals[j].symbol
        if w.holdings[s].exiting > 0 and not w.holdings[s].held_back:
            w.candidates[n] = s
            n += 1
    if w.counters[0].held_back > 0:
        for s in range(len(w.holdings)):
            if w.holdings[s].held_back and not unanswered(w, s):
                w.holdings[s].held_back = False
                w.counters[0].held_back -= 1
                w.candidates[n] = s
                n += 1
    return n
