"""Pre-trade controls: what an order must pass before it is sent, whatever asked for it. Pure verdicts.

An order that only reduces a position passes what is about exposure, and an exit is never held up by the controls of
repetition and pace; every order is held to its size and its price. The bases: equity and last prices at the instant of
sending, working orders counted as if they filled. Source: design section 6 (controls before any broker, in backtests too).
"""

from __future__ import annotations

from typing import NamedTuple

from runner.compilable import compilable
from runner.laws import refusals
from runner.market.limits import Limits
from runner.market.money import MICROS, amount

MINUTE = 60_000_000_000


class Asked(NamedTuple):
    """An order as the controls see it. `limit`: 0.0 for none. `leaves`: an exit. `opens`: some of it opens or enlarges
    a position. `apart`: ns since the rule sent the symbol on this side, -1 never before. `recent`: orders sent in the last
    sixty seconds. `gross`, `net`: exposure after it, millionths (`net` in its own direction). `positions`: symbols
    held or on their way after it."""

    quantity: int
    limit: float
    last: float
    leaves: bool
    opens: bool
    apart: int
    recent: int
    equity: int
    gross: int
    net: int
    positions: int
    stopped: bool


@compilable
def slice_of(limits: Limits, quantity: int, price: float) -> int:
    """As much of an exit (signed shares) as one order may be; the rest follows at later bars."""
    most = abs(quantity)
    if limits.max_shares > 0 and most > limits.max_shares:
        most = limits.max_shares
    if limits.max_dollars > 0 and price > 0.0 and amount(most, price) > limits.max_dollars:
        most = int(limits.max_dollars / (price * MICROS))
    return most if quantity > 0 else -most


@compilable
def size_and_price(limits: Limits, quantity: int, limit: float, last: float) -> int:
    """The controls of a single order: its shares, its dollars, and a limit through the last price by more than the
    collar. A limit far on the passive side harms nobody."""
    price = limit if limit > 0.0 else last
    if limits.max_shares > 0 and abs(quantity) > limits.max_shares:
        return refusals.MAX_SHARES
    if limits.max_dollars > 0 and amount(abs(quantity), price) > limits.max_dollars:
        return refusals.MAX_DOLLARS
    if limits.collar > 0.0 and limit > 0.0:
        if quantity > 0 and limit > last * (1.0 + limits.collar):
            return refusals.PRICE_COLLAR
        if quantity < 0 and limit < last * (1.0 - limits.collar):
            return refusals.PRICE_COLLAR
    return refusals.FINE


@compilable
def exposure(limits: Limits, asked: Asked) -> int:
    """The controls of the account, for an order that opens or enlarges a position."""
    if asked.stopped:
        return refusals.DAILY_LOSS
    if limits.positions > 0 and asked.positions > limits.positions:
        return refusals.MAX_POSITIONS
    if limits.gross > 0.0 and asked.gross > limits.gross * asked.equity:
        return refusals.GROSS_EXPOSURE
    if limits.net > 0.0 and asked.net > limits.net * asked.equity:
        return refusals.NET_EXPOSURE
    return refusals.FINE


@compilable
def verdict(limits: Limits, asked: Asked) -> int:
    """FINE, or the code of the first control that the order fails."""
    code = size_and_price(limits, asked.quantity, asked.limit, asked.last)
    if code != refusals.FINE:
        return code
    if not asked.leaves:
        if limits.duplicates > 0 and 0 < asked.apart < limits.duplicates:
            return refusals.DUPLICATE
        if limits.per_minute > 0 and asked.recent >= limits.per_minute:
            return refusals.TOO_MANY_ORDERS
    if asked.opens:
        return exposure(limits, asked)
    return refusals.FINE


@compilable
def standing(paused: bool, silent: bool, opens: bool) -> int:
    """FINE, or why nothing is opened now: entries are paused, or the symbol is silent. What reduces a position passes."""
    if opens and paused:
        return refusals.PAUSED
    if opens and silent:
        return refusals.SILENT
    return refusals.FINE


@compilable
def lost(limits: Limits, base: int, equity: int) -> bool:
    """Whether the loss since the session's open has reached the limit."""
    return limits.daily_loss > 0.0 and base > 0 and base - equity >= limits.daily_loss * base
