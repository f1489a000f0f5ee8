"""Instants that are worked on too late: the run was down, or the machine slept, or the clock was set.

Money, dates, quotes and columns take them in order as if they came in time. Nothing is decided on them, but what leaves is
kept: exits, cancels and what protects a position are done at the first instant that is in time again. Entries are
skipped. Only live runs come here, so this is plain Python.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from runner.engine import decide, protect, send, sizes, state, step, universe, walk
from runner.engine.book import close_order, record
from runner.engine.follow import follow_ups, waits
from runner.engine.instants import INSTANT_EXTRA, INSTANT_MISSED, INSTANT_OPEN, Arrival
from runner.engine.margins import is_open
from runner.engine.news import withhold
from runner.engine.ports import Clock, Hole
from runner.engine.send import act
from runner.engine.state import World
from runner.laws import refusals
from runner.market import events
from runner.market.order import CALL, DELISTING, EXIT, PROTECT, QUEUED

LEAVES = (EXIT, PROTECT, CALL, DELISTING)  # purposes of orders
LEAVING = (state.EXIT, state.EXIT_EVERYTHING, state.CANCEL, state.CANCEL_ALL)
NEVER_LATE = (state.ENTER, state.UPDATE, state.VIEW, state.REBALANCE)
MAY_LEAVE = (*LEAVING, state.TARGET, state.TRADE)


def missed(world: World, k: int) -> bool:
    """Whether instant `k` is worked on too late."""
    return bool(world.instants[k].flags & INSTANT_MISSED)


def note_holes(world: World, k: int, holes: Iterable[Hole]) -> None:
    """Write down the bars that nobody has."""
    for hole in holes:
        line = record(world, k, events.HOLE if hole.anew else events.BARS_LOST, hole.symbol, -1, 0)
        line.quantity = hole.bars
        line.good_till = hole.after


def leaves(world: World, o: int) -> bool:
    """Whether order `o` only takes away from a position."""
    order = world.orders[o]
    return order.purpose in LEAVES or not sizes.opens(world.holdings[order.symbol], order)


def too_late(world: World, clock: Clock, after: float) -> Callable[[int], bool]:
    """A question for a broker that is about to send or change an order (by number): whether it was decided more than
    `after` seconds ago and does not leave, or its day is over, whatever it does: an exit that persists is sent anew when the
    market takes it. So it stands after a stop between the decision and the sending."""

    def late(o: int) -> bool:
        decided, now = max(row.time for row in world.instants.values()), clock.now()
        expires = world.orders[o].expires
        if 0 < expires <= now:
            return True
        return now - decided > after * 1e9 * clock.speed and not leaves(world, o)

    return late


class Late:
    """What is owed after instants that were missed."""

    def __init__(self) -> None:
        self._owed: dict[tuple[int, int], int] = {}  # rule and symbol: when they fired
        self._opened = False
        self.owes = False

    def take(self, world: World, k: int) -> None:
        """The part of a missed instant in which a run in time decides."""
        step.advance(world, k)
        universe.change(world, k)
        if world.counters[0].protects:
            protect.watch(world, k)
        if world.instants[k].flags & INSTANT_EXTRA:
            return  # bars from before the run, which is asked nothing of them
        self.owes = True
        self._opened = self._opened or bool(world.instants[k].flags & INSTANT_OPEN)
        due = {world.moments[j] for j in range(world.instants[k].moment_lo, world.instants[k].moment_hi)}
        for r, rule in enumerate(world.rules):
            if r in due:
                record(world, k, events.MISSED, -1, r, 0)
            if (r in due or not rule.moment) and r < world.counters[0].rules and not rule.upon:
                self._ask(world, k, r)

    def _ask(self, world: World, k: int, r: int) -> None:
        """Ask a rule that may leave something; one that can only enter is not asked, and its memory stays."""
        rule = world.rules[r]
        steps = [world.steps[i].action for i in range(rule.step_lo, rule.step_hi)]
        if not any(action in (MAY_LEAVE if rule.moment else LEAVING) for action in steps):
            return
        n = walk.candidates(world, k, r)
        symbols = [rule.home] if rule.basket and n else list(world.candidates[:n])
        for s in symbols:
            if not decide.triggered(world, k, r, s):
                continue
            if not rule.moment:
                if not _anything(world, s, rule.basket or rule.flattens):
                    world.memory[r * len(world.holdings) + s].skipped += 1
                    continue
                record(world, k, events.MISSED, s, r, 0)
            if self._owed.pop((r, s), 0) or (rule.flattens and any(one == r for one, _ in self._owed)):
                world.memory[r * len(world.holdings) + s].skipped += 1
            self._owed[r, s] = world.instants[k].time

    def orders_at(self, world: World, k: int) -> Iterator[tuple[int, int]]:
        """Do at instant `k`, which is in time, what leaves; yields (intent, order number) as `walk.orders_at` does."""
        owed, self._owed, self.owes = self._owed, {}, False
        if self._opened:
            self._opened = False
            yield from _release(world, k)
        for (r, s), time in owed.items():
            yield from _run(world, k, r, s, time)
        yield from _exits(world, k)


def _anything(world: World, s: int, everywhere: bool) -> bool:
    symbols = range(len(world.holdings)) if everywhere else (s,)
    return any(world.holdings[t].position != 0 or world.holdings[t].open_orders > 0 for t in symbols)


def _release(world: World, k: int) -> Iterator[tuple[int, int]]:
    """The orders that waited for an open which was missed: what leaves is sent, now or at the next open."""
    for o in [o for o in world.working[: world.counters[0].working] if world.orders[o].state == QUEUED]:
        if world.orders[o].state != QUEUED:
            continue  # what followed an order before it has ended it
        if not leaves(world, o):
            withhold(world, k, o)
        elif is_open(world, k):
            close_order(world, o, QUEUED)
            if send.send(world, k, o):
                yield state.SUBMIT, o


def _run(world: World, k: int, r: int, s: int, time: int) -> Iterator[tuple[int, int]]:
    """The steps of rule `r`, which fired for symbol `s` at `time`, without what enters."""
    rule = world.rules[r]
    sent = refused = unknown = ran = False
    for i in range(rule.step_lo, rule.step_hi):
        code = decide.begin(world, k, r, s, i)
        if code == decide.ABSENT:
            continue
        if code == decide.UNMADE:
            unknown = True
            break
        for j in range(world.counters[0].wanted):
            if world.steps[i].action in NEVER_LATE or not _reduces(world, j):
                record(world, k, events.SKIPPED, world.wanted[j].symbol, r, 0).code = refusals.TOO_LATE
                continue
            if not ran:
                ran = True
                record(world, k, events.RAN_LATE, s, r, 0).good_till = time
            intent = world.wanted[j].intent
            o = act(world, k, r, i, j)
            if o > 0:
                sent = True
                yield intent, o
            else:
                refused = True
        if code == refusals.FINE and world.steps[i].action == state.NOTE:
            sent = True
        if waits(world):
            yield from follow_ups(world, k)
        if rule.choose:
            break
    decide.conclude(world, r, s, sent, refused, unknown)


def _reduces(world: World, j: int) -> bool:
    """Whether wanted row `j` takes away from its position, or ends an order."""
    line = world.wanted[j]
    if line.intent != state.SUBMIT:
        return bool(line.intent == state.WITHDRAW)
    position = world.holdings[line.symbol].position
    return line.purpose in LEAVES or (position * line.quantity < 0 and abs(line.quantity) <= abs(position))


def _exits(world: World, k: int) -> Iterator[tuple[int, int]]:
    """Exits that persist are looked at as if each symbol had a bar: one that was decided late waits for none."""
    symbols = [s for s, holding in enumerate(world.holdings) if holding.exiting > 0]
    row, lo = world.instants[k], len(world.arrivals)
    world.arrivals.update((lo + i, Arrival(symbol=s)) for i, s in enumerate(symbols))
    world.instants[k] = row._replace(bar_lo=lo, bar_hi=lo + len(symbols))
    yield from decide.exits_at(world, k)
    world.instants[k] = row
