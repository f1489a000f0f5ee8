"""What the account can put up at one instant: equity, margin in use, what working orders have reserved."""

from __future__ import annotations

from typing import Any

from runner.compilable import compilable
from runner.laws import admission, margin
from runner.market.money import amount
from runner.market.order import LIMIT, WORKING


@compilable
def is_open(w: Any, k: int) -> bool:
    """Whether instant `k` is in regular hours (the close itself is not)."""
    return w.instants[k].open <= w.instants[k].time < w.instants[k].close


@compilable
def factor(w: Any, k: int) -> float:
    """Multiplier of margin requirements at instant `k`."""
    return margin.state_factor(w.settings[0], is_open(w, k), w.instants[k].close - w.instants[k].time)


@compilable
def equity(w: Any) -> int:
    """Cash, settled or not, plus positions at last prices; millionths of a dollar."""
    account = w.account[0]
    return account.cash + account.unsettled + account.long_value - account.short_value


@compilable
def order_price(w: Any, s: int, kind: int, quantity: int, limit: float) -> float:
    """Dollars a share at which an order's fee is computed: the last price, a limit order's worse of both."""
    last = w.quotes[s].last
    if kind == LIMIT:
        return min(limit, last) if quantity > 0 else max(limit, last)
    return last


@compilable
def opening_value(w: Any, o: int) -> int:
    """Absolute value of the shares that order `o` would open if it filled alone; millionths of a dollar."""
    order = w.orders[o]
    left = order.quantity - order.filled
    shares = admission.opening_shares(w.holdings[order.symbol].position, 0, left)
    price = order.limit if order.kind == LIMIT else w.quotes[order.symbol].last
    return amount(shares, price)


@compilable
def reserve(w: Any) -> int:
    """Absolute value of what the open orders would open, symbol by symbol, at their prices."""
    total = 0
    for i in range(w.counters[0].working):
        if w.orders[w.working[i]].state == WORKING:  # what is queued has not been sent and holds nothing yet
            total += opening_value(w, w.working[i])
    return total


@compilable
def means(w: Any, k: int, s: int, quantity: int, own_value: int) -> admission.Means:
    """What the account can put up at instant `k` for an order of `quantity` signed shares of symbol `s`.

    `own_value`: absolute value that the order itself has in the account's reserve (0 for a new order).
    """
    settings = w.settings[0]
    account = w.account[0]
    holding = w.holdings[s]
    against = (holding.position > 0) != (quantity > 0)
    opposite = abs(holding.value) if against else 0
    same_side = holding.open_buys if quantity > 0 else holding.open_sells
    reserved = reserve(w) - own_value if settings.reserve_working else 0
    state = factor(w, k)
    gross = account.long_value + account.short_value
    free = margin.free_margin(settings, equity(w), account.unsettled, gross, reserved, opposite, state)
    return admission.Means(holding.position, same_side, free, state)


@compilable
def still_affordable(w: Any, k: int, o: int) -> bool:
    """LEAN's second look: buying power is tested again before every fill."""
    order = w.orders[o]
    s = order.symbol
    left = order.quantity - order.filled
    price = order_price(w, s, order.kind, order.quantity, order.limit)
    account = means(w, k, s, left, 0)
    alone = admission.Means(account.position, 0, account.free, account.factor)
    return admission.admit(w.settings[0], o, left, w.quotes[s].last, price, False, alone).code == 0
