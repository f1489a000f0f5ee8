"""The universe of a run resolved: who belongs to it when, from files, coarse files and daily bars.

Everything is known at its instant: a file of a day from the midnight after it, a daily bar from its end.
"""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any, NamedTuple, Protocol
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import numpy.typing as npt

from runner.adapters import coarse, member_files
from runner.adapters.bar_days import BarDays, Table
from runner.adapters.coarse_days import CoarseDays
from runner.adapters.coverage import DataFault
from runner.engine import triggers
from runner.engine.ports import History
from runner.engine.selecting import Membership, Sets, begun, choose, membership, ordered
from runner.language import words
from runner.language.program import Program, compile_program
from runner.language.selection import Chooser, compile_selection
from runner.language.spec import Selection, Spec
from runner.market.calendar import Calendar

NEW_YORK = ZoneInfo("America/New_York")
Int64s = npt.NDArray[np.int64]


class Resolved(NamedTuple):
    """`membership`, what was read for it by name, and what a reader should know."""

    membership: Membership
    files: dict[str, str]
    notes: list[str]


class Resolver:
    """Turns the selections of one strategy into membership."""

    def __init__(
        self, spec: Spec, history: History, calendar: Calendar, folder: Path, first: int, last: int
    ) -> None:
        self.spec, self.history, self.calendar, self.folder = spec, history, calendar, folder
        since = spec.universe.since  # from here on `first` and `start` are those of the selections
        self.first, self.last = first if since is None else min(since, first), last
        self.run_start = calendar.midnight_of(first)
        self.start, self.end = calendar.midnight_of(self.first), calendar.midnight_of(last + 1)
        self.root = folder / spec.data.path
        self.files: dict[str, str] = {}
        self.notes: list[str] = []
        self._identifiers: coarse.Identifiers | None = None
        self.deliveries: list[Int64s] = [np.empty(0, np.int64)]

    def resolve(self) -> Resolved:
        """All selections together."""
        kinds = {"file": self._file, "constituents": self._constituents, "dynamic": self._dynamic}
        sets = [kinds[selection.kind](selection) for selection in self.spec.universe.selections]
        found = begun(membership(self.spec.universe.listed, sets, self.start, self.end), self.run_start)
        if self.spec.settings["sampling"] == "lean":
            came = np.unique(np.concatenate(self.deliveries))
            found = found._replace(deliveries=came[(came >= self.run_start) & (came <= self.end)])
        return Resolved(found, self.files | self.history.files(), self.notes)

    # -- files ----------------------------------------------------------------------------------------

    def _stays(self, name: str) -> list[member_files.Stay]:
        stays, digest = member_files.read_members(self.folder / name)
        self.files[name] = digest
        return stays

    def _file(self, selection: Selection) -> Sets:
        stays = self._stays(selection.name)
        days = {self.first}
        for stay in stays:
            days |= {day for day in (stay.first_day, stay.last_day + 1) if self.first < day <= self.last}
        return [
            (
                self.calendar.midnight_of(day),
                frozenset(stay.symbol for stay in stays if stay.first_day <= day <= stay.last_day),
            )
            for day in sorted(days)
        ]

    def _constituents(self, selection: Selection) -> Sets:
        files = member_files.constituents(self.root, selection.name)
        sets: Sets = [(self.start, frozenset())]
        self.deliveries.append(
            np.array(
                [self.calendar.midnight_of(d + 1) for d, _ in files if self.first <= d <= self.last], np.int64
            )
        )
        for day, path in files:
            if day >= self.last or not self.calendar.first_day <= day:
                continue
            rows, digest = member_files.read_constituents(path)
            self.files[path.relative_to(self.root).as_posix()] = digest
            chosen = frozenset(self.symbol_of(sid.encode(), ticker.encode()) for sid, ticker in rows)
            known = self.calendar.midnight_of(day + 1)
            sets = [(known, chosen)] if known <= self.start else [*sets, (known, chosen)]
        return [(max(time, self.start), chosen) for time, chosen in sets]

    def symbol_of(self, sid: bytes, ticker: bytes) -> str:
        """The symbol of a security of LEAN's."""
        if self._identifiers is None:
            self._identifiers = coarse.Identifiers(self.root)
        return self._identifiers.symbol(sid, ticker)

    # -- dynamic --------------------------------------------------------------------------------------

    def refreshes(self, selection: Selection) -> list[int]:
        """The instants at which a selection is made: the start of the run and its moments."""
        calendar = self.calendar
        found = [np.array([self.start])]
        for moment in selection.refresh:
            midnight = moment.kind == "time" and moment.offset == 0 and moment.days.on == "every_session"
            if midnight and self.spec.settings["universe.every_session"] == "after":
                found.append(calendar.midnight[calendar.date + 1 - calendar.first_day])
            else:
                found.append(triggers.instants(moment, calendar))
        times = np.unique(np.concatenate(found))
        return [int(t) for t in times[(times >= self.start) & (times < self.end)]]

    def _dynamic(self, selection: Selection) -> Sets:
        chooser, faults = compile_selection(self.spec, selection)
        assert not faults, faults
        times = self.refreshes(selection)
        stays = self._stays(selection.among_file) if selection.among_file else []
        named = ordered(list(dict.fromkeys([*selection.among, *(stay.symbol for stay in stays)])))
        days = self._days(selection, chooser, times, named)
        sets: Sets = []
        for time in times:
            table = days.at(time)
            if table is not None:  # no file: the members stay
                names, columns = table
                known = self._allowed(stays, frozenset(named), names, time)
                if selection.besides:
                    known &= ~np.isin(names, selection.besides)
                picked = choose(chooser, columns, instant_words(time), known, selection.keep)
                sets.append((time, frozenset(names[i] for i in picked)))
        return sets

    def _days(self, selection: Selection, chooser: Chooser, times: list[int], named: list[str]) -> Days:
        """What the candidates are judged by."""
        if not chooser.program.nodes and named:
            if selection.source == "bars":  # a selection by the calendar alone
                self.deliveries.append(np.array(times, np.int64))
            return Unjudged(named)
        if selection.source == "coarse":
            days = CoarseDays(self, chooser, times)
            self.deliveries.append(days.known)
            return days
        return BarDays(self, chooser, times, named)

    def _allowed(
        self, stays: list[member_files.Stay], named: frozenset[str], names: list[str], time: int
    ) -> Any:
        """Which of `names` are candidates at an instant, by `among`."""
        if not named:
            return np.ones(len(names), bool)
        if stays:
            day = self.calendar.day_of(time)
            named = frozenset(stay.symbol for stay in stays if stay.first_day <= day <= stay.last_day)
        return np.array([name in named for name in names], bool)


