"""What a run says before it begins: the data it found and what is missing, the universe, which rules still sleep."""

from __future__ import annotations

import numpy as np

from runner.adapters import coverage
from runner.assemble import Backtest
from runner.engine import prepare

MOST = 20  # symbols of a universe that changes of which each has a line of its own


def universe(ready: Backtest) -> list[str]:
    """How a universe that changes does so."""
    spec = ready.program.spec
    if ready.universe is None:
        return []
    members = ready.universe.membership
    start = ready.calendar.midnight_of(ready.prepared.first_day)
    joins = np.array(members.joins, bool)
    named = np.array([symbol != "" for symbol in members.symbol], bool)
    first = (
        int(np.count_nonzero(joins & (members.time == start)))
        + len(spec.universe.listed)
        + len(members.already)
    )
    later = int(np.count_nonzero(joins & (members.time > start)))
    left = int(np.count_nonzero(named & ~joins))
    lines = [
        f"universe: {len(spec.symbols)} symbols in the run, {first} members at the start; {later} joined and {left} left after it"
    ]
    lacking = [symbol for symbol, bars in ready.prepared.bars.items() if not len(bars.end)]
    if lacking:
        more = f" and {len(lacking) - 5} more" if len(lacking) > 5 else ""
        lines.append(f"universe: no bars of {', '.join(lacking[:5])}{more}")
    return lines


def said(ready: Backtest) -> list[str]:
    """What a run says before it begins: the data it found and what is missing, and which rules still sleep."""
    spec = ready.program.spec
    lines = universe(ready)
    for symbol, bars in ready.prepared.bars.items():
        if ready.universe is not None and len(spec.symbols) > MOST and symbol not in spec.universe.listed:
            continue
        real = int(np.count_nonzero(bars.real))
        span = "none"
        if len(bars.end):
            days = [ready.calendar.day_of(int(bars.end[i])) for i in (0, -1)]
            span = coverage.span_text(days[0], days[1])
        line = f"{symbol}: {real} bars of {prepare.resolution_of(spec, symbol)}, {span}"
        gaps = ready.missing.get(symbol, [])
        if gaps:
            shown = ", ".join(coverage.span_text(a, b) for a, b in gaps[:3])
            line += f"; missing {shown}" + (f" and {len(gaps) - 3} more" if len(gaps) > 3 else "")
        since = ready.prepared.ready[symbol]
        if since == 0 and len(bars.end):
            line += "; the rules never have all they need: more bars than these are asked for"
        elif len(bars.end) and since > int(bars.end[0]):
            line += f"; the rules have all they need from {coverage.day_text(ready.calendar.day_of(since))}"
        lines.append(line)
    return lines
