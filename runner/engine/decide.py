"""Rules at one instant: which fire, and what they want. `engine/walk.py` goes through them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from runner.compilable import compilable
from runner.engine import changes, gates, shares, sizes, state, universe
from runner.engine.book import record
from runner.engine.evaluate import evaluate
from runner.engine.held_back import leavers
from runner.engine.margins import is_open
from runner.engine.send import act
from runner.laws import refusals
from runner.market import events
from runner.market.order import PROTECT
from runner.market.settings import CLOSED_REFUSE


@compilable
def triggered(w: Any, k: int, r: int, s: int) -> bool:
    """Whether rule `r` fires for symbol `s` at instant `k`; moves the rule's memory and its tallies."""
    rule = w.rules[r]
    memory = w.memory[r * len(w.holdings) + s]
    if not rule.basket and not rule.notes and w.quotes[s].row < 0 and w.quotes[s].end == 0:
        memory.not_ready += 1
        return False
    if not rule.moment and rule.when_hi > rule.when_lo:
        value = evaluate(w, k, rule.when_lo, rule.when_hi, s)
        if math.isnan(value):
            memory.not_ready += 1
            return False
        truth = value != 0.0
        if not truth or (memory.truth and not rule.level and rule.scope < universe.JOINED):
            if rule.scope >= universe.JOINED:
                universe.asked(w, r, s)
            memory.truth = truth
            memory.false += 1
            return False
    if rule.only_hi > rule.only_lo and math.isnan(evaluate(w, k, rule.only_lo, rule.only_hi, s)):
        memory.not_ready += 1  # not evaluated: the memory does not move
        return False
    memory.truth = True
    if rule.scope >= universe.JOINED:
        universe.asked(w, r, s)
    if not gates.gate(w, k, rule, memory, s):
        memory.gated += 1
        if not rule.level:
            record(w, k, events.GATED, s, r, 0)
        return False
    return True


@compilable
def want(w: Any, k: int, r: int, s: int, i: int) -> int:
    """Fill the list of wanted things for step `i`; returns 0, or the code of why there is nothing to do."""
    step = w.steps[i]
    w.counters[0].wanted = 0
    if w.rules[r].scope == universe.HELD_TOO and not w.holdings[s].member and universe.opens(w, step, s):
        return refusals.NOT_A_MEMBER
    if step.action == state.ENTER:
        return sizes.want_enter(w, k, step, s)
    if step.action == state.EXIT:
        return sizes.want_exit(w, k, step, s, i, r)
    if step.action == state.EXIT_EVERYTHING:
        for n in range(len(w.holdings)):
            sizes.want_exit(w, k, step, w.leave[n], i, r)
        return refusals.FINE if w.counters[0].wanted > 0 else refusals.NOTHING_TO_EXIT
    if step.action == state.TARGET:
        return want_targets(w, k, r, s, i)
    if step.action == state.TRADE:
        return sizes.want_trade(w, k, step, s)
    if step.action == state.UPDATE:
        return changes.want_update(w, k, step, s)
    if step.action == state.NOTE:
        line = record(w, k, events.NOTED, s, r, 0)
        line.text = step.note
        line.price = w.quotes[s].last
        return refusals.FINE
    return changes.want_cancel(w, step, s)


@compilable
def want_targets(w: Any, k: int, r: int, s: int, i: int) -> int:
    """All targets of a step at the prices of this instant; reductions first, then the larger order first."""
    step = w.steps[i]
    if step.others:
        for n in range(len(w.holdings)):
            t = w.leave[n]
            named = False
            for j in range(step.weight_lo, step.weight_hi):
                if w.weights[j].symbol == t or (w.weights[j].symbol < 0 and t == s):
                    named = True
            if not named:
                sizes.want_exit(w, k, step, t, i, r)
    first = w.counters[0].wanted
    code = refusals.FINE
    for j in range(step.weight_lo, step.weight_hi):
        outcome = shares.want_target(w, k, step, s, w.weights[j])
        if outcome != refusals.FINE:
            code = outcome
    last = w.counters[0].wanted
    for a in range(first + 1, last):  # few rows: insertion by neighbours
        b = a
        while b > first and before(w, b, b - 1):
            swap(w, b, b - 1)
            b -= 1
    return refusals.FINE if last > 0 else code


