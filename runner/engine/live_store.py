"""The columns of a live run: the newest values of each symbol, pushed bar by bar."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from runner.engine.columns import Columns
from runner.language.program import Program
from runner.market.bar import Bars
from runner.market.calendar import Calendar


class LiveColumnStore:
    """The columns that decisions read, newest values only. Each symbol has two places in turn, so that a rule that comes
    before the columns advance still sees the bar before."""

    def __init__(self, program: Program, used: list[int], calendar: Calendar) -> None:
        self._columns = Columns(program, calendar)
        self._used = used
        self._symbols = {symbol: i for i, symbol in enumerate(program.spec.symbols)}
        self._places = [0] * len(self._symbols)
        self.values = [np.full(2 * len(self._symbols), math.nan) for _ in used]
        self.pushed = dict.fromkeys(self._symbols, 0)  # bars since the symbol's states began

    def push(self, bars: dict[str, Bars]) -> dict[str, int]:
        """Take the bars that end at one instant; the place of each symbol's new values."""
        places = {}
        for symbol, values in self._columns.push_together(bars).items():
            s = self._symbols[symbol]
            self._places[s] = 1 - self._places[s]
            place = places[symbol] = 2 * s + self._places[s]
            self.pushed[symbol] += 1
            for column, node in zip(self.values, self._used, strict=True):
                column[place] = values[node]
        return places

    def begin_anew(self, symbol: str) -> None:
        """Forget every bar of the symbol: its values are unknown until enough have come again."""
        self._columns.begin_anew(symbol)
        self.pushed[symbol] = 0
        first = 2 * self._symbols[symbol]
        for column in self.values:
            column[first : first + 2] = math.nan

    def state(self) -> dict[str, Any]:
        """Everything that was pushed, as plain values."""
        values = [column.tobytes() for column in self.values]
        return {
            "columns": self._columns.state(),
            "places": self._places,
            "values": values,
            "pushed": self.pushed,
        }

    def restore(self, kept: dict[str, Any]) -> None:
        """Put a state back; the arrays stay those that the world reads."""
        self._columns.restore(kept["columns"])
        self._places, self.pushed = kept["places"], kept["pushed"]
        for column, found in zip(self.values, kept["values"], strict=True):
            column[:] = np.frombuffer(found, np.float64)
