"""The journal folded into fills, round trips, closing profits, positions and cash. Exact whole numbers.

Amounts are millionths of a dollar and carry the sign of the quantity: a purchase has a positive amount
(it is cost), a sale a negative one (it is proceeds). Shares of an amount are rounded half to even and the
rest stays where it was, so that every sum is exact.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from typing import NamedTuple

import numpy as np

from runner.market import events
from runner.market.events import Journal
from runner.market.money import MICROS
from runner.results.flows import opening
from runner.results.standing_fills import AMENDS, as_known, standing


class Fill(NamedTuple):
    """One execution. `time` ns; `quantity` signed; `price` dollars; `amount`, `fee` millionths.

    `before`, `position`: signed shares of the symbol before and after."""

    time: int
    order: int
    symbol: int
    rule: int
    quantity: int
    price: float
    amount: int
    fee: int
    before: int
    position: int


class Trade(NamedTuple):
    """A round trip: part of an opening fill against part of a closing fill, oldest first.

    `quantity`: shares, positive for a long trade, negative for a short one. `profit`: millionths before
    fees; `fees`: millionths, both sides. Prices are as filled (before any later split)."""

    symbol: int
    quantity: int
    opened: int
    closed: int
    entry_price: float
    exit_price: float
    entry_order: int
    exit_order: int
    entry_rule: int
    exit_rule: int
    cost: int
    profit: int
    fees: int

    @property
    def net(self) -> int:
        """Profit after the fees of both sides, millionths."""
        return self.profit - self.fees


class Closing(NamedTuple):
    """What LEAN's win and loss figures count: one row for each fill that closes anything.

    `profit`: closed shares x (fill - average cost), less twice the closing fill's fee (LEAN stands the
    closing fee in for the opening one; fact sheet 11)."""

    time: int
    symbol: int
    quantity: int
    profit: int


class Holding(NamedTuple):
    """An open position: signed shares, their cost in millionths, realized profit before fees."""

    quantity: int
    cost: int
    realized: int


class Ledger(NamedTuple):
    """A run's bookkeeping. `cash` and `fees` are totals at the end; `dividends` and `other` (cash in lieu
    of fractions) are what reached cash without an order, `interest` what nights cost (below zero) or
    earned, `flows` deposits less withdrawals. `brought`: what each symbol had gained before the run began. `cash_times`, `cash_values`: every change of cash; `position_times`, `position_values`: every change of each symbol's position."""

    fills: list[Fill]
    trades: list[Trade]
    closings: list[Closing]
    holdings: dict[int, Holding]
    cash: int
    fees: int
    dividends: int
    other: int
    interest: int
    cash_times: list[int]
    cash_values: list[int]
    position_times: dict[int, list[int]]
    position_values: dict[int, list[int]]
    dividends_by_symbol: dict[int, int]
    flows: int
    brought: dict[int, int]

    def cash_at(self, instant: int) -> int:
        """Cash, settled or not, after everything of `instant`, millionths."""
        return self.cash_values[bisect_right(self.cash_times, instant)]

    def position_at(self, symbol: int, instant: int) -> int:
        """Signed shares after everything of `instant`."""
        times = self.position_times.get(symbol)
        return self.position_values[symbol][bisect_right(times, instant)] if times is not None else 0


def share(total: int, part: int, whole: int) -> int:
    """`total` x `part` / `whole`, half to even, in whole numbers."""
    if whole < 0:
        part, whole = -part, -whole
    quotient, rest = divmod(total * part, whole)
    if 2 * rest > whole or (2 * rest == whole and quotient % 2):
        quotient += 1
    return quotient


class _Lot:
    """What is left of an opening fill: signed shares, amount and fee not yet matched."""

    __slots__ = ("amount", "fee", "fill", "quantity")

    def __init__(self, fill: Fill, quantity: int, amount: int, fee: int) -> None:
        self.fill, self.quantity, self.amount, self.fee = fill, quantity, amount, fee


class _Position:
    """Running state of one symbol while the journal is folded."""

    __slots__ = ("cost", "lots", "quantity", "realized")

    def __init__(self) -> None:
        self.quantity = self.cost = self.realized = 0
        self.lots: deque[_Lot] = deque()

    def open(self, fill: Fill, quantity: int, amount: int, fee: int) -> None:
        """Add a lot of what is left of an opening fill."""
        self.lots.append(_Lot(fill, quantity, amount, fee))
        self.quantity += quantity
        self.cost += amount

    def close(self, fill: Fill, quantity: int, amount: int, fee: int, trades: list[Trade]) -> int:
        """Match `quantity` closing shares against the oldest lots; profit against average cost."""
        taken = share(self.cost, -quantity, self.quantity)
        profit = -taken - amount
        self.cost -= taken
        self.quantity += quantity
        self.realized += profit
        left = -quantity
        while left and self.lots:
            lot = self.lots[0]
            part = lot.quantity if abs(lot.quantity) <= abs(left) else left
            cost, entry_fee = share(lot.amount, part, lot.quantity), share(lot.fee, part, lot.quantity)
            proceeds, exit_fee = share(amount, part, left), share(fee, part, left)
            trades.append(
                Trade(fill.symbol, part, lot.fill.time, fill.time, lot.fill.price, fill.price, lot.fill.order,
                      fill.order, lot.fill.rule, fill.rule, cost, -cost - proceeds, entry_fee + exit_fee)
            )  # fmt: skip
            amount -= proceeds
            fee -= exit_fee
            left -= part
            lot.quantity -= part
            lot.amount -= cost
            lot.fee -= entry_fee
            if not lot.quantity:
                self.lots.popleft()
        return profit

    def split(self, ratio: float, quantity: int) -> None:
        """Restate shares after a split; the cost of a dropped fraction is realized as a loss, to which the
        cash in lieu is added by its own record."""
        exact = self.quantity * ratio
        if not self.quantity or not exact:
            return
        kept = min(self.cost, round(self.cost * quantity / exact), key=abs)
        self.realized -= self.cost - kept
        self.cost = kept
        before, old, new = self.quantity, 0, 0
        for lot in self.lots:
            old += lot.quantity
            reached = int(quantity * (old / before))
            lot.quantity = reached - new
            new = reached
        self.lots = deque(lot for lot in self.lots if lot.quantity)
        self.quantity = quantity


