"""What positions tie up, and what an order may still use.

Requirements are shares of value. While the market is closed, or about to close, the pattern day trading
model multiplies them (4x in regular hours, 2x otherwise); the other models do not. Amounts are millionths
of a dollar. Sources: 12 CFR 220.12 and FINRA Rule 4210 for Regulation T; the Atreyu page, facts 11, 12,
14; fact sheet 9 for LEAN's models.
"""

from __future__ import annotations

from runner.compilable import compilable
from runner.market.settings import Settings


@compilable
def state_factor(settings: Settings, is_open: bool, to_close: int) -> float:
    """Multiplier of the requirements: `closed_factor` when closed or within `closing_soon` of the close."""
    if is_open and to_close > settings.closing_soon:
        return 1.0
    return settings.closed_factor


@compilable
def initial(settings: Settings, value: int, factor: float) -> int:
    """Initial margin of positions worth `value` (absolute)."""
    return round(value * settings.initial * factor)


@compilable
def maintenance(settings: Settings, long_value: int, short_value: int, factor: float) -> int:
    """Maintenance margin of positions worth `long_value` long and `short_value` short (both absolute)."""
    return round((long_value * settings.maintenance_long + short_value * settings.maintenance_short) * factor)


@compilable
def free_margin(
    settings: Settings, equity: int, unsettled: int, gross: int, reserved: int, opposite: int, factor: float
) -> int:
    """What a new order's initial margin and fee may use, not below zero.

    `gross`: absolute value of all positions. `reserved`: absolute value of working orders that open
    positions (zero under LEAN's conventions). `opposite`: absolute value of the position that the order
    works against; closing it frees its margin, and as much again may be opened on the other side.
    """
    free = (
        equity
        - unsettled
        - initial(settings, gross + reserved, factor)
        + 2 * initial(settings, opposite, factor)
    )
    return free if free > 0 else 0


@compilable
def affordable(settings: Settings, free: int, price: float, factor: float) -> int:
    """Whole shares whose initial margin and per-share fee fit into `free`."""
    unit = price * settings.initial * factor * 1_000_000.0
    unit += settings.fee_per_share * 1_000_000.0 + price * settings.fee_rate * 1_000_000.0
    if unit <= 0.0:
        return 4_000_000_000_000
    left = free - round(settings.fee_minimum * 1_000_000.0)
    if left <= 0:
        return 0
    return int(left / unit)
