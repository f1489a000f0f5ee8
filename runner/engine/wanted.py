"""What a step wants, before anything comes of it: one row for each thing."""

from __future__ import annotations

from runner.market.rows import row

SUBMIT, REPLACE, WITHDRAW = 0, 1, 2


@row
class Wanted:
    """One thing that a step wants: a new order (SUBMIT), a changed one (REPLACE) or none (WITHDRAW).

    `quantity`: signed shares. `limit`, `stop`, `by`: as in market/order. `reference`: order number to change or
    cancel. `kind`: kind of order, -1 for the step's.
    """

    intent: int = 0
    symbol: int = 0
    quantity: int = 0
    limit: float = 0.0
    stop: float = 0.0
    by: float = 0.0
    reference: int = 0
    purpose: int = 0
    cut: bool = False
    value: int = 0
    reducing: bool = False
    kind: int = -1
