"""Limits of loss and gain, of single positions and of the whole account: looked at after the marks, left until flat.

What fires is written down; `decide.exits_at` then sends the exits at the bars of their symbols. Under LEAN's
conventions (`drawdowns: targets`) they are looked at with the portfolio's targets, and override these.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from runner.compilable import compilable
from runner.engine import state, targets, views
from runner.engine.book import record
from runner.engine.buying_power import equity
from runner.engine.drawdown_state import ACCOUNT_LOSS, ACCOUNT_TRAILING, LOSS, PROFIT, TRAILING
from runner.engine.send import ask_cancel
from runner.engine.sizes import opens
from runner.laws import drawdown
from runner.laws.fees import fee
from runner.market import events
from runner.market.money import amount
from runner.market.order import CALL, EXIT, PROTECT, WORKING

_MICRO = 1_000_000.0


@compilable
def reached(w: Any, k: int, s: int, what: int, measured: float) -> None:
    """Write down that a limit was reached; the views on the symbol are cancelled."""
    line = record(w, k, events.LIMIT_REACHED, s, -1, 0)
    line.quantity = w.holdings[s].position if s >= 0 else 0
    line.price = measured
    line.text = w.steps[w.drawdowns[0].step + what].note
    if s >= 0:
        views.cancel(w, k, s)
        targets.forget(w, s)


@compilable
def follow(w: Any, s: int) -> None:
    """Move the best price of the position of symbol `s` since it was opened."""
    holding = w.holdings[s]
    name = w.names[s]
    side = 1 if holding.position > 0 else -1
    if name.side != side:
        name.side = side
        name.best = holding.cost / (holding.position * _MICRO)
    name.best = drawdown.better(side > 0, name.best, w.quotes[s].last)


@compilable
def position_limit(w: Any, s: int, gained: float) -> int:
    """Which limit the position of symbol `s` has reached at a gain of `gained`; -1 for none."""
    limits = w.drawdowns[0]
    follow(w, s)
    if drawdown.risen(gained, limits.profit):
        return PROFIT
    if drawdown.fallen(gained, limits.loss):
        return LOSS
    if drawdown.trailed(w.names[s].best, w.quotes[s].last, limits.trailing):
        w.names[s].side = 0
        return TRAILING
    return -1


@compilable
def account_limit(w: Any, what: int, may: bool) -> bool:
    """Whether a limit of the account is reached now, and may act; begins anew from the next look when it does."""
    limits = w.drawdowns[0]
    now = equity(w)
    if what == ACCOUNT_LOSS:
        if limits.base == 0:
            limits.base = now
        if may and drawdown.fallen(drawdown.gain(now, limits.base), limits.account_loss):
            limits.base = 0
            return True
        return False
    if now > limits.peak:
        limits.peak = now
    if may and drawdown.fallen(drawdown.gain(now, limits.peak), limits.account_trailing):
        limits.peak = 0
        return True
    return False


@compilable
def measured_from(w: Any, what: int) -> int:
    """What a limit of the account is measured from."""
    return int(w.drawdowns[0].base if what == ACCOUNT_LOSS else w.drawdowns[0].peak)


@compilable
def leave(w: Any, s: int, what: int) -> None:
    """Want symbol `s` flat, until it is."""
    holding = w.holdings[s]
    holding.exiting = w.drawdowns[0].step + what + 1
    holding.exiting_rule = -1
    holding.retry = 0


@compilable
def drawdowns_at(w: Any, k: int) -> Iterator[tuple[int, int]]:
    """Look at the limits at instant `k`; yields (intent, order number) of the entries that are cancelled."""
    for j in range(w.instants[k].bar_lo, w.instants[k].bar_hi):
        s = w.arrivals[j].symbol
        holding = w.holdings[s]
        if holding.position == 0:
            w.names[s].side = 0
            continue
        if holding.exiting > 0 and w.steps[holding.exiting - 1].purpose == PROTECT:
            continue  # it is on its way out already
        gained = drawdown.gain(holding.value, holding.cost)
        what = position_limit(w, s, gained)
        if what >= 0:
            reached(w, k, s, what, gained)
            leave(w, s, what)
    flattened = False
    if w.instants[k].bar_hi > w.instants[k].bar_lo:
        for what in range(ACCOUNT_LOSS, ACCOUNT_TRAILING + 1):
            base = measured_from(w, what)
            if account_limit(w, what, True):
                flattened = True
                reached(w, k, -1, what, drawdown.gain(equity(w), base))
                views.cancel(w, k, -1)
                for s in range(len(w.holdings)):
                    targets.forget(w, s)
                    if w.holdings[s].position != 0:
                        leave(w, s, what)
    i = 0
    while flattened and i < w.counters[0].working:
        o = w.working[i]
        order = w.orders[o]
        leaves = order.purpose == EXIT or order.purpose == PROTECT or order.purpose == CALL
        if not leaves and order.state == WORKING and opens(w.holdings[order.symbol], order):
            ask_cancel(w, k, o)
            yield state.WITHDRAW, o
        if i < w.counters[0].working and w.working[i] == o:  # it is still there
            i += 1


@compilable
def closing_gain(w: Any, s: int) -> float:
    """Gain of the position of symbol `s` if it were closed now: at the bid or the ask, less the fee (fact sheet 16)."""
    holding = w.holdings[s]
    quote = w.quotes[s]
    price = quote.last
    if quote.quote_end > 0:
        price = quote.bid if holding.position > 0 else quote.ask
    value = amount(holding.position, price) - fee(w.settings[0], -holding.position, quote.last)
    return drawdown.gain(value, holding.cost)


@compilable
def override(w: Any, k: int) -> None:
    """LEAN's way: limits make targets of zero; those of the account act on the targets of this instant only."""
    limits = w.drawdowns[0]
    set_now = fresh(w)
    for what in range(ACCOUNT_LOSS, ACCOUNT_TRAILING + 1):
        base = measured_from(w, what)
        if account_limit(w, what, set_now):
            reached(w, k, -1, what, drawdown.gain(equity(w), base))
            for s in range(len(w.names)):
                if w.names[s].fresh:
                    views.cancel(w, k, s)
                    targets.want(w, s, 0, -1, limits.step + what)
    for s in range(len(w.holdings)):
        if w.holdings[s].position == 0:
            w.names[s].side = 0
            continue
        gained = closing_gain(w, s)
        what = position_limit(w, s, gained)
        if what >= 0:
            reached(w, k, s, what, gained)
            targets.want(w, s, 0, -1, limits.step + what)
    for s in range(len(w.names)):
        w.names[s].fresh = False


@compilable
def fresh(w: Any) -> bool:
    """Whether targets were set at this instant."""
    found = False
    for s in range(len(w.names)):
        if w.names[s].fresh:
            found = True
    return found
