"""Cash of sales that cannot be spent yet, by the day on which it settles."""

from __future__ import annotations

from typing import Any

from runner.compilable import compilable
from runner.market.rows import row


@row
class Unsettled:
    """Cash of sales that settles at `due` (ns); `amount`: millionths. Rows ascend by `due`, one a settlement day."""

    due: int = 0
    amount: int = 0


@compilable
def hold_back(w: Any, due: int, held: int) -> None:
    """Keep the cash of a sale apart until `due`."""
    n = w.counters[0].unsettled
    if n == 0 or w.unsettled[n - 1].due != due:
        w.unsettled[n].due = due
        w.unsettled[n].amount = 0
        n += 1
        w.counters[0].unsettled = n
    w.unsettled[n - 1].amount += held
    w.account[0].unsettled += held
