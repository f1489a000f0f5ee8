"""Margin checked at an instant: a warning, or orders that close positions one by one until it is restored."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from runner.compilable import compilable
from runner.engine import state
from runner.engine.book import record
from runner.engine.buying_power import equity
from runner.engine.good_faith import held_back
from runner.engine.instants import INSTANT_SLICE
from runner.engine.margins import factor, is_open, maintenance_used
from runner.engine.send import ask_cancel, send
from runner.engine.sizes import leaving
from runner.laws import calls, margin
from runner.market import events
from runner.market.money import amount
from runner.market.order import CALL, DAY, ENTRY, GOOD_TILL_CANCELLED, MARKET


@compilable
def remaining(w: Any, k: int) -> int:
    """Remaining margin at instant `k` as it will be when the working exits have filled at the last prices."""
    left = equity(w) - held_back(w, k) - maintenance_used(w, k)
    for s in range(len(w.holdings)):
        holding = w.holdings[s]
        if holding.exit_quantity != 0 and holding.position != 0:
            going = min(abs(holding.exit_quantity), abs(holding.position))
            left += round(amount(going, w.quotes[s].last) * kept_share(w, k, s))
    return left


@compilable
def kept_share(w: Any, k: int, s: int) -> float:
    """Maintenance margin of a share that is held of symbol `s`, as a ratio of its last price."""
    holding = w.holdings[s]
    state_factor = factor(w, k, holding.group)
    requirement = w.requirements[holding.group]
    return margin.maintenance_share(requirement, holding.position, w.quotes[s].last, state_factor)


@compilable
def due(w: Any, k: int) -> bool:
    """Whether margin is to be checked at instant `k`: at each, or under LEAN's conventions at a slice and not before
    the next time; moves that time on."""
    every = w.settings[0].call_every
    if every == 0:
        return True
    now = w.instants[k].time
    if not w.instants[k].flags & INSTANT_SLICE or now < w.account[0].next_call:
        return False
    w.account[0].next_call = now + every
    return True


@compilable
def worst(w: Any) -> int:
    """The symbol with the lowest unrealized profit of those that have shares left to close; -1 for none."""
    found = -1
    lowest = 0
    for s in range(len(w.holdings)):
        holding = w.holdings[s]
        profit = holding.value - holding.cost
        if abs(holding.position) > abs(leaving(holding)) and (found < 0 or profit < lowest):
            found = s
            lowest = profit
    return found


@compilable
def shares(w: Any, k: int, s: int, used: int) -> int:
    """Shares of symbol `s` to close, not negative. `used`: margin in use when the call began."""
    settings = w.settings[0]
    holding = w.holdings[s]
    price = w.quotes[s].last
    available = abs(holding.position) - abs(leaving(holding))
    share = kept_share(w, k, s)
    if settings.call_profile == calls.LEAN:
        own = round(abs(holding.value) * share)
        unit = margin.initial_share(w.requirements[holding.group], price, factor(w, k, holding.group))
        kept = calls.kept_by_lean(settings, equity(w), used, holding.position, own, price, unit)
        return min(available, abs(holding.position) - abs(kept))
    return calls.shares_to_close(settings, remaining(w, k), available, price, share)


@compilable
def call(w: Any, k: int, s: int, quantity: int) -> int:
    """Send a market order of `quantity` signed shares that the broker asks for; its number, or 0."""
    n = w.counters[0].orders + 1
    order = w.orders[n]
    order.symbol = s
    order.rule = -1
    order.step = -1
    order.purpose = CALL
    order.kind = MARKET
    order.quantity = quantity
    order.filled = 0
    order.limit = 0.0
    order.stop = 0.0
    order.by = 0.0
    order.updates = 0
    order.time_in_force = GOOD_TILL_CANCELLED if w.settings[0].call_profile == calls.LEAN else DAY
    order.good_till = 0
    order.post_only = False
    order.created = w.instants[k].time
    order.name = -1
    order.tag = w.counters[0].call_tag
    order.may_cut = False
    order.next_step = 0
    if not send(w, k, n):
        return 0
    line = record(w, k, events.MARGIN_CALL, s, -1, n)
    line.quantity = quantity
    return n


@compilable
def warn(w: Any, k: int) -> None:
    """Write the warning down, once for each time that margin falls below its threshold."""
    if not w.account[0].warned:
        w.account[0].warned = True
        line = record(w, k, events.MARGIN_WARNING, -1, -1, 0)
        line.amount = equity(w) - held_back(w, k) - maintenance_used(w, k)


@compilable
def calls_at(w: Any, k: int) -> Iterator[tuple[int, int]]:
    """Check margin at instant `k`; yields (intent, order number) of what a call cancels and sends.

    A call is made in regular hours only. Each order is delivered before the next is sized; a symbol's working
    entries are cancelled first, and what is on its way out already counts.
    """
    if w.settings[0].cash_account or not due(w, k):  # nothing is borrowed in a cash account
        return
    if w.account[0].positions == 0:
        w.account[0].warned = False
        return
    used = maintenance_used(w, k)
    found = calls.verdict(w.settings[0], equity(w), held_back(w, k), used)
    if found == calls.FINE:
        w.account[0].warned = False
        return
    warn(w, k)
    if found != calls.CALL or not is_open(w, k):
        return
    for _ in range(2 * len(w.holdings)):
        s = worst(w)
        if s < 0 or remaining(w, k) > 0:
            break
        i = 0
        while i < w.counters[0].working:
            o = w.working[i]
            if w.orders[o].symbol == s and w.orders[o].purpose == ENTRY:
                ask_cancel(w, k, o)
                yield state.WITHDRAW, o
            if i < w.counters[0].working and w.working[i] == o:  # it is still there
                i += 1
        quantity = shares(w, k, s, used)
        if quantity <= 0:
            break
        o = call(w, k, s, -quantity if w.holdings[s].position > 0 else quantity)
        if o == 0:
            break
        yield state.SUBMIT, o