class Days(Protocol):
    """What is known of the candidates at an instant."""

    def at(self, time: int) -> Table | None:
        """Candidates in order and each node's value for them; None when nothing is known."""


class Unjudged:
    """Candidates of whom nothing is asked."""

    def __init__(self, names: list[str]) -> None:
        self.names = names

    def at(self, time: int) -> Table | None:
        """All of them."""
        return self.names, {}


def instant_words(time: int) -> dict[int, float]:
    """Values of the words about an instant."""
    at = datetime.datetime.fromtimestamp(time // 10**9, NEW_YORK)
    return {
        words.YEAR: float(at.year),
        words.MONTH: float(at.month),
        words.DAY: float(at.day),
        words.WEEKDAY: float(at.isoweekday()),
        words.HOUR: float(at.hour),
        words.MINUTE: float(at.minute),
    }


def with_symbols(program: Program, members: Membership) -> Program:
    """The program over all symbols that the run has: those that the document names, then the others in order."""
    spec = program.spec
    others = sorted(set(members.first()) - set(spec.symbols))
    if not others and not spec.symbols:
        raise DataFault("the universe has no member in the whole run: check its conditions and its files")
    changes: dict[str, Any] = {"symbols": (*spec.symbols, *others)}
    if spec.portfolio is not None and spec.portfolio.whole:
        every = (*spec.portfolio.symbols, *others)
        changes["portfolio"] = msgspec.structs.replace(spec.portfolio, symbols=every)
        changes["rules"] = tuple(
            msgspec.structs.replace(rule, symbols=every) if rule.part == "portfolio" else rule
            for rule in spec.rules
        )
    whole, faults = compile_program(msgspec.structs.replace(spec, **changes))
    assert not faults, faults
    return whole
