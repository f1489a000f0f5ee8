"""The protection of entries as rows: what steps ask for, what orders carry, what stands beside each position.

A distance is fixed when the entry is decided: an entry whose stop is unknown is not sent.
"""

from __future__ import annotations

import math
from typing import Any

from runner.compilable import compilable
from runner.engine.evaluate import evaluate
from runner.laws.arithmetic import NAN
from runner.market.order import ENTRY
from runner.market.rows import row


@row
class ProtectRow:
    """What one step's entries are protected by. Spans of decision code; an empty one is absent. `*_percent`: the
    distance is a share of the entry price, else dollars a share. `after`: bars, 0 for none. `exits`: first of the
    four steps that leave (stop, trail, target, after)."""

    stop_lo: int = 0
    stop_hi: int = 0
    stop_percent: bool = False
    target_lo: int = 0
    target_hi: int = 0
    target_percent: bool = False
    trail_lo: int = 0
    trail_hi: int = 0
    trail_percent: bool = False
    after: int = 0
    exits: int = 0


@row
class Protection:
    """What protects one symbol's position. `plan`: row of ProtectRow, -1 for none. `stop`, `target`, `trail`: the
    distances as decided. `best`: best close since the entry, the entry's price to begin with."""

    plan: int = -1
    rule: int = -1
    stop: float = 0.0
    target: float = 0.0
    trail: float = 0.0
    best: float = 0.0


@compilable
def asked(w: Any, k: int, lo: int, hi: int, s: int) -> float:
    """A distance of a step now; 0.0 for one that it does not have, NaN when it is unknown or not above zero."""
    if hi == lo:
        return 0.0
    value = evaluate(w, k, lo, hi, s)
    return value if value > 0.0 else NAN


@compilable
def unknown(w: Any, k: int, step: Any, s: int) -> bool:
    """Whether some distance of the step's protection is unknown or not above zero."""
    if step.protect < 0:
        return False
    plan = w.protects[step.protect]
    return (
        math.isnan(asked(w, k, plan.stop_lo, plan.stop_hi, s))
        or math.isnan(asked(w, k, plan.target_lo, plan.target_hi, s))
        or math.isnan(asked(w, k, plan.trail_lo, plan.trail_hi, s))
    )


@compilable
def carry(w: Any, k: int, o: int) -> None:
    """Write the distances of its step on order `o`, an entry that is decided now."""
    order = w.orders[o]
    plan = w.protects[w.steps[order.step].protect]
    order.stop_distance = asked(w, k, plan.stop_lo, plan.stop_hi, order.symbol)
    order.target_distance = asked(w, k, plan.target_lo, plan.target_hi, order.symbol)
    order.trail_distance = asked(w, k, plan.trail_lo, plan.trail_hi, order.symbol)


@compilable
def protect(w: Any, o: int, price: float) -> None:
    """Order `o` has filled at `price`: if it is an entry with a protection, that is the position's from now on."""
    order = w.orders[o]
    if order.purpose != ENTRY or order.step < 0 or w.steps[order.step].protect < 0:
        return
    if (w.holdings[order.symbol].position > 0) != (order.quantity > 0):
        return
    held = w.protections[order.symbol]
    if held.plan < 0:
        held.best = price
    held.plan = w.steps[order.step].protect
    held.rule = order.rule
    held.stop = order.stop_distance
    held.target = order.target_distance
    held.trail = order.trail_distance


@compilable
def split_protection(w: Any, s: int, ratio: float) -> None:
    """A split restates the distances that are dollars: of the position, and of entries that are still open."""
    held = w.protections[s]
    if held.plan >= 0:
        plan = w.protects[held.plan]
        held.best /= ratio
        if not plan.stop_percent:
            held.stop /= ratio
        if not plan.target_percent:
            held.target /= ratio
        if not plan.trail_percent:
            held.trail /= ratio
    for i in range(w.counters[0].working):
        order = w.orders[w.working[i]]
        if order.symbol == s and order.step >= 0 and w.steps[order.step].protect >= 0:
            plan = w.protects[w.steps[order.step].protect]
            if not plan.stop_percent:
                order.stop_distance /= ratio
            if not plan.target_percent:
                order.target_distance /= ratio
            if not plan.trail_percent:
                order.trail_distance /= ratio