def fold(journal: Journal) -> Ledger:
    """Everything the records say about shares and money.

    INTEREST: `amount` is added to cash, and belongs to no position. FILLED: cash falls by amount and fee. DIVIDEND, FRACTION, CASH: `amount` is added to cash (FRACTION
    and DIVIDEND also to the symbol's realized profit). SPLIT: `price` is new shares per old, `quantity`
    the position afterwards. SETTLED moves money between settled and unsettled: no change of the total. DEPOSIT and
    WITHDRAWAL: `amount` is added to cash. ADOPTED: shares without an order; cash falls by `amount`. Positions of the
    start are lots of order 0, at what they cost. BUSTED and CORRECTED fills: see `results/standing_fills.py`.
    """
    began = opening(journal)
    cash = began.cash
    fills: list[Fill] = []
    trades: list[Trade] = []
    closings: list[Closing] = []
    positions: dict[int, _Position] = {}
    paid: dict[int, int] = {}
    fees = dividends = other = interest = flows = 0
    cash_times: list[int] = []
    cash_values = [cash]
    position_times: dict[int, list[int]] = {}
    position_values: dict[int, list[int]] = {}
    begin = int(journal.header.get("start", 0))
    for symbol, (shares, cost, _) in began.positions.items():
        positions[symbol] = _Position()
        position_times[symbol], position_values[symbol] = [], [shares]
        first = Fill(begin, 0, symbol, -1, shares, cost / shares / MICROS, cost, 0, 0, shares)
        positions[symbol].open(first, shares, cost, 0)

    records = standing(journal.records)
    wanted = [events.FILLED, events.SPLIT, events.DIVIDEND, events.FRACTION, events.CASH, events.INTEREST,
              events.DEPOSIT, events.WITHDRAWAL, events.ADOPTED]  # fmt: skip
    columns = ["time", "kind", "symbol", "rule", "order", "quantity", "price", "amount", "fee"]
    chosen = records[np.isin(records["kind"], wanted)]
    for time, kind, symbol, rule, order, quantity, price, amount, fee in zip(
        *(chosen[name].tolist() for name in columns), strict=True
    ):
        if kind == events.INTEREST:
            cash += amount
            interest += amount
            cash_times.append(time)
            cash_values.append(cash)
            continue
        if kind in (events.DEPOSIT, events.WITHDRAWAL):
            cash += amount
            flows += amount
            cash_times.append(time)
            cash_values.append(cash)
            continue
        position = positions.get(symbol)
        if position is None and kind != events.CASH:
            position = positions[symbol] = _Position()
            position_times[symbol], position_values[symbol] = [], [0]
        if position is None:
            cash += amount
            other += amount
        elif kind in (events.FILLED, events.ADOPTED):
            before = position.quantity
            fill = Fill(time, order, symbol, rule, quantity, price, amount, fee, before, before + quantity)
            if kind == events.FILLED:
                fills.append(fill)
            closing = 0
            if before * quantity < 0:
                closing = -before if abs(quantity) > abs(before) else quantity
            closed_amount, closed_fee = share(amount, closing, quantity), share(fee, closing, quantity)
            if closing:
                profit = position.close(fill, closing, closed_amount, closed_fee, trades)
                closings.append(Closing(time, symbol, closing, profit - 2 * fee))
            if closing != quantity:
                position.open(fill, quantity - closing, amount - closed_amount, fee - closed_fee)
            cash -= amount + fee
            fees += fee
        elif kind == events.SPLIT:
            position.split(price, quantity)
        else:
            cash += amount
            position.realized += amount
            if kind == events.DIVIDEND:
                dividends += amount
                paid[symbol] = paid.get(symbol, 0) + amount
            else:
                other += amount
        if cash != cash_values[-1]:
            cash_times.append(time)
            cash_values.append(cash)
        if position is not None and position.quantity != position_values[symbol][-1]:
            position_times[symbol].append(time)
            position_values[symbol].append(position.quantity)
    if records is not journal.records:
        told = journal.records[np.isin(journal.records["kind"], [*wanted, *AMENDS])]
        held = {symbol: shares for symbol, (shares, _, _) in began.positions.items()}
        cash_times, cash_values, position_times, position_values = as_known(told, began.cash, held)
    holdings = {s: Holding(p.quantity, p.cost, p.realized) for s, p in positions.items()}
    return Ledger(
        fills, trades, closings, holdings, cash, fees, dividends, other, interest,
        cash_times, cash_values, position_times, position_values, paid, flows,
        {symbol: value - cost for symbol, (_, cost, value) in began.positions.items()},
    )  # fmt: skip
