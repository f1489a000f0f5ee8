"""From a program and a source of history to everything a backtest needs: rows, columns, timeline, actions."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from runner.engine import loans, schedule, state, tables, triggers
from runner.engine.columns import Columns
from runner.engine.fill_forward import fill_forward
from runner.engine.instants import ACTION_DELISTED, ACTION_LAST_DAY, ACTION_RENAMED, Action, Change
from runner.engine.portfolio_state import Session
from runner.engine.ports import History, Lender
from runner.engine.ranks import Spans
from runner.engine.selecting import Membership
from runner.engine.world import Market, arrivals
from runner.language.program import Program
from runner.language.spec import Spec
from runner.market.bar import DAY, RESOLUTIONS, Actions, Bars
from runner.market.calendar import Calendar

FAR = 1 << 30  # a day after every day
MARGIN = 40  # calendar days kept on both sides of a run, so that month and week ends are seen whole


class Prepared(NamedTuple):
    """A backtest ready to run.

    `first_day`, `last_day`: days since 1970. `bars`: rows of the run (without warm-up) by symbol.
    `ready`: for each symbol the end of the first row at which every column is known, or 0 when never.
    """

    rules: tables.Rules
    market: Market
    first_day: int
    last_day: int
    bars: dict[str, Bars]
    ready: dict[str, int]


def resolution_of(spec: Spec, symbol: str) -> str:
    """The resolution of one symbol's bars."""
    return dict(spec.data.resolutions).get(symbol, spec.data.resolution)


