"""How many shares a size is. All sizes mean the position after the fill, cut toward zero to whole shares."""

from __future__ import annotations

import math

from runner.compilable import compilable
from runner.laws.fees import fee
from runner.market.money import amount, to_micros
from runner.market.settings import Settings


@compilable
def whole(shares: float) -> int:
    """Cut toward zero; never beyond a trillion shares either way, which no account can hold."""
    if shares >= 1e12:
        return 1_000_000_000_000
    if shares <= -1e12:
        return -1_000_000_000_000
    nearest = round(shares)
    if abs(shares - nearest) <= 1e-12 * abs(
        shares
    ):  # 0.29 x 100 is 29, though floating point falls short of it
        return nearest
    return math.floor(shares) if shares >= 0.0 else math.ceil(shares)


@compilable
def position_for_percent(
    settings: Settings, equity: int, share: float, position: int, price: float, fee_price: float
) -> int:
    """Position (signed shares) worth `share` of equity, less the free part, the order's fee included.

    The largest whole position whose value stays within (equity - fee of the order that leads there) x
    `share` x (1 - `free_equity`). `equity`: millionths of a dollar. `price`: dollars a share.
    Source: fact sheet 7 (LEAN's set-holdings; the Atreyu page sizes the same way).
    """
    effective = share * (1.0 - settings.free_equity)
    unit = price * 1_000_000.0
    if unit <= 0.0 or effective == 0.0 or equity <= 0:
        return 0
    target = equity * effective
    wanted = position
    for _ in range(64):
        wanted = whole(target / unit)
        cost = fee(settings, wanted - position, fee_price)
        target = (equity - cost) * effective
        if abs(wanted * unit) <= abs(target):
            break
    return wanted


@compilable
def below_minimum(
    settings: Settings, equity: int, share: float, value: int, free: int, margin_share: float
) -> bool:
    """Whether the change of margin from a position worth `value` (signed) to `share` of equity is too small to order.

    `margin_share`: initial margin as a ratio of value. Source: fact sheet 7 (minimum order margin, 0.1 % of portfolio value, while margin remains).
    """
    if settings.minimum_order_margin <= 0.0:
        return False
    target = equity * share * (1.0 - settings.free_equity)
    change = abs(target - value) * margin_share
    return change < equity * settings.minimum_order_margin and free > 0


@compilable
def order_below_minimum(settings: Settings, equity: int, margin: float, remaining: int) -> bool:
    """Whether an order whose initial margin is `margin` is too small to send, while margin remains.

    Source: fact sheet 16 (immediate execution skips below the minimum order margin).
    """
    return margin < equity * settings.minimum_order_margin and remaining > 0


@compilable
def shares_for_dollars(settings: Settings, dollars: float, price: float) -> int:
    """Signed shares whose value and fee stay within `dollars`."""
    if price <= 0.0:
        return 0
    budget = to_micros(abs(dollars))
    least, most = 0, whole(abs(dollars) / price)
    while least < most:
        shares = (least + most + 1) // 2
        if amount(shares, price) + fee(settings, shares, price) <= budget:
            least = shares
        else:
            most = shares - 1
    return least if dollars > 0.0 else -least


@compilable
def shares_for_risk(equity: int, share: float, distance: float) -> int:
    """Shares (not negative) that lose `share` of equity over `distance` dollars; 0 when it is not above zero."""
    if distance <= 0.0 or equity <= 0:
        return 0
    return whole(equity * share / (distance * 1_000_000.0))
