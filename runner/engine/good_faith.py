"""Good-faith violations of a cash account: purchases that wait for proceeds to settle, counted when they are sold."""

from __future__ import annotations

from typing import Any

from runner.compilable import compilable
from runner.engine.lines import record
from runner.laws import corporate
from runner.laws import good_faith as law
from runner.market import events
from runner.market.order import DELISTING
from runner.market.rows import row
from runner.market.settings import FAITH_ENFORCED, UNSETTLED_UNUSABLE

LOTS = 16  # of a symbol: as many settlement days as can be open at once
RING = 366  # days of the longest twelve months


@row
class Unpaid:
    """Shares of a symbol bought with proceeds that settle at `due` (ns): paid for from then on. LOTS rows a symbol."""

    shares: int = 0
    due: int = 0


@row
class Violation:
    """Good-faith violations of one day, in a ring. `date`: laws/good_faith.date_number."""

    date: int = 0
    count: int = 0


@row
class Faith:
    """`count`: violations of the twelve months that end with day `counted_on`. `until`: the day on which the account may
    spend unsettled cash again, 0 without a restriction."""

    count: int = 0
    counted_on: int = -1
    until: int = 0


@compilable
def restricted(w: Any, k: int) -> bool:
    """Whether purchases may use settled cash only, as far as violations go."""
    return w.faith[0].until > w.instants[k].day


@compilable
def held_back(w: Any, k: int) -> int:
    """Cash that has not settled and can buy nothing; millionths of a dollar."""
    settings = w.settings[0]
    if settings.unsettled_cash == UNSETTLED_UNUSABLE:
        return w.account[0].unsettled
    if settings.good_faith == FAITH_ENFORCED and restricted(w, k):
        return w.account[0].unsettled
    return 0


@compilable
def date_of(w: Any, k: int) -> int:
    """The date of instant `k` as one number."""
    return law.date_number(w.instants[k].year, w.instants[k].month, w.instants[k].day_of_month)


@compilable
def violations(w: Any, k: int) -> int:
    """Violations of the twelve months that end with the day of instant `k`."""
    faith = w.faith[0]
    if faith.counted_on != w.instants[k].day:
        faith.counted_on = w.instants[k].day
        faith.count = 0
        for i in range(len(w.violations)):
            if law.within_a_year(w.violations[i].date, date_of(w, k)):
                faith.count += w.violations[i].count
    return faith.count


@compilable
def traded(w: Any, k: int, o: int, position: int, quantity: int) -> None:
    """After a fill of order `o` is booked: remember shares that are not paid for, or count the violation.

    `position`: before the fill. What a delisting takes away nobody sold. Fills of one order are one violation.
    """
    s = w.orders[o].symbol
    if quantity > 0:
        if law.lacking(w.account[0].cash, w.account[0].unsettled) > 0:
            remember(w, k, s, quantity)
        return
    sold = law.unpaid_sold(position, unpaid(w, k, s), quantity)
    if sold == 0:
        return
    take_off(w, k, s, sold)
    if w.orders[o].purpose == DELISTING:
        return
    if not w.orders[o].violates:
        w.orders[o].violates = True
        count(w, k)
        line = record(w, k, events.GOOD_FAITH_VIOLATION, s, w.orders[o].rule, o)
        line.quantity = sold
        if law.restricts(violations(w, k)):
            w.faith[0].until = law.free_again(w.instants[k].day)
            line = record(w, k, events.SETTLED_CASH_ONLY, -1, -1, 0)
            line.quantity = violations(w, k)


@compilable
def remember(w: Any, k: int, s: int, quantity: int) -> None:
    """Keep `quantity` shares of symbol `s` as unpaid until the proceeds that cover all that is lacking have settled."""
    lacking = law.lacking(w.account[0].cash, w.account[0].unsettled)
    due = 0
    i = 0
    while i < w.counters[0].unsettled and lacking > 0:
        due = w.unsettled[i].due
        lacking -= w.unsettled[i].amount
        i += 1
    now = w.instants[k].time
    place = -1
    for j in range(s * LOTS, (s + 1) * LOTS):
        lot = w.unpaid[j]
        if lot.shares > 0 and lot.due == due:
            lot.shares += quantity
            return
        if place < 0 and (lot.shares == 0 or lot.due <= now):
            place = j
    if place >= 0:
        w.unpaid[place].shares = quantity
        w.unpaid[place].due = due


@compilable
def unpaid(w: Any, k: int, s: int) -> int:
    """Shares of symbol `s` that are not paid for yet."""
    found = 0
    for j in range(s * LOTS, (s + 1) * LOTS):
        if w.unpaid[j].due > w.instants[k].time:
            found += w.unpaid[j].shares
    return found


@compilable
def take_off(w: Any, k: int, s: int, quantity: int) -> None:
    """Forget `quantity` unpaid shares of symbol `s`, those that are paid for first before the others."""
    left = quantity
    while left > 0:
        first = -1
        for j in range(s * LOTS, (s + 1) * LOTS):
            if w.unpaid[j].shares > 0 and w.unpaid[j].due > w.instants[k].time:
                if first < 0 or w.unpaid[j].due < w.unpaid[first].due:
                    first = j
        if first < 0:
            return
        gone = min(left, w.unpaid[first].shares)
        w.unpaid[first].shares -= gone
        left -= gone


@compilable
def count(w: Any, k: int) -> None:
    """One violation more on the day of instant `k`."""
    found = violations(w, k)
    line = w.violations[w.instants[k].day % RING]
    if line.date != date_of(w, k):
        line.date = date_of(w, k)
        line.count = 0
    line.count += 1
    w.faith[0].count = found + 1


@compilable
def split(w: Any, s: int, ratio: float) -> None:
    """Unpaid shares of symbol `s` after a split: a fraction of a share was paid out, not held."""
    for j in range(s * LOTS, (s + 1) * LOTS):
        if w.unpaid[j].shares > 0:
            w.unpaid[j].shares = corporate.split_quantity(w.unpaid[j].shares, ratio)
