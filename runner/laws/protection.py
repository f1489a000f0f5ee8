"""What protects an entry: when a position is left because of its stop, its target, its trail or its age."""

from __future__ import annotations

from typing import NamedTuple

from runner.compilable import compilable

NONE, STOP, TRAIL, TARGET, AFTER = 0, 1, 2, 3, 4
PROTECTIONS = {STOP: "stop", TRAIL: "trail", TARGET: "target", AFTER: "after"}


class Distances(NamedTuple):
    """Dollars a share from the entry price (`trail`: from the best close); 0.0 for none. `after`: bars, 0 for none."""

    stop: float
    target: float
    trail: float
    after: int


class Fired(NamedTuple):
    """`what` protects (NONE for nothing yet), and the `level` that was reached: dollars, 0.0 for `after`."""

    what: int
    level: float


@compilable
def distance(value: float, percent: bool, entry: float) -> float:
    """Dollars a share of a distance that is a share of the entry price (`percent`) or dollars already."""
    return value * entry if percent else value


@compilable
def fired(long: bool, last: float, entry: float, best: float, held: int, distances: Distances) -> Fired:
    """What a bar's close `last` sets off, the first of stop, trail, target and age; reached is at or beyond.

    `best`: best close since the entry, the entry price to begin with. `held`: bars since the position was opened.
    Source: design section 3 (protect).
    """
    side = 1.0 if long else -1.0
    if distances.stop > 0.0:
        level = entry - side * distances.stop
        if side * (last - level) <= 0.0:
            return Fired(STOP, level)
    if distances.trail > 0.0:
        level = best - side * distances.trail
        if side * (last - level) <= 0.0:
            return Fired(TRAIL, level)
    if distances.target > 0.0:
        level = entry + side * distances.target
        if side * (last - level) >= 0.0:
            return Fired(TARGET, level)
    if distances.after > 0 and held >= distances.after:
        return Fired(AFTER, 0.0)
    return Fired(NONE, 0.0)
