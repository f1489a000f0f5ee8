"""The limits of loss and gain as one row, with what they are measured from."""

from __future__ import annotations

from runner.market.rows import row

# What a limit is of; numbers the steps by which it is obeyed.
LOSS, PROFIT, TRAILING, ACCOUNT_LOSS, ACCOUNT_TRAILING = 0, 1, 2, 3, 4
TAGS = ("position drawdown", "position profit", "position trailing", "drawdown", "trailing drawdown")


@row
class Drawdowns:
    """`at_marks`: they are looked at after the marks, else with the portfolio's targets. The limits as ratios, 0 for none: `loss`, `profit`, `trailing` of a position; `account_loss`, `account_trailing`
    of equity. `step`: the first of the steps by which positions are left, one for each kind of limit. `base`: equity from which losses
    are counted, `peak`: the highest since (millionths; 0: not known yet)."""

    active: bool = False
    at_marks: bool = False
    loss: float = 0.0
    profit: float = 0.0
    trailing: float = 0.0
    account_loss: float = 0.0
    account_trailing: float = 0.0
    step: int = -1
    base: int = 0
    peak: int = 0
