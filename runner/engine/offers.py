"""What the simulated market offers to an order: a price, or nothing; and what its bars do to orders that wait for one.

`engine/step.py` walks the working orders, this file answers for one of them.
"""

from __future__ import annotations

from typing import Any

from runner.compilable import compilable
from runner.engine.book import record
from runner.laws import fills, stops, ticks
from runner.market import events
from runner.market.order import (
    LIMIT_IF_TOUCHED,
    MARKET,
    MARKET_ON_CLOSE,
    MARKET_ON_OPEN,
    STOP,
    STOP_LIMIT,
    WORKING,
)
from runner.market.settings import ROUND_AWAY


@compilable
def offered(w: Any, k: int, o: int) -> float:
    """The price at which the simulated market fills order `o` at instant `k`, or 0.0."""
    order = w.orders[o]
    quote = w.quotes[order.symbol]
    if order.state != WORKING or order.sent >= w.instants[k].time:
        return 0.0
    if order.kind == MARKET_ON_CLOSE:
        return fills.closing_fill(quote, order, w.instants[k].time)
    if not quote.fresh:
        return 0.0
    if order.stop > 0.0:
        return watched(w, k, o)
    if order.sent_closed and order.kind == MARKET and not in_regular_hours(w, k, order.symbol):
        return 0.0
    return fills.bar_fill(w.settings[0], quote, order)


@compilable
def price_now(w: Any, o: int) -> float:
    """The price at which the simulated market fills a newly sent order at once, or 0.0; a market order that was sent
    while the market is closed waits for a bar of the session."""
    order = w.orders[o]
    if order.state == WORKING and order.kind == MARKET and not order.sent_closed:
        return fills.market_now(w.settings[0], w.quotes[order.symbol], order.quantity, order.sent)
    return 0.0


@compilable
def take(w: Any, o: int) -> int:
    """Signed shares of order `o` that the newest bar gives, which the next order does not find any more: all that are
    left, or what `fills.participation` leaves of the volume. Auctions are not bounded."""
    order = w.orders[o]
    left = order.quantity - order.filled
    if w.settings[0].participation <= 0.0 or order.kind == MARKET_ON_CLOSE or order.kind == MARKET_ON_OPEN:
        return int(left)
    quote = w.quotes[order.symbol]
    shares = min(abs(left), quote.room)
    quote.room -= shares
    return shares if left > 0 else -shares


@compilable
def in_regular_hours(w: Any, k: int, s: int) -> bool:
    """Whether the symbol's newest bar has a part of the session in it."""
    quote = w.quotes[s]
    return bool(quote.daily or (quote.end > w.instants[k].open and quote.start < w.instants[k].close))


@compilable
def watched(w: Any, k: int, o: int) -> float:
    """The price that a new bar gives to an order with a stop or a trigger, or 0.0; it may trigger the order, or move
    the stop of a trailing one. Stops that become market orders fill in regular hours only."""
    settings = w.settings[0]
    order = w.orders[o]
    quote = w.quotes[order.symbol]
    if not fills.eligible(settings, quote, order):
        return 0.0
    span = fills.taking_side(settings, quote, order.quantity)
    if order.kind == STOP_LIMIT:
        if not order.triggered and stops.stop_reached(span, order.quantity, order.stop):
            trigger(w, k, o)
        return stops.stop_limit_fill(span, order.quantity, order.limit) if order.triggered else 0.0
    if order.kind == LIMIT_IF_TOUCHED:
        if not order.triggered and stops.touched(quote, order.quantity, order.stop):
            trigger(w, k, o)
        if not order.triggered:
            return 0.0
        return stops.touched_fill(
            order.quantity, order.limit, fills.touch(settings, quote, order.quantity, order.sent)
        )
    if not in_regular_hours(w, k, order.symbol):
        return 0.0
    if order.filled != 0:  # it is a market order since
        return fills.crossed(settings, order.quantity, quote.open)
    if order.kind == STOP:
        return fills.crossed(settings, order.quantity, stops.stop_fill(quote, order.quantity, order.stop))
    price = fills.crossed(settings, order.quantity, stops.trailing_fill(span, order.quantity, order.stop))
    if price == 0.0:
        trail(w, k, o, stops.trailed(span, order.quantity, order.stop, order.by, order.by_ratio))
    return price


@compilable
def trigger(w: Any, k: int, o: int) -> None:
    """A stop-limit or limit-if-touched order has seen its price: from now on it is a limit order."""
    order = w.orders[o]
    order.triggered = True
    record(w, k, events.TRIGGERED, order.symbol, order.rule, o).stop = order.stop


@compilable
def trail(w: Any, k: int, o: int, stop: float) -> None:
    """Move the stop of a trailing order, if it moves."""
    order = w.orders[o]
    if w.settings[0].limit_rounding == ROUND_AWAY:
        stop = ticks.rounded_limit(w.settings[0], -order.quantity, stop)
    if stop != order.stop:
        order.stop = stop
        record(w, k, events.TRAILED, order.symbol, order.rule, o).stop = stop
