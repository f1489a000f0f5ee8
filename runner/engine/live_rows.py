"""Rows of a live run's timeline: a day's tables as they are kept in the journal, and what may be done with a row."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from runner.engine.instants import INSTANT_MISSED, INSTANT_SLICE, Action, Arrival, Change, Instant, Loan
from runner.engine.portfolio_state import Session
from runner.engine.ports import LiveBar, Notice
from runner.engine.state import World
from runner.engine.world import Market
from runner.market.bar import HOUR
from runner.market.events import HEARD, SILENT
from runner.market.rows import fields_of, with_fields

TABLES: dict[str, Any] = {"actions": Action, "loans": Loan, "sessions": Session, "changes": Change}
DAY_LENGTH = 23 * HOUR  # a day on which clocks change may be as short
MOST_SAID = 32  # notices of silence at one instant: the world has room for what they write


def tables_of(market: Market) -> dict[str, list[Any]]:
    """What the instants of a day refer to, as plain values."""
    tables: dict[str, list[Any]] = {"moments": market.moments.tolist()}
    for name in TABLES:
        tables[name] = [fields_of(row) for row in getattr(market, name)]
    return tables


def use(world: World, tables: dict[str, list[Any]]) -> None:
    """Put a day's tables into the world, in which no table may be empty."""
    world.moments[:] = tables["moments"]
    for name, cls in TABLES.items():
        table = getattr(world, name)
        table[:] = [with_fields(cls, row) for row in tables[name]] or table[:1]


def for_bars_only(row: Instant) -> bool:
    """Whether an instant was laid out for bars alone."""
    spans = [name[:-3] for name in row._fields if name.endswith("_lo") and name != "bar_lo"]  # type: ignore[attr-defined]
    empty = all(getattr(row, f"{name}_lo") == getattr(row, f"{name}_hi") for name in spans)
    return empty and not row.flags & ~(INSTANT_SLICE | INSTANT_MISSED)


def same_day(row: Instant, time: int) -> bool:
    """Whether a row that was made for an earlier time of its day does for `time`."""
    return row.time <= time and row.clock + time - row.time < DAY_LENGTH


def one_each(arrivals: list[Arrival]) -> list[Arrival]:
    """One arrival of each symbol, in the order of the universe: rules are asked once at an instant. Bars of a symbol that
    come together, because some were late, are one bar to orders and account."""
    newest: dict[int, Arrival] = {}
    for one in arrivals:
        before = newest.get(one.symbol)
        if before is not None and before.real:
            one.start, one.open = before.start, before.open
            one.high, one.low = max(before.high, one.high), min(before.low, one.low)
            one.volume, one.real = before.volume + one.volume, True
        newest[one.symbol] = one
    return [newest[symbol] for symbol in sorted(newest)]


def hushed(
    world: World, symbols: Mapping[str, int], quiet: Collection[str], bars: Iterable[LiveBar]
) -> list[Notice]:
    """What the engine does not know yet of silent symbols; one that was silent is heard again with a bar."""
    come = {bar.symbol for bar in bars if bar.real}
    said = []
    for symbol, s in symbols.items():
        if world.quotes[s].silent and symbol in come and symbol not in quiet:
            said.append(Notice(HEARD, s, who="feed"))
        elif symbol in quiet and not world.quotes[s].silent:
            said.append(Notice(SILENT, s, who="feed"))
    return said[:MOST_SAID]
