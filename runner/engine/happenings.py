"""Order events that rules follow: kept until what follows them has been decided."""

from __future__ import annotations

from typing import Any

from runner.compilable import compilable
from runner.market import events
from runner.market.order import CALL, PROTECT
from runner.market.rows import row

# Bits of RuleRow.upon. A turned-down order is rejected, whether the broker or the account did it.
FILLED, CANCELLED, EXPIRED, REJECTED = 1, 2, 4, 8
UPON = {"filled": FILLED, "cancelled": CANCELLED, "expired": EXPIRED, "rejected": REJECTED}


@row
class Happening:
    """An event of an order of `rule`. `kind`: of the record. `quantity` (signed shares), `price`: of a fill."""

    kind: int = 0
    rule: int = -1
    symbol: int = 0
    quantity: float = 0.0
    price: float = 0.0


@compilable
def bit_of(kind: int) -> int:
    """The bit of `upon` that a kind of record is; 0 for none."""
    if kind == events.FILLED:
        return FILLED
    if kind == events.CANCELLED:
        return CANCELLED
    if kind == events.EXPIRED:
        return EXPIRED
    if kind == events.REJECTED or kind == events.INVALID:
        return REJECTED
    return 0


@compilable
def happen(w: Any, kind: int, o: int, quantity: int, price: float) -> None:
    """Keep an event of order `o`, if some rule follows the orders of its rule. What protects a position and what a
    margin call sends are not orders that the rule sent."""
    order = w.orders[o]
    if (
        order.rule < 0
        or order.purpose == PROTECT
        or order.purpose == CALL
        or not w.rules[order.rule].followed
    ):
        return
    line = w.happenings[w.counters[0].happened]
    w.counters[0].happened += 1
    line.kind = kind
    line.rule = order.rule
    line.symbol = order.symbol
    line.quantity = float(quantity)
    line.price = price
