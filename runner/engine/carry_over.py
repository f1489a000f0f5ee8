"""From the world of one document to that of another, in the middle of a run: the account, positions, open orders, and
what rules of the same name remember. Design section 6: rules are matched by name.

Sums are not copied: positions and orders are booked again, by the new document's margins and settlement.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from runner.engine import book
from runner.engine.good_faith import LOTS
from runner.engine.numbering import GONE, Numbering
from runner.engine.state import World
from runner.market.order import CANCEL, CLOSED_STATES, Order

# What becomes of each table; a test holds the list to the world. The others are made of the document, or of one instant.
CARRIED = frozenset((
    "account", "counters", "holdings", "quotes", "orders", "working", "named", "protections", "controls", "repeated", "pace",
    "memory", "stays", "lent", "listings", "unsettled", "activity", "unpaid", "violations", "faith", "portfolio", "drawdowns",
    "names", "views",
))  # fmt: skip
LAID_OUT = frozenset(("limits", "groups", "moments", "actions", "loans", "changes", "sessions", "columns"))

_SUMS = ("position", "value", "open_quantity", "open_buys", "open_sells", "working_buys", "working_sells", "reserved",
         "open_entries", "open_orders", "exit_quantity", "market_quantity")  # fmt: skip
_TOTALS = ("long_value", "short_value", "opening_value", "positions")
_QUOTED = (
    "start",
    "end",
    "open",
    "high",
    "low",
    "close",
    "bid",
    "ask",
    "quote_end",
    "last",
    "split_since",
    "room",
)


def in_the_way(old: World, n: Numbering, symbols: tuple[str, ...]) -> list[str]:
    """Why the new document cannot take over: what is held or open of symbols that it does not have."""
    out = []
    for s, symbol in enumerate(symbols):
        holding = old.holdings[s]
        if n.symbols[s] != GONE:
            continue
        if holding.position != 0:
            out.append(
                f"{symbol} is no symbol of the document any longer, and {holding.position:,} shares are held"
            )
        elif holding.open_orders:
            out.append(f"{symbol} is no symbol of the document any longer, and orders of it are open")
    return out


def moved(order: Order, n: Numbering) -> Order:
    """An order as the new document numbers it. One without its rule or its step is nobody's: it is open to be cancelled."""
    out = Order()
    _copy(order, out)
    out.symbol = n.symbols[order.symbol] if order.symbol >= 0 else GONE
    out.name = n.names[order.name] if order.name >= 0 else GONE
    out.rule = n.rules[order.rule] if order.rule >= 0 else GONE
    out.step = n.steps[order.step] if order.step >= 0 else GONE
    lost = (order.rule >= 0 and out.rule == GONE) or (order.step >= 0 and out.step == GONE)
    if lost:
        out.rule = out.step = GONE
        out.next_step = 0
        if order.state not in CLOSED_STATES:
            out.pending = CANCEL  # asked when the new epoch begins
    return out


def carry_over(old: World, new: World, n: Numbering) -> None:
    """Put the account of `old` into `new`, a world at its start whose table of orders has the moved ones."""
    _copy(old.account[0], new.account[0], _TOTALS)
    _account(old, new)
    for s, t in enumerate(n.symbols):
        if t != GONE:
            _symbol(old, new, s, t, n)
    _orders(old, new, n)
    _memories(old, new, n)
    _controls(old, new, n)
    if old.portfolio[0].rule >= 0 and new.portfolio[0].rule >= 0:
        _portfolio(old, new, n)


def _account(old: World, new: World) -> None:
    count = old.counters[0].unsettled
    new.counters[0].unsettled = count
    for i in range(count):
        _copy(old.unsettled[i], new.unsettled[i])
    for name in ("activity", "violations", "faith"):
        was, now = getattr(old, name), getattr(new, name)
        if len(was) == len(now):
            for a, b in zip(was, now, strict=True):
                _copy(a, b)
    new.drawdowns[0].base, new.drawdowns[0].peak = old.drawdowns[0].base, old.drawdowns[0].peak


