"""Which rules of a live run sleep because their columns have too few bars, and until when."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from runner.engine import prepare
from runner.engine.fill_forward import due_ends
from runner.engine.live_store import LiveColumnStore
from runner.language.program import Program
from runner.market.bar import RESOLUTIONS
from runner.market.calendar import Calendar
from runner.results.times import moment

MOST_SHOWN = 8  # symbols of one line
FAR = 400  # days that are looked through for the bar that wakes a rule


class Sleeping(NamedTuple):
    """A rule (its name, or `portfolio`) that knows too little of a symbol: `bars` are missing, the last of them ends at
    `until` (ns UTC; 0 when it lies beyond the calendar) if each comes."""

    rule: str
    symbol: str
    bars: int
    until: int


def needs(program: Program) -> dict[str, int]:
    """Bars that each rule needs before all its expressions can be known."""
    names = {rule.path: rule.name for rule in program.spec.rules}
    out: dict[str, int] = {}
    for path, span in program.spans.items():
        name = next((n for start, n in names.items() if path[: len(start)] == start), "")
        if not name and path[0] == "portfolio":
            name = "portfolio"
        if name:
            out[name] = max(out.get(name, 0), span.warm_up)
    return out


def sleeping(program: Program, store: LiveColumnStore, calendar: Calendar, now: int) -> list[Sleeping]:
    """Every rule and symbol that sleeps at instant `now`."""
    spec = program.spec
    acting = {rule.name: rule.symbols or spec.symbols for rule in spec.rules}
    out = []
    for name, bars in needs(program).items():
        for symbol in acting.get(name, spec.symbols):
            lacking = bars - store.pushed.get(symbol, 0)
            if lacking > 0:
                out.append(Sleeping(name, symbol, lacking, _after(program, calendar, symbol, now, lacking)))
    return out


def _after(program: Program, calendar: Calendar, symbol: str, now: int, bars: int) -> int:
    """End of the `bars`-th bar of the symbol after `now`."""
    step = RESOLUTIONS[prepare.resolution_of(program.spec, symbol)]
    day = calendar.day_of(now)
    last = min(day + FAR, calendar.first_day + len(calendar.midnight) - 2)
    due = due_ends(calendar, step, day, last, program.spec.data.extended_hours)
    due = due[due > now]
    return int(due[bars - 1]) if bars <= len(due) else 0


def grouped(found: Iterable[Sleeping]) -> dict[tuple[str, int, int], list[str]]:
    """Symbols by rule, missing bars and time: what is said in one line."""
    out: dict[tuple[str, int, int], list[str]] = {}
    for one in found:
        out.setdefault((one.rule, one.bars, one.until), []).append(one.symbol)
    return out


def lines(found: Iterable[Sleeping]) -> list[str]:
    """What is said of the rules that sleep."""
    out = []
    for (rule, bars, until), symbols in grouped(found).items():
        when = f"until {moment(until)}" if until else "for longer than the calendar knows"
        missing = "1 bar is missing" if bars == 1 else f"{bars:,} bars are missing"
        shown = ", ".join(symbols[:MOST_SHOWN]) + (" ..." if len(symbols) > MOST_SHOWN else "")
        out.append(f"{rule} sleeps for {shown} {when}: {missing}")
    return out