def warm_up_days(program: Program, resolution: str) -> int:
    """Calendar days before the start that hold the bars which the slowest column needs, with a margin."""
    bars = max((span.warm_up for span in program.spans.values()), default=0)
    if bars <= 1:
        return 0
    a_session = {"1s": 23_400, "1m": 390, "1h": 7, "1d": 1}[resolution]
    sessions = -(-bars // a_session)
    return sessions * 7 // 5 + sessions // 20 + 6


def gather(
    program: Program,
    history: History,
    calendar: Calendar,
    first_day: int,
    last_day: int,
    benchmark: schedule.Benchmark,
    lender: Lender | None = None,
    members: Membership | None = None,
) -> Prepared:
    """Read the bars, scan the columns and lay out the timeline. Raises what the history raises."""
    spec = program.spec
    plan = spec.data
    whole: dict[str, Bars] = {}
    shown: dict[str, Bars] = {}
    warm = spec.settings["warm_up"] == "computed"
    finest = min(RESOLUTIONS[resolution_of(spec, symbol)] for symbol in spec.symbols)
    joins = {} if members is None else members.first()
    for symbol in spec.symbols:
        resolution = resolution_of(spec, symbol)
        # Before it joins for the first time nobody looks at it.
        needed = max(first_day, calendar.day_of(joins.get(symbol, 0)))
        from_day = needed - (warm_up_days(program, resolution) if warm else 0)
        rows = history.bars(
            symbol, resolution, from_day, last_day, plan.prices, plan.extended_hours, first_day
        )
        late = resolution == "1d" and spec.settings["data.daily_end"] == "midnight"
        if late and finest != DAY:
            rows = until_midnight(rows, calendar)
        if plan.fill_forward and len(rows.end):
            until = min(last_day, last_listed(history, symbol))
            rows = fill_forward(rows, calendar, finest, needed, until, plan.extended_hours)
        if late and finest == DAY:
            rows = until_midnight(rows, calendar)
        whole[symbol] = rows
    start = calendar.midnight_of(first_day)
    end = calendar.midnight_of(last_day + 1)
    columns = Columns(program, calendar, members=_spans(spec, members)).scan(whole)
    rules = tables.write_rules(program, calendar)
    ends, first_rows, lows, offset = [], [], [], 0
    ready: dict[str, int] = {}
    for symbol in spec.symbols:
        rows = whole[symbol]
        lo, hi = (int(i) for i in np.searchsorted(rows.end, [start, end]))
        # A row that ends at midnight of the first day belongs to the day before: LEAN's 2023 daily bars.
        ends.append(np.asarray(rows.end[lo:hi], np.int64))
        first_rows.append(offset + lo)
        lows.append(lo)
        offset += len(rows.end)
        shown[symbol] = Bars(*(a[lo:hi] for a in rows))
        own = [node for node in rules.used if program.nodes[node].symbol in ("", symbol)]
        ready[symbol] = _ready(columns[symbol], own, rows, lo, hi)
    actions, action_days = _actions(spec, history, calendar, first_day, last_day)
    timeline = schedule.build(
        schedule.Plan(
            first_day,
            last_day,
            ends,
            first_rows,
            [_moments(rule, calendar) for rule in spec.rules],
            action_days,
            benchmark,
            str(spec.settings["sampling"]),
            int(spec.settings["settlement_time"]),
            *((members.time, members.deliveries) if members is not None else ()),
        ),
        calendar,
    )
    joined = Bars(
        *(np.concatenate([np.asarray(getattr(whole[s], f)) for s in spec.symbols]) for f in Bars._fields)
    )
    used = [
        np.concatenate([_whole(columns[s][node], len(whole[s].end)) for s in spec.symbols])
        for node in rules.used
    ]
    quotes = [
        quote_before(whole[symbol], start, first - lo, resolution_of(spec, symbol) == "1d")
        for symbol, first, lo in zip(spec.symbols, first_rows, lows, strict=True)
    ]
    known = arrivals(timeline, joined)
    lent = []
    if lender is not None:
        found = [lender.loans(symbol, first_day, last_day) for symbol in spec.symbols]
        lent = loans.lay(timeline.instants, found, calendar, first_day, last_day)
    sessions = _sessions(calendar) if spec.portfolio is not None else []
    market = Market(
        used,
        timeline.instants,
        known,
        timeline.moment_rule,
        actions,
        lent,
        quotes,
        sessions,
        _changes(spec, members),
        [
            members is None or symbol in spec.universe.listed or symbol in members.already
            for symbol in spec.symbols
        ],
    )
    return Prepared(rules, market, first_day, last_day, shown, ready)


def _sessions(calendar: Calendar) -> list[Session]:
    """The calendar's sessions as rows: what lifetimes of views are counted in."""
    midnight = calendar.midnight[calendar.date - calendar.first_day]
    columns = (calendar.open, calendar.close, midnight, calendar.date)
    return [
        Session(open=a, close=b, midnight=c, day=d)
        for a, b, c, d in zip(*(x.tolist() for x in columns), strict=True)
    ]


def _whole(column: np.ndarray, rows: int) -> np.ndarray:
    """A symbol's column; unknown throughout when the node lies on another symbol's bars."""
    return column if len(column) == rows else np.full(rows, np.nan)


def _spans(spec: Spec, members: Membership | None) -> Spans | None:
    if members is None:
        return None
    never = np.empty(0, np.int64), np.empty(0, bool)
    found = members.spans()
    return {s: found.get(s, never) for s in spec.symbols if s not in spec.universe.listed}


def _changes(spec: Spec, members: Membership | None) -> list[Change]:
    if members is None:
        return []
    number = {symbol: i for i, symbol in enumerate(spec.symbols)}
    return [
        Change(symbol=number.get(symbol, -1), joins=joins)
        for symbol, joins in zip(members.symbol, members.joins, strict=True)
    ]


def quote_before(rows: Bars, start: int, offset: int, daily: bool) -> state.Quote:
    """A symbol's quote before the run: its newest bar of the warm-up, if there is one. `offset`: number of the
    symbol's first row among all symbols' rows."""
    n = int(np.searchsorted(np.asarray(rows.end), start))
    if n == 0:
        return state.Quote(daily=daily)
    quote = state.Quote(daily=daily, row=offset + n - 1)
    real = np.flatnonzero(np.asarray(rows.real)[:n])
    if len(real):
        for name in ("start", "end", "open", "high", "low", "close", "bid", "ask", "quote_end"):
            setattr(quote, name, np.asarray(getattr(rows, name))[real[-1]].item())
        quote.last = quote.close
    return quote


def until_midnight(rows: Bars, calendar: Calendar) -> Bars:
    """Daily bars that end at the midnight after their session, as LEAN's did until 2023 (fact sheet 20)."""
    days = np.searchsorted(calendar.midnight, np.asarray(rows.start), "right")
    return rows._replace(end=calendar.midnight[days])


def _moments(rule: Any, calendar: Calendar) -> np.ndarray:
    if not rule.at:
        return np.empty(0, np.int64)
    return np.unique(np.concatenate([triggers.instants(moment, calendar) for moment in rule.at]))


def _actions(
    spec: Spec, history: History, calendar: Calendar, first_day: int, last_day: int
) -> tuple[list[Action], np.ndarray]:
    """Corporate actions of the run in order of day, then of the universe."""
    rows: list[tuple[int, int, Action]] = []
    for s, symbol in enumerate(spec.symbols):
        found: Actions = history.actions(symbol, first_day, last_day)
        for day, split, dividend in zip(
            found.date.tolist(), found.split.tolist(), found.dividend.tolist(), strict=True
        ):
            rows.append((day, s, Action(symbol=s, split=split, dividend=dividend)))
        rows += [(day, s, Action(symbol=s, kind=kind)) for day, kind in _fate(history, symbol)]
    rows = [one for one in rows if first_day <= one[0] <= last_day]
    rows.sort(key=lambda one: one[:2])
    return [one[2] for one in rows], np.array([one[0] for one in rows], np.int64)


def last_listed(history: History, symbol: str) -> int:
    """The symbol's last day on the exchange; far away when nothing is known."""
    found = history.listing(symbol)
    return FAR if found is None else found.last_day


def _fate(history: History, symbol: str) -> list[tuple[int, int]]:
    """Changes of a symbol's listing: day and kind."""
    found = history.listing(symbol)
    if found is None:
        return []
    gone = [(found.last_day, ACTION_LAST_DAY), (found.last_day + 1, ACTION_DELISTED)]
    return [*((day, ACTION_RENAMED) for day in found.renamed), *gone]


def _ready(columns: list[np.ndarray], used: list[int], rows: Bars, lo: int, hi: int) -> int:
    """End of the first row of the run at which every used column is known; 0 when there is none."""
    known = np.ones(hi - lo, bool)
    for node in used:
        known &= ~np.isnan(columns[node][lo:hi])
    at = np.flatnonzero(known)
    return int(rows.end[lo + at[0]]) if len(at) else 0
