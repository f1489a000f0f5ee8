"""What a rule does, one row for each thing; codes of actions and of sizes."""

from __future__ import annotations

from runner.market.order import EXIT as EXIT_ORDER
from runner.market.rows import row

# What a step does.
ENTER, EXIT, EXIT_EVERYTHING, TARGET, TRADE, UPDATE, CANCEL, CANCEL_ALL, NOTE = 0, 1, 2, 3, 4, 5, 6, 7, 8
VIEW, REBALANCE = 9, 10
ACTIONS = {
    "enter": ENTER, "exit": EXIT, "exit_everything": EXIT_EVERYTHING, "target": TARGET, "buy": TRADE,
    "sell": TRADE, "update": UPDATE, "cancel": CANCEL, "cancel_all": CANCEL_ALL, "note": NOTE,
    "view": VIEW, "rebalance": REBALANCE,
}  # fmt: skip
# How a size is meant.
ALL, PERCENT_OF_EQUITY, SHARES, DOLLARS, RISK, PERCENT_OF_POSITION = 0, 1, 2, 3, 4, 5
UNITS = {
    "": ALL, "percent_of_equity": PERCENT_OF_EQUITY, "shares": SHARES, "dollars": DOLLARS, "risk": RISK,
    "percent_of_position": PERCENT_OF_POSITION,
}  # fmt: skip


@row
class StepRow:
    """One thing a rule does. `side`: +1 or -1. `weight_lo`, `weight_hi`: rows of the targets of `target`.

    `refers`, `name`: index of an order's name. `others`: a target that exits everything not named in it.
    `cut`: the size is computed, so buying power may cut it. `reprice_every`, `reprice_for`: ns from the acceptance
    of the order, 0 for none; `reprice_then`: reprice.THEN_*. `protect`: row of protects, -1 for none. `purpose`: of an exit's orders.
    `trigger_lo`: price that triggers the order; `by_lo`: distance of a trailing stop, `by_ratio` when it is a percentage.
    """

    action: int = 0
    side: int = 1
    unit: int = 0
    value_lo: int = 0
    value_hi: int = 0
    stop_lo: int = 0
    stop_hi: int = 0
    limit_lo: int = 0
    limit_hi: int = 0
    trigger_lo: int = 0
    trigger_hi: int = 0
    by_lo: int = 0
    by_hi: int = 0
    by_ratio: bool = False
    guard_lo: int = 0
    guard_hi: int = 0
    weight_lo: int = 0
    weight_hi: int = 0
    others: bool = False
    add: bool = False
    cut: bool = False
    kind: int = 0
    time_in_force: int = 0
    good_till: int = 0
    post_only: bool = False
    tag: int = -1
    retag: int = -1
    name: int = -1
    refers: int = -1
    note: int = -1
    open_time: int = 0
    sessions: int = 0
    bars: int = 0
    reprice_every: int = 0
    reprice_for: int = 0
    reprice_then: int = 0
    protect: int = -1
    purpose: int = EXIT_ORDER
