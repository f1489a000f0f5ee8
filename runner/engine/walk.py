"""The one walk over rules, symbols and steps at an instant: both drivers iterate it and hand each order to the broker
before the next is sized."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from runner.compilable import compilable
from runner.engine import decide, state, universe
from runner.engine.follow import follow_ups, waits
from runner.engine.send import act
from runner.laws import refusals

# Which rules an instant asks.
MOMENTS, BARS, BOTH = 1, 2, 3


@compilable
def candidates(w: Any, k: int, r: int) -> int:
    """Put the symbols that rule `r` looks at now on the list; returns how many."""
    rule = w.rules[r]
    count = len(w.holdings)
    n = 0
    if rule.moment:
        for j in range(w.instants[k].moment_lo, w.instants[k].moment_hi):
            if w.moments[j] == r:
                for s in range(count):
                    if universe.looks_at(w, r, s) if rule.scope else w.memory[r * count + s].active:
                        w.candidates[n] = s
                        n += 1
                return n
        return 0
    for j in range(w.instants[k].bar_lo, w.instants[k].bar_hi):
        s = w.arrivals[j].symbol
        if universe.looks_at(w, r, s) if rule.scope else w.memory[r * count + s].active:
            w.candidates[n] = s
            n += 1
    if w.settings[0].corporate_actions_wake:
        for j in range(w.instants[k].action_lo, w.instants[k].action_hi):
            s = w.actions[j].symbol
            asked = False  # a bar, a split and a dividend of one instant ask once
            for i in range(n):
                if w.candidates[i] == s:
                    asked = True
            active = universe.looks_at(w, r, s) if rule.scope else w.memory[r * count + s].active
            if not asked and active and w.quotes[s].row >= 0:
                w.candidates[n] = s
                n += 1
    return n


@compilable
def orders_at(w: Any, k: int, which: int) -> Iterator[tuple[int, int]]:
    """Walk the rules that instant `k` asks; yields (intent, order number) as each is sent.

    Rules in file order, symbols in universe order, steps in order; a later one sees the account after an
    earlier one, because the caller delivers each order before it asks for the next. What follows an order event
    is done after the step at hand.
    """
    for r in range(w.counters[0].rules):
        rule = w.rules[r]
        if rule.upon != 0 or not which & (MOMENTS if rule.moment else BARS):
            continue
        n = candidates(w, k, r)
        if rule.basket and n > 0:
            n = 1
            w.candidates[0] = rule.home
        flattened = False
        for c in range(n):
            s = w.candidates[c]
            if not decide.triggered(w, k, r, s):
                continue
            if rule.flattens and flattened:
                w.memory[r * len(w.holdings) + s].skipped += 1
                continue
            flattened = True
            sent = False
            refused = False
            unknown = False
            for i in range(rule.step_lo, rule.step_hi):
                code = decide.begin(w, k, r, s, i)
                if code == decide.ABSENT:
                    continue
                if code == decide.UNMADE:
                    unknown = True  # the choice is not made
                    break
                for j in range(w.counters[0].wanted):
                    intent = w.wanted[j].intent
                    o = act(w, k, r, i, j)
                    if o > 0:
                        sent = True
                        yield intent, o
                    else:
                        refused = True
                if code == refusals.FINE and w.steps[i].action == state.NOTE:
                    sent = True
                if waits(w):
                    for intent, o in follow_ups(w, k):
                        yield intent, o
                if rule.choose:
                    break
            decide.conclude(w, r, s, sent, refused, unknown)
