"""Orders that wait for a price: when they are triggered, how a trailing stop follows, what they fill at.

Market facts: fact sheet 6 (stop market, stop limit, trailing stop, limit if touched). `span` is what a bar shows of
the side that the order would take; a price of 0.0 is no fill.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from runner.compilable import compilable


class Span(NamedTuple):
    """Highest, lowest and last price of a bar: of trades, or of the side that an order would take."""

    high: float
    low: float
    last: float


@compilable
def stop_fill(quote: Any, quantity: int, stop: float) -> float:
    """Fill price of a stop order from a new bar: at the stop when the bar trades there or beyond, at the open when the
    bar opens there or beyond."""
    if quantity > 0:
        if quote.high < stop:
            return 0.0
        return quote.open if quote.open >= stop else stop
    if quote.low > stop:
        return 0.0
    return quote.open if quote.open <= stop else stop


@compilable
def stop_reached(span: Span, quantity: int, stop: float) -> bool:
    """Whether a bar triggers a stop-limit order: it passes the stop, a touch is not enough."""
    return span.high > stop if quantity > 0 else span.low < stop


@compilable
def stop_limit_fill(span: Span, quantity: int, limit: float) -> float:
    """Fill price of a triggered stop-limit order: the bar must end better than the limit."""
    if quantity > 0:
        return min(span.high, limit) if span.last < limit else 0.0
    return max(span.low, limit) if span.last > limit else 0.0


@compilable
def trailing_fill(span: Span, quantity: int, stop: float) -> float:
    """Fill price of a trailing stop from a new bar: the worse of its stop and the bar's end."""
    if quantity > 0:
        return max(stop, span.last) if span.high >= stop else 0.0
    return min(stop, span.last) if span.low <= stop else 0.0


@compilable
def beside(quantity: int, price: float, by: float, by_ratio: bool) -> float:
    """The stop that stands `by` (dollars, or a ratio of `price`) away from `price`: above it for a purchase."""
    distance = price * by if by_ratio else by
    return price + distance if quantity > 0 else price - distance


@compilable
def trailed(span: Span, quantity: int, stop: float, by: float, by_ratio: bool) -> float:
    """The stop after a bar that did not fill it: it follows the bar's best price, and never goes back."""
    best = span.low if quantity > 0 else span.high
    moved = beside(quantity, best, by, by_ratio)
    closer = moved < stop if quantity > 0 else moved > stop
    return moved if closer else stop


@compilable
def touched(quote: Any, quantity: int, trigger: float) -> bool:
    """Whether a bar triggers a limit-if-touched order: trades fall to the trigger of a purchase, rise to a sale's."""
    return quote.low <= trigger if quantity > 0 else quote.high >= trigger


@compilable
def touched_fill(quantity: int, limit: float, other: float) -> float:
    """Fill price of a triggered limit-if-touched order; `other`: the price on the side that it takes."""
    if quantity > 0:
        return other if other <= limit else 0.0
    return other if other >= limit else 0.0
