"""The prices that a step names for its order: limit, stop or trigger, distance of a trailing stop."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from runner.compilable import compilable
from runner.engine.evaluate import evaluate
from runner.laws import refusals, stops, ticks
from runner.market.order import LIMIT_IF_TOUCHED, TRAILING_STOP, decisive

MOST_DOLLARS = 1e9  # no share costs a billion


class Prices(NamedTuple):
    """Prices on their grid, 0.0 for those that the order has not; `code` is not FINE when one cannot be told."""

    code: int
    limit: float
    stop: float
    by: float


NO_PRICES = Prices(refusals.FINE, 0.0, 0.0, 0.0)


@compilable
def on_grid(w: Any, k: int, lo: int, hi: int, s: int, side: int) -> float:
    """A price of a step, rounded away from taking by an order of `side`; NaN when unknown, -1.0 when not above zero."""
    price = evaluate(w, k, lo, hi, s)
    if math.isnan(price):
        return price
    if price <= 0.0 or price > MOST_DOLLARS:
        return -1.0
    rounded = ticks.rounded_limit(w.settings[0], side, price)
    return rounded if rounded > 0.0 else -1.0


@compilable
def away(kind: int, quantity: int) -> int:
    """The side of rounding of what triggers an order of `kind`: a stop above the market is rounded up, a trigger below
    it down."""
    return quantity if kind == LIMIT_IF_TOUCHED else -quantity


@compilable
def order_prices(w: Any, k: int, step: Any, s: int, kind: int, quantity: int) -> Prices:
    """The prices of an order of `kind` for `quantity` signed shares."""
    limit = 0.0
    stop = 0.0
    by = 0.0
    if step.limit_hi > step.limit_lo:
        limit = on_grid(w, k, step.limit_lo, step.limit_hi, s, quantity)
        if math.isnan(limit):
            return Prices(refusals.UNKNOWN_VALUE, 0.0, 0.0, 0.0)
        if limit < 0.0:
            return Prices(refusals.BAD_PRICE, 0.0, 0.0, 0.0)
    if step.trigger_hi > step.trigger_lo:
        stop = on_grid(w, k, step.trigger_lo, step.trigger_hi, s, away(kind, quantity))
        if math.isnan(stop):
            return Prices(refusals.UNKNOWN_VALUE, 0.0, 0.0, 0.0)
        if stop < 0.0:
            return Prices(refusals.BAD_STOP, 0.0, 0.0, 0.0)
    if step.by_hi > step.by_lo:
        by = evaluate(w, k, step.by_lo, step.by_hi, s)
        if math.isnan(by):
            return Prices(refusals.UNKNOWN_VALUE, 0.0, 0.0, 0.0)
        if by <= 0.0 or by > MOST_DOLLARS:
            return Prices(refusals.BAD_DISTANCE, 0.0, 0.0, 0.0)
    return Prices(refusals.FINE, limit, stop, by)


@compilable
def first_stop(w: Any, s: int, asked: Prices, kind: int, quantity: int, by_ratio: bool) -> Prices:
    """The prices of a new order: a trailing stop without a stop of its own starts `by` away from the last price."""
    if kind != TRAILING_STOP or asked.stop > 0.0 or asked.code != refusals.FINE:
        return asked
    stop = stops.beside(quantity, w.quotes[s].last, asked.by, by_ratio)
    if stop <= 0.0:
        return Prices(refusals.BAD_DISTANCE, 0.0, 0.0, 0.0)
    return Prices(refusals.FINE, asked.limit, ticks.rounded_limit(w.settings[0], -quantity, stop), asked.by)


@compilable
def new_prices(w: Any, k: int, step: Any, s: int, quantity: int) -> Prices:
    """The prices of a step's new order for `quantity` signed shares."""
    asked = order_prices(w, k, step, s, step.kind, quantity)
    return first_stop(w, s, asked, step.kind, quantity, step.by_ratio)


@compilable
def valued_at(w: Any, s: int, kind: int, limit: float, stop: float) -> float:
    """Dollars a share at which an order is sized and admitted: the last price, or (`sizing: order`) its own."""
    named = decisive(kind, limit, stop)
    if w.settings[0].sizing == 0 and named > 0.0:
        return named
    return w.quotes[s].last
