"""Post-only orders, which must only add liquidity: whether one would take, by the engine's newest quotes.

A real broker judges new orders itself (`POST_ONLY_THERE`): it sees the market, the engine's quote may be a bar old. A change
is judged here all the same: on the wire it does not say post-only again, and nobody knows whether the gateway remembers it.
"""

from __future__ import annotations

from typing import Any

from runner.compilable import compilable
from runner.laws import fills
from runner.market.order import LIMIT, WORKING
from runner.market.settings import POST_ONLY_HERE, POST_ONLY_IGNORED


@compilable
def new_takes(w: Any, o: int) -> bool:
    """Whether order `o`, which arrives now, is turned down for it."""
    order = w.orders[o]
    if not order.post_only or order.kind != LIMIT or w.settings[0].post_only != POST_ONLY_HERE:
        return False
    return bool(fills.would_take(w.quotes[order.symbol], order.quantity, order.limit))


@compilable
def change_takes(w: Any, o: int, quantity: int, limit: float) -> bool:
    """Whether working order `o` would take with another quantity and limit."""
    order = w.orders[o]
    if not order.post_only or order.state != WORKING or w.settings[0].post_only == POST_ONLY_IGNORED:
        return False
    return bool(fills.would_take(w.quotes[order.symbol], quantity, limit))
