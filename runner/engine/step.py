"""One instant of the account: what the market does to it. The order of work is in `runner/README.md`.

Everything that changes positions, cash, orders or the journal's rows goes through this file; the laws say
what happens, this file says when. Both drivers call it: `engine/loop.py` as plain Python, `engine/kernel.py`
compiled.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from runner.compilable import compilable
from runner.laws import account as law
from runner.laws import admission, corporate, fills, margin, refusals
from runner.laws.fees import fee
from runner.market import events
from runner.market.money import amount
from runner.market.order import (
    CANCELLED,
    ENTRY,
    EXIT,
    EXPIRED,
    FILLED,
    INVALID,
    LIMIT,
    MARKET,
    MARKET_ON_CLOSE,
    MARKET_ON_OPEN,
    QUEUED,
    WORKING,
)
from runner.market.settings import BEFORE_FILLS


@compilable
def record(w: Any, k: int, kind: int, symbol: int, rule: int, order: int) -> Any:
    """A fresh row of the journal at instant `k`, to be completed by the caller."""
    n = w.counters[0].records
    w.counters[0].records = n + 1
    line = w.records[n]
    line.time = w.timeline.time[k]
    line.kind = kind
    line.symbol = symbol
    line.rule = rule
    line.order = order
    line.quantity = 0
    line.price = 0.0
    line.limit = 0.0
    line.bid = 0.0
    line.ask = 0.0
    line.amount = 0
    line.fee = 0
    line.code = 0
    line.flags = 0
    line.text = -1
    return line


@compilable
def is_open(w: Any, k: int) -> bool:
    """Whether instant `k` is in regular hours (the close itself is not)."""
    return w.timeline.open[k] <= w.timeline.time[k] < w.timeline.close[k]


@compilable
def factor(w: Any, k: int) -> float:
    """Multiplier of margin requirements at instant `k`."""
    return margin.state_factor(w.settings[0], is_open(w, k), w.timeline.close[k] - w.timeline.time[k])


@compilable
def equity(w: Any) -> int:
    """Cash, settled or not, plus positions at last prices; millionths of a dollar."""
    account = w.account[0]
    return account.cash + account.unsettled + account.long_value - account.short_value


@compilable
def revalue(w: Any, s: int, position: int, last: float) -> None:
    """Set the position and last price of symbol `s`, and move the account's totals by the difference."""
    holding = w.holdings[s]
    account = w.account[0]
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
    if order.purpose == EXIT:
        holding.exit_quantity += left
    if order.kind == MARKET or order.kind == MARKET_ON_OPEN:
        holding.market_quantity += left
    if order.state == QUEUED:
        w.counters[0].queued += sign


@compilable
def close_order(w: Any, o: int, state: int) -> None:
    """Take order `o` out of the open ones and leave it in `state`."""
    count_open(w, o, -1)
    w.orders[o].state = state
    counters = w.counters[0]
    kept = 0
    for i in range(counters.working):
        if w.working[i] != o:
            w.working[kept] = w.working[i]
            kept += 1
    counters.working = kept


@compilable
def end_order(w: Any, k: int, o: int, state: int, kind: int) -> None:
    """End order `o` unfilled, with a record of `kind`."""
    order = w.orders[o]
    close_order(w, o, state)
    line = record(w, k, kind, order.symbol, order.rule, o)
    line.text = order.tag


@compilable
def fill(w: Any, k: int, o: int, quantity: int, price: float) -> None:
    """Book `quantity` signed shares of order `o` at `price` dollars: position, cost, fee, cash, record."""
    order = w.orders[o]
    s = order.symbol
    holding = w.holdings[s]
    account = w.account[0]
    value = amount(quantity, price)
    last = w.quotes[s].last
    cost = fee(w.settings[0], quantity, order_price(w, s, order.kind, quantity, order.limit))
    was = holding.position
    after = law.after_fill(was, holding.cost, quantity, value)
    if was == 0 or (was > 0) != (after.position > 0):
        holding.bars_held = 0
    holding.cost = after.cost
    revalue(w, s, after.position, last)
    account.cash -= value + cost
    account.fees += cost
    account.turnover += abs(value)
    line = record(w, k, events.FILLED, s, order.rule, o)
    line.quantity = quantity
    line.price = price
    line.amount = value
    line.fee = cost
    if order.filled + quantity == order.quantity:
        close_order(w, o, FILLED)
        order.filled += quantity
    else:
        count_open(w, o, -1)
        order.filled += quantity
        count_open(w, o, 1)


