"""What follows an order event: rules with `upon`, decided when the event has been booked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from runner.compilable import compilable
from runner.engine import decide, state
from runner.engine.happenings import bit_of
from runner.engine.send import act
from runner.engine.surplus import cuts_at
from runner.laws import refusals
from runner.laws.arithmetic import NAN


@compilable
def subject(w: Any, r: int, e: int) -> int:
    """The symbol for which rule `r` is decided upon event `e`: the order's, or where a basket keeps its memory."""
    return int(w.rules[r].home if w.rules[r].basket else w.happenings[e].symbol)


@compilable
def asked(w: Any, k: int, r: int, e: int) -> bool:
    """Whether event `e` makes rule `r` fire; the words of a fill then mean that event."""
    rule = w.rules[r]
    event = w.happenings[e]
    if rule.follows != event.rule or not rule.upon & bit_of(event.kind):
        return False
    s = subject(w, r, e)
    if not w.memory[r * len(w.holdings) + s].active:
        return False
    w.counters[0].fill_price = event.price
    w.counters[0].fill_quantity = event.quantity
    return bool(decide.triggered(w, k, r, s))


@compilable
def waits(w: Any) -> bool:
    """Whether anything follows what has been booked: rules with `upon`, or exits that are cut to their position."""
    return bool(w.counters[0].happened > 0 or w.counters[0].surplus)


@compilable
def follow_ups(w: Any, k: int) -> Iterator[tuple[int, int]]:
    """What the rules do upon the events that wait, in the order in which they happened: rules in file order, steps in
    order. Events that come of it are taken in the same walk. What a fill took from open exits is cut from them first."""
    for intent, o in cuts_at(w, k):
        yield intent, o
    e = 0
    while e < w.counters[0].happened:
        for r in range(len(w.rules)):
            if w.rules[r].upon == 0 or not asked(w, k, r, e):
                continue
            s = subject(w, r, e)
            sent = False
            refused = False
            unknown = False
            for i in range(w.rules[r].step_lo, w.rules[r].step_hi):
                code = decide.begin(w, k, r, s, i)
                if code == decide.ABSENT:
                    continue
                if code == decide.UNMADE:
                    unknown = True
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
                if w.rules[r].choose:
                    break
            decide.conclude(w, r, s, sent, refused, unknown)
        for intent, o in cuts_at(w, k):
            yield intent, o
        e += 1
    w.counters[0].happened = 0
    w.counters[0].fill_price = NAN
    w.counters[0].fill_quantity = NAN
