"""What an account began with, and money that came or went without a trade: neither is profit.

Returns are time-weighted: between two flows the account grows by what its positions earn, and the parts are chained
(Global Investment Performance Standards, 2.A.1). A curve of equity is brought to the start's money by a factor that moves
at each flow by equity before it over equity after it.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

import numpy as np

from runner.market import events
from runner.market.events import MARK_FLOW, Journal
from runner.market.money import amount


class Opening(NamedTuple):
    """Millionths. `positions`: symbol index to (shares, cost, value at the start); `cash` with nothing of them."""

    cash: int
    positions: dict[int, tuple[int, int, int]]

    @property
    def equity(self) -> int:
        """Cash and what the positions were worth."""
        return self.cash + sum(value for _, _, value in self.positions.values())


class Flows(NamedTuple):
    """Deposits and withdrawals in order: `times` ns, `amounts` millionths (a withdrawal is below zero); `factors[i]`:
    what equity after the first i of them is multiplied with."""

    times: list[int]
    amounts: list[int]
    factors: list[float]

    @property
    def deposits(self) -> int:
        """All that came, millionths."""
        return sum(one for one in self.amounts if one > 0)

    @property
    def withdrawals(self) -> int:
        """All that went, millionths, not negative."""
        return -sum(one for one in self.amounts if one < 0)

    def without(self, times: list[int], equity: list[int]) -> list[int]:
        """Equity at ascending `times` as if nothing had come or gone since the start; the same list when nothing did."""
        if not self.times:
            return equity
        return [
            round(value * self.factors[bisect_right(self.times, time)])
            for time, value in zip(times, equity, strict=True)
        ]


def opening(journal: Journal) -> Opening:
    """The account before the first instant: of a backtest its cash, of a live run what its first records say."""
    records = journal.records
    cash = int(journal.header["start_cash"])
    positions = {}
    first = records[np.isin(records["kind"], (events.OPENING_CASH, events.OPENING_POSITION))]
    for line in first:
        if line["kind"] == events.OPENING_CASH:
            cash = int(line["amount"])
        else:
            shares = int(line["quantity"])
            value = amount(shares, float(line["price"]))
            positions[int(line["symbol"])] = (shares, int(line["amount"]), value)
    return Opening(cash, positions)


def flows(journal: Journal) -> Flows:
    """Every deposit and withdrawal of a run."""
    records = journal.records
    found = records[np.isin(records["kind"], (events.DEPOSIT, events.WITHDRAWAL))]
    after = journal.marks[journal.marks["flags"] & MARK_FLOW != 0]["equity"].tolist()
    found = found[: len(after)]  # a journal that is still written may lack the newest mark
    amounts = found["amount"].tolist()
    factors = [1.0]
    for value, moved in zip(after, amounts, strict=False):
        before = value - moved
        chained = before > 0 and value > 0  # an account that was empty begins anew
        factors.append(factors[-1] * before / value if chained else factors[-1])
    return Flows(found["time"].tolist(), amounts, factors)
