"""From a wanted thing to an order: queued, admitted and sent, changed, cancelled, or refused with its reason."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from runner.compilable import compilable
from runner.engine import activity, gate, good_faith, state
from runner.engine.book import change_order, close_order, count_open, end_order, record
from runner.engine.buying_power import equity, means, needs_unsettled, order_price
from runner.engine.describe import describe
from runner.engine.happenings import happen
from runner.engine.held_back import hold, in_the_way
from runner.engine.margins import is_open
from runner.engine.post_only import change_takes, new_takes
from runner.engine.prices import valued_at
from runner.engine.protections import carry
from runner.engine.unsettled import paid_at
from runner.laws import admission, refusals
from runner.market import events
from runner.market.order import (
    CANCEL,
    CANCELLED,
    CHANGE,
    DAY,
    ENTRY,
    EXIT,
    GOOD_TILL_DATE,
    INVALID,
    LIMIT,
    MARKET,
    MARKET_ON_CLOSE,
    PROTECT,
    QUEUED,
    REBALANCE,
    REJECTED,
    UNASKED,
    WORKING,
    decisive,
    ends_by_date,
)
from runner.market.settings import FAITH_ENFORCED, FAITH_WARNED, TRADER_ENFORCED, TRADER_WARNED


@compilable
def act(w: Any, k: int, r: int, i: int, j: int) -> int:
    """Carry out wanted row `j` of step `i`: the number of the order sent, changed or cancelled; 0 if none."""
    line = w.wanted[j]
    if line.intent == state.WITHDRAW:
        ask_cancel(w, k, line.reference)
        return int(line.reference)
    if line.intent == state.REPLACE:
        return replace(w, k, i, j)
    if (line.purpose == EXIT or line.purpose == PROTECT) and in_the_way(w, j):
        if not hold(w, r, i, line.symbol):
            refuse(w, k, r, i, j, refusals.UNANSWERED)
        return 0
    return propose(w, k, r, i, j)


@compilable
def ask_cancel(w: Any, k: int, o: int) -> None:
    """Order `o` is to end: a queued one does at once, a working one when the broker says so."""
    if w.orders[o].state == QUEUED:
        end_order(w, k, o, CANCELLED, events.CANCELLED)
    else:
        w.orders[o].pending = CANCEL
        w.orders[o].rest = False  # whoever wants it to the market says so afterwards


@compilable
def propose(w: Any, k: int, r: int, i: int, j: int) -> int:
    """Make an order of wanted row `j`: queue it, send it, or say why not. Returns its number or 0."""
    step = w.steps[i]
    line = w.wanted[j]
    s = line.symbol
    quote = w.quotes[s]
    now = w.instants[k].time
    kind = line.kind if line.kind >= 0 else step.kind
    way = admission.route(w.settings[0], kind, is_open(w, k), w.instants[k].close - now, quote.daily)
    barred = w.listings[s].barred
    held_up = gate.held_up(w, s, line.purpose, line.quantity)
    if way.way == admission.REFUSE or barred != 0 or held_up != refusals.FINE:
        if step.name >= 0:
            w.named[step.name * len(w.holdings) + s] = 0  # the name is that of the newest attempt
        if barred != 0:
            refuse(w, k, r, i, j, barred)
        else:
            refuse(w, k, r, i, j, held_up if held_up != refusals.FINE else way.code)
        return 0
    n = w.counters[0].orders + 1
    order = w.orders[n]
    order.symbol = s
    order.rule = r
    order.step = i
    order.purpose = line.purpose
    order.kind = way.kind
    order.quantity = line.quantity
    order.filled = 0
    order.limit = line.limit
    order.stop = line.stop
    order.by = line.by
    order.by_ratio = step.by_ratio
    order.triggered = False
    order.updates = 0
    order.time_in_force = step.time_in_force
    order.good_till = step.good_till
    order.post_only = step.post_only and kind == LIMIT
    order.next_step = 0
    order.created = now
    order.sent = 0
    order.since = 0
    order.expires = 0
    order.close = 0
    order.opened = 0
    order.name = step.name
    order.tag = step.tag
    order.may_cut = line.cut
    order.violates = False
    order.rest = False
    order.pending = UNASKED
    if line.purpose == ENTRY and step.protect >= 0:
        carry(w, k, n)
    if way.way == admission.QUEUE or gate.waits_to_be_heard(w, s, way.kind):
        order.state = QUEUED
        w.counters[0].orders = n
        open_order(w, n)
        queued = record(w, k, events.QUEUED, s, r, n)
        describe(w, queued, n)
    elif not send(w, k, n):
        return 0
    new = line.purpose == ENTRY or line.purpose == REBALANCE
    if (
        (new or w.holdings[s].position == 0)
        and line.purpose != EXIT
        and line.purpose != PROTECT
        and order.state != REJECTED
    ):
        w.holdings[s].exiting = 0  # a new intent takes the place of an exit that persists
    return n


@compilable
def name_order(w: Any, o: int) -> None:
    """Let the order's name mean this order: the newest attempt, whatever became of it."""
    order = w.orders[o]
    if order.name >= 0:
        w.named[order.name * len(w.holdings) + order.symbol] = o


