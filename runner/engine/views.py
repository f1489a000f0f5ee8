"""Views: given by their rules, held until they end, cancelled with their symbol. The newest of a symbol counts."""

from __future__ import annotations

from typing import Any

from runner.compilable import compilable
from runner.engine import decide, walk
from runner.engine.book import record
from runner.engine.evaluate import evaluate
from runner.engine.portfolio_state import FOREVER
from runner.laws.arithmetic import NAN
from runner.market import events


@compilable
def after_sessions(w: Any, k: int, count: int) -> int:
    """The same time of day so many sessions later (fact sheet 16: a lifetime of days steps over closed days)."""
    i = w.instants[k].session
    if i < len(w.sessions) and w.sessions[i].day <= w.instants[k].day:
        i += 1
    i += count - 1
    if i >= len(w.sessions):
        return FOREVER
    return int(w.sessions[i].midnight + w.instants[k].clock)


@compilable
def after_open_time(w: Any, k: int, span: int) -> int:
    """The time at which the market will have been open for `span` ns since now (fact sheet 16)."""
    i = w.instants[k].session
    since = w.instants[k].time
    left = span
    while i < len(w.sessions):
        start = max(since, w.sessions[i].open)
        if w.sessions[i].close - start >= left:
            return int(start + left)
        left -= w.sessions[i].close - start
        i += 1
    return FOREVER


@compilable
def end_of(w: Any, k: int, step: Any, s: int) -> int:
    """When a view given now on symbol `s` ends."""
    if step.sessions > 0:
        return after_sessions(w, k, step.sessions)
    if step.open_time > 0:
        return after_open_time(w, k, step.open_time)
    if step.bars > 0:
        if w.quotes[s].daily:
            return after_sessions(w, k, step.bars)
        return after_open_time(w, k, step.bars * w.names[s].bar)
    return FOREVER


@compilable
def give(w: Any, k: int, r: int, s: int, i: int) -> None:
    """Give the view of step `i` on symbol `s`."""
    step = w.steps[i]
    portfolio = w.portfolio[0]
    confidence = NAN
    if step.value_hi > step.value_lo:
        confidence = evaluate(w, k, step.value_lo, step.value_hi, s)
    ends = end_of(w, k, step, s)
    view = w.views[portfolio.views]
    portfolio.views += 1
    portfolio.serial += 1
    w.memory[r * len(w.holdings) + s].newest = portfolio.serial
    view.symbol = s
    view.rule = r
    view.number = portfolio.serial
    view.direction = step.side
    view.given = w.instants[k].time
    view.ends = ends
    view.confidence = confidence
    portfolio.given = True
    portfolio.first_end = min(portfolio.first_end, ends)
    line = record(w, k, events.VIEW, s, r, 0)
    line.quantity = step.side
    line.good_till = 0 if ends == FOREVER else ends


@compilable
def most(w: Any) -> int:
    """The most views that one instant can give."""
    portfolio = w.portfolio[0]
    return int((portfolio.view_hi - portfolio.view_lo) * len(w.holdings))


@compilable
def room(w: Any) -> bool:
    """Whether the table of views has room for one more instant. Where a view takes the place of the one before,
    it always has."""
    portfolio = w.portfolio[0]
    return not portfolio.piles or portfolio.views + most(w) < len(w.views)


@compilable
def take_views(w: Any, k: int) -> None:
    """Ask the rules that are views, in file order, symbols in universe order."""
    portfolio = w.portfolio[0]
    if portfolio.views + most(w) >= len(w.views):
        compact(w, w.instants[k].time)
    for r in range(portfolio.view_lo, portfolio.view_hi):
        n = walk.candidates(w, k, r)
        for c in range(n):
            s = w.candidates[c]
            if decide.triggered(w, k, r, s):
                give(w, k, r, s, w.rules[r].step_lo)
                w.memory[r * len(w.holdings) + s].sent += 1


@compilable
def cancel(w: Any, k: int, s: int) -> None:
    """End every view on symbol `s` (-1: on any) now."""
    portfolio = w.portfolio[0]
    found = False
    for v in range(portfolio.views):
        view = w.views[v]
        if (view.symbol == s or s < 0) and view.ends >= w.instants[k].time:
            view.ends = w.instants[k].time - 1
            portfolio.first_end = min(portfolio.first_end, view.ends)
            found = True
    if found:
        record(w, k, events.VIEWS_CANCELLED, s, -1, 0)


@compilable
def compact(w: Any, now: int) -> None:
    """Drop the views that are over; symbols that they were on, and have no other, get the share zero. A view's place is taken by the next of its rule, unless they pile up."""
    portfolio = w.portfolio[0]
    kept = 0
    portfolio.first_end = FOREVER
    for v in range(portfolio.views):
        view = w.views[v]
        if view.ends < now:
            w.names[view.symbol].touched = True
            continue
        if not portfolio.piles and w.memory[view.rule * len(w.holdings) + view.symbol].newest != view.number:
            continue
        portfolio.first_end = min(portfolio.first_end, view.ends)
        if kept < v:
            to = w.views[kept]
            to.symbol = view.symbol
            to.rule = view.rule
            to.number = view.number
            to.direction = view.direction
            to.given = view.given
            to.ends = view.ends
            to.confidence = view.confidence
        kept += 1
    portfolio.views = kept
