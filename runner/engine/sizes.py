"""From a step's size to wanted orders: how many shares, of what, at which limit."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from runner.compilable import compilable
from runner.engine import state
from runner.engine.buying_power import capital
from runner.engine.evaluate import evaluate
from runner.engine.prices import NO_PRICES, Prices, new_prices, valued_at
from runner.engine.protections import unknown
from runner.laws import refusals, sizing
from runner.laws.arithmetic import NAN
from runner.market.order import (
    CANCEL,
    ENTRY,
    EXIT,
    MARKET,
    MARKET_ON_CLOSE,
    MARKET_ON_OPEN,
    PLAIN,
    PROTECT,
    REBALANCE,
)


@compilable
def add(w: Any, intent: int, s: int, quantity: int, asked: Prices, reference: int, purpose: int) -> None:
    """Put one wanted thing on the list of the step at hand."""
    n = w.counters[0].wanted
    w.counters[0].wanted = n + 1
    line = w.wanted[n]
    line.intent = intent
    line.symbol = s
    line.quantity = quantity
    line.limit = asked.limit
    line.stop = asked.stop
    line.by = asked.by
    line.reference = reference
    line.purpose = purpose
    line.cut = False
    line.value = 0
    line.reducing = False
    line.kind = -1


@compilable
def sized(w: Any, k: int, step: Any, s: int, base: int, price: float, value: float) -> int:
    """Position (signed shares, from `base`) that the step's size means."""
    settings = w.settings[0]
    if step.unit == state.PERCENT_OF_EQUITY:
        return sizing.position_for_percent(settings, capital(w), step.side * value, base, price, price)
    if step.unit == state.DOLLARS:
        return sizing.shares_for_dollars(settings, step.side * value, price)
    if step.unit == state.RISK:
        distance = evaluate(w, k, step.stop_lo, step.stop_hi, s)
        return step.side * sizing.shares_for_risk(capital(w), value, distance)
    return sizing.whole(step.side * value)


@compilable
def size_value(w: Any, k: int, step: Any, s: int) -> float:
    """The number of the step's size; NaN when it, or the distance of a risk, is unknown."""
    value = evaluate(w, k, step.value_lo, step.value_hi, s)
    if step.unit == state.RISK and math.isnan(evaluate(w, k, step.stop_lo, step.stop_hi, s)):
        return NAN
    return value


class Asked(NamedTuple):
    """What a step asks for: the number of its size, its order's prices, the price at which shares are
    counted; `code` is not FINE when one of them cannot be told."""

    code: int
    value: float
    prices: Prices
    price: float


@compilable
def size_asked(w: Any, k: int, step: Any, s: int) -> Asked:
    """Size and prices of an entry or a plain order of symbol `s`."""
    value = size_value(w, k, step, s)
    if math.isnan(value):
        return Asked(refusals.UNKNOWN_VALUE, 0.0, NO_PRICES, 0.0)
    if w.quotes[s].last <= 0.0:
        return Asked(refusals.NO_PRICE, 0.0, NO_PRICES, 0.0)
    asked = new_prices(w, k, step, s, step.side)
    if asked.code != refusals.FINE:
        return Asked(asked.code, 0.0, NO_PRICES, 0.0)
    return Asked(refusals.FINE, value, asked, valued_at(w, s, step.kind, asked.limit, asked.stop))


@compilable
def gives_way(w: Any, order: Any, s: int) -> bool:
    """Whether an open exit of symbol `s` waits for a price or the close: an entry of the other side, which goes through
    zero in one order, takes its place."""
    if order.symbol != s or order.purpose != EXIT or w.settings[0].exits == 1:
        return False
    return bool(waits(order.kind) or order.kind == MARKET_ON_CLOSE)


@compilable
def waiting_exits(w: Any, s: int) -> int:
    """Signed shares of the open exits of symbol `s` that an entry of the other side takes the place of."""
    shares = 0
    if w.holdings[s].exit_quantity != 0:
        for i in range(w.counters[0].working):
            order = w.orders[w.working[i]]
            if gives_way(w, order, s):
                shares += order.quantity - order.filled
    return shares


@compilable
def want_enter(w: Any, k: int, step: Any, s: int) -> int:
    """Enter: acts when not on that side already and no entry is open; through zero in one order."""
    holding = w.holdings[s]
    if not step.add:
        if holding.position * step.side > 0:
            return refusals.ALREADY_ON_THAT_SIDE
        if holding.open_entries > 0:
            return refusals.ENTRY_IS_OPEN
    asked = size_asked(w, k, step, s)
    if asked.code != refusals.FINE:
        return asked.code
    adds = bool(step.add and holding.position * step.side >= 0)
    if adds:
        quantity = sized(w, k, step, s, 0, asked.price, asked.value)
    else:
        base = holding.position + holding.exit_quantity - waiting_exits(w, s)
        quantity = sized(w, k, step, s, base, asked.price, asked.value) - base
    if quantity * step.side <= 0:
        return refusals.ZERO_QUANTITY
    if unknown(w, k, step, s):
        return refusals.UNPROTECTED
    if not adds:
        for i in range(w.counters[0].working):
            if gives_way(w, w.orders[w.working[i]], s):
                add(w, state.WITHDRAW, s, 0, NO_PRICES, w.working[i], 0)
    add(w, state.SUBMIT, s, quantity, asked.prices, 0, ENTRY)
    w.wanted[w.counters[0].wanted - 1].cut = step.cut
    return refusals.FINE


