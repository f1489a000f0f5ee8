"""When the broker warns of margin, and what it closes to restore it.

Sources: the Atreyu page, fact 12 (a warning below 5 % of portfolio value, a call at zero or below, positions by
unrealized profit, one by one until the portfolio is within the requirements); fact sheet 10 for LEAN's way.
Amounts are millionths of a dollar.
"""

from __future__ import annotations

import math

from runner.compilable import compilable
from runner.laws.fees import fee
from runner.laws.sizing import whole
from runner.market.money import amount
from runner.market.settings import Settings

FINE, WARNING, CALL = 0, 1, 2
LEAN = 1  # margin_call.profile


@compilable
def verdict(settings: Settings, equity: int, unsettled: int, used: int) -> int:
    """FINE, WARNING or CALL for an account whose positions tie up `used`.

    Remaining margin is equity less unsettled cash less `used`. LEAN calls only once `used` has passed equity by
    the buffer.
    """
    if used <= 0:
        return FINE
    left = equity - unsettled - used
    if left <= 0 and used > equity * (1.0 + settings.call_buffer):
        return CALL
    if left <= 0 and settings.call_buffer <= 0.0:
        return CALL
    return WARNING if left <= equity * settings.call_warning else FINE


@compilable
def shares_to_close(settings: Settings, left: int, available: int, price: float, requirement: float) -> int:
    """The smallest number of whole shares whose closing brings remaining margin `left` above zero; all that are
    `available` when even they do not.

    `requirement`: maintenance margin of a share as a ratio of its `price`. Closing costs its fee.
    """
    least, most = 1, available
    while least < most:
        shares = (least + most) // 2
        freed = round(amount(shares, price) * requirement) - fee(settings, shares, price)
        if left + freed > 0:
            most = shares
        else:
            least = shares + 1
    return most


@compilable
def kept_by_lean(
    settings: Settings, equity: int, used: int, position: int, own: int, price: float, margin_share: float
) -> int:
    """The position that LEAN's call leaves of one symbol: its margin `own` less all that `used` has passed equity by.

    Found as LEAN finds a target: the largest whole position within that margin, the order's fee taken from equity.
    `margin_share`: initial margin of a share as a ratio of its `price`.
    """
    keep = own - (used - equity)
    if keep <= 0 or equity <= 0 or price <= 0.0:
        return 0
    side = 1 if position > 0 else -1
    share = keep / equity
    unit = price * 1_000_000.0 * margin_share
    wanted = position
    target = float(keep)
    for _ in range(64):
        wanted = side * abs(whole(target / unit))
        cost = fee(settings, wanted - position, price)
        target = (equity - cost) * share
        if abs(wanted) * unit <= target or math.isnan(target):
            break
    return wanted
