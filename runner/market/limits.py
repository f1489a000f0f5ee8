"""The limits of the pre-trade controls as one row of numbers: what `laws/controls` reads. Zero is no limit."""

from __future__ import annotations

from runner.market.rows import row

STOP_ENTRIES, FLATTEN = 0, 1
THENS = {"stop_entries": STOP_ENTRIES, "flatten": FLATTEN}


@row
class Limits:
    """`active`: some limit is set. `max_shares` an order; `max_dollars` an order, millionths. `collar`, `gross`,
    `net`, `daily_loss`: ratios. `duplicates`: ns. `per_minute`: orders in any sixty seconds. `positions`: symbols.
    `then`: what a daily loss does (STOP_ENTRIES, FLATTEN); `leave`: the step that flattens."""

    active: bool = False
    max_shares: int = 0
    max_dollars: int = 0
    collar: float = 0.0
    duplicates: int = 0
    per_minute: int = 0
    gross: float = 0.0
    net: float = 0.0
    positions: int = 0
    daily_loss: float = 0.0
    then: int = STOP_ENTRIES
    leave: int = -1
