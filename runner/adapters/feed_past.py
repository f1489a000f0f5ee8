"""The past as one more source: bars of the history between the newest that a run knows and its start."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from runner.adapters.bar_lines import Unread
from runner.adapters.coverage import DataFault
from runner.engine.live_start import rows_between
from runner.engine.ports import History, LiveBar
from runner.language.program import Program
from runner.market.bar import RESOLUTIONS
from runner.market.calendar import Calendar


class PastBars:
    """What a history has of the time in which nobody listened. `first_day`: of the run (for prices of total return).

    `reach`: for each symbol the end up to which the history knows its bars; known after `resume`.
    """

    name = "history"

    def __init__(self, program: Program, history: History, calendar: Calendar, first_day: int) -> None:
        self._program = program
        self._history = history
        self._calendar = calendar
        self._first_day = first_day
        self._bars: list[LiveBar | Unread] = []
        self.reach: dict[str, int] = {}

    def resume(self, newest: Mapping[str, LiveBar], now: int) -> None:
        """Read the bars that end after each symbol's `newest`, and not after `now`."""
        last: dict[str, int] = {}
        for symbol, bar in newest.items():
            try:
                found = self._rows(symbol, bar, now)
            except DataFault as fault:
                self._bars.append(Unread("connection", str(fault)))
                found = []
            last[symbol] = found[-1].end if found else bar.end
            self._bars += found
        length = {symbol: RESOLUTIONS[self._resolution(symbol)] for symbol in newest}
        for symbol in newest:
            together = max(last[other] for other in newest if length[other] == length[symbol])
            self.reach[symbol] = together if self._known_on(symbol, together) else last[symbol]

    def poll(self, instant: int) -> list[LiveBar | Unread]:
        """See live_feed.Source."""
        out, self._bars = self._bars, []
        return out

    def close(self) -> None:
        """Nothing is open."""

    def _resolution(self, symbol: str) -> str:
        spec = self._program.spec
        return dict(spec.data.resolutions).get(symbol, spec.data.resolution)

    def _known_on(self, symbol: str, time: int) -> bool:
        """Whether the symbol has data on the day of `time` or later."""
        extent = self._history.extent(symbol, self._resolution(symbol))
        return extent is not None and extent[1] >= self._calendar.day_of(time - 1)

    def _rows(self, symbol: str, bar: LiveBar, now: int) -> list[LiveBar]:
        day = self._calendar.day_of(bar.end - 1)
        until = self._calendar.day_of(now)
        rows: Any = rows_between(
            self._program, self._history, self._calendar, symbol, day, until, self._first_day
        )
        ends = np.asarray(rows.end)
        lo, hi = int(np.searchsorted(ends, bar.end, "right")), int(np.searchsorted(ends, now, "right"))
        if lo >= hi:
            return []
        scale = bar.split / float(rows.split[lo - 1]) if lo else bar.split * self._splits(symbol, day, rows)
        columns = [np.asarray(column)[lo:hi].tolist() for column in rows]
        bars = [LiveBar(symbol, *values) for values in zip(*columns, strict=True)]
        return [one._replace(split=one.split * scale) for one in bars]

    def _splits(self, symbol: str, day: int, rows: Any) -> float:
        """New shares per old share between the day of the newest bar and the first row, which counts as 1."""
        if self._program.spec.data.prices != "raw":
            return 1.0
        first = self._calendar.day_of(int(rows.end[0]) - 1)
        return float(np.prod(self._history.actions(symbol, day + 1, first).split)) if first > day else 1.0
