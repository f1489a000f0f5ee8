"""Wanted positions that are kept until they are reached, as LEAN's immediate execution does (fact sheet 16)."""

from __future__ import annotations

from typing import Any

from runner.compilable import compilable
from runner.engine import shares, sizes, sorting, state
from runner.engine.book import record
from runner.engine.buying_power import capital
from runner.engine.good_faith import held_back
from runner.engine.margins import maintenance_used
from runner.engine.prices import NO_PRICES
from runner.laws import refusals, sizing, weights
from runner.market import events
from runner.market.money import amount
from runner.market.order import REBALANCE


@compilable
def set_all(w: Any, k: int) -> None:
    """Turn the renewed shares of equity into wanted positions."""
    portfolio = w.portfolio[0]
    for s in range(len(w.names)):
        name = w.names[s]
        if not name.touched:
            continue
        name.touched = False
        holding = w.holdings[s]
        current = holding.value / capital(w) if capital(w) > 0 else 0.0
        if not weights.drifted(name.share, current, portfolio.drift):
            continue
        if name.share != 0.0 and w.quotes[s].last <= 0.0:
            record(w, k, events.SKIPPED, s, portfolio.rule, 0).code = refusals.NO_PRICE
            continue
        wanted = holding.position
        if name.share == 0.0 or not shares.too_small(w, k, s, name.share):
            wanted = shares.position_for_share(w, s, name.share)
        change = amount(abs(wanted - holding.position), w.quotes[s].last)
        if weights.worth_trading(change, capital(w), portfolio.min_trade, name.share == 0.0):
            want(w, s, wanted, portfolio.rule, portfolio.step)


@compilable
def want(w: Any, s: int, position: int, rule: int, step: int) -> None:
    """Want this position (signed shares) in symbol `s` from now on."""
    name = w.names[s]
    if not name.live:
        w.portfolio[0].live += 1
    name.live = True
    name.fresh = True
    name.target = position
    name.rule = rule
    name.step = step


@compilable
def forget(w: Any, s: int) -> None:
    """Want nothing of symbol `s` any longer."""
    if w.names[s].live:
        w.names[s].live = False
        w.portfolio[0].live -= 1


@compilable
def pursue(w: Any, k: int) -> int:
    """Put the orders that lead to the wanted positions on the list; returns how many, in the order of the places."""
    w.counters[0].wanted = 0
    for s in range(len(w.names)):
        if not w.names[s].live:
            continue
        holding = w.holdings[s]
        projected = holding.position + holding.open_quantity
        quantity = w.names[s].target - projected
        last = w.quotes[s].last
        if quantity == 0 or last <= 0.0 or too_small_order(w, k, s, quantity):
            continue
        sizes.add(w, state.SUBMIT, s, quantity, NO_PRICES, 0, REBALANCE)
        line = w.wanted[w.counters[0].wanted - 1]
        line.cut = w.steps[w.names[s].step].cut
        line.value = amount(abs(quantity), last)
        line.reducing = projected != 0 and abs(w.names[s].target) < abs(projected)
    n = int(w.counters[0].wanted)
    sorting.by_order(w, n)
    return n


@compilable
def too_small_order(w: Any, k: int, s: int, quantity: int) -> bool:
    """Whether the order's initial margin is below the smallest that is sent, while margin remains."""
    remaining = capital(w) - held_back(w, k) - maintenance_used(w, k)
    margin = amount(abs(quantity), w.quotes[s].last) * shares.initial_share(w, k, s)
    return sizing.order_below_minimum(w.settings[0], capital(w), margin, remaining)


@compilable
def forget_reached(w: Any) -> None:
    """Forget the wanted positions that are held now."""
    for s in range(len(w.names)):
        name = w.names[s]
        if name.live and name.target == w.holdings[s].position:
            name.live = False
            w.portfolio[0].live -= 1
