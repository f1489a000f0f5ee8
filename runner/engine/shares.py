"""From a share of equity to a wanted order: the difference between the wanted position and what is held and under way."""

from __future__ import annotations

import math
from typing import Any

from runner.compilable import compilable
from runner.engine import state
from runner.engine.buying_power import capital, means
from runner.engine.evaluate import evaluate
from runner.engine.margins import factor
from runner.engine.prices import new_prices
from runner.engine.sizes import add
from runner.laws import margin, refusals, sizing
from runner.market.money import amount
from runner.market.order import REBALANCE


@compilable
def want_target(w: Any, k: int, step: Any, s: int, weight: Any) -> int:
    """Target of a rule: the share of equity that its expression says."""
    t = weight.symbol if weight.symbol >= 0 else s
    share = evaluate(w, k, weight.lo, weight.hi, s)
    if math.isnan(share):
        return refusals.UNKNOWN_VALUE
    return want_share(w, k, step, t, share)


@compilable
def want_share(w: Any, k: int, step: Any, t: int, share: float) -> int:
    """The difference between the position that is worth `share` of equity and position plus open orders."""
    last = w.quotes[t].last
    if last <= 0.0:
        return refusals.NO_PRICE
    holding = w.holdings[t]
    pending = holding.market_quantity if w.settings[0].exits == 1 else holding.open_quantity
    if share != 0.0 and too_small(w, k, t, share):
        return refusals.AT_TARGET
    quantity = position_for_share(w, t, share) - holding.position - pending
    if quantity == 0:
        return refusals.AT_TARGET
    asked = new_prices(w, k, step, t, quantity)
    if asked.code != refusals.FINE:
        return asked.code
    add(w, state.SUBMIT, t, quantity, asked, 0, REBALANCE)
    line = w.wanted[w.counters[0].wanted - 1]
    line.cut = step.cut
    line.value = amount(abs(quantity), last)
    line.reducing = abs(holding.position + quantity) < abs(holding.position)
    return refusals.FINE


@compilable
def too_small(w: Any, k: int, s: int, share: float) -> bool:
    """Whether the change to `share` of equity is below the smallest order (LEAN's conventions)."""
    settings = w.settings[0]
    if settings.minimum_order_margin <= 0.0:
        return False
    free = means(w, k, s, 1 if share > 0.0 else -1).free
    unit = initial_share(w, k, s)
    return sizing.below_minimum(settings, capital(w), share, w.holdings[s].value, free, unit)


@compilable
def initial_share(w: Any, k: int, s: int) -> float:
    """Initial margin of symbol `s` at instant `k` as a ratio of value."""
    group = w.holdings[s].group
    return margin.initial_share(w.requirements[group], w.quotes[s].last, factor(w, k, group))


@compilable
def position_for_share(w: Any, s: int, share: float) -> int:
    """Position (signed shares) that is worth `share` of equity at the last price."""
    if share == 0.0:
        return 0
    last = w.quotes[s].last
    return sizing.position_for_percent(w.settings[0], capital(w), share, w.holdings[s].position, last, last)
