"""What positions tie up, and what an order may still use.

A requirement is a share of value, or dollars a share (the constant model). While the market is closed, or about to
close, the pattern day trading model multiplies it (4x in regular hours, 2x otherwise); the other models do not.
Each symbol has the account's requirement or one of its own. Amounts are millionths of a dollar. Sources: 12 CFR
220.12 and FINRA Rule 4210 for Regulation T; the Atreyu page, facts 11, 12, 14; fact sheet 9 for LEAN's models.
"""

from __future__ import annotations

from runner.compilable import compilable
from runner.market.money import amount
from runner.market.settings import Requirement, Settings


@compilable
def is_closed(settings: Settings, is_open: bool, to_close: int) -> bool:
    """Whether leverage is that of a closed market: it is closed, or within `closing_soon` of the close."""
    return not is_open or to_close <= settings.closing_soon


@compilable
def state_factor(requirement: Requirement, closed: bool) -> float:
    """Multiplier of the requirement by the state of the market."""
    return requirement.closed_factor if closed else 1.0


@compilable
def measured(requirement: Requirement, shares: int, price: float) -> int:
    """What the requirement is a share of: the value of `shares`, or under a constant model as many dollars as shares."""
    return amount(shares, 1.0 if requirement.per_share else price)


@compilable
def initial(requirement: Requirement, value: int, factor: float) -> int:
    """Initial margin of positions that measure `value` (absolute)."""
    return round(value * requirement.initial * factor)


@compilable
def maintenance(requirement: Requirement, long_value: int, short_value: int, factor: float) -> int:
    """Maintenance margin of positions that measure `long_value` long and `short_value` short (both absolute)."""
    long_share, short_share = requirement.maintenance_long, requirement.maintenance_short
    return round((long_value * long_share + short_value * short_share) * factor)


@compilable
def free_margin(equity: int, unsettled: int, used: int, opposite: int) -> int:
    """What a new order's initial margin and fee may use, not below zero.

    `used`: initial margin of all positions and of working orders that open positions (fills alone under LEAN's
    conventions). `opposite`: initial margin of the position that the order works against; closing it frees that
    margin, and as much again may be opened on the other side.
    """
    free = equity - unsettled - used + 2 * opposite
    return free if free > 0 else 0


@compilable
def affordable(settings: Settings, requirement: Requirement, free: int, price: float, factor: float) -> int:
    """Whole shares whose initial margin and per-share fee fit into `free`."""
    measure = 1.0 if requirement.per_share else price
    unit = measure * requirement.initial * factor * 1_000_000.0
    unit += settings.fee_per_share * 1_000_000.0 + price * settings.fee_rate * 1_000_000.0
    if unit <= 0.0:
        return 4_000_000_000_000
    left = free - round(settings.fee_minimum * 1_000_000.0)
    if left <= 0:
        return 0
    return int(left / unit)


@compilable
def initial_share(requirement: Requirement, price: float, factor: float) -> float:
    """Initial margin of a share as a ratio of its `price`."""
    share = requirement.initial * factor
    return share / price if requirement.per_share else share


@compilable
def maintenance_share(requirement: Requirement, position: int, price: float, factor: float) -> float:
    """Maintenance margin of a share of `position` as a ratio of its `price`."""
    share = (requirement.maintenance_long if position > 0 else requirement.maintenance_short) * factor
    return share / price if requirement.per_share else share
