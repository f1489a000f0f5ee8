"""Shares that can be borrowed, by date: what a lender says of one symbol."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

# Instead of a number of shares: the lender says nothing of that date; there is no lender to ask.
UNKNOWN, UNLIMITED = -1, -2


class Loans(NamedTuple):
    """What a lender says of one symbol, ascending by `date`; arrays of the same length.

    `date`: int32 days since 1970-01-01; a row is for that day alone. `shares`: int64 that can be borrowed, or
    UNKNOWN. `fee`: float64 yearly rate that a short position pays (0.25 % is 0.0025). `rebate`: float64 yearly
    rate that a long position earns.
    """

    date: Any
    shares: Any
    fee: Any
    rebate: Any


def no_loans() -> Loans:
    """A lender that says nothing."""
    return Loans(np.empty(0, "<i4"), np.empty(0, "<i8"), np.empty(0), np.empty(0))
