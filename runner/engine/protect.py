"""Positions watched at the ends of bars: what protects an entry becomes an exit that persists until flat."""

from __future__ import annotations

from typing import Any

from runner.compilable import compilable
from runner.engine.book import record
from runner.laws import protection
from runner.market import events
from runner.market.order import PROTECT

_MICRO = 1_000_000.0


@compilable
def watch(w: Any, k: int) -> None:
    """Look at every protected position whose symbol has a bar at instant `k`. What fires is written down with its
    level; `decide.exits_at` then sends what is left of the position, and again until it is flat."""
    for j in range(w.instants[k].bar_lo, w.instants[k].bar_hi):
        s = w.arrivals[j].symbol
        held = w.protections[s]
        holding = w.holdings[s]
        if held.plan < 0 or holding.position == 0:
            continue
        long = holding.position > 0
        last = w.quotes[s].last
        if (last > held.best) == long:
            held.best = last
        if holding.exiting > 0 and w.steps[holding.exiting - 1].purpose == PROTECT:
            continue
        plan = w.protects[held.plan]
        entry = holding.cost / (holding.position * _MICRO)
        distances = protection.Distances(
            protection.distance(held.stop, plan.stop_percent, entry),
            protection.distance(held.target, plan.target_percent, entry),
            protection.distance(held.trail, plan.trail_percent, entry),
            plan.after,
        )
        found = protection.fired(long, last, entry, held.best, holding.bars_held, distances)
        if found.what == protection.NONE:
            continue
        step = plan.exits + found.what - 1
        holding.exiting = step + 1
        holding.exiting_rule = held.rule
        holding.retry = 0
        line = record(w, k, events.PROTECTED, s, held.rule, 0)
        line.quantity = holding.position
        line.price = last
        line.limit = found.level
        line.text = w.steps[step].tag