@compilable
def means(w: Any, k: int, s: int, quantity: int, own_value: int) -> admission.Means:
    """What the account can put up at instant `k` for an order of `quantity` signed shares of symbol `s`.

    `own_value`: absolute value that the order itself has in the account's reserve (0 for a new order).
    """
    settings = w.settings[0]
    account = w.account[0]
    holding = w.holdings[s]
    against = (holding.position > 0) != (quantity > 0)
    opposite = abs(holding.value) if against else 0
    same_side = holding.open_buys if quantity > 0 else holding.open_sells
    reserved = reserve(w) - own_value if settings.reserve_working else 0
    state = factor(w, k)
    gross = account.long_value + account.short_value
    free = margin.free_margin(settings, equity(w), account.unsettled, gross, reserved, opposite, state)
    return admission.Means(holding.position, same_side, free, state)


@compilable
def reserve(w: Any) -> int:
    """Absolute value of what the open orders would open, symbol by symbol, at their prices."""
    total = 0
    for i in range(w.counters[0].working):
        total += opening_value(w, w.working[i])
    return total


@compilable
def opening_value(w: Any, o: int) -> int:
    """Absolute value of the shares that order `o` would open if it filled alone; millionths of a dollar."""
    order = w.orders[o]
    left = order.quantity - order.filled
    shares = admission.opening_shares(w.holdings[order.symbol].position, 0, left)
    price = order.limit if order.kind == LIMIT else w.quotes[order.symbol].last
    return amount(shares, price)


@compilable
def still_affordable(w: Any, k: int, o: int) -> bool:
    """LEAN's second look: buying power is tested again before every fill."""
    order = w.orders[o]
    s = order.symbol
    left = order.quantity - order.filled
    price = order_price(w, s, order.kind, order.quantity, order.limit)
    account = means(w, k, s, left, 0)
    alone = admission.Means(account.position, 0, account.free, account.factor)
    return admission.admit(w.settings[0], o, left, w.quotes[s].last, price, False, alone).code == 0


@compilable
def order_price(w: Any, s: int, kind: int, quantity: int, limit: float) -> float:
    """Dollars a share at which an order's fee is computed: the last price, a limit order's worse of both."""
    last = w.quotes[s].last
    if kind == LIMIT:
        return min(limit, last) if quantity > 0 else max(limit, last)
    return last


@compilable
def expire(w: Any, k: int) -> None:
    """End the working orders whose time is up at instant `k`."""
    i = 0
    while i < w.counters[0].working:
        o = w.working[i]
        order = w.orders[o]
        if order.state == WORKING and order.expires > 0 and w.timeline.time[k] >= order.expires:
            end_order(w, k, o, EXPIRED, events.EXPIRED)
        else:
            i += 1


@compilable
def news_at(w: Any, k: int) -> Iterator[tuple[int, int, float]]:
    """What the simulated market has for the working orders at instant `k`, in order of their numbers.

    Yields (order, signed shares, dollars a share); the caller books each fill before it asks for the next.
    Day orders end before or after the fills, as `expiry` says.
    """
    settings = w.settings[0]
    if settings.expiry == BEFORE_FILLS:
        expire(w, k)
    i = 0
    while i < w.counters[0].working:
        o = w.working[i]
        price = offered(w, k, o)
        if price > 0.0 and settings.check_fills and not still_affordable(w, k, o):
            end_order(w, k, o, INVALID, events.INVALID)
            w.records[w.counters[0].records - 1].code = refusals.BUYING_POWER
        elif price > 0.0:
            yield o, w.orders[o].quantity - w.orders[o].filled, price
        else:
            i += 1
    if settings.expiry != BEFORE_FILLS:
        expire(w, k)


