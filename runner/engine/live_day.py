"""One day of a live run, laid out before it begins by the same code as a backtest's days: its moments, opens and closes,
corporate actions and marks, and an instant for every bar that may come."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from runner.engine import schedule
from runner.engine.fill_forward import due_ends
from runner.engine.instants import INSTANT_EXTRA, Instant
from runner.engine.ports import History, Lender
from runner.engine.prepare import gather, resolution_of
from runner.engine.schedule import Benchmark
from runner.engine.world import Market
from runner.language.program import Program
from runner.market.bar import RESOLUTIONS, Actions, Bars, Listing
from runner.market.calendar import Calendar
from runner.market.rows import frozen

NO_BENCHMARK = Benchmark(np.empty(0, np.int64), np.empty(0))


class Day(NamedTuple):
    """`instants`: rows of `Instant`, ascending. `market`: what they refer to."""

    instants: list[Instant]
    market: Market


class ExpectedBars:
    """A history whose bars are those that a session can bring, without prices; all else is the reference's."""

    def __init__(self, reference: History, calendar: Calendar) -> None:
        self._reference = reference
        self._calendar = calendar

    def bars(
        self,
        symbol: str,
        resolution: str,
        first_day: int,
        last_day: int,
        prices: str,
        extended_hours: bool,
        since: int | None = None,
    ) -> Bars:
        """A row for every bar that can end between two days."""
        step = RESOLUTIONS[resolution]
        end = due_ends(self._calendar, step, first_day, last_day, extended_hours)
        unknown = np.full(len(end), np.nan)
        none = np.zeros(len(end), np.int64)
        return Bars(
            end - step, end, unknown, unknown, unknown, unknown, unknown, unknown, unknown, none,
            np.zeros(len(end), bool), np.ones(len(end)),
        )  # fmt: skip

    def actions(self, symbol: str, first_day: int, last_day: int) -> Actions:
        """The reference's."""
        return self._reference.actions(symbol, first_day, last_day)

    def listing(self, symbol: str) -> Listing | None:
        """The reference's."""
        return self._reference.listing(symbol)

    def extent(self, symbol: str, resolution: str) -> tuple[int, int] | None:
        """The reference's."""
        return self._reference.extent(symbol, resolution)

    def files(self) -> dict[str, str]:
        """The reference's."""
        return self._reference.files()

    def notes(self) -> list[str]:
        """The reference's."""
        return self._reference.notes()


def lay_out(
    program: Program, reference: History, calendar: Calendar, day: int, lender: Lender | None = None
) -> Day:
    """The instants of `day` (days since 1970), and of no other."""
    following = day + 4  # a moment after the last bar belongs to the day: a later session keeps it
    expected = ExpectedBars(reference, calendar)
    found = gather(program, expected, calendar, day, following, NO_BENCHMARK, lender)
    rows = found.market.instants
    return Day(frozen(Instant, rows[rows["day"] == day]), found.market)


def row_at(program: Program, calendar: Calendar, time: int) -> Instant:
    """An instant that no day has laid out: at `time` (ns UTC), with nothing in it."""
    day = calendar.day_of(time)
    plan = schedule.Plan(
        day, day + 4, [], [], [np.array([time])], np.empty(0, np.int64), NO_BENCHMARK, "session",
        int(program.spec.settings["settlement_time"]),
    )  # fmt: skip
    rows = schedule.build(plan, calendar).instants
    row: Any = frozen(Instant, rows[rows["time"] == time])[0]
    nothing = {name: 0 for name in row._fields if name.endswith(("_lo", "_hi"))}
    return row._replace(flags=INSTANT_EXTRA, marks=0, **nothing)


def steps(program: Program) -> dict[str, int]:
    """Length of each symbol's bars, ns."""
    spec = program.spec
    return {symbol: RESOLUTIONS[resolution_of(spec, symbol)] for symbol in spec.symbols}
