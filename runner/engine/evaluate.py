"""Decision code: postfix instructions over columns and account words, run by one small machine."""

from __future__ import annotations

import math
from typing import Any

from runner.compilable import compilable
from runner.engine import activity, good_faith, loans
from runner.engine.buying_power import capital
from runner.language import words
from runner.laws import sizing
from runner.laws.arithmetic import ABS, NAN, NEGATE, NOT, operate
from runner.market.bar import HOUR, MINUTE
from runner.market.order import FILLED, QUEUED, WORKING

_MICRO = 1_000_000.0


@compilable
def evaluate(w: Any, k: int, lo: int, hi: int, s: int) -> float:
    """Value of instructions `lo` to `hi` for symbol `s` at instant `k`; NaN when anything in it is unknown."""
    top = -1
    for i in range(lo, hi):
        line = w.code[i]
        op = line.op
        if op == words.CONSTANT:
            top += 1
            w.stack[top] = line.value
        elif op == words.COLUMN:
            top += 1
            w.stack[top] = column(w, line.a, line.exponent, s if line.b < 0 else line.b)
        elif op == words.WORD:
            top += 1
            w.stack[top] = word(w, k, line.a, s if line.b < 0 else line.b)
        elif op == words.ORDER_WORD:
            top += 1
            w.stack[top] = order_word(w, line.a, line.b, s)
        elif op == words.ACCOUNT_CALL:
            w.stack[top] = account_call(w, line.a, s if line.b < 0 else line.b, w.stack[top])
        elif op == NEGATE or op == NOT or op >= ABS:
            w.stack[top] = operate(op, w.stack[top], 0.0)
        else:
            w.stack[top - 1] = operate(op, w.stack[top - 1], w.stack[top])
            top -= 1
    return w.stack[0]


@compilable
def column(w: Any, number: int, exponent: int, s: int) -> float:
    """Newest value of a column, in the shares of today: a split since its row restates prices and share counts."""
    quote = w.quotes[s]
    if quote.row < 0:
        return NAN
    value = w.columns[number][quote.row]
    if quote.split_since != 1.0:
        for _ in range(exponent):
            value = value / quote.split_since
        for _ in range(-exponent):
            value = value * quote.split_since
    return value


@compilable
def word(w: Any, k: int, code: int, s: int) -> float:
    """Value of an account, portfolio or instant word."""
    if code >= words.YEAR:
        return instant_word(w, k, code)
    if code == words.DAY_TRADES:
        return float(activity.day_trades(w, k))
    if code == words.GOOD_FAITH_VIOLATIONS:
        return float(good_faith.violations(w, k))
    if code >= words.EQUITY:
        return portfolio_word(w, code)
    holding = w.holdings[s]
    position = holding.position
    if code == words.POSITION:
        return float(position)
    if code == words.INVESTED:
        return 1.0 if position != 0 else 0.0
    if code == words.LONG:
        return 1.0 if position > 0 else 0.0
    if code == words.SHORT:
        return 1.0 if position < 0 else 0.0
    if code == words.OPEN_ORDERS:
        return float(holding.open_orders)
    if code == words.DELISTING_SOON:
        return 1.0 if w.listings[s].last_day else 0.0
    if code == words.GONE:
        return 1.0 if w.listings[s].gone else 0.0
    if code == words.SHORTABLE:
        return float(loans.shortable(w, s))
    if code == words.MEMBER:
        return 1.0 if holding.member else 0.0
    if code == words.MEMBERS:
        return float(w.counters[0].members)
    if position == 0:  # flat: no profit, no bars, and no entry price
        return NAN if code == words.ENTRY_PRICE else 0.0
    if code == words.ENTRY_PRICE:
        return holding.cost / (position * _MICRO)
    if code == words.UNREALIZED:
        return (holding.value - holding.cost) / _MICRO
    if code == words.UNREALIZED_PERCENT:
        return (holding.value - holding.cost) / abs(holding.cost) if holding.cost != 0 else NAN
    return float(holding.bars_held)


@compilable
def account_call(w: Any, code: int, s: int, value: float) -> float:
    """What the account says of a value and symbol `s`; unknown of an unknown value."""
    if math.isnan(value):
        return NAN
    if code == words.MAY_SHORT:
        return 1.0 if loans.may_short(w, s, sizing.whole(value)) else 0.0
    last = w.quotes[s].last
    if last <= 0.0:
        return NAN
    position = w.holdings[s].position
    return float(
        sizing.position_for_percent(w.settings[0], capital(w), value, position, last, last) - position
    )


@compilable
def portfolio_word(w: Any, code: int) -> float:
    """Value of a word about the whole account, in dollars."""
    if code == words.FILL_PRICE:
        return w.counters[0].fill_price
    if code == words.FILL_QUANTITY:
        return w.counters[0].fill_quantity
    account = w.account[0]
    if code == words.EQUITY:
        return (account.cash + account.unsettled + account.long_value - account.short_value) / _MICRO
    if code == words.CASH:
        return (account.cash + account.unsettled) / _MICRO
    if code == words.SETTLED_CASH:
        return account.cash / _MICRO
    if code == words.EXPOSURE:
        return (account.long_value + account.short_value) / _MICRO
    return 1.0 if account.positions > 0 else 0.0


@compilable
def instant_word(w: Any, k: int, code: int) -> float:
    """Value of a word about the instant, New York time."""
    if code == words.YEAR:
        return float(w.instants[k].year)
    if code == words.MONTH:
        return float(w.instants[k].month)
    if code == words.DAY:
        return float(w.instants[k].day_of_month)
    if code == words.WEEKDAY:
        return float(w.instants[k].weekday)
    if code == words.HOUR:
        return float(w.instants[k].clock // HOUR)
    return float(w.instants[k].clock // MINUTE % 60)


@compilable
def order_word(w: Any, code: int, name: int, s: int) -> float:
    """Value of a word about the newest order of a name; unknown before there is one, but never open."""
    o = w.named[name * len(w.holdings) + s]
    if o == 0:
        return 0.0 if code == words.ORDER_OPEN or code == words.ORDER_FILLED else NAN
    order = w.orders[o]
    if code == words.ORDER_OPEN:
        return 1.0 if order.state == WORKING or order.state == QUEUED else 0.0
    if code == words.ORDER_FILLED:
        return 1.0 if order.state == FILLED else 0.0
    if code == words.ORDER_LIMIT:
        return order.limit if order.limit > 0.0 else NAN
    if code == words.ORDER_STOP or code == words.ORDER_TRIGGER:
        return order.stop if order.stop > 0.0 else NAN
    if code == words.ORDER_BY:
        return order.by if order.by > 0.0 else NAN
    if code == words.ORDER_UPDATES:
        return float(order.updates)
    return float(order.quantity)
