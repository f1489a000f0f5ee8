"""The order of work at one instant, for the kernel. `engine/loop.py` does the same with ports between.

See `runner/README.md` for the same list in words, and for what LEAN's conventions change in it.
"""

from __future__ import annotations

from typing import Any

from runner.compilable import compilable
from runner.engine import (
    book,
    calls,
    decide,
    drawdowns,
    gate,
    interest,
    loans,
    losses,
    news,
    offers,
    portfolio,
    protect,
    reprice,
    send,
    step,
    universe,
    views,
    walk,
)
from runner.engine.follow import follow_ups, waits
from runner.engine.instants import INSTANT_OPEN
from runner.engine.state import SUBMIT
from runner.market import events
from runner.market.events import MARK_DAY
from runner.market.order import CANCEL, CHANGE


@compilable
def turn_of_day(w: Any, k: int) -> None:
    """Samples of midnight, then the corporate actions of the day that begins."""
    if w.instants[k].marks & MARK_DAY:
        step.mark(w, k, MARK_DAY)
    step.corporate_actions(w, k)
    if w.limits[0].active and w.instants[k].flags & INSTANT_OPEN:
        gate.open_session(w)


@compilable
def end(w: Any, k: int) -> None:
    """The marks of the instant."""
    flags = w.instants[k].marks & ~MARK_DAY
    if flags:
        step.mark(w, k, flags)
    step.settle_quotes(w, k)


@compilable
def first_rules(w: Any) -> int:
    """Which rules are asked before the columns take the instant's bars: moments, under LEAN's conventions."""
    return walk.MOMENTS if w.settings[0].moments == 1 else 0


@compilable
def deliver(w: Any, k: int, intent: int, o: int) -> None:
    """Hand what is asked of order `o` to the simulated market, which answers at once."""
    order = w.orders[o]
    if intent == SUBMIT:
        price = offers.price_now(w, o)
        shares = offers.take(w, o) if price > 0.0 else 0
        if shares != 0:
            news.take(w, k, events.FILLED, o, shares, price)
    elif order.pending == CHANGE:
        news.take(w, k, events.UPDATED, o, 0, 0.0)
    elif order.pending == CANCEL:
        news.take(w, k, events.CANCELLED, o, 0, 0.0)


@compilable
def follow(w: Any, k: int) -> None:
    """Decide what follows the order events that wait."""
    if waits(w):
        for intent, o in follow_ups(w, k):
            deliver(w, k, intent, o)


@compilable
def run_instant(w: Any, k: int) -> None:
    """Everything of instant `k`, against the simulated market."""
    book.settle(w, k)
    interest.overnight(w, k)
    loans.take(w, k)
    step.take_bars(w, k)
    interest.hourly(w, k)
    for o, quantity, price in step.news_at(w, k):
        news.take(w, k, events.FILLED, o, quantity, price)
        follow(w, k)
    turn_of_day(w, k)
    follow(w, k)
    if w.instants[k].flags & INSTANT_OPEN and w.counters[0].queued > 0:
        for intent, o in send.release(w, k):
            deliver(w, k, intent, o)
        follow(w, k)
    first = first_rules(w)
    if first:
        universe.change(w, k)
        for intent, o in walk.orders_at(w, k, first):
            deliver(w, k, intent, o)
    for intent, o in calls.calls_at(w, k):
        deliver(w, k, intent, o)
    follow(w, k)
    if w.limits[0].active:
        for intent, o in losses.losses_at(w, k):
            deliver(w, k, intent, o)
    if w.drawdowns[0].at_marks:
        for intent, o in drawdowns.drawdowns_at(w, k):
            deliver(w, k, intent, o)
    step.advance(w, k)
    if not first:
        universe.change(w, k)
    if w.counters[0].protects:
        protect.watch(w, k)
    for intent, o in decide.exits_at(w, k):
        deliver(w, k, intent, o)
    if w.counters[0].reprices:
        for intent, o in reprice.steps_at(w, k):
            deliver(w, k, intent, o)
    follow(w, k)
    for intent, o in walk.orders_at(w, k, walk.BOTH - first):
        deliver(w, k, intent, o)
    if w.portfolio[0].runs:
        for intent, o in portfolio.portfolio_at(w, k):
            deliver(w, k, intent, o)
    follow(w, k)
    end(w, k)


@compilable
def room(w: Any) -> bool:
    """Whether the growing tables have room for one more instant, whatever happens in it."""
    counters = w.counters[0]
    needed = counters.most + counters.most_each * counters.working
    return (
        counters.records + needed < len(w.records)
        and counters.orders + needed < len(w.orders)
        and counters.marks + 4 < len(w.marks)
        and views.room(w)
    )


@compilable
def run_span(w: Any, first: int, last: int) -> int:
    """Run instants from `first` to before `last`; stops early when a table is full. Returns the next one."""
    k = first
    while k < last and room(w):
        run_instant(w, k)
        k += 1
    return k
