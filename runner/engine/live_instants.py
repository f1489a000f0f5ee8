"""The timeline of a live run: each day's instants in turn, waited for on the clock, with the bars that have come."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from runner.engine.instants import (
    INSTANT_EXTRA,
    INSTANT_MISSED,
    Arrival,
    Instant,
)
from runner.engine.live_day import Day, row_at
from runner.engine.live_rows import for_bars_only, hushed, one_each, same_day, tables_of, use
from runner.engine.live_store import LiveColumnStore
from runner.engine.ports import BarFeed, Clock, Desk, Hole, InputLog, LiveBar, NoDesk, Notice
from runner.engine.recorded import DAY, HOLE, INSTANT, Diverged
from runner.engine.state import World
from runner.language.program import Program
from runner.market.calendar import Calendar
from runner.market.events import STOPPED

INSTANT_ROW: Any = Instant.frozen  # type: ignore[attr-defined]
SEEN = ("start", "end", "open", "high", "low", "close", "bid", "ask", "quote_end", "real", "volume")
LOOK = 50_000_000  # ns between two looks for news while it waits for time, and while it waits for bars
BAR_LOOK = 2_000_000


class LiveInstants:
    """Gives the loop one instant after the other as the clock reaches it.

    `days`: lays out a day of the calendar. `waiting`: whether news of orders wait to be booked; `desk`: notices. An
    instant of its own is made for either. An instant that was laid out for bars alone, and to which none came, is left
    out. After a notice that says STOPPED there is no further instant; one of the past is history.
    `idle` is called, now and then, while it waits; `begun` once, when what was missed is over.
    `newest`: each symbol's newest bar before the run. `late_after`: seconds after which an instant that was not worked on
    is missed: it is worked on all the same, flagged, so that every instant of every day comes exactly once, in order.
    `shares`: each symbol's split factor, kept up to date. `resting`: called when the past is over and the world is at rest;
    the run ends when it says so (False). `ended_with`: called once before that, with the notices of the last instant that
    was heard; the run ends when it says so (True).
    """

    total = 0

    def __init__(
        self,
        program: Program,
        calendar: Calendar,
        days: Callable[[int], Day],
        feed: BarFeed,
        clock: Clock,
        store: LiveColumnStore,
        waiting: Callable[[], bool],
        until: int,
        log: InputLog,
        desk: Desk | None = None,
        newest: Mapping[str, LiveBar] | None = None,
        late_after: float = 60.0,
        shares: dict[str, float] | None = None,
    ) -> None:
        self._program = program
        self._symbols = {symbol: i for i, symbol in enumerate(program.spec.symbols)}
        self._calendar = calendar
        self._days = days
        self._feed = feed
        self._clock = clock
        self._store = store
        self._waiting = waiting
        self._until = until
        self._log = log
        self._desk = desk or NoDesk()
        self.idle: Callable[[], None] = lambda: None
        self._stopped = False
        self.notices: Sequence[Notice] = ()
        self._newest = dict(newest or {})
        self._late = int(late_after * 1e9 * clock.speed)
        self.shares = {} if shares is None else shares
        self.shares.update({symbol: bar.split for symbol, bar in self._newest.items()})
        self.holes: list[Hole] = []  # that end at the instant at hand
        self._ahead: deque[Hole] | None = None  # that come; None before the feed was asked
        self.latest = 0
        self._k = -1
        self._rows: list[Instant] = []
        self._at = 0
        self._day = 0
        self._done = 0  # time of the newest instant of a day that has been worked on
        self._worked = False
        self._between: tuple[int, Instant] | None = None
        self._owes = False  # the newest instant was missed, and none was in time since
        self._announced: list[Notice] = []  # what the first instant of an epoch says that is in time
        self.begun: Callable[[], None] | None = None
        self.resting: Callable[[World], bool] = lambda world: True
        self.ended_with: Callable[[Sequence[Notice]], bool] = lambda said: False

    def state(self) -> dict[str, Any]:
        """How far it has come, as plain values."""
        newest = [list(bar) for bar in self._newest.values()]
        done = [self._done, self._worked]
        return {
            "latest": self.latest,
            "k": self._k,
            "newest": newest,
            "done": done,
            "shares": self.shares,
            "announced": [list(one) for one in self._announced],
        }

    def restore(self, kept: dict[str, Any]) -> None:
        """Go on from there; the day is laid out anew."""
        self.latest, self._k, (self._done, self._worked) = kept["latest"], kept["k"], kept["done"]
        self._newest = {values[0]: LiveBar(*values) for values in kept["newest"]}
        self.shares.update(kept["shares"])
        self._announced = [Notice(*one) for one in kept["announced"]]

    def next(self, world: World) -> int:
        """Wait for the next instant; see ports.Instants. After a restart the instants of the past come first, at once."""
        before, self.notices, self.holes = self.notices, (), []
        while (entry := self._log.recall()) is not None:
            if entry[0] == DAY:
                use(world, entry[1])
            elif entry[0] == HOLE:
                self._begin_anew(Hole(*entry[1:]))
            elif entry[0] == INSTANT:
                self.notices = [Notice(*one) for one in entry[3]] if len(entry) > 3 else []
                self._announced = [] if self.notices else self._announced
                return self._put(world, INSTANT_ROW(*entry[1]), [LiveBar(*bar) for bar in entry[2]])
            else:
                raise Diverged(f"the log has {entry[0]} between two instants")
        self._log.commit()
        self._desk.done()
        if self._ahead is None and self.ended_with(before):
            return -1
        if not (self._owes or self._stopped) and not self.resting(world):
            return -1
        if self._ahead is None:
            known = self._resume()
            if self._k < 0:  # from here on nothing is lost without a word
                return self._new(world, self._extra(self._clock.now(), INSTANT_MISSED), known)
        while not self._stopped:
            if self._at >= len(self._rows) and not self._next_day(world):
                return -1
            row: Any = self._rows[self._at]
            if not self._is_late(row.time):
                if self._owes and self._clock.now() < row.time:
                    return self._new(world, self._extra(self._clock.now()), [])
                if (begun := self.begun) and self._clock.now() < row.time:
                    self.begun = None
                    begun()
                time = self._wait(row.time)
                if time >= 0:
                    return self._new(world, self._extra(time), []) if time else -1
            late = self._is_late(row.time)
            if late:
                row = row._replace(flags=row.flags | INSTANT_MISSED)
            bars = self._heard(row.time)
            self._at += 1
            self._done = row.time
            ends = bool(self._ahead and self._ahead[0].until <= row.time)
            told = not late and (self._told() or bool(self._hushed(world, bars)))
            if bars or ends or told or not for_bars_only(row):
                return self._new(world, row, bars)
        return -1

    def _is_late(self, time: int) -> bool:
        return self._clock.now() - time > self._late

    def _wait(self, time: int) -> int:
        """Wait for `time`, then for its bars: -1 when all is there. News that come meanwhile are not kept waiting: the time
        of an instant for them; 0 when the clock was told to stop."""
        speed = self._clock.speed
        while (now := self._clock.now()) < time:
            self.idle()
            if self._calls():
                return max(now, self.latest)
            if not self._clock.wait_until(time if self._clock.jumps else min(time, now + int(LOOK * speed))):
                return 0
        while not self._is_late(time) and not self._feed.ready(time):
            if self._calls():
                return time
            if not self._clock.wait_until(self._clock.now() + int(BAR_LOOK * speed)):
                return 0
        return -1

    def _calls(self) -> bool:
        return self._waiting() or self._told()

    def _told(self) -> bool:
        return bool(self._announced) or self._desk.waiting()

    def _resume(self) -> list[LiveBar]:
        """The past is over. What the feed knows of the bars since; at a first start, those before it."""
        now = self._clock.now()
        first = self._k < 0
        self._done = now - 1 if first else self._done
        self._day = self._calendar.day_of(self._done) - 1
        self._ahead = deque(self._feed.resume(self._newest, now))
        return self._heard(now - 1) if first else []

    def _heard(self, time: int) -> list[LiveBar]:
        """Bars up to `time` that the run does not know yet."""
        known = {symbol: bar.end for symbol, bar in self._newest.items()}
        bars = [bar for bar in self._feed.until(time) if bar.end > known.get(bar.symbol, 0)]
        return [bar if bar.split else bar._replace(split=self.shares.get(bar.symbol, 1.0)) for bar in bars]

    def _next_day(self, world: World) -> bool:
        while self._day < self._until:
            self._day += 1
            day = self._days(self._day)
            self._rows = [row for row in day.instants if row.time > self._done]
            self._at = 0
            if self._rows:
                if not self._worked and self._rows[0] is not day.instants[0]:
                    first: Any = self._rows[0]  # the run begins within the day: what the day began with holds
                    self._rows[0] = first._replace(loan_lo=0, change_lo=0)
                tables = tables_of(day.market)
                self._log.write([DAY, tables])
                use(world, tables)
                return True
        return False

    def _new(self, world: World, row: Instant, bars: list[LiveBar]) -> int:
        """An instant that is not in the log yet, and the holes that end at it."""
        while self._ahead and self._ahead[0].until <= row.time:
            hole = self._ahead.popleft()
            self._log.write([HOLE, *hole])
            self._begin_anew(hole)
            if hole.anew:  # what came before it is forgotten
                bars = [b for b in bars if self._symbols[b.symbol] != hole.symbol or b.end > hole.until]
        if not row.flags & INSTANT_MISSED:  # what is said waits for an instant that is in time
            self.notices = [*self._announced, *self._hushed(world, bars), *self._desk.take(row.time)]
            self._announced = []
        self._stopped = any(notice.kind == STOPPED for notice in self.notices)
        said = [list(notice) for notice in self.notices]
        self._log.write([INSTANT, list(row), [list(bar) for bar in bars], said])  # type: ignore[call-overload]
        return self._put(world, row, bars)

    def _hushed(self, world: World, bars: list[LiveBar]) -> list[Notice]:
        return hushed(world, self._symbols, self._feed.quiet(), bars)

    def _begin_anew(self, hole: Hole) -> None:
        self.holes.append(hole)
        if hole.anew:
            self._store.begin_anew(self._program.spec.symbols[hole.symbol])

    def _extra(self, time: int, flags: int = 0) -> Instant:
        """An instant of its own, between two that are laid out."""
        time = max(time, self.latest)
        if self._between is None or self._between[0] != self._at or not same_day(self._between[1], time):
            self._between = self._at, row_at(self._program, self._calendar, time)
        row: Any = self._between[1]
        clock = row.clock + time - row.time
        return row._replace(time=time, clock=clock, flags=INSTANT_EXTRA | flags)

    def _put(self, world: World, row: Instant, bars: list[LiveBar]) -> int:
        """Make `row` with its bars instant number k of the world."""
        self._k += 1
        self.latest = row.time
        if row.flags & INSTANT_EXTRA:
            self._done = max(self._done, row.time - 1)
            self._owes = False
        else:
            self._done = row.time
            self._worked = True
            self._owes = bool(row.flags & INSTANT_MISSED)
        arrivals = one_each(self._arrivals(bars))
        world.instants.clear()
        world.arrivals.clear()
        shown: Any = row
        world.instants[self._k] = shown._replace(bar_lo=0, bar_hi=len(arrivals))
        world.arrivals.update(enumerate(arrivals))
        if world.settings[0].raw_prices:
            for action in world.actions[row.action_lo : row.action_hi]:
                symbol = self._program.spec.symbols[action.symbol]
                self.shares[symbol] = self.shares.get(symbol, 1.0) * action.split
        return self._k

    def _arrivals(self, bars: list[LiveBar]) -> list[Arrival]:
        """Bars in the order of their ends, then of the universe; each end is pushed into the columns by itself."""
        out = []
        for end in sorted({bar.end for bar in bars}):
            now = {bar.symbol: bar for bar in bars if bar.end == end}
            self._newest.update(now)
            places = self._store.push({symbol: bar.bars() for symbol, bar in now.items()})
            for symbol in sorted(now, key=self._symbols.__getitem__):
                bar = now[symbol]
                seen = {name: getattr(bar, name) for name in SEEN}
                out.append(Arrival(symbol=self._symbols[symbol], row=places[symbol], **seen))
        return out
