"""The run's books: records, positions, open orders. Whatever changes a position or an order writes it here."""

from __future__ import annotations

from typing import Any

from runner.compilable import compilable
from runner.engine import activity, good_faith
from runner.engine.buying_power import equity, order_price, reserve_of
from runner.engine.happenings import happen
from runner.engine.lines import record as record
from runner.engine.margins import measure
from runner.engine.open_exits import watch_exits
from runner.engine.protections import protect
from runner.engine.unsettled import due, hold_back
from runner.language import words
from runner.laws import account as law
from runner.laws import day_trades, settlement
from runner.laws.fees import fee
from runner.market import events
from runner.market.money import amount
from runner.market.order import (
    CALL,
    DELISTING,
    ENTRY,
    EXIT,
    FILLED,
    MARKET,
    MARKET_ON_OPEN,
    PROTECT,
    QUEUED,
    UNASKED,
    WORKING,
    decisive,
)
from runner.market.settings import FAITH_IGNORED, STARTS_AFTER, TRADER_IGNORED


@compilable
def revalue(w: Any, s: int, position: int, last: float) -> None:
    """Set the position and last price of symbol `s`, and move the account's totals by the difference."""
    holding = w.holdings[s]
    account = w.account[0]
    if w.settings[0].own_margins:
        measure(w, s, position, last)
    if holding.value >= 0:
        account.long_value -= holding.value
    else:
        account.short_value += holding.value
    if (holding.position == 0) != (position == 0):
        account.positions += 1 if position != 0 else -1
    holding.position = position
    holding.value = amount(position, last)
    w.quotes[s].last = last
    if holding.value >= 0:
        account.long_value += holding.value
    else:
        account.short_value -= holding.value
    keep_reserve(w, s)


@compilable
def keep_reserve(w: Any, s: int) -> None:
    """Bring the reserve of symbol `s` up to date, and the account's by the difference."""
    holding = w.holdings[s]
    if holding.open_orders == 0 and holding.reserved == 0:
        return
    reserved = reserve_of(w, s)
    if w.settings[0].own_margins:
        w.groups[holding.group].opening += reserved - holding.reserved
    else:
        w.account[0].opening_value += reserved - holding.reserved
    holding.reserved = reserved


@compilable
def count_open(w: Any, o: int, sign: int) -> None:
    """Add (`sign` 1) or remove (-1) order `o` from the sums of its symbol's open orders."""
    order = w.orders[o]
    holding = w.holdings[order.symbol]
    left = (order.quantity - order.filled) * sign
    holding.open_quantity += left
    if order.quantity > 0:
        holding.open_buys += left
    else:
        holding.open_sells += left
    holding.open_orders += sign
    if order.purpose == ENTRY:
        holding.open_entries += sign
    if order.purpose == EXIT or order.purpose == CALL or order.purpose == PROTECT:
        holding.exit_quantity += left
    if order.kind == MARKET or order.kind == MARKET_ON_OPEN:
        holding.market_quantity += left
    if order.state == QUEUED:
        w.counters[0].queued += sign
    else:
        if order.quantity > 0:
            holding.working_buys += left
        else:
            holding.working_sells += left
        keep_reserve(w, order.symbol)


@compilable
def close_order(w: Any, o: int, state: int) -> None:
    """Take order `o` out of the open ones and leave it in `state`."""
    count_open(w, o, -1)
    w.orders[o].state = state
    counters = w.counters[0]
    kept = 0
    for i in range(counters.working):
        if w.working[i] == o:
            if i < counters.scan:
                counters.scan -= 1
        else:
            w.working[kept] = w.working[i]
            kept += 1
    counters.working = kept


@compilable
def change_order(w: Any, k: int, o: int) -> None:
    """Give order `o` the quantity, prices and tag that were asked for, with a record."""
    order = w.orders[o]
    count_open(w, o, -1)
    moved = order.limit != order.asked_limit or order.stop != order.asked_stop or order.by != order.asked_by
    if moved and w.settings[0].first_bar == STARTS_AFTER:
        order.since = w.instants[k].time  # a bar that began before does not know the new price
    order.quantity = order.asked_quantity
    order.limit = order.asked_limit
    order.stop = order.asked_stop
    order.by = order.asked_by
    order.updates += 1
    if order.asked_tag >= 0:
        order.tag = order.asked_tag
    order.pending = UNASKED
    count_open(w, o, 1)
    note_update(w, k, o)
    watch_exits(w, order.symbol)


@compilable
def end_order(w: Any, k: int, o: int, state: int, kind: int) -> None:
    """End order `o` unfilled, with a record of `kind`."""
    order = w.orders[o]
    close_order(w, o, state)
    line = record(w, k, kind, order.symbol, order.rule, o)
    line.text = order.tag
    if w.counters[0].follows:
        happen(w, kind, o, 0, 0.0)


