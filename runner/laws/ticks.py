"""The grid on which limit prices stand. Source: Regulation NMS Rule 612 (17 CFR 242.612): a cent, and
a hundredth of a cent below one dollar."""

from __future__ import annotations

import math

from runner.compilable import compilable
from runner.market.settings import ROUND_AWAY, ROUND_NONE, Settings


@compilable
def tick(price: float) -> float:
    """Ticks per dollar at `price`: 100, or 10,000 below one dollar."""
    return 100.0 if price >= 1.0 else 10_000.0


@compilable
def rounded_limit(settings: Settings, quantity: int, price: float) -> float:
    """The limit price as sent: away from taking (a purchase down, a sale up), to the nearest tick, or as it is.

    A price within a millionth of a tick of the grid is on it: 100.1 - 0.02 is 100.08 although the
    floating-point difference is a hair below.
    """
    if settings.limit_rounding == ROUND_NONE:
        return price
    scale = tick(price)
    nearest = round(price * scale)
    if settings.limit_rounding == ROUND_AWAY and abs(price * scale - nearest) > 1e-6:
        if quantity > 0:
            nearest = math.floor(price * scale)
        else:
            nearest = math.ceil(price * scale)
    return nearest / scale