@compilable
def offered(w: Any, k: int, o: int) -> float:
    """The price at which the simulated market fills order `o` at instant `k`, or 0.0."""
    order = w.orders[o]
    quote = w.quotes[order.symbol]
    if order.state != WORKING or order.sent >= w.timeline.time[k]:
        return 0.0
    if order.kind == MARKET_ON_CLOSE:
        return fills.closing_fill(quote, order, w.timeline.time[k], order.close)
    if not quote.fresh:
        return 0.0
    return fills.bar_fill(w.settings[0], quote, order)


@compilable
def price_now(w: Any, o: int) -> float:
    """The price at which the simulated market fills a newly sent order at once, or 0.0."""
    order = w.orders[o]
    if order.state == WORKING and order.kind == MARKET:
        return fills.market_now(w.settings[0], w.quotes[order.symbol], order.quantity, order.sent)
    return 0.0


@compilable
def take_bars(w: Any, k: int) -> None:
    """Move the quotes to the real bars that end at instant `k`, and value the positions at their closes."""
    for j in range(w.timeline.bar_lo[k], w.timeline.bar_lo[k + 1]):
        i = w.timeline.bar_row[j]
        quote = w.quotes[w.timeline.bar_symbol[j]]
        if w.bars.quote_end[i] > quote.quote_end:
            quote.quote_end = w.bars.quote_end[i]
            quote.bid = w.bars.bid[i]
            quote.ask = w.bars.ask[i]
        if w.bars.real[i]:
            quote.fresh = True
            quote.start = w.bars.start[i]
            quote.end = w.bars.end[i]
            quote.open = w.bars.open[i]
            quote.high = w.bars.high[i]
            quote.low = w.bars.low[i]
            quote.close = w.bars.close[i]
            revalue(w, w.timeline.bar_symbol[j], w.holdings[w.timeline.bar_symbol[j]].position, quote.close)


@compilable
def advance(w: Any, k: int) -> None:
    """The columns take the bars of instant `k`."""
    for j in range(w.timeline.bar_lo[k], w.timeline.bar_lo[k + 1]):
        s = w.timeline.bar_symbol[j]
        w.quotes[s].row = w.timeline.bar_row[j]
        if w.holdings[s].position != 0:
            w.holdings[s].bars_held += 1


@compilable
def settle_quotes(w: Any, k: int) -> None:
    """No bar is fresh any longer once its instant is over."""
    for j in range(w.timeline.bar_lo[k], w.timeline.bar_lo[k + 1]):
        w.quotes[w.timeline.bar_symbol[j]].fresh = False


@compilable
def corporate_actions(w: Any, k: int) -> None:
    """Dividends, then splits, of the day that begins at instant `k`: cash, positions, prices, open orders."""
    settings = w.settings[0]
    for j in range(w.timeline.action_lo[k], w.timeline.action_lo[k + 1]):
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
    for j in range(w.timeline.action_lo[k], w.timeline.action_lo[k + 1]):
        action = w.actions[j]
        if action.split != 1.0 and settings.raw_prices:
            split(w, k, action.symbol, action.split)


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
    price = quote.last / ratio
    after = corporate.split_position(holding.position, ratio, price)
    if holding.position != 0:
        holding.cost = round(holding.cost * (after.position / (holding.position * ratio)))
    revalue(w, s, after.position, price)
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
            left = corporate.split_quantity(order.quantity, ratio)
            if left == 0:
                end_order(w, k, o, CANCELLED, events.CANCELLED)
                i -= 1
            else:
                count_open(w, o, -1)
                order.quantity = left
                order.filled = corporate.split_quantity(order.filled, ratio)
                order.limit = order.limit / ratio
                count_open(w, o, 1)
                line = record(w, k, events.UPDATED, s, order.rule, o)
                line.quantity = order.quantity
                line.limit = order.limit
                line.text = order.tag


@compilable
def mark(w: Any, k: int, flags: int) -> None:
    """Write down the account as it stands, for the readers named in `flags`."""
    account = w.account[0]
    n = w.counters[0].marks
    w.counters[0].marks = n + 1
    line = w.marks[n]
    line.time = w.timeline.time[k]
    line.flags = flags
    line.equity = equity(w)
    line.cash = account.cash
    line.unsettled = account.unsettled
    line.long_value = account.long_value
    line.short_value = -account.short_value
    line.margin_used = margin.maintenance(w.settings[0], account.long_value, account.short_value, factor(w, k))
    line.benchmark = w.timeline.benchmark[k]
