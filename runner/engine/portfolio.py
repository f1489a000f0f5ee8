"""The portfolio at one instant: whether its weights are renewed, which symbols it holds, how much of each.

What it wants goes through the same orders as the rules': `wanted` rows, then `send.act`. Under LEAN's conventions
(`targets: until_reached`) wanted positions are kept, and pursued at every bar until they are reached.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from runner.compilable import compilable
from runner.engine import drawdowns, selection, shares, sorting, targets, views
from runner.engine import portfolio_state as ps
from runner.engine.book import record
from runner.engine.buying_power import capital
from runner.engine.evaluate import evaluate
from runner.engine.send import act
from runner.laws import refusals, weights
from runner.market import events
from runner.market.settings import TARGETS_ONCE


@compilable
def has_data(w: Any, k: int) -> bool:
    """Whether a bar ends at instant `k`, or a corporate action wakes the rules at it."""
    instant = w.instants[k]
    if instant.bar_hi > instant.bar_lo:
        return True
    return bool(w.settings[0].corporate_actions_wake and instant.action_hi > instant.action_lo)


@compilable
def follow_members(w: Any, k: int) -> None:
    """Views on symbols that leave the universe are cancelled, and may be given anew at once when they come back."""
    portfolio = w.portfolio[0]
    for j in range(w.instants[k].change_lo, w.instants[k].change_hi):
        change = w.changes[j]
        if change.symbol < 0:
            continue
        if portfolio.upon_members:
            portfolio.awaited = True
        if not change.joins:
            views.cancel(w, k, change.symbol)
            for r in range(portfolio.view_lo, portfolio.view_hi):
                w.memory[r * len(w.holdings) + change.symbol].fired = -1


@compilable
def due(w: Any, k: int) -> bool:
    """Whether the weights are renewed at instant `k`."""
    portfolio = w.portfolio[0]
    now = w.instants[k].time
    for j in range(w.instants[k].moment_lo, w.instants[k].moment_hi):
        if w.moments[j] == portfolio.rule:
            if not portfolio.first_bar:
                return True
            portfolio.awaited = True
    if not has_data(w, k):
        return False
    if portfolio.awaited:
        return True
    if portfolio.upon_views and (portfolio.given or portfolio.first_end < now):
        return True
    return bool(portfolio.every_bar or (portfolio.every > 0 and now >= portfolio.due))


@compilable
def condition(w: Any, k: int) -> int:
    """What `only_if` says: 1 goes on, 0 something else is held, -1 the positions stay as they are (and why is written)."""
    portfolio = w.portfolio[0]
    if portfolio.only_hi == portfolio.only_lo:
        return 1
    memory = w.memory[portfolio.rule * len(w.holdings) + portfolio.home]
    value = evaluate(w, k, portfolio.only_lo, portfolio.only_hi, portfolio.home)
    if math.isnan(value):
        memory.not_ready += 1
        return -1
    if value != 0.0:
        return 1
    if portfolio.otherwise == ps.STAY:
        memory.gated += 1
        record(w, k, events.GATED, portfolio.home, portfolio.rule, 0)
        return -1
    return 0


@compilable
def renew(w: Any, k: int) -> bool:
    """Renew the weights at instant `k`; False when the positions stay as they are."""
    portfolio = w.portfolio[0]
    portfolio.given = False
    portfolio.awaited = False
    portfolio.due = w.instants[k].time + portfolio.every
    views.compact(w, w.instants[k].time)
    found = condition(w, k)
    if found < 0:
        return False
    scale = 1.0
    if portfolio.scale_hi > portfolio.scale_lo:
        scale = evaluate(w, k, portfolio.scale_lo, portfolio.scale_hi, portfolio.home)
        if math.isnan(scale) or scale < 0.0:
            w.memory[portfolio.rule * len(w.holdings) + portfolio.home].not_ready += 1
            return False
    n = selection.propose(w, k, found > 0)
    selection.choose(w, n)
    selection.share_out(w, n, scale)
    if found == 0 and portfolio.otherwise == ps.HOLD:
        w.names[portfolio.hold].share = scale
    for s in range(len(w.names)):
        name = w.names[s]
        if name.touched and name.share != name.told:
            name.told = name.share
            line = record(w, k, events.WEIGHT, s, portfolio.rule, 0)
            line.price = name.share
    return True


@compilable
def want_all(w: Any, k: int) -> int:
    """Put what the renewed weights want on the list; returns how many orders, in the order of the places."""
    portfolio = w.portfolio[0]
    w.counters[0].wanted = 0
    for s in range(len(w.names)):
        name = w.names[s]
        if not name.touched:
            continue
        name.touched = False
        holding = w.holdings[s]
        if name.share == 0.0 and holding.position == 0 and holding.open_quantity == 0:
            continue
        current = holding.value / capital(w) if capital(w) > 0 else 0.0
        if not weights.drifted(name.share, current, portfolio.drift):
            continue
        before = w.counters[0].wanted
        code = shares.want_share(w, k, w.steps[portfolio.step], s, name.share)
        if code != refusals.FINE:
            if code != refusals.AT_TARGET:
                record(w, k, events.SKIPPED, s, portfolio.rule, 0).code = code
            continue
        line = w.wanted[before]
        closes = name.share == 0.0
        if not weights.worth_trading(line.value, capital(w), portfolio.min_trade, closes):
            w.counters[0].wanted = before
    n = int(w.counters[0].wanted)
    sorting.by_order(w, n)
    return n


@compilable
def portfolio_at(w: Any, k: int) -> Iterator[tuple[int, int]]:
    """The portfolio's part of instant `k`, after the rules; yields (intent, order number) as each is sent."""
    if w.instants[k].change_hi > w.instants[k].change_lo:
        follow_members(w, k)
    if has_data(w, k) or w.instants[k].moment_hi > w.instants[k].moment_lo:
        views.take_views(w, k)
        wanted = 0
        if due(w, k) and renew(w, k):
            if w.settings[0].targets == TARGETS_ONCE:
                wanted = want_all(w, k)
            else:
                targets.set_all(w, k)
            memory = w.memory[w.portfolio[0].rule * len(w.holdings) + w.portfolio[0].home]
            memory.sent += 1
        if w.drawdowns[0].active and not w.drawdowns[0].at_marks and has_data(w, k):
            drawdowns.override(w, k)
        if w.portfolio[0].live > 0 and has_data(w, k):
            wanted = targets.pursue(w, k)
        for n in range(wanted):
            j = w.names[n].place
            s = w.wanted[j].symbol
            r = w.portfolio[0].rule
            i = w.portfolio[0].step
            if w.names[s].live:
                r = w.names[s].rule
                i = w.names[s].step
            o = act(w, k, r, i, j)
            if o > 0:
                yield w.wanted[j].intent, o
        if w.portfolio[0].live > 0:
            targets.forget_reached(w)
