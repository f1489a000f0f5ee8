"""Every fall of equity below its highest close so far, from peak to recovery."""

from __future__ import annotations

from typing import NamedTuple


class Fall(NamedTuple):
    """`depth`: a ratio. Days since 1970-01-01; `recovered` is 0 when the run ended first. `sessions`: closes
    below the peak; `falling`: those up to the trough; `rising`: those after it, with the one back at the peak."""

    depth: float
    peak: int
    trough: int
    recovered: int
    sessions: int
    falling: int
    rising: int


def falls(days: list[int], equity: list[int], start: int) -> list[Fall]:
    """The deepest first, equally deep ones by date. `start`: equity before the first session."""
    found: list[Fall] = []
    peak, peak_day = start, days[0] if days else 0
    below = falling = trough_day = 0
    lowest = start
    for day, value in zip(days, equity, strict=True):
        if value < peak:
            below += 1
            if value < lowest or below == 1:
                lowest, trough_day, falling = value, day, below
            continue
        if below:
            depth = 1.0 - lowest / peak
            found.append(Fall(depth, peak_day, trough_day, day, below, falling, below - falling + 1))
        peak, peak_day, below, lowest = value, day, 0, value
    if below:
        depth = 1.0 - lowest / peak if peak > 0 else 0.0
        found.append(Fall(depth, peak_day, trough_day, 0, below, falling, below - falling))
    return sorted(found, key=lambda fall: (-fall.depth, fall.peak))
