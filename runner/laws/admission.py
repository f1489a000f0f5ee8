"""May this order be sent? The only file that makes an `Admitted` order; a broker takes nothing else."""

from __future__ import annotations

from typing import Any, NamedTuple

from runner.compilable import compilable
from runner.laws import refusals, shorts
from runner.laws.fees import fee
from runner.laws.margin import affordable, initial, measured
from runner.market.order import MARKET, MARKET_ON_CLOSE, MARKET_ON_OPEN, WORKING
from runner.market.settings import CLOSED_MARKET_ON_OPEN, CLOSED_QUEUE, CLOSED_SEND, Requirement, Settings


class Admitted(NamedTuple):
    """Proof that order number `order` passed every check for `quantity` signed shares."""

    order: int
    quantity: int


def proof(number: int, order: Any) -> Admitted:
    """The proof for an order that `admit` let through (its state says so); anything else is a fault of ours."""
    if order.state != WORKING:
        raise AssertionError(f"order {number} was not admitted")
    return Admitted(number, order.quantity - order.filled)


class Verdict(NamedTuple):
    """`code` 0 when `admitted` may be sent, else why not (`laws/refusals`)."""

    code: int
    admitted: Admitted


class Means(NamedTuple):
    """What the account can put up for one order: shares held and already on sale, margin, margin factor; shares
    that can be borrowed (or market/borrow.UNKNOWN, UNLIMITED), and the position that counts against them."""

    position: int
    open_same_side: int  # signed shares of open orders on the order's side
    free: int  # laws/margin.free_margin
    factor: float
    borrowable: int
    ahead: int  # laws/shorts.ahead


@compilable
def opening_shares(position: int, open_same_side: int, quantity: int) -> int:
    """Shares (not negative) of `quantity` that open or enlarge a position rather than reduce it."""
    if position == 0 or (position > 0) == (quantity > 0):
        return abs(quantity)
    reducing = abs(position) - abs(open_same_side)
    if reducing < 0:
        reducing = 0
    return abs(quantity) - reducing if abs(quantity) > reducing else 0


@compilable
def admit(
    settings: Settings,
    requirement: Requirement,
    order: int,
    quantity: int,
    price: float,
    fee_price: float,
    may_cut: bool,
    means: Means,
) -> Verdict:
    """Check the order against the account; a size that `may_cut` is cut to what buying power allows.

    `requirement`: the symbol's margin. `price`: dollars a share at which the order is valued (last, or the limit).
    An order that only reduces the position needs no margin. Short sales need a margin account (Regulation T, 12 CFR 220.8) and shares to
    borrow.
    """
    if quantity == 0:
        return Verdict(refusals.ZERO_QUANTITY, Admitted(order, 0))
    if price <= 0.0:
        return Verdict(refusals.NO_PRICE, Admitted(order, 0))
    opening = opening_shares(means.position, means.open_same_side, quantity)
    if settings.cash_account and quantity < 0 and opening > 0:
        return Verdict(refusals.SHORT_IN_CASH_ACCOUNT, Admitted(order, 0))
    granted = quantity
    if opening > 0 and requirement.initial > 0.0:
        granted = afforded(settings, requirement, quantity, price, fee_price, may_cut, means)
    if granted == 0:
        return Verdict(refusals.BUYING_POWER, Admitted(order, 0))
    code = shorts.verdict(settings, means.borrowable, means.ahead, granted)
    return Verdict(code, Admitted(order, granted if code == refusals.FINE else 0))


@compilable
def afforded(
    settings: Settings,
    requirement: Requirement,
    quantity: int,
    price: float,
    fee_price: float,
    may_cut: bool,
    means: Means,
) -> int:
    """Signed shares of `quantity` that buying power allows: all, fewer of an order that `may_cut`, or none."""
    margin = initial(requirement, measured(requirement, abs(quantity), price), means.factor)
    needed = margin + fee(settings, quantity, fee_price)
    if needed <= means.free:
        return quantity
    if may_cut:
        shares = affordable(settings, requirement, means.free, price, means.factor)
        if shares > 0 and shares < abs(quantity):
            return shares if quantity > 0 else -shares
    return 0


SEND, QUEUE, REFUSE = 0, 1, 2


class Route(NamedTuple):
    """What becomes of an order now: SEND, QUEUE or REFUSE (with `code`), and as which `kind`."""

    way: int
    kind: int
    code: int


@compilable
def route(settings: Settings, kind: int, is_open: bool, to_close: int, daily_only: bool) -> Route:
    """Whether an order of `kind` decided now is sent, kept for the next open, or refused.

    `to_close`: ns from now to the close of the session (when open). `daily_only`: the symbol has daily bars
    only. Sources: design section 4 (queued orders); fact sheet 5 (conversions).
    """
    if not is_open:
        if settings.when_closed == CLOSED_QUEUE:
            return Route(QUEUE, kind, refusals.FINE)
        if settings.when_closed == CLOSED_SEND:
            return Route(SEND, kind, refusals.FINE)
        if kind != MARKET:
            if settings.when_closed == CLOSED_MARKET_ON_OPEN:
                return Route(SEND, kind, refusals.FINE)
            return Route(REFUSE, kind, refusals.MARKET_CLOSED)
        if settings.when_closed == CLOSED_MARKET_ON_OPEN:
            return Route(SEND, MARKET_ON_OPEN, refusals.FINE)
        return Route(REFUSE, kind, refusals.MARKET_CLOSED)
    if kind == MARKET_ON_CLOSE and to_close < settings.closing_cutoff:
        return Route(REFUSE, kind, refusals.CLOSING_TOO_LATE)
    if kind == MARKET_ON_OPEN and not daily_only:
        return Route(REFUSE, kind, refusals.OPENING_WHILE_OPEN)
    if kind == MARKET and settings.daily_market == 1 and daily_only:
        if to_close < settings.closing_cutoff:
            return Route(SEND, MARKET_ON_OPEN, refusals.FINE)
        return Route(SEND, MARKET_ON_CLOSE, refusals.FINE)
    return Route(SEND, kind, refusals.FINE)
