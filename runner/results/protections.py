"""What protected the positions: how often each kind fired, and how far the stops slipped past their levels.

The engine holds the stops and sees closes only, so a fill stands where the market is by then, not at the level.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from runner.market import events
from runner.market.events import Journal
from runner.market.money import MICROS

STOPS = ("stop", "trail")  # the kinds whose level is a price at which one wanted to be out


class Stop(NamedTuple):
    """A stop that fired and was filled. `level`: dollars. `slipped`: dollars a share of the mean fill past the
    level, negative when the fill was better. `cost`: millionths, of all its shares."""

    symbol: int
    time: int
    level: float
    slipped: float
    cost: int


class Protections(NamedTuple):
    """`fired`: how often each kind did. `stops`: those that were filled, in order."""

    fired: dict[str, int]
    stops: list[Stop]


class _Leaving:
    """A stop that fired, and the shares that left because of it."""

    def __init__(self, symbol: int, time: int, level: float) -> None:
        self.symbol, self.time, self.level = symbol, time, level
        self.shares = 0
        self.past = 0.0

    def stop(self) -> Stop:
        slipped = self.past / abs(self.shares)
        return Stop(self.symbol, self.time, self.level, slipped, round(self.past * MICROS))


def protections(journal: Journal) -> Protections:
    """Fold the records: each stop with the fills of the orders that it sent."""
    fired: dict[str, int] = {}
    newest: dict[int, _Leaving | None] = {}
    of_order: dict[int, _Leaving] = {}
    every: list[_Leaving] = []
    names = ("time", "kind", "symbol", "order", "quantity", "price", "limit", "flags", "text")
    for time, kind, symbol, order, quantity, price, limit, flags, text in zip(
        *(journal.records[name].tolist() for name in names), strict=True
    ):
        if kind == events.PROTECTED:
            word = journal.texts[text]
            fired[word] = fired.get(word, 0) + 1
            newest[symbol] = _Leaving(symbol, time, limit) if word in STOPS else None
            every += [found for found in (newest[symbol],) if found]
        elif kind == events.SUBMITTED and flags & events.FLAG_PROTECT:
            leaving = newest.get(symbol)
            if leaving:
                of_order[order] = leaving
        elif kind in (events.FILLED, events.BUSTED, events.CORRECTED) and order in of_order:
            leaving = of_order[order]
            leaving.shares += quantity
            leaving.past += (price - leaving.level) * quantity
        elif kind == events.SPLIT and newest.get(symbol):
            held = newest[symbol]
            if held and not held.shares:
                held.level /= price
    return Protections(fired, [leaving.stop() for leaving in every if leaving.shares])


def plain(found: Protections) -> dict[str, Any]:
    """For `results.json`: dollars a share and ratios of the level."""
    slips = [stop.slipped for stop in found.stops]
    parts = [stop.slipped / stop.level for stop in found.stops]
    return {
        "fired": found.fired,
        "stops": len(slips),
        "slipped_mean": sum(slips) / len(slips) if slips else None,
        "slipped_worst": max(slips) if slips else None,
        "slipped_mean_percent": sum(parts) / len(parts) if parts else None,
        "slipped_worst_percent": max(parts) if parts else None,
        "slipped_dollars": sum(stop.cost for stop in found.stops) / MICROS,
    }


def rows(found: Protections) -> list[tuple[str, str]]:
    """For the terminal and the page; nothing when nothing fired."""
    if not found.fired:
        return []
    out = [("Protections", ", ".join(f"{count:,} {word}" for word, count in sorted(found.fired.items())))]
    if found.stops:
        told = plain(found)
        out.append(
            (
                "Stops slipped",
                f"{told['slipped_mean_percent'] * 100:.2f} % past their level on average, "
                f"{told['slipped_worst_percent'] * 100:.2f} % at worst ({len(found.stops):,} filled)",
            )
        )
    return out
