"""What a split or a dividend does to a position, an order and a price. Source: fact sheet 12."""

from __future__ import annotations

import math
from typing import NamedTuple

from runner.compilable import compilable
from runner.market.money import amount


class AfterSplit(NamedTuple):
    """Whole shares after a split, and the cash paid for the fraction (millionths of a dollar)."""

    position: int
    cash: int


@compilable
def split_position(position: int, ratio: float, price_after: float) -> AfterSplit:
    """`position` shares become position x `ratio`, cut toward zero; the fraction is paid in cash at `price_after`.

    Only what floating point loses is forgiven: 60 x 0.05 is 3. A ratio from LEAN's rounded factor files
    (6.9999972 for 7:1) leaves a fraction, and LEAN pays it.
    """
    exact = position * ratio
    nearest = round(exact)
    if abs(exact - nearest) <= 1e-12 * abs(exact):
        return AfterSplit(nearest, 0)
    kept = math.floor(exact) if exact >= 0.0 else math.ceil(exact)
    return AfterSplit(kept, round((exact - kept) * price_after * 1_000_000.0))


@compilable
def split_quantity(quantity: int, ratio: float) -> int:
    """Shares of an open order after a split, cut toward zero."""
    return split_position(quantity, ratio, 0.0).position


@compilable
def dividend_cash(position: int, dividend: float) -> int:
    """Cash for a dividend of `dividend` dollars a share: a long position receives, a short one pays."""
    return amount(position, dividend)
