"""A feed that plays a history: the bars of past days, each when its end has come."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping

import numpy as np

from runner.adapters.bar_lines import Unread
from runner.engine.ports import Hole, LiveBar
from runner.market.bar import Bars


class Replay:
    """Hands out the bars of `rows` (by symbol) from instant `start` on, in order of their ends."""

    name = "replay"

    def __init__(self, rows: dict[str, Bars], start: int) -> None:
        self._bars = heapq.merge(
            *(_from(symbol, bars, start) for symbol, bars in rows.items()), key=lambda bar: bar.end
        )
        self._next: LiveBar | None = next(self._bars, None)

    def resume(self, newest: Mapping[str, LiveBar], now: int) -> list[Hole]:
        """See ports.BarFeed: it has them all."""
        return []

    def ready(self, instant: int) -> bool:
        """See ports.BarFeed: nothing is waited for."""
        return True

    def quiet(self) -> tuple[str, ...]:
        """See ports.BarFeed: nothing is waited for."""
        return ()

    def until(self, instant: int) -> list[LiveBar]:
        """See ports.BarFeed."""
        out = []
        while self._next is not None and self._next.end <= instant:
            out.append(self._next)
            self._next = next(self._bars, None)
        return out

    def poll(self, instant: int) -> list[LiveBar | Unread]:
        """See live_feed.Source."""
        return list(self.until(instant))

    def close(self) -> None:
        """Nothing is open."""


def _from(symbol: str, bars: Bars, start: int) -> Iterator[LiveBar]:
    first = int(np.searchsorted(np.asarray(bars.end), start))
    columns = [np.asarray(column)[first:].tolist() for column in bars]
    for row in zip(*columns, strict=True):
        yield LiveBar(symbol, *row)
