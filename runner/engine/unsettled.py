"""Cash of sales that cannot be spent yet, by the day on which it settles."""

from __future__ import annotations

from typing import Any

from runner.compilable import compilable
from runner.engine.good_faith import held_back
from runner.laws import settlement
from runner.market.order import MARKET
from runner.market.rows import row
from runner.market.settings import SHORTFALL_ALLOWED


@row
class Unsettled:
    """Cash of sales that settles at `due` (ns); `amount`: millionths. Rows ascend by `due`, one a settlement day."""

    due: int = 0
    amount: int = 0


@compilable
def due(w: Any, k: int, s: int) -> int:
    """When the cash of a sale of symbol `s` at instant `k` settles (ns)."""
    now = w.instants[k]
    sessions = settlement.sessions_after(w.holdings[s].settlement, now.day)
    if sessions == 1:
        return int(now.settles_1)
    return int(now.settles_2 if sessions == 2 else now.settles_3)


@compilable
def hold_back(w: Any, due: int, held: int) -> None:
    """Keep the cash of a sale apart until `due`; the rows ascend by it."""
    n = w.counters[0].unsettled
    i = n
    while i > 0 and w.unsettled[i - 1].due >= due:
        i -= 1
    if i == n or w.unsettled[i].due != due:
        for j in range(n, i, -1):
            w.unsettled[j].due = w.unsettled[j - 1].due
            w.unsettled[j].amount = w.unsettled[j - 1].amount
        w.unsettled[i].due = due
        w.unsettled[i].amount = 0
        w.counters[0].unsettled = n + 1
    w.unsettled[i].amount += held
    w.account[0].unsettled += held


@compilable
def payable(w: Any, k: int, o: int, price: float) -> int:
    """How many of the shares that order `o` waits for may fill at `price`: in a cash account what its cash pays, settled or usable before."""
    order = w.orders[o]
    left = int(order.quantity - order.filled)
    settings = w.settings[0]
    if left <= 0 or not settings.cash_account or settings.cash_shortfall == SHORTFALL_ALLOWED:
        return left
    return min(
        left,
        settlement.paid_for(settings, w.account[0].cash + w.account[0].unsettled - held_back(w, k), price),
    )


@compilable
def paid_at(w: Any, o: int, worth: float) -> float:
    """The price at which order `o` is admitted: `worth`, or the ask that a market purchase of a cash account pays."""
    order = w.orders[o]
    quote = w.quotes[order.symbol]
    settings = w.settings[0]
    if not settings.cash_account or settings.cash_shortfall == SHORTFALL_ALLOWED:
        return worth
    if order.kind != MARKET or order.quantity <= 0 or quote.quote_end == 0:
        return worth
    return max(worth, quote.ask)
