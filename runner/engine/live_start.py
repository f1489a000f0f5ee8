"""A world for a live run: its columns warmed with the bars of the past, up to the last that is complete."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from runner.engine import prepare, tables
from runner.engine.instants import Arrival, Instant
from runner.engine.live_day import Day
from runner.engine.live_store import LiveColumnStore
from runner.engine.order_table import OrderTable
from runner.engine.ports import History, LiveBar
from runner.engine.state import World
from runner.engine.world import build_world, law_of
from runner.language.program import Program
from runner.market.bar import Bars, empty_bars
from runner.market.calendar import Calendar
from runner.market.settings import POST_ONLY_HERE, POST_ONLY_THERE


class Started(NamedTuple):
    """A world, the columns that it reads, its rules as rows, and the bars that warmed it."""

    world: World
    store: LiveColumnStore
    rules: tables.Rules
    past: dict[str, Bars]


def past_bars(
    program: Program, history: History, calendar: Calendar, day: int, until: int, begun: int | None = None
) -> dict[str, Bars]:
    """The bars before instant `until` that warm a run which begins on `day`, by symbol. `begun`: the first day of a run
    that goes on: without a warm-up it has seen the bars since."""
    spec = program.spec
    out = {}
    for symbol in spec.symbols:
        resolution = prepare.resolution_of(spec, symbol)
        warm = spec.settings["warm_up"] == "computed"
        first = day - prepare.warm_up_days(program, resolution) if warm else day if begun is None else begun
        rows = rows_between(program, history, calendar, symbol, first, day, day)
        out[symbol] = Bars(*(np.asarray(a)[: int(np.searchsorted(rows.end, until))] for a in rows))
    return out


def rows_between(
    program: Program,
    history: History,
    calendar: Calendar,
    symbol: str,
    first_day: int,
    last_day: int,
    since: int,
) -> Bars:
    """The history's bars of a symbol between two days, with the ends that the run gives them."""
    spec = program.spec
    resolution = prepare.resolution_of(spec, symbol)
    plan = spec.data
    rows = history.bars(symbol, resolution, first_day, last_day, plan.prices, plan.extended_hours, since)
    if resolution == "1d" and spec.settings["data.daily_end"] == "midnight":
        return prepare.until_midnight(rows, calendar)
    return rows


def newest_of(past: dict[str, Bars]) -> dict[str, LiveBar]:
    """Each symbol's newest bar of the past, of those that have one."""
    return {
        symbol: LiveBar(symbol, *(np.asarray(column)[-1].item() for column in bars))
        for symbol, bars in past.items()
        if len(bars.end)
    }


def start(
    program: Program,
    calendar: Calendar,
    first: Day,
    past: dict[str, Bars],
    until: int,
    broker_judges: bool = False,
    texts: Iterable[str] = (),
) -> Started:
    """A world at instant `until`, which has seen `past` and begins with the day `first`.

    `broker_judges`: orders go to a real broker, which says itself whether a new post-only order would take
    (`engine/post_only.py`). `texts`: those that the run has already, from documents before.
    """
    spec = program.spec
    rules = tables.write_rules(program, calendar, live=True, texts=texts)
    store = LiveColumnStore(program, rules.used, calendar)
    places = warm(store, past)
    quotes = []
    for symbol in spec.symbols:
        daily = prepare.resolution_of(spec, symbol) == "1d"
        quote = prepare.quote_before(past[symbol], until, 0, daily)
        quote.row = places.get(symbol, -1)
        quotes.append(quote)
    nothing = np.empty(0, Instant.dtype)  # type: ignore[attr-defined]
    none = np.empty(0, Arrival.dtype)  # type: ignore[attr-defined]
    market = first.market._replace(columns=store.values, instants=nothing, arrivals=none, quotes=quotes)
    names = len(program.names)
    law = law_of(spec)
    if broker_judges and law.settings.post_only == POST_ONLY_HERE:
        law.settings.post_only = POST_ONLY_THERE
    world = build_world(rules, market, law, spec.backtest.cash, names, compiled=False)
    world = world._replace(orders=OrderTable(world.orders))
    return Started(world, store, rules, past)


def no_bars(program: Program) -> dict[str, Bars]:
    """A past without bars: for a world whose state is put back (`Compaction.resume`)."""
    return {symbol: empty_bars() for symbol in program.spec.symbols}


def warm(store: LiveColumnStore, past: dict[str, Bars]) -> dict[str, int]:
    """Push every bar of the past, all symbols in order of time; where each symbol's newest values stand."""
    places: dict[str, int] = {}
    ends = np.unique(np.concatenate([np.asarray(bars.end) for bars in past.values()]))
    at = dict.fromkeys(past, 0)
    columns = {symbol: [np.asarray(column).tolist() for column in bars] for symbol, bars in past.items()}
    for end in ends.tolist():
        now = {}
        for symbol, column in columns.items():
            i = at[symbol]
            if i < len(column[1]) and column[1][i] == end:
                now[symbol] = Bars(*(values[i] for values in column))
                at[symbol] = i + 1
        places.update(store.push(now))
    return places
