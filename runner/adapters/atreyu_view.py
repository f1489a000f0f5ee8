"""What is known of orders and positions at one moment: for reconciliation, pages and tests."""

from __future__ import annotations

import msgspec

from runner.adapters.atreyu_chain import sign
from runner.adapters.atreyu_core import Core
from runner.adapters.atreyu_legs import whole
from runner.adapters.atreyu_news import DOUBTFUL, ENDED
from runner.adapters.atreyu_orders import Book
from runner.adapters.atreyu_store import Order
from runner.adapters.atreyu_wire import read_report
from runner.market.money import MICROS


class OrderView(msgspec.Struct, frozen=True):
    """One order. `filled` without a sign; `fees` in millionths of a dollar; `ids`: every ClOrdID of it. `listed`: the
    gateway's last logon answer has it; `doubtful`: a request of it has an unknown outcome."""

    ref: str
    symbol: str
    sign: int
    quantity: int
    limit: float
    state: str
    filled: int
    average_price: float
    fees: int
    ids: list[str]
    listed: bool
    doubtful: bool


class Untold(msgspec.Struct, frozen=True):
    """News of an order that nobody has acknowledged: signed shares that it adds to the position."""

    serial: int
    ref: str
    symbol: str
    shares: int


class Snapshot(msgspec.Struct, frozen=True):
    """Own orders and positions; the gateway's positions; ClOrdIDs of open orders there that are not ours; news that were
    not acknowledged yet. `logons`: how often the gateway has told its side."""

    orders: dict[str, OrderView]
    positions: dict[str, int]
    gateway_positions: dict[str, int]
    foreign_orders: list[str]
    untold: list[Untold] = []
    logons: int = 0

    def differences(self) -> dict[str, tuple[int, int]]:
        """Symbols whose shares differ: (own, the gateway's)."""
        symbols = {*self.positions, *self.gateway_positions}
        both = {
            one: (self.positions.get(one, 0), self.gateway_positions.get(one, 0)) for one in sorted(symbols)
        }
        return {symbol: pair for symbol, pair in both.items() if pair[0] != pair[1]}


def snapshot(core: Core) -> Snapshot:
    """The present state (under the lock)."""
    listed: set[str] = set()
    foreign = []
    for row in core.answer.orders if core.answer is not None else []:
        ids = read_report(row).ids
        order = core.book.find(ids, "")
        if order is None:
            foreign.append(ids[0] if ids else "?")
        else:
            listed.add(order.ref)
    orders = {ref: _order(core.book, legs, ref in listed) for ref, legs in core.book.legs.items()}
    untold = [Untold(one.serial, one.order, one.symbol, one.shares) for one in core.store.pending()]
    return Snapshot(orders, dict(core.book.positions), dict(core.theirs), foreign, untold, core.health.logons)


def _order(book: Book, legs: list[Order], listed: bool) -> OrderView:
    seen, first = whole(legs), legs[0]
    fees = sum(
        book.fee(one.shares, one.price) for leg in legs for one in leg.executions.values() if one.standing
    )
    doubtful = any(one.state == DOUBTFUL for leg in legs if leg.state not in ENDED for one in leg.requests)
    average = seen.cost / (seen.filled * MICROS) if seen.filled else 0.0
    ids = [one.id for leg in legs for one in leg.requests]
    return OrderView(first.ref, first.symbol, sign(first), seen.quantity, first.price, seen.state, seen.filled,
                     average, fees, ids, listed, doubtful)  # fmt: skip
