"""May shares be sold short? What can be borrowed, less what is short and on sale already.

Sources: the Atreyu page, fact 17 (a provider says how many shares can be borrowed; a short order with no shares to
borrow is invalid); fact sheet 13 for LEAN's check (refused when position, open orders and the order together are
below minus the shares; a date that the file does not have is no limit).
"""

from __future__ import annotations

from runner.compilable import compilable
from runner.laws import refusals
from runner.market.borrow import UNKNOWN, UNLIMITED
from runner.market.settings import OPEN_ALL, UNKNOWN_ALLOW, Settings


@compilable
def ahead(settings: Settings, position: int, sales: int, purchases: int) -> int:
    """The position as it counts against what can be borrowed: working sales filled (`sales`, negative), working
    purchases not, because they may never fill. LEAN's conventions count both."""
    if settings.short_open_orders == OPEN_ALL:
        return position + sales + purchases
    return position + sales


@compilable
def verdict(settings: Settings, borrowable: int, before: int, quantity: int) -> int:
    """FINE, or why an order of `quantity` signed shares may not be sent.

    `borrowable`: shares that can be borrowed that day, or UNKNOWN, or UNLIMITED. `before`: `ahead`, without the
    order itself.
    """
    after = before + quantity
    if quantity >= 0 or after >= 0 or borrowable == UNLIMITED:
        return refusals.FINE
    if borrowable == UNKNOWN:
        return refusals.FINE if settings.short_unknown == UNKNOWN_ALLOW else refusals.BORROW_UNKNOWN
    return refusals.FINE if after >= -borrowable else refusals.NOTHING_TO_BORROW


@compilable
def left(borrowable: int, before: int) -> int:
    """Shares that can still be sold short when `borrowable` are known, not negative."""
    taken = -before if before < 0 else 0
    return borrowable - taken if borrowable > taken else 0
