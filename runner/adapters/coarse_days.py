"""Coarse files as the columns of a selection: one file at a time, or each security's days together when an
expression looks back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from runner.adapters import coarse
from runner.adapters.bar_days import FRESH, Table
from runner.adapters.coverage import day_text
from runner.engine.columns import Columns
from runner.language.selection import Chooser

if TYPE_CHECKING:
    from runner.adapters.membership import Resolver


class Days(NamedTuple):
    """One security's rows, or all securities' rows of one day, with the names that columns read."""

    start: Any
    end: Any
    split: Any
    close: Any
    volume: Any
    dollar_volume: Any
    has_fundamentals: Any
    price_factor: Any
    split_factor: Any


class CoarseDays:
    """What the coarse files say of every security at the instants of a selection."""

    def __init__(self, resolver: Resolver, chooser: Chooser, times: list[int]) -> None:
        self.resolver, self.chooser = resolver, chooser
        calendar = resolver.calendar
        self.files = [
            (day, path)
            for day, path in coarse.coarse_files(resolver.root)
            if calendar.first_day <= day <= resolver.last
        ]
        self.known = np.array([calendar.midnight_of(day + 1) for day, _ in self.files], np.int64)
        self.columns = Columns(chooser.program, calendar)
        nodes = chooser.program.nodes
        self.looks_back = any(
            node.op in ("indicator", "lag") or (node.op == "field" and node.text == "history")
            for node in nodes
        )
        self.tables: dict[int, Table] = {}
        if self.looks_back:
            self._together(times)

    def newest(self, time: int) -> int:
        """Number of the newest file known at an instant, -1 when it is too old or there is none."""
        i = int(np.searchsorted(self.known, time, "right")) - 1
        if i < 0:
            return -1
        date = self.resolver.calendar.date
        before = int(np.searchsorted(date, self.resolver.calendar.day_of(time)))
        behind = before - 1 - int(np.searchsorted(date, self.files[i][0]))
        if behind > 0:
            expected = day_text(int(date[before - 1]))
            note = f"universe: no coarse file of {expected} and others: the newest before it is taken"
            if behind >= FRESH:
                note = f"universe: no coarse files from {expected} or before: the members stay"
            if not any(one.startswith(note[:25]) for one in self.resolver.notes):
                self.resolver.notes.append(note)
        return i if behind < FRESH else -1

    def at(self, time: int) -> Table | None:
        """Symbols and columns known at an instant; None when no file is."""
        i = self.newest(time)
        if i < 0:
            return None
        if i not in self.tables:
            self.tables = {i: self._alone(i)}
        return self.tables[i]

    def _read(self, path: Path) -> coarse.CoarseDay:
        day, digest = coarse.read_coarse(path)
        self.resolver.files[path.relative_to(self.resolver.root).as_posix()] = digest
        return day

    def _names(self, day: coarse.CoarseDay) -> list[str]:
        symbol = self.resolver.symbol_of
        return [
            symbol(sid, ticker) for sid, ticker in zip(day.sid.tolist(), day.ticker.tolist(), strict=True)
        ]

    def _alone(self, i: int) -> Table:
        """One file: expressions of one day only, over all securities as if they were rows of one."""
        day = self._read(self.files[i][1])
        names = self._names(day)
        order = np.array(sorted(range(len(names)), key=names.__getitem__))
        time = np.full(len(names), self.known[i])
        rows = Days(time, time, np.ones(len(names)), *(column[order] for column in day[2:]))
        made = self.columns.scan({"": rows})[""]  # type: ignore[dict-item]
        return [names[j] for j in order], dict(enumerate(made))

    def _together(self, times: list[int]) -> None:
        """All files that the instants need: each security's days one after the other."""
        wanted = sorted({i for time in times if (i := self.newest(time)) >= 0})
        if not wanted:
            return
        nodes = self.chooser.program.nodes
        whole = any(node.op == "field" and node.text == "history" for node in nodes)
        before = max(self.chooser.program.warm_ups, default=1) + 1
        first = 0 if whole else max(0, wanted[0] - before)
        codes: dict[str, int] = {}
        parts: list[tuple[Any, Any, Any]] = []
        used = {node.text for node in nodes if node.op == "field"} | {"split_factor"}
        fields = [name for name in coarse.NUMBERS if name in used]
        for i in range(first, wanted[-1] + 1):
            day = self._read(self.files[i][1])
            code = np.array([codes.setdefault(name, len(codes)) for name in self._names(day)], np.int32)
            numbers = np.stack([getattr(day, name) for name in fields])
            parts.append((code, np.full(len(code), i, np.int32), numbers))
        code, row = (np.concatenate([part[k] for part in parts]) for k in (0, 1))
        numbers = np.concatenate([part[2] for part in parts], axis=1)
        order = np.argsort(code, kind="stable")  # files come in order of day
        code, row, numbers = code[order], row[order], numbers[:, order]
        names = sorted(codes)
        place = {codes[name]: k for k, name in enumerate(names)}
        made = {i: {n: np.full(len(names), np.nan) for n in range(len(nodes))} for i in wanted}
        there = {i: np.zeros(len(names), bool) for i in wanted}
        edges = np.searchsorted(code, np.arange(len(names) + 1))
        for c in range(len(names)):
            part = slice(int(edges[c]), int(edges[c + 1]))
            mine = row[part]
            columns = {name: numbers[k, part] for k, name in enumerate(fields)}
            nothing = np.full(len(mine), np.nan)
            factor = columns["split_factor"]
            time = self.known[mine]
            values = [columns.get(name, nothing) for name in coarse.NUMBERS]
            scanned = self.columns.scan({"": Days(time, time, factor / factor[0], *values)})[""]  # type: ignore[dict-item]
            at = np.searchsorted(mine, wanted)
            for k, i in zip(at.tolist(), wanted, strict=True):
                if k < len(mine) and mine[k] == i:
                    there[i][place[c]] = True
                    for n, column in enumerate(scanned):
                        made[i][n][place[c]] = column[k]
        for i in wanted:
            kept = np.flatnonzero(there[i])
            self.tables[i] = (
                [names[k] for k in kept], {n: column[kept] for n, column in made[i].items()},
            )  # fmt: skip
