"""What a fill does to a position and to cash."""

from __future__ import annotations

from typing import NamedTuple

from runner.compilable import compilable


class Settled(NamedTuple):
    """A position after a fill: signed shares, its cost (signed, millionths of a dollar) and the profit realized."""

    position: int
    cost: int
    realized: int


@compilable
def after_fill(position: int, cost: int, quantity: int, value: int) -> Settled:
    """The position after `quantity` signed shares filled for `value` (signed as quantity, millionths).

    Adding keeps the cost of both; reducing takes the cost in proportion (half to even, the rest stays with
    the shares that stay); through zero, the rest opens at the fill's price. A position keeps its cost, not
    its average: averages drift by cents over a year.
    """
    if position == 0 or (position > 0) == (quantity > 0):
        return Settled(position + quantity, cost + value, 0)
    if abs(quantity) <= abs(position):
        freed = round(cost * (-quantity / position))
        if quantity == -position:
            freed = cost
        return Settled(position + quantity, cost - freed, -value - freed)
    closing = round(value * (-position / quantity))
    return Settled(position + quantity, value - closing, -closing - cost)
