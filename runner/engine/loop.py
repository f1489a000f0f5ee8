"""The run as plain Python: waits for instants, calls the steps, obeys what they send, writes the journal.

Any timeline, any broker. `engine/instant.py` is the same order of work without ports, which the kernel
compiles; `tests/test_two_drivers.py` holds the two to one journal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from runner.engine import (
    book,
    calls,
    decide,
    drawdowns,
    instant,
    interest,
    late,
    loans,
    losses,
    notices,
    portfolio,
    protect,
    reprice,
    send,
    step,
    universe,
    walk,
)
from runner.engine.follow import follow_ups, waits
from runner.engine.instants import INSTANT_OPEN
from runner.engine.ports import Broker, Instants, JournalWriter, News, Progress
from runner.engine.rests import rests_at
from runner.engine.state import SUBMIT, WITHDRAW, World
from runner.engine.told import Told
from runner.engine.world import Growth
from runner.laws.admission import proof
from runner.market.order import CANCEL, CHANGE, WORKING

EVERY = 4096  # instants between two reports of progress


class Loop:
    """Drives a world through its timeline. `ahead`: the journal is written before each act and after each instant,
    not when the rows are full. `texts`: the run's, which grow with what notices say. `told` remembers what the broker
    may take back. `watch` is called after each instant."""

    def __init__(
        self,
        world: World,
        instants: Instants,
        growth: Growth,
        broker: Broker,
        journal: JournalWriter,
        ahead: bool = False,
        texts: list[str] | None = None,
        told: Told | None = None,
    ) -> None:
        self._world = world
        self._instants = instants
        self._growth = growth
        self._broker = broker
        self._journal = journal
        self._ahead = ahead
        self._texts = [] if texts is None else texts
        self.watch: Callable[[World, int], None] = lambda world, k: None
        self._late = late.Late()
        self._told = told or Told()

    def run(self, progress: Progress | None = None) -> None:
        """Run every instant, in order; the journal has everything when this returns."""
        world, instants = self._world, self._instants
        while True:
            if not instant.room(world):
                self._growth.drain(world, self._journal)
            k = instants.next(world)
            if k < 0:
                break
            self._instant(k)
            if self._ahead:
                self._growth.drain(world, self._journal)
            self.watch(world, k)
            if progress is not None and k % EVERY == 0:
                progress.at(k, instants.total)
        self._growth.drain(world, self._journal)
        if progress is not None:
            progress.at(instants.total, instants.total)

    def _instant(self, k: int) -> None:
        world = self._world
        if self._instants.holes:
            late.note_holes(world, k, self._instants.holes)
        book.settle(world, k)
        interest.overnight(world, k)
        loans.take(world, k)
        said = self._instants.notices
        if said:
            self._obey(k, notices.obey(world, k, said, self._texts))
        step.take_bars(world, k)
        interest.hourly(world, k)
        for one in self._broker.news(k):
            self._take(k, one)
            if not late.missed(world, k):
                self._follow(k)
        self._turn_of_day(k)
        if late.missed(world, k):
            self._late.take(world, k)
            instant.end(world, k)
            return
        self._follow(k)
        if self._late.owes:
            self._obey(k, self._late.orders_at(world, k))
            self._follow(k)
        opens = world.instants[k].flags & INSTANT_OPEN or (said and notices.may_release(world, k, said))
        if opens and world.counters[0].queued > 0:
            self._obey(k, send.release(world, k))
            self._follow(k)
        first = instant.first_rules(world)
        if first:
            universe.change(world, k)
            self._obey(k, walk.orders_at(world, k, first))
        self._obey(k, calls.calls_at(world, k))
        self._follow(k)
        if world.limits[0].active:
            self._obey(k, losses.losses_at(world, k))
        if world.drawdowns[0].at_marks:
            self._obey(k, drawdowns.drawdowns_at(world, k))
        step.advance(world, k)
        if not first:
            universe.change(world, k)
        if world.counters[0].protects:
            protect.watch(world, k)
        if world.controls[0].flattening:
            self._obey(k, notices.flatten_at(world, k))
        if rests := self._told.rests():
            self._obey(k, rests_at(world, k, rests))
        self._obey(k, decide.exits_at(world, k))
        if world.counters[0].reprices:
            self._obey(k, reprice.steps_at(world, k))
        self._follow(k)
        self._obey(k, walk.orders_at(world, k, walk.BOTH - first))
        if world.portfolio[0].runs:
            self._obey(k, portfolio.portfolio_at(world, k))
        self._follow(k)
        instant.end(world, k)

    def _turn_of_day(self, k: int) -> None:
        """What the date brings; orders that it ends are ended at the broker too."""
        world, counters = self._world, self._world.counters[0]
        changes = self._ahead and world.instants[k].action_lo < world.instants[k].action_hi
        numbers = [world.working[i] for i in range(counters.working)] if changes else []
        working = [o for o in numbers if world.orders[o].state == WORKING]
        instant.turn_of_day(world, k)
        for o in working:
            if world.orders[o].state != WORKING:
                world.orders[o].pending = CANCEL
                self._obey(k, [(WITHDRAW, o)])

    def _follow(self, k: int) -> None:
        """Decide what follows the order events that wait."""
        if waits(self._world):
            self._obey(k, follow_ups(self._world, k))

    def _obey(self, k: int, orders: Iterable[tuple[int, int]]) -> None:
        """Hand each order to the broker as it is decided, and book what it answers at once."""
        for intent, number in orders:
            order = self._world.orders[number]
            if self._ahead:
                self._growth.drain(self._world, self._journal)
            if intent == SUBMIT and order.state == WORKING:
                self._book(k, self._broker.submit(proof(number, order)))
            elif order.pending == CHANGE:
                self._book(k, self._broker.replace(number))
            elif order.pending == CANCEL:
                self._book(k, self._broker.withdraw(number))

    def _book(self, k: int, told: Iterable[News]) -> None:
        for one in told:
            self._take(k, one)

    def _take(self, k: int, one: News) -> None:
        """Book one piece of news; there may be more of them than an instant has room for."""
        if self._ahead and not instant.room(self._world):
            self._growth.drain(self._world, self._journal)
        self._told.take(self._world, k, one)