def _symbol(old: World, new: World, s: int, t: int, n: Numbering) -> None:
    """Position, quote, protection and loans of one symbol."""
    was, now = old.holdings[s], new.holdings[t]
    _copy(was, now, (*_SUMS, "member", "group", "settlement", "exiting", "exiting_rule", "held_back"))
    before, quote = old.quotes[s], new.quotes[t]
    quote.silent = before.silent
    if before.end >= quote.end:
        for name in _QUOTED:
            setattr(quote, name, getattr(before, name))
    if was.position != 0:
        book.revalue(new, t, was.position, quote.last)
    if was.exiting > 0 and n.steps[was.exiting - 1] != GONE:
        now.exiting = n.steps[was.exiting - 1] + 1
        now.exiting_rule = n.rules[was.exiting_rule] if was.exiting_rule >= 0 else GONE
        now.held_back = was.held_back
        new.counters[0].held_back += int(was.held_back)
    held, kept = old.protections[s], new.protections[t]
    if held.plan >= 0 and n.plans[held.plan] != GONE:
        _copy(held, kept)
        kept.plan = n.plans[held.plan]
        kept.rule = n.rules[held.rule]
    _copy(old.lent[s], new.lent[t])
    _copy(old.stays[s], new.stays[t])
    if old.listings[s].gone:
        _copy(old.listings[s], new.listings[t])
    else:
        new.listings[t].last_day = old.listings[s].last_day
    if min(len(old.unpaid), len(new.unpaid)) >= LOTS:
        for i in range(LOTS):
            _copy(old.unpaid[s * LOTS + i], new.unpaid[t * LOTS + i])


def _orders(old: World, new: World, n: Numbering) -> None:
    """The open orders, in their order, and what names mean."""
    counters = new.counters[0]
    counters.orders = old.counters[0].orders
    new.working.extend([0] * old.counters[0].working)
    for o in old.working[: old.counters[0].working]:
        new.working[counters.working] = o
        counters.working += 1
        book.count_open(new, o, 1)
    symbols = len(n.symbols)
    for i, j in enumerate(n.names):
        for s, t in enumerate(n.symbols):
            if j != GONE and t != GONE:
                new.named[j * len(new.holdings) + t] = old.named[i * symbols + s]


def _memories(old: World, new: World, n: Numbering) -> None:
    was, now = len(old.holdings), len(new.holdings)
    for r, q in enumerate(n.rules):
        for s, t in enumerate(n.symbols):
            if q == GONE or t == GONE:
                continue
            _copy(old.memory[r * was + s], new.memory[q * now + t], ("active",))
            if len(old.repeated) > 1 and len(new.repeated) > 1:
                for side in (0, 1):
                    new.repeated[2 * (q * now + t) + side] = old.repeated[2 * (r * was + s) + side]


def _controls(old: World, new: World, n: Numbering) -> None:
    """Pauses, the day's loss, and when the newest orders were sent."""
    was, now = old.controls[0], new.controls[0]
    _copy(was, now, ("flatten", "sent"))
    known, room = len(old.pace), len(new.pace)
    newest = [old.pace[(was.sent - 1 - i) % known] for i in range(min(was.sent, known, room))]
    now.sent = len(newest)
    for i, time in enumerate(reversed(newest)):
        new.pace[i] = time


def _portfolio(old: World, new: World, n: Numbering) -> None:
    """Targets that are pursued, and views that hold."""
    was, now = old.portfolio[0], new.portfolio[0]
    for name in ("awaited", "due", "given", "serial", "first_end"):
        setattr(now, name, getattr(was, name))
    for s, t in enumerate(n.symbols):
        if t == GONE:
            continue
        for name in ("touched", "told", "best", "side"):
            setattr(new.names[t], name, getattr(old.names[s], name))
        target = old.names[s]
        if target.live and n.steps[target.step] != GONE:
            new.names[t].target, new.names[t].live = target.target, True
            new.names[t].rule = n.rules[target.rule] if target.rule >= 0 else GONE
            new.names[t].step = n.steps[target.step]
            now.live += 1
    for view in old.views[: was.views]:
        if n.symbols[view.symbol] == GONE or n.rules[view.rule] == GONE:
            continue
        if now.views == len(new.views):
            new.views.append(type(view)())
        _copy(view, new.views[now.views])
        new.views[now.views].symbol = n.symbols[view.symbol]
        new.views[now.views].rule = n.rules[view.rule]
        now.views += 1


def ended(old: World, n: Numbering, symbols: tuple[str, ...]) -> list[str]:
    """What does not go on, in words."""
    out = []
    for s, symbol in enumerate(symbols):
        held = old.protections[s]
        if held.plan >= 0 and n.plans[held.plan] == GONE:
            out.append(f"{symbol}: the position is not protected any longer")
        exiting = old.holdings[s].exiting
        if exiting > 0 and n.steps[exiting - 1] == GONE:
            out.append(f"{symbol}: the exit that had begun is not gone on with")
    lost = [o for o in old.working[: old.counters[0].working] if _is_lost(old.orders[o], n)]
    if lost:
        out.append(f"{len(lost)} open {'order is' if len(lost) == 1 else 'orders are'} cancelled")
    return out


def _is_lost(order: Order, n: Numbering) -> bool:
    after = moved(order, n)
    return (order.rule, order.step) != (GONE, GONE) and (after.rule, after.step) == (GONE, GONE)


def _copy(old: Any, new: Any, but: Iterable[str] = ()) -> None:
    """Every field of a row, but some."""
    for name in old.dtype.names:
        if name not in but:
            setattr(new, name, getattr(old, name))
