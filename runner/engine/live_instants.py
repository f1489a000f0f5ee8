"""The timeline of a live run: each day's instants in turn, waited for on the clock, with the bars that have come."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from runner.engine.columns import Columns
from runner.engine.instants import INSTANT_SLICE, Action, Arrival, Change, Instant, Loan
from runner.engine.live_day import Day
from runner.engine.portfolio_state import Session
from runner.engine.ports import BarFeed, Clock, Desk, InputLog, LiveBar, NoDesk, Notice
from runner.engine.recorded import DAY, INSTANT, Diverged
from runner.engine.state import World
from runner.language.program import Program
from runner.market.bar import Bars
from runner.market.calendar import Calendar
from runner.market.events import STOPPED
from runner.market.rows import fields_of, with_fields

INSTANT_ROW: Any = Instant.frozen  # type: ignore[attr-defined]
TABLES: dict[str, Any] = {"actions": Action, "loans": Loan, "sessions": Session, "changes": Change}
SEEN = ("start", "end", "open", "high", "low", "close", "bid", "ask", "quote_end", "real", "volume")
LOOK = 50_000_000  # ns between two looks for news while it waits


class LiveColumnStore:
    """The columns that decisions read, newest values only. Each symbol has two places in turn, so that a rule that comes
    before the columns advance still sees the bar before."""

    def __init__(self, program: Program, used: list[int], calendar: Calendar) -> None:
        self._columns = Columns(program, calendar)
        self._used = used
        self._symbols = {symbol: i for i, symbol in enumerate(program.spec.symbols)}
        self._places = [0] * len(self._symbols)
        self.values = [np.full(2 * len(self._symbols), math.nan) for _ in used]

    def push(self, bars: dict[str, Bars]) -> dict[str, int]:
        """Take the bars that end at one instant; the place of each symbol's new values."""
        places = {}
        for symbol, values in self._columns.push_together(bars).items():
            s = self._symbols[symbol]
            self._places[s] = 1 - self._places[s]
            place = places[symbol] = 2 * s + self._places[s]
            for column, node in zip(self.values, self._used, strict=True):
                column[place] = values[node]
        return places

    def state(self) -> dict[str, Any]:
        """Everything that was pushed, as plain values."""
        values = [column.tobytes() for column in self.values]
        return {"columns": self._columns.state(), "places": self._places, "values": values}

    def restore(self, kept: dict[str, Any]) -> None:
        """Put a state back; the arrays stay those that the world reads."""
        self._columns.restore(kept["columns"])
        self._places = kept["places"]
        for column, found in zip(self.values, kept["values"], strict=True):
            column[:] = np.frombuffer(found, np.float64)


