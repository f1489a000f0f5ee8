"""`rank(x)`: the place of each symbol's newest value among those of the members, at every instant."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from runner.engine.elementwise import Floats
from runner.engine.selecting import places

Int64s = npt.NDArray[np.int64]
# For a symbol that comes and goes: when it changes, and whether it is a member from then on.
Spans = dict[str, tuple[Int64s, npt.NDArray[np.bool_]]]
CELLS = 4_000_000  # of the table of instants and symbols that is sorted at once


def ranks(values: dict[str, Floats], ends: dict[str, Int64s], members: Spans | None) -> dict[str, Floats]:
    """For each symbol its place at each of its own rows: 1 for the highest known value; equal ones in the order
    of the universe. `values`, `ends`: of each symbol's rows."""
    names = list(values)
    times = np.unique(np.concatenate([ends[name] for name in names]))
    out = {name: np.full(len(values[name]), np.nan) for name in names}
    step = max(1, CELLS // max(1, len(names)))
    for lo in range(0, len(times), step):
        part = times[lo : lo + step]
        table = np.full((len(part), len(names)), np.nan)
        for i, name in enumerate(names):
            newest = np.searchsorted(ends[name], part, "right") - 1
            known = newest >= 0
            if members is not None and name in members:
                known &= belongs(members[name], part)
            table[known, i] = values[name][newest[known]]
        found = places(table)
        for i, name in enumerate(names):
            a, b = np.searchsorted(ends[name], [part[0], part[-1] + 1])
            rows = np.searchsorted(part, ends[name][a:b])
            out[name][a:b] = found[rows, i]
    return out


def belongs(spans: tuple[Int64s, npt.NDArray[np.bool_]], times: Int64s) -> npt.NDArray[np.bool_]:
    """Whether a symbol is a member at each instant; a change counts from its own instant on."""
    changes, flags = spans
    at = np.searchsorted(changes, times, "right") - 1
    return np.where(at >= 0, flags[np.maximum(at, 0)], False) if len(changes) else np.zeros(len(times), bool)
