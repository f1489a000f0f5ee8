"""Membership in the universe, moved at the instants at which it changes.

What is selected depends on data alone and is known before a backtest (`adapters/membership.py`); here a
symbol becomes a member or stops being one. A symbol that leaves keeps its data and its open orders until
its position is closed.

Source of `pending`: fact sheet 17 (LEAN): a deselected security that is still held, or has open orders, is
dropped at a later selection; while it waits, being selected again is no news.
"""

from __future__ import annotations

from typing import Any

from runner.compilable import compilable
from runner.engine import state
from runner.engine.book import record
from runner.market import events
from runner.market.rows import row

# Which symbols a rule looks at: all of its own, members, members and what is held beside them, or those that joined
# or left since it was last asked.
ALL_SYMBOLS, MEMBERS, HELD_TOO, JOINED, LEFT = 0, 1, 2, 3, 4


@row
class Stay:
    """How often a symbol joined the universe and left it; `pending`: it left, and LEAN would still hold its data."""

    joined: int = 0
    left: int = 0
    pending: bool = False


@compilable
def change(w: Any, k: int) -> None:
    """The joins and leaves of instant `k`; a row without a symbol says that a selection was made."""
    for j in range(w.instants[k].change_lo, w.instants[k].change_hi):
        row = w.changes[j]
        if row.symbol < 0:
            drop(w)
        elif row.joins:
            join(w, k, row.symbol)
        else:
            leave(w, k, row.symbol)


@compilable
def drop(w: Any) -> None:
    """Forget who left and has nothing open any longer."""
    if w.counters[0].pending == 0:
        return
    for s in range(len(w.holdings)):
        if w.stays[s].pending and w.holdings[s].position == 0 and w.holdings[s].open_orders == 0:
            w.stays[s].pending = False
            w.counters[0].pending -= 1


@compilable
def join(w: Any, k: int, s: int) -> None:
    """Symbol `s` becomes a member."""
    holding = w.holdings[s]
    holding.member = True
    w.counters[0].members += 1
    record(w, k, events.JOINED, s, -1, 0)
    if w.stays[s].pending and w.settings[0].held_rejoins == 1:
        w.stays[s].pending = False
        w.counters[0].pending -= 1
        return
    w.stays[s].joined += 1
    if holding.position == 0 and holding.open_orders == 0:
        for r in range(len(w.rules)):  # nobody looked at it in between: conditions start anew
            if w.rules[r].scope == MEMBERS or w.rules[r].scope == HELD_TOO:
                w.memory[r * len(w.holdings) + s].truth = False


@compilable
def leave(w: Any, k: int, s: int) -> None:
    """Symbol `s` is no member any longer."""
    holding = w.holdings[s]
    holding.member = False
    w.stays[s].left += 1
    w.counters[0].members -= 1
    if not w.stays[s].pending:
        w.stays[s].pending = True
        w.counters[0].pending += 1
    line = record(w, k, events.LEFT, s, -1, 0)
    line.quantity = holding.position


@compilable
def looks_at(w: Any, r: int, s: int) -> bool:
    """Whether rule `r` looks at symbol `s` now (a universe that changes)."""
    memory = w.memory[r * len(w.holdings) + s]
    if not memory.active:
        return False
    scope = w.rules[r].scope
    holding = w.holdings[s]
    if scope == MEMBERS:
        return bool(holding.member)
    if scope == JOINED:
        return bool(holding.member and memory.asked < w.stays[s].joined)
    if scope == LEFT:
        return bool(not holding.member and memory.asked < w.stays[s].left)
    if scope == HELD_TOO:
        return bool(holding.member or holding.position != 0 or holding.open_orders > 0)
    return True


@compilable
def asked(w: Any, r: int, s: int) -> None:
    """Rule `r` was asked of symbol `s`: a rule of those that joined or left is asked once for each time."""
    joined = w.rules[r].scope == JOINED
    w.memory[r * len(w.holdings) + s].asked = w.stays[s].joined if joined else w.stays[s].left


@compilable
def opens(w: Any, step: Any, s: int) -> bool:
    """Whether a step could open or add to a position of symbol `s`."""
    if step.action == state.TRADE:
        return bool(w.holdings[s].position * step.side >= 0)
    return bool(step.action == state.ENTER or step.action == state.TARGET)
