"""Money and shares that come to a run, or go, without an order: what notices of the cash sync, of operators and of the
reconciliation do to the books. Live only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from runner.engine import book, sizes, state, step
from runner.engine.buying_power import equity
from runner.engine.lines import note
from runner.engine.open_exits import watch_exits
from runner.engine.ports import Notice
from runner.engine.prices import Prices
from runner.engine.send import act
from runner.laws import account as law
from runner.laws import refusals
from runner.market import events
from runner.market.money import amount
from runner.market.order import EXIT, MARKET

BY_CASH_SYNC = 1  # `amount` of a notice PAUSED or RESUMED: it is the cash sync's own

Asked = tuple[int, int]


def deposit(w: Any, k: int, notice: Notice, texts: list[str]) -> Iterator[Asked]:
    """Cash came: settled, and no profit. `amount`: millionths, above zero."""
    _flow(w, k, notice, texts, notice.amount)
    yield from ()


def withdraw(w: Any, k: int, notice: Notice, texts: list[str]) -> Iterator[Asked]:
    """Cash went; settled cash may fall below zero. `amount`: millionths, above zero."""
    _flow(w, k, notice, texts, -notice.amount)
    yield from ()


def _flow(w: Any, k: int, notice: Notice, texts: list[str], moved: int) -> None:
    before = equity(w)
    w.account[0].cash += moved
    note(w, k, notice, texts).amount = moved
    step.mark(w, k, events.MARK_FLOW)
    after = equity(w)
    # What limits of loss are measured from moves in proportion: a flow is neither a loss nor a gain.
    control, limits = w.controls[0], w.drawdowns[0]
    if before > 0 and after > 0:
        control.base = round(control.base * (after / before))
        limits.base = round(limits.base * (after / before))
        limits.peak = round(limits.peak * (after / before))


def synced(w: Any, k: int, notice: Notice, texts: list[str]) -> Iterator[Asked]:
    """The run's cash was compared with the account's. `amount`: what the account has, millionths."""
    w.account[0].synced = w.instants[k].time
    note(w, k, notice, texts).amount = notice.amount
    yield from ()


def adopt(w: Any, k: int, notice: Notice, texts: list[str]) -> Iterator[Asked]:
    """Shares that the account has and the run has not (`amount`, signed) are the run's, as if they were traded at the last
    price: equity stays as it was, and the cash sync corrects what they really cost."""
    s, shares = notice.symbol, notice.amount
    holding = w.holdings[s]
    price = w.quotes[s].last or notice.price
    value = amount(shares, price)
    was = holding.position
    after = law.after_fill(was, holding.cost, shares, value)
    turned = was != 0 and (after.position == 0 or (was > 0) != (after.position > 0))
    if was == 0 or turned:
        holding.bars_held = 0
    holding.cost = after.cost
    book.revalue(w, s, after.position, price)
    w.account[0].cash -= value
    line = note(w, k, notice, texts)
    line.quantity, line.price, line.amount = shares, price, value
    watch_exits(w, s)
    if after.position == 0:
        book.flat(w, s)
    if turned:
        book.forget(w, s)
        w.protections[s].plan = -1
    yield from ()


def mismatch(w: Any, k: int, notice: Notice, texts: list[str]) -> Iterator[Asked]:
    """The account has another position than the run: it is written down. `amount`: the account's shares less the run's."""
    note(w, k, notice, texts).quantity = notice.amount
    yield from ()


def unwind(w: Any, k: int, notice: Notice, texts: list[str]) -> Iterator[Asked]:
    """Close a part of a position (`amount`, signed as the position) at the market, at once or at the next open."""
    note(w, k, notice, texts).quantity = notice.amount
    w.counters[0].wanted = 0
    sizes.add(w, state.SUBMIT, notice.symbol, -notice.amount, Prices(refusals.FINE, 0.0, 0.0, 0.0), 0, EXIT)
    w.wanted[0].kind = MARKET
    o = act(w, k, -1, w.controls[0].flatten, 0)
    if o > 0:
        yield state.SUBMIT, o