@compilable
def leaving(holding: Any) -> int:
    """Signed shares of the open orders that reduce the position, whatever they were sent for."""
    if holding.position > 0:
        return int(holding.open_sells)
    if holding.position < 0:
        return int(holding.open_buys)
    return 0


@compilable
def opens(holding: Any, order: Any) -> bool:
    """Whether an order opens or adds to the position."""
    return (order.quantity > 0) == (holding.position > 0) or holding.position == 0


@compilable
def waits(kind: int) -> bool:
    """Whether an order of `kind` waits for a price, not for a time."""
    return kind != MARKET and kind != MARKET_ON_OPEN and kind != MARKET_ON_CLOSE


@compilable
def want_exit(w: Any, k: int, step: Any, s: int, number: int, rule: int) -> int:
    """Exit: cancel the open entries, then sell what is held and not on its way out.

    LEAN's conventions (`exits: replaced`) cancel every open order that is not a market order and send the
    exit anew; `exits: counted` leaves open exits alone and orders the rest only.
    """
    holding = w.holdings[s]
    replaced = w.settings[0].exits == 1
    pending = holding.market_quantity if replaced else leaving(holding)
    before = w.counters[0].wanted
    for i in range(w.counters[0].working):
        o = w.working[i]
        order = w.orders[o]
        if order.symbol != s:
            continue
        if order.pending == CANCEL:  # it has been asked already
            if order.purpose == ENTRY or order.purpose == REBALANCE:
                order.rest = False
            continue
        if not replaced and (
            order.purpose == ENTRY or (order.purpose == REBALANCE and opens(holding, order))
        ):
            if (order.quantity > 0) != (holding.position > 0) and holding.position != 0:
                pending -= order.quantity - order.filled
            add(w, state.WITHDRAW, s, 0, NO_PRICES, o, 0)
        elif not replaced and step.purpose == PROTECT and waits(order.kind) and not opens(holding, order):
            pending -= order.quantity - order.filled  # what waits for another price protects nothing now
            add(w, state.WITHDRAW, s, 0, NO_PRICES, o, 0)
        elif replaced and order.kind != MARKET:
            if order.kind == MARKET_ON_OPEN:
                pending -= order.quantity - order.filled
            add(w, state.WITHDRAW, s, 0, NO_PRICES, o, 0)
    left = holding.position + pending
    quantity = -left
    if step.unit == state.PERCENT_OF_POSITION or step.unit == state.SHARES:
        value = evaluate(w, k, step.value_lo, step.value_hi, s)
        if math.isnan(value):
            return refusals.UNKNOWN_VALUE
        shares = abs(
            sizing.whole(holding.position * value if step.unit == state.PERCENT_OF_POSITION else value)
        )
        if shares == 0 and holding.position != 0 and w.counters[0].wanted == before:
            return refusals.ZERO_QUANTITY
        if shares < abs(quantity):
            quantity = shares if quantity > 0 else -shares
    if holding.position == 0 and not replaced:
        quantity = 0
    elif not replaced and quantity * holding.position > 0:
        quantity = 0
    if step.unit == state.ALL and not replaced and holding.position != 0:
        holding.exiting = number + 1
        holding.exiting_rule = rule
    if quantity == 0:
        if w.counters[0].wanted > before:
            return refusals.FINE
        return refusals.NOTHING_TO_EXIT if holding.position == 0 else refusals.EXIT_IS_OPEN
    asked = new_prices(w, k, step, s, quantity)
    if asked.code != refusals.FINE:
        return asked.code
    add(w, state.SUBMIT, s, quantity, asked, 0, step.purpose)
    return refusals.FINE


@compilable
def want_trade(w: Any, k: int, step: Any, s: int) -> int:
    """Buy or sell: a plain order, no position logic."""
    asked = size_asked(w, k, step, s)
    if asked.code != refusals.FINE:
        return asked.code
    quantity = sized(w, k, step, s, 0, asked.price, asked.value)
    if quantity * step.side <= 0:
        return refusals.ZERO_QUANTITY
    add(w, state.SUBMIT, s, quantity, asked.prices, 0, PLAIN)
    w.wanted[w.counters[0].wanted - 1].cut = step.cut
    return refusals.FINE