@compilable
def before(w: Any, a: int, b: int) -> bool:
    """Whether wanted row `a` is to be sent before row `b`."""
    if w.wanted[a].reducing != w.wanted[b].reducing:
        return bool(w.wanted[a].reducing)
    return bool(w.wanted[a].value > w.wanted[b].value)


@compilable
def swap(w: Any, a: int, b: int) -> None:
    """Exchange two wanted rows (new orders both)."""
    one = w.wanted[a]
    two = w.wanted[b]
    one.symbol, two.symbol = two.symbol, one.symbol
    one.quantity, two.quantity = two.quantity, one.quantity
    one.limit, two.limit = two.limit, one.limit
    one.stop, two.stop = two.stop, one.stop
    one.by, two.by = two.by, one.by
    one.value, two.value = two.value, one.value
    one.cut, two.cut = two.cut, one.cut
    one.reducing, two.reducing = two.reducing, one.reducing


@compilable
def want_out(w: Any, k: int, s: int) -> bool:
    """Fill the list of what the exit that persists of symbol `s` wants now; False for nothing."""
    holding = w.holdings[s]
    if holding.exiting == 0:
        return False
    if holding.position == 0:
        if holding.open_orders == 0:
            holding.exiting = 0
        return False
    if w.settings[0].when_closed == CLOSED_REFUSE and not is_open(w, k):
        return False  # it would be refused: it waits for a bar of regular hours
    i = holding.exiting - 1
    if w.instants[k].time < holding.retry:
        return False
    if holding.position + sizes.leaving(holding) == 0 and w.steps[i].purpose != PROTECT:
        return False  # limits that leave give way to a protection only
    w.counters[0].wanted = 0
    sizes.want_exit(w, k, w.steps[i], s, i, holding.exiting_rule)
    return bool(w.counters[0].wanted > 0)


@compilable
def exits_at(w: Any, k: int) -> Iterator[tuple[int, int]]:
    """`exit: position` persists until flat: what came in since, or whose exit ended unfilled, is exited too."""
    for c in range(leavers(w, k)):
        s = w.candidates[c]
        if not want_out(w, k, s):
            continue
        i = w.holdings[s].exiting - 1
        r = w.holdings[s].exiting_rule
        for n in range(w.counters[0].wanted):
            intent = w.wanted[n].intent
            o = act(w, k, r, i, n)
            if o > 0:
                yield intent, o
            elif not w.holdings[s].held_back:
                w.holdings[s].retry = w.instants[
                    k
                ].next_close  # fetched anew: compiled, a row kept over a yield is a copy


ABSENT, UNMADE = -1, -2


@compilable
def begin(w: Any, k: int, r: int, s: int, i: int) -> int:
    """Fill the list of what step `i` of rule `r` wants: 0, or the code of why there is nothing to do; ABSENT when its
    branch does not hold, UNMADE when that is unknown."""
    step = w.steps[i]
    w.counters[0].wanted = 0
    if step.guard_hi > step.guard_lo:
        value = evaluate(w, k, step.guard_lo, step.guard_hi, s)
        if math.isnan(value):
            return UNMADE
        if value == 0.0:
            return ABSENT
    code = want(w, k, r, s, i)
    if code != refusals.FINE and not w.rules[r].level:
        record(w, k, events.SKIPPED, s, r, 0).code = code
    return code


@compilable
def conclude(w: Any, r: int, s: int, sent: bool, refused: bool, unknown: bool) -> None:
    """Count what became of one firing of rule `r`."""
    memory = w.memory[r * len(w.holdings) + s]
    if sent:
        memory.sent += 1
    elif refused:
        memory.refused += 1
    elif unknown:
        memory.not_ready += 1
    else:
        memory.skipped += 1
