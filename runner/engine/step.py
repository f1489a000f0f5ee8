"""One instant of the market: what its bars and dates do to quotes, orders and the account.

The laws say what happens, this file says to whom, `engine/instant.py` says when. Both drivers call it:
`engine/loop.py` as plain Python, `engine/kernel.py` compiled.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from runner.compilable import compilable
from runner.engine import good_faith, listings, offers
from runner.engine.book import count_open, end_order, note_update, record, revalue
from runner.engine.buying_power import equity, still_affordable
from runner.engine.instants import ACTION_PAYS
from runner.engine.margins import maintenance_used
from runner.engine.offers import offered
from runner.engine.prices import away
from runner.engine.protections import split_protection
from runner.engine.unsettled import payable
from runner.laws import corporate, refusals, sizing, ticks
from runner.market import events
from runner.market.order import CANCELLED, CHANGE, EXPIRED, INVALID, MARKET_ON_CLOSE, WORKING
from runner.market.settings import BEFORE_FILLS, FAITH_IGNORED


@compilable
def take_bars(w: Any, k: int) -> None:
    """Move the quotes to the real bars that end at instant `k`, and value the positions at their closes."""
    for j in range(w.instants[k].bar_lo, w.instants[k].bar_hi):
        bar = w.arrivals[j]
        quote = w.quotes[bar.symbol]
        if bar.quote_end > quote.quote_end:
            quote.quote_end = bar.quote_end
            quote.bid = bar.bid
            quote.ask = bar.ask
        if bar.real:
            quote.fresh = True
            quote.start = bar.start
            quote.end = bar.end
            quote.open = bar.open
            quote.high = bar.high
            quote.low = bar.low
            quote.close = bar.close
            if w.settings[0].participation > 0.0:
                quote.room = sizing.whole(bar.volume * w.settings[0].participation) if bar.volume > 0.0 else 0
            revalue(w, bar.symbol, w.holdings[bar.symbol].position, bar.close)


@compilable
def advance(w: Any, k: int) -> None:
    """The columns take the bars of instant `k`."""
    for j in range(w.instants[k].bar_lo, w.instants[k].bar_hi):
        s = w.arrivals[j].symbol
        w.quotes[s].row = w.arrivals[j].row
        w.quotes[s].split_since = 1.0
        for i in range(w.instants[k].action_lo, w.instants[k].action_hi):
            if w.actions[i].symbol == s and w.settings[0].raw_prices:
                w.quotes[s].split_since *= w.actions[
                    i
                ].split  # at midnight: the bar is of the day before the split
        if w.holdings[s].position != 0:
            w.holdings[s].bars_held += 1


@compilable
def settle_quotes(w: Any, k: int) -> None:
    """No bar is fresh any longer once its instant is over."""
    for j in range(w.instants[k].bar_lo, w.instants[k].bar_hi):
        w.quotes[w.arrivals[j].symbol].fresh = False


@compilable
def news_at(w: Any, k: int) -> Iterator[tuple[int, int, float]]:
    """What the simulated market has for the working orders at instant `k`, in order of their numbers.

    Yields (order, signed shares, dollars a share); the caller books each fill before it asks for the next.
    Day orders end before or after the fills, as `expiry` says.
    """
    settings = w.settings[0]
    if settings.expiry == BEFORE_FILLS:
        expire(w, k)
    w.counters[0].scan = 0  # kept where closing orders see it: what follows a fill may end others
    while w.counters[0].scan < w.counters[0].working:
        o = w.working[w.counters[0].scan]
        price = offered(w, k, o)
        affordable = True
        if price > 0.0 and settings.check_fills:
            count_open(w, o, -1)  # what it has reserved itself is its own
            affordable = still_affordable(w, k, o)
            count_open(w, o, 1)
        if not affordable:
            end_order(w, k, o, INVALID, events.INVALID)
            w.records[w.counters[0].records - 1].code = refusals.BUYING_POWER
        elif price > 0.0 and not pays(w, k, o, price):
            end_order(w, k, o, INVALID, events.INVALID)
            w.records[w.counters[0].records - 1].code = refusals.BUYING_POWER
            w.records[w.counters[0].records - 1].quantity = w.orders[o].quantity
        elif price > 0.0:
            shares = offers.take(w, o)
            if shares != 0:
                yield o, shares, price
            i = w.counters[0].scan
            if i < w.counters[0].working and w.working[i] == o:  # some of it is left
                w.counters[0].scan = i + 1
        else:
            w.counters[0].scan += 1
    if settings.expiry != BEFORE_FILLS:
        expire(w, k)


@compilable
def pays(w: Any, k: int, o: int, price: float) -> bool:
    """Cut a purchase of a cash account to what its settled cash pays for at `price`; False when that is nothing."""
    order = w.orders[o]
    left = payable(w, k, o, price)
    if left == 0:
        return False
    if left < order.quantity - order.filled:
        count_open(w, o, -1)
        order.quantity = order.filled + left
        count_open(w, o, 1)
        note_update(w, k, o)
    return True


@compilable
def expire(w: Any, k: int) -> None:
    """End the working orders whose time is up at instant `k`; a closing order that found no closing price and has time
    left goes into the next session's auction."""
    i = 0
    while i < w.counters[0].working:
        o = w.working[i]
        order = w.orders[o]
        if order.kind == MARKET_ON_CLOSE and order.close <= w.instants[k].open <= w.instants[k].time:
            order.close = w.instants[k].next_close
            order.opened = w.instants[k].next_open
        if order.state == WORKING and order.expires > 0 and w.instants[k].time >= order.expires:
            end_order(w, k, o, EXPIRED, events.EXPIRED)
        else:
            i += 1


