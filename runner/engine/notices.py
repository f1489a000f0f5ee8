"""What is said to a live run from outside, obeyed before the bars of the instant are taken.

The kernel never sees a notice. Each kind has one function in TAKERS, which writes its record and changes the world;
what it yields (intent, order number) is handed to the broker like the orders of rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from runner.engine import cash_flows, state, targets
from runner.engine.book import end_order
from runner.engine.decide import want_out
from runner.engine.lines import note
from runner.engine.margins import is_open
from runner.engine.ports import Notice
from runner.engine.send import act, ask_cancel
from runner.engine.surplus import leaves
from runner.market import events
from runner.market.order import CANCEL, CANCELLED, DELISTING, QUEUED, UNASKED, WORKING

Asked = tuple[int, int]
Taker = Callable[[Any, int, Notice, list[str]], Iterable[Asked]]


def paused_by(w: Any, texts: list[str]) -> str:
    """Who paused the entries, and why."""
    control = w.controls[0]
    if not control.paused:
        return "the cash sync"
    return texts[control.said] if control.said >= 0 else "somebody"


def told(w: Any, k: int, notice: Notice, texts: list[str]) -> Iterator[Asked]:
    """Write it down: nothing else comes of it."""
    note(w, k, notice, texts)
    yield from ()


def pause(w: Any, k: int, notice: Notice, texts: list[str]) -> Iterator[Asked]:
    """Entries stop. Exits, protections, cancels and margin calls go on (engine/gate). The cash sync's pause is its own: it
    stands beside that of operators, and only the cash sync ends it."""
    line = note(w, k, notice, texts)
    if notice.amount == cash_flows.BY_CASH_SYNC:
        w.controls[0].unsure = True
    else:
        w.controls[0].paused = True
        w.controls[0].said = line.text
    yield from ()


def resume(w: Any, k: int, notice: Notice, texts: list[str]) -> Iterator[Asked]:
    """Entries go on. Positions that a flatten has not left yet are left all the same."""
    note(w, k, notice, texts)
    if notice.amount == cash_flows.BY_CASH_SYNC:
        w.controls[0].unsure = False
    else:
        w.controls[0].paused = False
        w.controls[0].said = -1
    yield from ()


def flatten(w: Any, k: int, notice: Notice, texts: list[str]) -> Iterator[Asked]:
    """Every position is left, and nothing is opened until entries are resumed."""
    control = w.controls[0]
    control.paused = True
    control.said = note(w, k, notice, texts).text
    control.flattening = True
    for holding in w.holdings:
        holding.retry = 0
        holding.exiting = 0  # it begins anew
    if w.portfolio[0].live:
        for s in range(len(w.holdings)):
            targets.forget(w, s)
    yield from cancel_open(w, k, everything=False)


def cancel_all(w: Any, k: int, notice: Notice, texts: list[str]) -> Iterator[Asked]:
    """Every open order is withdrawn, exits among them; an exit that persists comes back with its symbol's next bar."""
    note(w, k, notice, texts)
    yield from cancel_open(w, k, everything=True)


def silence(w: Any, k: int, notice: Notice, texts: list[str]) -> Iterator[Asked]:
    """No bars of the symbol come: its entries are refused, its exits queued."""
    w.quotes[notice.symbol].silent = True
    note(w, k, notice, texts)
    yield from ()


def hear(w: Any, k: int, notice: Notice, texts: list[str]) -> Iterator[Asked]:
    """Bars of the symbol come again: its queued exits are sent once the instant's bars are taken."""
    w.quotes[notice.symbol].silent = False
    note(w, k, notice, texts)
    yield from ()


def begin_epoch(w: Any, k: int, notice: Notice, texts: list[str]) -> Iterator[Asked]:
    """Another document goes on with the run: what it has no rule for is cancelled (engine/carry_over)."""
    note(w, k, notice, texts)
    for o in list(w.working[: w.counters[0].working]):
        order = w.orders[o]
        if order.pending != CANCEL:
            continue
        if order.state == QUEUED:
            end_order(w, k, o, CANCELLED, events.CANCELLED)
        else:
            yield state.WITHDRAW, o


TAKERS: dict[int, Taker] = {
    events.EPOCH: begin_epoch,
    events.PAUSED: pause,
    events.RESUMED: resume,
    events.FLATTEN: flatten,
    events.CANCEL_ALL: cancel_all,
    events.STOPPED: told,  # the timeline ends after this instant (engine/live_instants)
    events.SILENT: silence,
    events.HEARD: hear,
    events.TOLD: told,
    events.DEPOSIT: cash_flows.deposit,
    events.WITHDRAWAL: cash_flows.withdraw,
    events.CASH_SYNCED: cash_flows.synced,
    events.ADOPTED: cash_flows.adopt,
    events.MISMATCH: cash_flows.mismatch,
    events.UNWOUND: cash_flows.unwind,
}


def obey(w: Any, k: int, notices: Iterable[Notice], texts: list[str]) -> Iterator[Asked]:
    """Obey the notices of instant `k` in their order."""
    for notice in notices:
        yield from TAKERS[notice.kind](w, k, notice, texts)


def cancel_open(w: Any, k: int, everything: bool) -> Iterator[Asked]:
    """Ask for the end of the open orders; of those that leave positions only with `everything`."""
    for o in list(w.working[: w.counters[0].working]):
        order = w.orders[o]
        if order.state not in (QUEUED, WORKING) or order.pending != UNASKED or order.purpose == DELISTING:
            continue
        if everything or not leaves(order):
            ask_cancel(w, k, o)
            yield state.WITHDRAW, o


def may_release(w: Any, k: int, notices: Iterable[Notice]) -> bool:
    """Whether a symbol is heard again while the market is open: what was queued for it may go out."""
    return is_open(w, k) and any(notice.kind == events.HEARD for notice in notices)


def flatten_at(w: Any, k: int) -> Iterator[Asked]:
    """Leave every position at instant `k`, after its bars, if that has not begun: all of them at the command, later what an
    order brought that the broker would not end in time. `decide.exits_at` goes on until they are flat. Out of session the
    exits are queued, or wait for a bar of the session."""
    control = w.controls[0]
    if w.instants[k].bar_hi > w.instants[k].bar_lo:
        yield from cancel_open(w, k, everything=False)
    step = control.flatten
    for s in list(w.leave):
        holding = w.holdings[s]
        if holding.position == 0 or holding.exiting == step + 1:
            continue
        holding.exiting = step + 1
        holding.exiting_rule = -1
        if not want_out(w, k, s):
            continue
        for j in range(w.counters[0].wanted):
            intent = w.wanted[j].intent
            o = act(w, k, -1, step, j)
            if o > 0:
                yield intent, o
            elif not holding.held_back:
                holding.retry = w.instants[k].next_close
    if not any(holding.position != 0 or holding.open_orders for holding in w.holdings):
        control.flattening = False