@compilable
def open_order(w: Any, o: int) -> None:
    """Put order `o` among the open ones and under its name."""
    w.working[w.counters[0].working] = o
    w.counters[0].working += 1
    count_open(w, o, 1)
    name_order(w, o)


@compilable
def send(w: Any, k: int, o: int) -> bool:
    """Admit order `o` (not among the open ones) and send it; False when it never became one.

    An order that the account or the brokerage turns down keeps its number and is invalid.
    """
    order = w.orders[o]
    s = order.symbol
    worth = paid_at(w, o, valued_at(w, s, order.kind, order.limit, order.stop))
    charged = order_price(w, s, order.quantity, decisive(order.kind, order.limit, order.stop))
    controlled = w.limits[0].active
    if controlled:
        order.quantity = gate.part(w, o)
    account = means(w, k, s, order.quantity)
    requirement = w.requirements[w.holdings[s].group]
    verdict = admission.admit(
        w.settings[0], requirement, o, order.quantity, worth, charged, order.may_cut, account
    )
    code = verdict.code
    if controlled and code == refusals.FINE:
        code = gate.refusal(w, k, o, verdict.admitted.quantity)
    if code == refusals.FINE:
        code = gate.held_up(w, s, order.purpose, verdict.admitted.quantity)
    short_of_equity = activity.barred(w, order.quantity, account)
    if code == refusals.FINE and short_of_equity and w.settings[0].pattern_day_trader == TRADER_ENFORCED:
        code = refusals.PATTERN_DAY_TRADER
    strapped = good_faith.restricted(w, k) and needs_unsettled(
        w, k, o, verdict.admitted.quantity, worth, charged
    )
    if strapped and code == refusals.BUYING_POWER and w.settings[0].good_faith == FAITH_ENFORCED:
        code = refusals.GOOD_FAITH
    if w.counters[0].orders < o:
        w.counters[0].orders = o
    now = w.instants[k].time
    if code != refusals.FINE:
        order.state = INVALID
        name_order(w, o)
        line = record(w, k, events.INVALID, s, order.rule, o)
        describe(w, line, o)
        line.code = code
        if w.counters[0].follows:
            happen(w, events.INVALID, o, 0, 0.0)
        return False
    order.quantity = verdict.admitted.quantity
    if controlled:
        gate.remember(w, k, o)
    order.sent = now
    order.since = now
    order.sent_closed = order.kind == MARKET and not is_open(w, k)
    order.state = WORKING
    if order.kind == MARKET_ON_CLOSE:
        order.close = w.instants[k].next_close
        order.opened = w.instants[k].next_open
    if order.time_in_force == DAY:
        order.expires = w.instants[k].next_close
    elif order.time_in_force == GOOD_TILL_DATE and ends_by_date(order.kind):
        order.expires = order.good_till
    if order.step >= 0 and order.kind == LIMIT and w.steps[order.step].reprice_every > 0:
        order.next_step = now + w.steps[order.step].reprice_every
    open_order(w, o)
    describe(w, record(w, k, events.SUBMITTED, s, order.rule, o), o)
    if short_of_equity and w.settings[0].pattern_day_trader == TRADER_WARNED:
        line = record(w, k, events.MINIMUM_EQUITY, s, -1, o)
        line.amount = equity(w)
    if strapped and w.settings[0].good_faith == FAITH_WARNED:
        record(w, k, events.UNSETTLED_PURCHASE, s, -1, o)
    if new_takes(w, o):
        end_order(w, k, o, REJECTED, events.REJECTED)
        w.records[w.counters[0].records - 1].code = refusals.POST_ONLY_WOULD_TAKE
    return True


