"""Daily bars as the columns of a selection: each candidate is read alone, and only what the instants need is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from runner.adapters.coverage import DataFault
from runner.engine.columns import Columns
from runner.engine.ports import Catalogue
from runner.language.selection import Chooser
from runner.language.words import COLUMN
from runner.market.bar import Bars, empty_bars
from runner.market.calendar import Calendar

if TYPE_CHECKING:
    from runner.adapters.membership import Resolver

FRESH = 5  # sessions: what is older says nothing of a candidate any more
Table = tuple[list[str], dict[int, Any]]


class BarDays:
    """What daily bars say of every candidate at the instants of a selection. `names`: the candidates; none
    named means every symbol of the source."""

    def __init__(self, resolver: Resolver, chooser: Chooser, times: list[int], names: list[str]) -> None:
        self.resolver = resolver
        self.names = names or self._catalogue()
        self.number = {time: k for k, time in enumerate(times)}
        code = [line for part in (*chooser.where, chooser.rank_by) for line in part]
        self.nodes = sorted({line.a for line in code if line.op == COLUMN})
        self.values = {node: np.full((len(times), len(self.names)), np.nan) for node in self.nodes}
        self.known = np.zeros((len(times), len(self.names)), bool)
        self._read(np.array(times, np.int64), Columns(chooser.program, resolver.calendar))

    def at(self, time: int) -> Table | None:
        """Candidates with a fresh bar at an instant, and their columns."""
        k = self.number[time]
        kept = np.flatnonzero(self.known[k])
        return [self.names[i] for i in kept], {node: self.values[node][k, kept] for node in self.nodes}

    def _catalogue(self) -> list[str]:
        history = self.resolver.history
        names = sorted(history.symbols("1d")) if isinstance(history, Catalogue) else []
        if not names:
            raise DataFault("universe: the source has no daily bars; name the candidates with among")
        return names

    def _read(self, times: Any, columns: Columns) -> None:
        closes = self.resolver.calendar.close
        oldest = closes[np.maximum(np.searchsorted(closes, times, "right") - FRESH, 0)]
        lacking = []
        for i, name in enumerate(self.names):
            bars = self._daily(name)
            if not len(bars.end):
                lacking.append(name)
                continue
            rows = np.searchsorted(bars.end, times, "right") - 1
            fresh = (rows >= 0) & (bars.end[np.maximum(rows, 0)] >= oldest)
            if fresh.any():
                self.known[:, i] = fresh
                made = columns.scan({name: bars})[name]
                for node in self.nodes:
                    self.values[node][fresh, i] = made[node][rows[fresh]]
        if len(lacking) == len(self.names):
            raise DataFault("universe: no candidate has daily bars; check data.source and among")
        if lacking:
            shown = ", ".join(lacking[:5]) + (f" and {len(lacking) - 5} more" if len(lacking) > 5 else "")
            self.resolver.notes.append(f"universe: no daily bars of {shown}: never chosen")

    def _daily(self, symbol: str) -> Bars:
        """All daily bars of a candidate up to the run's last day, raw; made of shorter ones where there are none."""
        history, last = self.resolver.history, self.resolver.last
        for resolution in dict.fromkeys(("1d", self.resolver.spec.data.resolution)):
            try:
                extent = history.extent(symbol, resolution)
                if extent is None or extent[0] > last:
                    continue
                bars = history.bars(symbol, resolution, extent[0], min(extent[1], last), "raw", False)
            except DataFault:
                continue
            return bars if resolution == "1d" else daily_of(bars, self.resolver.calendar)
        return empty_bars()


def daily_of(bars: Bars, calendar: Calendar) -> Bars:
    """Daily bars made of shorter ones of regular hours; complete sessions of the calendar only."""
    session = np.searchsorted(calendar.open, np.asarray(bars.start), "right") - 1
    inside = (session >= 0) & (np.asarray(bars.end) <= calendar.close[np.maximum(session, 0)])
    rows = np.flatnonzero(inside)
    if not len(rows):
        return empty_bars()
    days, first = np.unique(session[rows], return_index=True)
    last = rows[np.append(first[1:], len(rows)) - 1]
    start = rows[first]
    part = Bars(*(np.asarray(column)[last] for column in bars))
    return part._replace(
        start=calendar.open[days],
        end=calendar.close[days],
        open=np.asarray(bars.open)[start],
        high=np.maximum.reduceat(np.asarray(bars.high)[rows], first),
        low=np.minimum.reduceat(np.asarray(bars.low)[rows], first),
        volume=np.add.reduceat(np.asarray(bars.volume)[rows], first),
    )