@compilable
def note_update(w: Any, k: int, o: int) -> None:
    """Write down what open order `o` is after a change."""
    order = w.orders[o]
    line = record(w, k, events.UPDATED, order.symbol, order.rule, o)
    line.quantity = order.quantity
    line.limit = order.limit
    line.stop = order.stop
    line.by = order.by
    line.text = order.tag


@compilable
def fill(w: Any, k: int, o: int, quantity: int, price: float) -> None:
    """Book `quantity` signed shares of order `o` at `price` dollars, at the fee of the account's law."""
    order = w.orders[o]
    cost = 0
    if order.purpose != DELISTING:  # nobody trades it: it is settled
        worth = order_price(w, order.symbol, quantity, decisive(order.kind, order.limit, order.stop))
        cost = fee(w.settings[0], quantity, worth)
    fill_for(w, k, o, quantity, price, cost)


@compilable
def fill_for(w: Any, k: int, o: int, quantity: int, price: float, cost: int) -> None:
    """Book `quantity` signed shares of order `o` at `price` dollars and a fee of `cost` millionths: position, cost, cash,
    record."""
    order = w.orders[o]
    s = order.symbol
    holding = w.holdings[s]
    account = w.account[0]
    value = amount(quantity, price)
    last = w.quotes[s].last
    was = holding.position
    after = law.after_fill(was, holding.cost, quantity, value)
    if was == 0 or (was > 0) != (after.position > 0):
        holding.bars_held = 0
    holding.cost = after.cost
    revalue(w, s, after.position, last)
    moved = settlement.proceeds(holding.settlement != settlement.IMMEDIATE, -value)
    account.cash += moved.settled - cost
    account.last_fill = w.instants[k].time
    if moved.unsettled > 0:
        hold_back(w, due(w, k, s), moved.unsettled)
    line = record(w, k, events.FILLED, s, order.rule, o)
    line.quantity = quantity
    line.price = price
    line.amount = value
    line.fee = cost
    trading(w, k, o, was, quantity)
    if w.settings[0].good_faith != FAITH_IGNORED:
        good_faith.traded(w, k, o, was, quantity)
    if order.state != WORKING:  # it had ended, and shares came yet
        order.filled += quantity
    elif order.filled + quantity == order.quantity:
        close_order(w, o, FILLED)
        order.filled += quantity
    else:
        count_open(w, o, -1)
        order.filled += quantity
        count_open(w, o, 1)
    watch_exits(w, s)
    if after.position == 0:
        flat(w, s)
    if w.counters[0].follows:
        happen(w, events.FILLED, o, quantity, price)
    if was != 0 and (after.position == 0 or (was > 0) != (after.position > 0)):
        forget(w, s)
        if after.position != 0 and w.settings[0].exits == 0:
            holding.exiting = 0  # what was to be left is gone; nobody asked to leave the other side
        w.protections[s].plan = -1
    if w.counters[0].protects:
        protect(w, o, price)


@compilable
def settle(w: Any, k: int) -> None:
    """Move the cash whose time has come to settled cash."""
    n = w.counters[0].unsettled
    done = 0
    while done < n and w.unsettled[done].due <= w.instants[k].time:
        moved = w.unsettled[done].amount
        w.account[0].unsettled -= moved
        w.account[0].cash += moved
        line = record(w, k, events.SETTLED, -1, -1, 0)
        line.amount = moved
        done += 1
    for i in range(done, n):
        w.unsettled[i - done].due = w.unsettled[i].due
        w.unsettled[i - done].amount = w.unsettled[i].amount
    w.counters[0].unsettled = n - done


@compilable
def trading(w: Any, k: int, o: int, position: int, quantity: int) -> None:
    """Count a fill among the trades of the account, and write down when they make a pattern day trader."""
    made = activity.count(w, k, o, position, quantity)
    if not made or w.settings[0].pattern_day_trader == TRADER_IGNORED:
        return
    found = activity.day_trades(w, k)
    if not w.account[0].pattern_trader and day_trades.is_pattern(found, activity.trades(w, k)):
        w.account[0].pattern_trader = True
        line = record(w, k, events.PATTERN_DAY_TRADER, -1, -1, 0)
        line.quantity = found
        line.amount = equity(w)


@compilable
def flat(w: Any, s: int) -> None:
    """A position is gone: no exit is owed any longer."""
    holding = w.holdings[s]
    if holding.open_orders == 0:
        holding.exiting = 0


@compilable
def forget(w: Any, s: int) -> None:
    """A position has ended, or turned into one of the other side: conditions on its entry price begin anew."""
    count = len(w.holdings)
    for r in range(len(w.rules)):
        rule = w.rules[r]
        if rule.of_position:
            w.memory[r * count + s].truth = False
        if rule.of_others:
            for i in range(rule.when_lo, rule.when_hi):
                if w.code[i].op == words.WORD and w.code[i].a == words.ENTRY_PRICE and w.code[i].b == s:
                    for t in range(count):
                        w.memory[r * count + t].truth = False
