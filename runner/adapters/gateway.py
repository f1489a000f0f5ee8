"""Atreyu's gateway as the engine's broker: orders by number on one side, by name on the other.

A market order, a change and a cancel are waited for a while (`fill_wait`), so that the next order of the instant is sized
on what became of them; whatever comes later is news of a later instant.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from runner.adapters import atreyu_news as told
from runner.adapters import atreyu_wire as wire
from runner.adapters.atreyu_orders import OrderRefused
from runner.engine.ports import News
from runner.engine.state import World
from runner.laws.admission import Admitted
from runner.market import events
from runner.market.order import CANCEL, CANCELLED, CHANGE, EXPIRED, FILLED, MARKET, REJECTED, WORKING

KINDS = {
    told.FILLED: events.FILLED,
    told.ACCEPTED: events.AMENDED,
    told.REPLACED: events.UPDATED,
    told.CANCELLED: events.CANCELLED,
    told.DONE_FOR_DAY: events.EXPIRED,
    told.EXPIRED: events.EXPIRED,
    told.REJECTED: events.REJECTED,
    told.UPDATE_REJECTED: events.UPDATE_REFUSED,
    told.CANCEL_REJECTED: events.CANCEL_REFUSED,
    told.BUSTED: events.BUSTED,
    told.CORRECTED: events.CORRECTED,
}
STATES = {
    told.DONE: FILLED,
    told.CANCELLED: CANCELLED,
    told.DONE_FOR_DAY: EXPIRED,
    told.EXPIRED: EXPIRED,
    told.REJECTED: REJECTED,
}
SETTLED = frozenset((told.DONE, *told.ENDED))


class Client(Protocol):
    """What is needed of the gateway's client (`adapters/atreyu.py`)."""

    def place(
        self, ref: str, symbol: str, quantity: int, kind: int, limit: float = 0.0, post_only: bool = False
    ) -> None:
        """Place an order."""

    def replace(self, ref: str, quantity: int | None = None, limit: float | None = None) -> int:
        """Ask for another total or limit; the serial of the newest news before."""

    def cancel(self, ref: str) -> int:
        """Ask for an order's end; the serial of the newest news before."""

    def unanswered(self, ref: str, kind: str) -> bool:
        """Whether a request of the order (of adapters/atreyu_wire: REPLACE, CANCEL) is without an answer."""

    def next_news(self, timeout: float = 0.0) -> told.News | None:
        """The next event."""

    def health(self) -> Any:
        """Counts of what happened to the connection."""

    def acknowledge(self, serial: int) -> None:
        """News up to `serial` are taken for good."""


