"""What the account can put up at one instant: equity, margin in use, what working orders have reserved."""

from __future__ import annotations

from typing import Any

from runner.compilable import compilable
from runner.engine import loans
from runner.engine.good_faith import held_back
from runner.engine.margins import factor, initial_used
from runner.laws import admission, margin
from runner.market.borrow import UNLIMITED
from runner.market.money import amount
from runner.market.order import decisive


@compilable
def equity(w: Any) -> int:
    """Cash, settled or not, plus positions at last prices; millionths of a dollar."""
    account = w.account[0]
    return account.cash + account.unsettled + account.long_value - account.short_value


@compilable
def capital(w: Any) -> int:
    """Equity as far as sizes and buying power may use it: of a shared account no more than `live.max_equity`."""
    found = equity(w)
    most = w.settings[0].max_equity
    return most if 0 < most < found else found


@compilable
def order_price(w: Any, s: int, quantity: int, named: float) -> float:
    """Dollars a share at which an order's fee is computed: the last price; where the order names a price of its own,
    the lower of both for a purchase, the higher for a sale."""
    last = w.quotes[s].last
    if named > 0.0:
        return min(named, last) if quantity > 0 else max(named, last)
    return last


@compilable
def reserve_of(w: Any, s: int) -> int:
    """What requirements measure of all that the working orders of symbol `s` would open, at the last price: the larger side's
    shares beyond those that reduce the position."""
    holding = w.holdings[s]
    buys = holding.working_buys - (-holding.position if holding.position < 0 else 0)
    sells = -holding.working_sells - (holding.position if holding.position > 0 else 0)
    opening = buys if buys > sells else sells
    if opening <= 0:
        return 0
    if not w.settings[0].own_margins:
        return amount(opening, w.quotes[s].last)
    return margin.measured(w.requirements[holding.group], opening, w.quotes[s].last)


@compilable
def means(w: Any, k: int, s: int, quantity: int) -> admission.Means:
    """What the account can put up at instant `k` for a further order of `quantity` signed shares of symbol `s`."""
    return means_less(w, k, s, quantity, held_back(w, k))


@compilable
def means_less(w: Any, k: int, s: int, quantity: int, held: int) -> admission.Means:
    """The same when `held` of the cash cannot be spent.

    A position frees margin for an order against it only once: what working orders of that side take off it
    already is not there for the next. LEAN's conventions (`reserve_working` false) look at fills alone.
    """
    settings = w.settings[0]
    holding = w.holdings[s]
    requirement = w.requirements[holding.group]
    same_side = holding.working_buys if quantity > 0 else holding.working_sells
    taken = same_side if settings.reserve_working else 0
    if not settings.reserve_working and not settings.cash_account:
        same_side = 0  # a cash account may not sell the same shares twice, whatever it reserves
    left = abs(holding.position) - abs(taken)
    against = (holding.position > 0) != (quantity > 0) and holding.position != 0 and left > 0
    state = factor(w, k, holding.group)
    opposite = 0
    if against:
        measure = margin.measured(requirement, left, w.quotes[s].last)
        opposite = margin.initial(requirement, measure, state)
    used = initial_used(w, k, settings.reserve_working)
    free = margin.free_margin(capital(w), held, used, opposite)
    return admission.Means(holding.position, same_side, free, state, w.lent[s].shares, loans.ahead(w, s))


@compilable
def still_affordable(w: Any, k: int, o: int) -> bool:
    """LEAN's second look: buying power is tested again before every fill."""
    order = w.orders[o]
    s = order.symbol
    left = order.quantity - order.filled
    price = order_price(w, s, order.quantity, decisive(order.kind, order.limit, order.stop))
    account = means(w, k, s, left)
    # What can be borrowed was asked when the order was sent.
    alone = admission.Means(account.position, 0, account.free, account.factor, UNLIMITED, 0)
    requirement = w.requirements[w.holdings[s].group]
    last = w.quotes[s].last
    return admission.admit(w.settings[0], requirement, o, left, last, price, False, alone).code == 0


@compilable
def needs_unsettled(w: Any, k: int, o: int, granted: int, worth: float, charged: float) -> bool:
    """Whether cash that has not settled would pay for order `o`, and settled cash alone does not. `granted`: the shares
    that were admitted, asked for whole; 0 if it was turned down, and might be cut."""
    order = w.orders[o]
    cut = order.may_cut and granted == 0
    s = order.symbol
    quantity = granted if granted != 0 else order.quantity
    requirement = w.requirements[w.holdings[s].group]
    settled = means_less(w, k, s, quantity, w.account[0].unsettled)
    if admission.admit(w.settings[0], requirement, o, quantity, worth, charged, cut, settled).code == 0:
        return False
    both = means_less(w, k, s, quantity, 0)
    return admission.admit(w.settings[0], requirement, o, quantity, worth, charged, cut, both).code == 0