class LiveInstants:
    """Gives the loop one instant after the other as the clock reaches it.

    `days`: lays out a day of the calendar. `waiting`: whether news of orders wait to be booked; `desk`: notices. An
    instant of its own is made for either. An instant that was laid out for bars alone, and to which none came, is left
    out. After a notice that says STOPPED there is no further instant; one of the past is history.
    `idle` is called, now and then, while it waits.
    `resting`: called when the past is over and the world is at rest; the run ends when it says so (False).
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
        idle: Callable[[], None] = lambda: None,
    ) -> None:
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
        self._idle = idle
        self._stopped = False
        self.notices: Sequence[Notice] = ()
        self.latest = 0
        self._seen: dict[str, int] = {}  # end of each symbol's newest bar
        self._k = -1
        self._rows: list[Instant] = []
        self._at = 0
        self._day = calendar.day_of(clock.now()) - 1
        self.resting: Callable[[World], bool] = lambda world: True

    def state(self) -> dict[str, Any]:
        """How far it has come, as plain values."""
        return {"latest": self.latest, "seen": self._seen, "k": self._k}

    def restore(self, kept: dict[str, Any]) -> None:
        """Go on from there; the day is laid out anew."""
        self.latest, self._seen, self._k = kept["latest"], kept["seen"], kept["k"]
        if self.latest:
            self._day = self._calendar.day_of(self.latest) - 1

    def next(self, world: World) -> int:
        """Wait for the next instant; see ports.Instants. After a restart the instants of the past come first, at once."""
        while (entry := self._log.recall()) is not None:
            if entry[0] == DAY:
                self._use(world, entry[1])
            elif entry[0] == INSTANT:
                self._day = (
                    self._calendar.day_of(entry[1][0]) - 1
                )  # the day is laid out anew when the past is over
                self.notices = [Notice(*one) for one in entry[3]] if len(entry) > 3 else []
                return self._put(world, INSTANT_ROW(*entry[1]), [LiveBar(*bar) for bar in entry[2]])
            else:
                raise Diverged(f"the log has {entry[0]} between two instants")
        self._log.commit()
        self._desk.done()
        if not self.resting(world):
            return -1
        while not self._stopped:
            if self._at >= len(self._rows) and not self._next_day(world):
                return -1
            row = self._rows[self._at]
            while (now := self._clock.now()) < row.time:
                self._idle()
                if self._waiting() or self._desk.waiting():
                    return self._new(world, self._between(row, now), [])
                if not self._clock.wait_until(row.time if self._clock.jumps else min(row.time, now + LOOK)):
                    return -1
            bars = [bar for bar in self._feed.until(row.time) if bar.end > self._seen.get(bar.symbol, 0)]
            self._at += 1
            if bars or self._desk.waiting() or not _for_bars_only(row):
                return self._new(world, row, bars)
        return -1

    def _next_day(self, world: World) -> bool:
        while self._day < self._until:
            self._day += 1
            day = self._days(self._day)
            since = max(self._clock.now(), self.latest + 1)
            self._rows = [row for row in day.instants if row.time >= since]
            self._at = 0
            if self._rows:
                tables = {"moments": day.market.moments.tolist()}
                for name in TABLES:
                    tables[name] = [fields_of(row) for row in getattr(day.market, name)]
                self._log.write([DAY, tables])
                self._use(world, tables)
                return True
        return False

    def _use(self, world: World, tables: dict[str, list[Any]]) -> None:
        """Put a day's tables into the world, in which no table may be empty."""
        world.moments[:] = tables["moments"]
        for name, cls in TABLES.items():
            table = getattr(world, name)
            table[:] = [with_fields(cls, row) for row in tables[name]] or table[:1]

    def _new(self, world: World, row: Instant, bars: list[LiveBar]) -> int:
        """An instant that is not in the log yet."""
        self.notices = self._desk.take(row.time)
        self._stopped = any(notice.kind == STOPPED for notice in self.notices)
        said = [list(notice) for notice in self.notices]
        self._log.write([INSTANT, list(row), [list(bar) for bar in bars], said])  # type: ignore[call-overload]
        return self._put(world, row, bars)

    def _between(self, following: Instant, now: int) -> Instant:
        """An instant of its own for news, before the next that is laid out."""
        row: Any = following
        nothing = {name: 0 for name in row._fields if name.endswith(("_lo", "_hi"))}
        return row._replace(time=now, flags=0, marks=0, **nothing)

    def _put(self, world: World, row: Instant, bars: list[LiveBar]) -> int:
        """Make `row` with its bars instant number k of the world."""
        self._k += 1
        self.latest = row.time
        arrivals = _one_each(self._arrivals(bars))
        world.instants.clear()
        world.arrivals.clear()
        shown: Any = row
        world.instants[self._k] = shown._replace(bar_lo=0, bar_hi=len(arrivals))
        world.arrivals.update(enumerate(arrivals))
        return self._k

    def _arrivals(self, bars: list[LiveBar]) -> list[Arrival]:
        """Bars in the order of their ends, then of the universe; each end is pushed into the columns by itself."""
        out = []
        for end in sorted({bar.end for bar in bars}):
            now = {bar.symbol: bar for bar in bars if bar.end == end}
            self._seen.update(dict.fromkeys(now, end))
            places = self._store.push({symbol: bar.bars() for symbol, bar in now.items()})
            for symbol in sorted(now, key=self._symbols.__getitem__):
                bar = now[symbol]
                seen = {name: getattr(bar, name) for name in SEEN}
                out.append(Arrival(symbol=self._symbols[symbol], row=places[symbol], **seen))
        return out


def _for_bars_only(row: Instant) -> bool:
    """Whether an instant was laid out for bars alone."""
    spans = [name[:-3] for name in row._fields if name.endswith("_lo") and name != "bar_lo"]  # type: ignore[attr-defined]
    empty = all(getattr(row, f"{name}_lo") == getattr(row, f"{name}_hi") for name in spans)
    return empty and not row.flags & ~INSTANT_SLICE


def _one_each(arrivals: list[Arrival]) -> list[Arrival]:
    """One arrival of each symbol, in the order of the universe: rules are asked once at an instant. Bars of a symbol that
    come together, because some were late, are one bar to orders and account."""
    newest: dict[int, Arrival] = {}
    for one in arrivals:
        before = newest.get(one.symbol)
        if before is not None and before.real:
            one.start, one.open = before.start, before.open
            one.high, one.low = max(before.high, one.high), min(before.low, one.low)
            one.volume, one.real = before.volume + one.volume, True
        newest[one.symbol] = one
    return [newest[symbol] for symbol in sorted(newest)]