class Gateway:
    """A broker over one client. `name` makes the name of an order from its number, the same after a restart;
    `elapsed`: a clock that only measures (seconds); `placed`: names that the client's store knows already; `said`: who is
    told of what is about no order; `late`: whether an order that was never sent, or a change that was never asked for, is too
    old for it (`engine/late.too_late`): a stop came between."""

    def __init__(
        self,
        world: World,
        symbols: tuple[str, ...],
        client: Client,
        name: Callable[[int], str],
        elapsed: Callable[[], float],
        placed: set[str],
        said: Callable[[told.News], None],
        fill_wait: float = 5.0,
        late: Callable[[int], bool] = lambda number: False,
    ) -> None:
        self._world = world
        self._symbols = symbols
        self._client = client
        self.name = name
        self._elapsed = elapsed
        self._placed = placed
        self._said = said
        self._fill_wait = fill_wait
        self._late = late
        self._numbers: dict[str, int] = {}
        self._named = 0  # orders whose names are in there
        self._asked: dict[int, int] = {}  # the newest news before the newest request, by order
        self._kept: deque[told.News] = deque()
        self._serial = self._acknowledged = 0

    def connection(self) -> dict[str, Any]:
        """Whether the gateway is there, and what happened to the connection since the start."""
        found = self._client.health()
        names = ("connected", "logons", "refused_logons", "reconnects", "gaps", "malformed")
        return {name: getattr(found, name) for name in names}

    def waiting(self) -> bool:
        """Whether news wait to be booked."""
        if not self._kept and (one := self._client.next_news()) is not None:
            self._kept.append(one)
        return bool(self._kept)

    def submit(self, admitted: Admitted) -> Iterator[News]:
        """Place the order; one that the client knows from before a restart is waited for only."""
        number = admitted.order
        order = self._world.orders[number]
        ref = self.name(number)
        if ref not in self._placed:
            if self._late(number):
                yield News(events.NOT_SENT, number)
                return
            try:
                self._client.place(
                    ref,
                    self._symbols[order.symbol],
                    admitted.quantity,
                    order.kind,
                    order.limit,
                    order.post_only,
                )
            except OrderRefused as fault:
                yield self._refused(events.REJECTED, number, fault)
                return
            self._placed.add(ref)
        yield from self._wait(number, lambda one: one.state in SETTLED or order.kind != MARKET)

    def replace(self, order: int) -> Iterator[News]:
        """Ask for the change that the order waits for. Asked again after a restart, a change that has been answered is
        not asked for, and one that is on its way is waited for only."""
        row, ref = self._world.orders[order], self.name(order)
        yield from self._told_of(ref)
        if row.pending != CHANGE:
            return
        if not self._client.unanswered(ref, wire.REPLACE):
            if self._late(order):
                yield News(events.UPDATE_REFUSED, order)
                return
            quantity = abs(row.asked_quantity) if row.asked_quantity != row.quantity else None
            try:
                limit = row.asked_limit if row.asked_limit != row.limit else None
                self._asked[order] = self._client.replace(ref, quantity, limit)
            except OrderRefused as fault:
                yield self._refused(events.UPDATE_REFUSED, order, fault)
                return
        yield from self._wait(order, lambda one: one.kind in (told.REPLACED, told.UPDATE_REJECTED))

    def withdraw(self, order: int) -> Iterator[News]:
        """Ask for the order's end, as `replace` asks for a change."""
        row, ref = self._world.orders[order], self.name(order)
        yield from self._told_of(ref)
        if row.pending != CANCEL:
            return
        if not self._client.unanswered(ref, wire.CANCEL):
            try:
                self._asked[order] = self._client.cancel(ref)
            except OrderRefused as fault:
                yield self._refused(events.CANCEL_REFUSED, order, fault)
                return
        yield from self._wait(order, lambda one: one.kind == told.CANCEL_REJECTED)

    def news(self, instant: int) -> Iterator[News]:
        """Everything that has come. What earlier instants booked is in the journal for good by now."""
        kept = [one.serial for one in self._kept if one.serial]
        # News of one order may have been taken before older ones of others.
        done = min(kept) - 1 if kept else self._serial
        if done > self._acknowledged:
            self._client.acknowledge(done)
            self._acknowledged = done
        while self.waiting():
            yield from self._taken(self._kept.popleft())

    def _number(self, ref: str) -> int:
        """The number of the order of this name; 0 when it is none of this run's."""
        while self._named < self._world.counters[0].orders:
            self._named += 1
            self._numbers[self.name(self._named)] = self._named
        return self._numbers.get(ref, 0)

    def _told_of(self, ref: str) -> Iterator[News]:
        """What has come about one order; news of others keep their place."""
        while (one := self._client.next_news()) is not None:
            self._kept.append(one)
        mine = [one for one in self._kept if one.order == ref]
        self._kept = deque(one for one in self._kept if one.order != ref)
        for one in mine:
            yield from self._taken(one)

    def _wait(self, number: int, answered: Callable[[told.News], bool]) -> Iterator[News]:
        """News of one order until it has ended, is `answered`, or time is up; others keep their place. While every position
        is to be left at once nothing is waited for: nothing is sized on it."""
        control = self._world.controls[0]
        until = self._elapsed() + (0.0 if control.flattening and control.paused else self._fill_wait)
        ref = self.name(number)
        yield from self._told_of(ref)
        while self._world.orders[number].state == WORKING and (left := until - self._elapsed()) > 0:
            one = self._client.next_news(min(left, 0.05))
            if one is None:
                continue
            if one.order != ref:
                self._kept.append(one)
                continue
            yield from self._taken(one)
            if one.state in SETTLED or answered(one):
                return

    def _taken(self, one: told.News) -> Iterator[News]:
        if one.serial:
            self._serial = max(self._serial, one.serial)
        number = self._number(one.order)
        gone = (
            number > 0 and self._world.orders[number].symbol < 0
        )  # of a document before, which had its symbol
        if one.kind not in KINDS or number == 0 or gone:
            self._said(one)
            return
        if one.text:
            self._said(one)
        yield self._news(one, number)

    def _refused(self, kind: int, number: int, fault: OrderRefused) -> News:
        """The client would not send it; why is said."""
        ref, symbol = self.name(number), self._symbols[self._world.orders[number].symbol]
        self._said(told.News(kind=told.REJECTED, order=ref, symbol=symbol, text=str(fault)))
        return News(kind, number)

    def _news(self, one: told.News, number: int) -> News:
        """What the client told of order `number`, in the engine's words."""
        sign = 1 if self._world.orders[number].quantity > 0 else -1
        answered = one.answered and one.serial > self._asked.get(number, 0)
        return News(
            KINDS[one.kind], number, one.shares, one.price, one.serial, STATES.get(one.state, WORKING),
            one.amount, one.fee, sign * one.quantity, one.limit, answered,
            f"{one.leg}/{one.exec_id}", f"{one.leg}/{one.refers}",
        )  # fmt: skip
