"""What is left of an order whose patience is over, sent to the market once its end is known (`reprice: {then: market}`).

A broker that answers late is asked for the end first; sent at once, the rest could be bought twice. The simulated market
answers at once, so that nothing waits in a backtest. Plain Python, outside the kernel.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from runner.engine import state
from runner.engine.gate import let_follow
from runner.engine.prices import NO_PRICES
from runner.engine.send import act
from runner.engine.sizes import add, leaving
from runner.market.order import CALL, CANCELLED, ENTRY, EXIT, MARKET, PROTECT, REBALANCE


def rests_at(w: Any, k: int, ended: list[int]) -> Iterator[tuple[int, int]]:
    """Send what is left of the orders `ended`, which were cancelled for it; yields (intent, order number)."""
    for o in ended:
        left = rest(w, o)
        if left == 0:
            continue
        row = w.orders[o]
        w.counters[0].wanted = 0
        add(w, state.SUBMIT, row.symbol, left, NO_PRICES, 0, row.purpose)
        w.wanted[0].kind = MARKET
        w.wanted[0].cut = row.may_cut
        let_follow(w, o)
        sent = act(w, k, row.rule, row.step, 0)
        if sent > 0:
            yield state.SUBMIT, sent


def rest(w: Any, o: int) -> int:
    """Signed shares that order `o` leaves to the market: none when it filled or ended otherwise, or when its symbol was
    to be left since; of an exit no more than there is to leave."""
    row = w.orders[o]
    holding = w.holdings[row.symbol]
    if row.state != CANCELLED:
        return 0
    left = int(row.quantity - row.filled)
    if row.purpose in (EXIT, PROTECT, CALL):
        held = int(holding.position) + leaving(holding)
        if held == 0 or (held > 0) == (left > 0):
            return 0
        return max(left, -held) if left < 0 else min(left, -held)
    if row.purpose in (ENTRY, REBALANCE) and (holding.exiting > 0 or superseded(w, o)):
        return 0
    return left


def superseded(w: Any, o: int) -> bool:
    """Whether a later order of the same symbol works."""
    working = (w.working[i] for i in range(w.counters[0].working))
    return any(n > o and w.orders[n].symbol == w.orders[o].symbol for n in working)
