"""The marks of a live run as the readers of a backtest's marks expect them, and what must be said of them.

A live run has no midnight samples as LEAN's (its figures come from session closes then), no last mark while it lasts, and no
prices of a benchmark: those of the bars that it saw are taken, when the benchmark is among its symbols.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from runner.market import events
from runner.market.bar import Bars
from runner.market.events import MARK_DAY, MARK_FINAL
from runner.results.times import moment

CONSTANT = "constant "


def completed(marks: np.ndarray, benchmark: str, bars: dict[str, Bars]) -> np.ndarray:
    """The marks, the newest as the last. Benchmark: its newest close at each mark, adjusted for splits since the start."""
    out = marks.copy()
    out["flags"] &= ~MARK_DAY
    if len(out):
        out["flags"][-1] |= MARK_FINAL
    if benchmark.startswith(CONSTANT):
        out["benchmark"] = float(benchmark.removeprefix(CONSTANT))
    elif benchmark in bars:
        real = np.asarray(bars[benchmark].real)
        ends, closes, splits = (
            np.asarray(getattr(bars[benchmark], name))[real] for name in ("end", "close", "split")
        )
        at = np.searchsorted(ends, out["time"], "right") - 1
        known = at >= 0
        out["benchmark"][known] = (closes * splits)[at[known]]
    return out


def notes(header: dict[str, Any], records: np.ndarray, bars: dict[str, Bars]) -> list[str]:
    """What is not known of a live run, and which bars it never got."""
    out = []
    name = str(header.get("benchmark") or "")
    if name and not name.startswith(CONSTANT) and name not in bars:
        out.append(
            f"the bars of the benchmark {name} are not among this run's: there are no figures against it, and LEAN's are 0"
        )
    found = records[np.isin(records["kind"], (events.HOLE, events.BARS_LOST))]
    for line in found:
        symbol = header["symbols"][int(line["symbol"])]
        count = int(line["quantity"])
        after = moment(int(line["good_till"])) if line["good_till"] else "the start"
        out.append(f"{count:,} {'bar' if count == 1 else 'bars'} of {symbol} after {after} never came")
    return out