@compilable
def replace(w: Any, k: int, i: int, j: int) -> int:
    """Ask for another quantity, limit or tag of an open order; its number and time of sending stay. A queued one is
    changed at once, a working one when the broker says so."""
    line = w.wanted[j]
    o = line.reference
    order = w.orders[o]
    settings = w.settings[0]
    if order.state == WORKING and order.pending != UNASKED:
        refuse(w, k, order.rule, i, j, refusals.UNANSWERED)
        return 0  # a second change would hide what the broker is asked, an end most of all
    if change_takes(w, o, line.quantity, line.limit):
        refuse(w, k, order.rule, i, j, refusals.POST_ONLY_WOULD_TAKE)
        return 0  # it stays as it was
    worth = valued_at(w, order.symbol, order.kind, line.limit, line.stop)
    charged = order_price(w, order.symbol, line.quantity, decisive(order.kind, line.limit, line.stop))
    left = line.quantity - order.filled
    count_open(w, o, -1)
    account = means(w, k, order.symbol, left)
    requirement = w.requirements[w.holdings[order.symbol].group]
    code = admission.admit(settings, requirement, o, left, worth, charged, False, account).code
    if code == refusals.FINE and w.limits[0].active:
        code = gate.change_refusal(w, k, o, left, line.limit)
    if code == refusals.FINE and abs(line.quantity) >= abs(order.quantity):
        code = gate.held_up(w, order.symbol, order.purpose, left)
    if (
        code == refusals.FINE
        and settings.pattern_day_trader == TRADER_ENFORCED
        and activity.barred(w, left, account)
    ):
        code = refusals.PATTERN_DAY_TRADER
    if code != refusals.FINE and order.state == WORKING:  # a queued order is admitted when it is sent
        count_open(w, o, 1)
        refuse(w, k, order.rule, i, j, code)
        return 0
    count_open(w, o, 1)
    order.pending = CHANGE
    order.asked_quantity = line.quantity
    order.asked_limit = line.limit
    order.asked_stop = line.stop
    order.asked_by = line.by
    order.asked_tag = w.steps[i].retag
    if order.state == QUEUED:
        change_order(w, k, o)
    return int(o)


@compilable
def refuse(w: Any, k: int, r: int, i: int, j: int, code: int) -> None:
    """Write down a wanted order that never became one."""
    line = record(w, k, events.REFUSED, w.wanted[j].symbol, r, 0)
    line.code = code
    line.quantity = w.wanted[j].quantity
    line.price = w.quotes[w.wanted[j].symbol].last


@compilable
def release(w: Any, k: int) -> Iterator[tuple[int, int]]:
    """Send the queued orders at the open, in order of their numbers; those of a silent symbol when it is heard again."""
    i = 0
    while i < w.counters[0].working:
        o = w.working[i]
        if w.orders[o].state != QUEUED or w.quotes[w.orders[o].symbol].silent:
            i += 1
            continue
        close_order(w, o, QUEUED)
        if send(w, k, o):
            yield state.SUBMIT, o
