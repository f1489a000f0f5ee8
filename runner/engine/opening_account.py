"""The account with which a live or paper run begins: an input of the journal, put into the world before its first instant.

A restart hears it from the journal: an edited figure changes nothing of a run that has begun.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from runner.engine import book
from runner.engine.ports import InputLog
from runner.engine.recorded import Diverged
from runner.engine.state import World
from runner.market import events
from runner.market.money import amount, to_micros

OPENING = "opening"


class Position(NamedTuple):
    """Signed shares of one symbol at the start, what they cost (signed, millionths of a dollar), and the price at which
    they are valued (dollars a share)."""

    symbol: str
    shares: int
    cost: int
    price: float


class Opening(NamedTuple):
    """`time`: ns UTC. `cash`: millionths of a dollar, other currencies that count among it."""

    time: int
    cash: int
    positions: tuple[Position, ...] = ()

    def equity(self) -> int:
        """Cash and positions, millionths."""
        return self.cash + sum(amount(one.shares, one.price) for one in self.positions)


def limit(world: World, max_equity: float) -> None:
    """Let sizes and buying power use no more than so many dollars of equity; 0 for no limit. At every start."""
    world.settings[0].max_equity = to_micros(max_equity)


def heard(log: InputLog, found: Callable[[], Opening]) -> Opening:
    """The account of the journal; of a run that has none, what is `found` now, durable when this returns. The first
    input of a log."""
    entry = log.recall()
    if entry is None:
        opening = found()
        log.write([OPENING, opening.time, opening.cash, [list(one) for one in opening.positions]])
        log.commit()
        return opening
    if entry[0] != OPENING:
        raise Diverged(f"the log begins with {entry[0]}, not with an account")
    _, time, cash, positions = entry
    return Opening(time, cash, tuple(Position(*one) for one in positions))


def put(world: World, symbols: Sequence[str], opening: Opening) -> None:
    """Give the world its cash and positions, with a record of each. No day trade can end a position that was there
    before, and no protection of a rule watches it."""
    numbers = {symbol: i for i, symbol in enumerate(symbols)}
    account = world.account[0]
    account.cash = opening.cash
    lines = [events.Record(time=opening.time, kind=events.OPENING_CASH, amount=opening.cash)]
    for one in opening.positions:
        if one.symbol not in numbers:
            raise Diverged(f"the account begins with {one.symbol}, which is no symbol of the run")
        s = numbers[one.symbol]
        world.holdings[s].cost = one.cost
        book.revalue(world, s, one.shares, one.price)
        lines.append(
            events.Record(time=opening.time, kind=events.OPENING_POSITION, symbol=s, quantity=one.shares,
                          price=one.price, amount=one.cost)
        )  # fmt: skip
    for line in lines:
        world.records[world.counters[0].records] = line
        world.counters[0].records += 1
    world.controls[0].base = opening.equity()  # losses of a day that has begun already count from here
