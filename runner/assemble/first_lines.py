"""What a live run says before its first instant: its journal, what its past lacks, and when the market opens."""

from __future__ import annotations

import math

from runner.engine import prepare
from runner.engine.live_start import Started
from runner.engine.live_store import LiveColumnStore
from runner.language.program import Program
from runner.market.calendar import Calendar
from runner.results.times import moment


def sleeping(program: Program, started: Started) -> list[str]:
    """A line for each symbol whose rules do not have all that they need."""
    needed = max((span.warm_up for span in program.spans.values()), default=0)
    if program.spec.settings["warm_up"] != "computed":
        return []
    lines = []
    for s, symbol in enumerate(program.spec.symbols):
        if _known(started.store, s) or needed <= 1:
            continue
        resolution = prepare.resolution_of(program.spec, symbol)
        known = len(started.past[symbol].end) if symbol in started.past else 0
        lines.append(
            f"{symbol}: {known:,} bars of {resolution} are known from before the start, and its rules look back on up to "
            f"{needed:,}: those that do not have all they need sleep until it has come"
        )
    return lines


def _known(store: LiveColumnStore, s: int) -> bool:
    """Whether every column has a value at the symbol's newest bar."""
    return all(not math.isnan(column[2 * s]) or not math.isnan(column[2 * s + 1]) for column in store.values)


def hours(days: Calendar, now: int, extended: bool) -> list[str]:
    """A line when the market is closed."""
    opening = days.trading_from(now, extended)
    return [f"the market is closed until {moment(opening)} New York"] if opening > now else []
