"""The daily loss: when it is reached nothing is opened until the next session's open, and positions may be left."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from runner.compilable import compilable
from runner.engine import state
from runner.engine.book import record
from runner.engine.buying_power import equity
from runner.engine.send import ask_cancel
from runner.engine.sizes import opens
from runner.laws import controls
from runner.market import events
from runner.market.limits import FLATTEN
from runner.market.order import CALL, EXIT, PROTECT, WORKING


@compilable
def losses_at(w: Any, k: int) -> Iterator[tuple[int, int]]:
    """Look at the day's loss at instant `k`; yields (intent, order number) of the entries that are cancelled.

    `then: flatten` makes an exit that persists until flat of every position; it is sent at the next bar of its symbol,
    this instant's among them.
    """
    control = w.controls[0]
    if control.stopped or not controls.lost(w.limits[0], control.base, equity(w)):
        return
    control.stopped = True
    line = record(w, k, events.DAILY_LOSS, -1, -1, 0)
    line.amount = equity(w) - control.base
    if w.limits[0].then == FLATTEN:
        for s in range(len(w.holdings)):
            if w.holdings[s].position != 0:
                w.holdings[s].exiting = w.limits[0].leave + 1
                w.holdings[s].exiting_rule = -1
                w.holdings[s].retry = 0
    i = 0
    while i < w.counters[0].working:
        o = w.working[i]
        order = w.orders[o]
        leaves = order.purpose == EXIT or order.purpose == PROTECT or order.purpose == CALL
        if not leaves and order.state == WORKING and opens(w.holdings[order.symbol], order):
            ask_cancel(w, k, o)
            yield state.WITHDRAW, o
        if i < w.counters[0].working and w.working[i] == o:  # it is still there
            i += 1
