"""A symbol that changes its name, has its last day, or is gone: its orders end, its position is settled."""

from __future__ import annotations

from typing import Any

from runner.compilable import compilable
from runner.engine.book import count_open, end_order, fill, record
from runner.engine.instants import ACTION_DELISTED, ACTION_LAST_DAY, ACTION_RENAMED
from runner.laws import refusals
from runner.market import events
from runner.market.order import CANCELLED, DELISTING, GOOD_TILL_CANCELLED, MARKET, UNASKED, WORKING
from runner.market.rows import row


@row
class Listing:
    """One symbol and the exchange. `last_day`: today is its last; `gone`: it is delisted; `barred`: why no order of
    it may be sent (laws/refusals), 0 when it may."""

    last_day: bool = False
    gone: bool = False
    barred: int = 0


@compilable
def change(w: Any, k: int, j: int) -> None:
    """What row `j` of the corporate actions does besides splits and dividends, at the first instant of its day."""
    action = w.actions[j]
    s = action.symbol
    listing = w.listings[s]
    if action.kind == ACTION_RENAMED:
        record(w, k, events.RENAMED, s, -1, 0)
        end_orders(w, k, s)
    elif action.kind == ACTION_LAST_DAY:
        listing.last_day = True
        record(w, k, events.LAST_DAY, s, -1, 0)
    elif action.kind == ACTION_DELISTED:
        listing.last_day = False
        listing.gone = True
        listing.barred = refusals.DELISTED
        line = record(w, k, events.DELISTED, s, -1, 0)
        line.quantity = w.holdings[s].position
        line.price = w.quotes[s].last
        end_orders(w, k, s)
        settle(w, k, s)


@compilable
def end_orders(w: Any, k: int, s: int) -> None:
    """Every open order of symbol `s` is cancelled."""
    i = 0
    while i < w.counters[0].working:
        o = w.working[i]
        if w.orders[o].symbol == s:
            end_order(w, k, o, CANCELLED, events.CANCELLED)
        else:
            i += 1


@compilable
def settle(w: Any, k: int, s: int) -> None:
    """What is held of a delisted symbol is settled at its last price, without a fee."""
    holding = w.holdings[s]
    price = w.quotes[s].last
    if holding.position == 0 or price <= 0.0:
        return
    n = w.counters[0].orders + 1
    order = w.orders[n]
    order.symbol = s
    order.rule = -1
    order.step = -1
    order.purpose = DELISTING
    order.kind = MARKET
    order.quantity = -holding.position
    order.filled = 0
    order.limit = 0.0
    order.stop = 0.0
    order.by = 0.0
    order.updates = 0
    order.time_in_force = GOOD_TILL_CANCELLED
    order.good_till = 0
    order.post_only = False
    order.created = w.instants[k].time
    order.sent = w.instants[k].time
    order.name = -1
    order.tag = w.counters[0].delisting_tag
    order.may_cut = False
    order.next_step = 0
    order.pending = UNASKED
    order.state = WORKING
    w.counters[0].orders = n
    w.working[w.counters[0].working] = n
    w.counters[0].working += 1
    count_open(w, n, 1)
    sent = record(w, k, events.SUBMITTED, s, -1, n)
    sent.quantity = order.quantity
    sent.order_kind = MARKET
    sent.price = price
    sent.bid = price
    sent.ask = price
    sent.flags = events.FLAG_GTC
    sent.text = order.tag
    fill(w, k, n, order.quantity, price)