@compilable
def corporate_actions(w: Any, k: int) -> None:
    """Dividends, splits, then changes of listing, of the day that begins at instant `k`: cash, positions, open orders."""
    settings = w.settings[0]
    for j in range(w.instants[k].action_lo, w.instants[k].action_hi):
        action = w.actions[j]
        if action.dividend != 0.0 and settings.pays_dividends:
            holding = w.holdings[action.symbol]
            if holding.position != 0:
                cash = corporate.dividend_cash(holding.position, action.dividend)
                w.account[0].cash += cash
                line = record(w, k, events.DIVIDEND, action.symbol, -1, 0)
                line.price = action.dividend
                line.quantity = holding.position
                line.amount = cash
    for j in range(w.instants[k].action_lo, w.instants[k].action_hi):
        action = w.actions[j]
        if action.split != 1.0 and settings.raw_prices:
            split(w, k, action.symbol, action.split)
    for j in range(w.instants[k].action_lo, w.instants[k].action_hi):
        if w.actions[j].kind != ACTION_PAYS:
            listings.change(w, k, j)


@compilable
def split(w: Any, k: int, s: int, ratio: float) -> None:
    """One split of symbol `s`: `ratio` new shares per old one."""
    holding = w.holdings[s]
    quote = w.quotes[s]
    quote.open /= ratio
    quote.high /= ratio
    quote.low /= ratio
    quote.close /= ratio
    quote.bid /= ratio
    quote.ask /= ratio
    quote.split_since *= ratio
    w.names[s].best /= ratio
    price = quote.last / ratio
    if w.settings[0].good_faith != FAITH_IGNORED:
        good_faith.split(w, s, ratio)
    after = corporate.split_position(holding.position, ratio, price)
    if holding.position != 0:
        holding.cost = round(holding.cost * (after.position / (holding.position * ratio)))
    revalue(w, s, after.position, price)
    if w.counters[0].protects:
        split_protection(w, s, ratio)
    line = record(w, k, events.SPLIT, s, -1, 0)
    line.price = ratio
    line.quantity = after.position
    if after.cash != 0:
        w.account[0].cash += after.cash
        line = record(w, k, events.FRACTION, s, -1, 0)
        line.price = price
        line.amount = after.cash
    i = 0
    while i < w.counters[0].working:
        o = w.working[i]
        order = w.orders[o]
        i += 1
        if order.symbol == s:
            whole = corporate.split_quantity(order.quantity, ratio)
            filled = corporate.split_quantity(order.filled, ratio)
            if whole == filled:  # nothing is left of it
                end_order(w, k, o, CANCELLED, events.CANCELLED)
                i -= 1
            else:
                count_open(w, o, -1)
                order.quantity = whole
                order.filled = filled
                restate(w, o, ratio)
                count_open(w, o, 1)
                note_update(w, k, o)


@compilable
def restate(w: Any, o: int, ratio: float) -> None:
    """The prices of order `o` in the new shares, on their grid again, and those of a change that is under way."""
    order = w.orders[o]
    order.limit = restated(w, order.quantity, order.limit, ratio)
    order.stop = restated(w, away(order.kind, order.quantity), order.stop, ratio)
    if not order.by_ratio:
        order.by = restated(w, -1, order.by, ratio)
    if order.pending == CHANGE:
        order.asked_quantity = corporate.split_quantity(order.asked_quantity, ratio)
        order.asked_limit = restated(w, order.quantity, order.asked_limit, ratio)
        order.asked_stop = restated(w, away(order.kind, order.quantity), order.asked_stop, ratio)
        if not order.by_ratio:
            order.asked_by = restated(w, -1, order.asked_by, ratio)


@compilable
def restated(w: Any, side: int, price: float, ratio: float) -> float:
    """A price in the new shares, on their grid; 0.0 where there is none."""
    return ticks.rounded_limit(w.settings[0], side, price / ratio) if price > 0.0 else 0.0


@compilable
def mark(w: Any, k: int, flags: int) -> None:
    """Write down the account as it stands, for the readers named in `flags`."""
    account = w.account[0]
    n = w.counters[0].marks
    w.counters[0].marks = n + 1
    line = w.marks[n]
    line.time = w.instants[k].time
    line.flags = flags
    line.equity = equity(w)
    line.cash = account.cash
    line.unsettled = account.unsettled
    line.long_value = account.long_value
    line.short_value = -account.short_value
    line.margin_used = maintenance_used(w, k)
    line.benchmark = w.instants[k].benchmark
