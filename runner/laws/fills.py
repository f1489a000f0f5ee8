"""What a bar gives to an order: a price, or nothing (0.0).

`quote` is the symbol's newest real bar and quote (engine/state.Quote): its `open`, `high`, `low`, `close`,
`start`, `end`, `bid`, `ask`, `quote_end`. Market facts: fact sheet 6 for LEAN's conventions, design
section 4 for Atreyu's; they differ in named settings only.
"""

from __future__ import annotations

from typing import Any

from runner.compilable import compilable
from runner.laws.stops import Span
from runner.market.order import LIMIT, MARKET, MARKET_ON_OPEN
from runner.market.settings import (
    ENDS_AFTER,
    FILL_NEXT_OPEN,
    FILL_TOUCH,
    STALE_NEXT_BAR,
    STALE_USE,
    Settings,
)


@compilable
def crossed(settings: Settings, quantity: int, price: float) -> float:
    """A price that is no quote, as one who takes pays it: half of the spread worse."""
    if settings.spread == 0.0:
        return price
    half = price * settings.spread / 2.0
    return price + half if quantity > 0 else price - half


@compilable
def touch(settings: Settings, quote: Any, quantity: int, at: int) -> float:
    """Price at which a market order sent at `at` fills at once, or 0.0 when what is known is too old.

    The taking side of the newest quote when there is one that is fresh, or no older than the last trade;
    else the last trade. Fresh means not more than `stale_after` before the sending.
    """
    cutoff = at - settings.stale_after
    price = crossed(settings, quantity, quote.close)
    known = quote.end
    if settings.fills_market == FILL_TOUCH and quote.quote_end > 0:
        if quote.quote_end >= cutoff or quote.quote_end >= quote.end:
            side = quote.ask if quantity > 0 else quote.bid
            if side > 0.0:
                price = side
                known = quote.quote_end
    if known < cutoff and settings.stale != STALE_USE:
        return 0.0
    return price


@compilable
def market_now(settings: Settings, quote: Any, quantity: int, at: int) -> float:
    """Fill price of a market order at the instant of its sending, or 0.0: it waits for a bar."""
    if settings.fills_market == FILL_NEXT_OPEN:
        return 0.0
    return touch(settings, quote, quantity, at)


@compilable
def market_waiting(settings: Settings, quote: Any, quantity: int, sent: int) -> float:
    """Fill price of a waiting market order from a new bar, or 0.0.

    `stale: next_open`: the open of the first bar that starts at or after the sending. `stale: next_bar`
    (LEAN): the taking side at the end of the first fresh bar.
    """
    if settings.fills_market != FILL_NEXT_OPEN and settings.stale == STALE_NEXT_BAR:
        return touch(settings, quote, quantity, sent)
    if quote.start >= sent:
        return crossed(settings, quantity, quote.open)
    return 0.0


@compilable
def eligible(settings: Settings, quote: Any, order: Any) -> bool:
    """Whether a new bar may fill an order that names a price: a bar that began before knows nothing of it. LEAN
    (`ends_after`): any bar that ends after the sending."""
    if settings.first_bar == ENDS_AFTER:
        return bool(quote.end > order.sent)
    return bool(quote.start >= order.since)


@compilable
def taking_side(settings: Settings, quote: Any, quantity: int) -> Span:
    """What a new bar shows of the prices that an order would take: those of trades."""
    return Span(quote.high, quote.low, quote.close)


@compilable
def limit_fill(quote: Any, quantity: int, limit: float, post_only: bool) -> float:
    """Fill price of a limit order from a new bar, or 0.0.

    The bar must trade strictly through the limit; the order then fills at the limit, or at the open when
    the open is better. A post-only order always fills at its own limit.
    """
    through = quote.low < limit if quantity > 0 else quote.high > limit
    if not through:
        return 0.0
    better = quote.open < limit if quantity > 0 else quote.open > limit
    if better and not post_only:
        return quote.open
    return limit


@compilable
def open_fill(quote: Any, sent: int) -> float:
    """Fill price of a market-on-open order from a new bar that starts at or after the sending, or 0.0."""
    if quote.start >= sent:
        return quote.open
    return 0.0


@compilable
def bar_fill(settings: Settings, quote: Any, order: Any) -> float:
    """Fill price that the symbol's new bar gives to a working order, or 0.0. Closing orders: `closing_fill`."""
    if order.kind == LIMIT:
        post_only = order.post_only and settings.post_only == 0
        if not eligible(settings, quote, order):
            return 0.0
        return limit_fill(quote, order.quantity, order.limit, post_only)
    if order.kind == MARKET:
        return market_waiting(settings, quote, order.quantity, order.sent)
    if order.kind == MARKET_ON_OPEN:
        return open_fill(quote, order.sent)
    return 0.0


@compilable
def closing_fill(quote: Any, order: Any, now: int) -> float:
    """Fill price of a market-on-close order from the close of its session on: the session's last price, or 0.0.

    A symbol that did not trade in that session (`order.opened` to `order.close`) has no closing price.
    """
    if now >= order.close and quote.end > order.opened and quote.start < order.close:
        return quote.close
    return 0.0


@compilable
def would_take(quote: Any, quantity: int, limit: float) -> bool:
    """Whether a limit order is at or through the opposite quote (the last close without quotes) on arrival."""
    if quantity > 0:
        other = quote.ask if quote.quote_end > 0 and quote.ask > 0.0 else quote.close
        return limit >= other
    other = quote.bid if quote.quote_end > 0 and quote.bid > 0.0 else quote.close
    return limit <= other
