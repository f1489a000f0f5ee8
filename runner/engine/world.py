"""A world at its start, fed as it goes, emptied when it is full: lists for the loop, arrays for the kernel."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from runner.engine import state
from runner.engine.activity import Activity
from runner.engine.drawdown_state import Drawdowns
from runner.engine.gate import Controls
from runner.engine.good_faith import LOTS, RING, Faith, Unpaid, Violation
from runner.engine.happenings import Happening
from runner.engine.instants import Action, Arrival, Change, Instant, Loan
from runner.engine.instruction import Instruction
from runner.engine.listings import Listing
from runner.engine.loans import Lent
from runner.engine.margins import MarginGroup
from runner.engine.memory import Memory
from runner.engine.portfolio_state import Name, Portfolio, Session, View
from runner.engine.ports import Clock, Hole, JournalWriter, Notice
from runner.engine.protections import Protection, ProtectRow
from runner.engine.room import busiest_instant, each_open_order
from runner.engine.schedule import Timeline
from runner.engine.tables import Rules
from runner.engine.tags import CALL_TAG, DELISTING_TAG
from runner.engine.universe import Stay
from runner.engine.unsettled import Unsettled
from runner.language.spec import Spec
from runner.laws.day_trades import SESSIONS
from runner.laws.refusals import NOT_TRADABLE
from runner.market.bar import Bars
from runner.market.events import Mark, Record
from runner.market.limits import Limits
from runner.market.order import Order
from runner.market.rows import array, at, blank, frozen, objects
from runner.market.settings import Requirement, Settings, requirements, settings_row, settlements

MOST_UNSETTLED = 16  # settlement days that can be open at once: sessions of T+3, with room for closed days


class Market(NamedTuple):
    """The data of a run: what becomes known at which instant, and the columns that decisions read (all
    symbols' rows one after the other)."""

    columns: list[npt.NDArray[np.float64]]
    instants: np.ndarray  # of Instant.dtype
    arrivals: np.ndarray  # of Arrival.dtype
    moments: npt.NDArray[np.int64]  # numbers of rules
    actions: list[Action]
    loans: list[Loan]
    quotes: list[state.Quote]  # as they stand before the first instant
    sessions: list[Session]
    changes: list[Change]  # of the universe
    listed: list[bool]  # symbols that are members before the first instant


class Law(NamedTuple):
    """The account's rules as rows: settings, margin requirements, each symbol's number and settlement, the order in which
    symbols are exited together, pre-trade limits."""

    settings: Settings
    requirements: list[Requirement]
    groups: list[int]
    settlement: list[int]
    leave: list[int]
    limits: Limits
    barred: list[int]  # symbols that the account may not trade


def law_of(spec: Spec) -> Law:
    """The account's rules that a strategy states."""
    found, groups = requirements(spec.settings, spec.symbols)
    settings = settings_row(spec.settings, spec.account, spec.data.prices, spec.resident)
    settings.own_margins = len(found) > 1 or found[0].per_share
    leave = list(range(len(spec.symbols)))
    if spec.settings["exits"] == "replaced":  # LEAN's liquidation goes by ticker (fact sheet 5)
        leave.sort(key=lambda s: spec.symbols[s])
    barred = [s for s, symbol in enumerate(spec.symbols) if not spec.tradable.allows(symbol)]
    settles = settlements(spec.settings, spec.symbols)
    return Law(settings, found, groups, settles, leave, Limits(**spec.risk.numbers()), barred)


def build_world(rules: Rules, market: Market, law: Law, cash: int, names: int, compiled: bool) -> state.World:
    """A world at its start. `compiled`: record arrays for the kernel, else lists of objects for the loop."""
    symbols = len(market.quotes)
    most = busiest_instant(rules, symbols)
    follows = any(rule.upon for rule in rules.rules)
    limits = copy.copy(law.limits)
    limits.leave = rules.leave
    room = 2 * most + (65_536 if compiled else 512)
    seen: Any = np.ascontiguousarray if compiled else _view
    rows: Any = (lambda cls, items: array(cls, items)) if compiled else (lambda cls, items: list(items))
    fresh: Any = (lambda cls, n: blank(cls, n)) if compiled else objects
    numbers: Any = (lambda n: np.zeros(n, np.int64)) if compiled else (lambda n: [0] * n)
    columns: Any = [seen(column) for column in market.columns]
    if compiled:
        columns = np.vstack(columns) if columns else np.zeros((1, 1))
    return state.World(
        settings=rows(Settings, [law.settings]),
        account=rows(state.Account, [state.Account(cash=cash)]),
        requirements=rows(Requirement, law.requirements),
        groups=fresh(MarginGroup, len(law.requirements)),
        counters=rows(
            state.Counters,
            [
                state.Counters(
                    rules=rules.portfolio.view_lo if rules.portfolio.rule >= 0 else len(rules.rules),
                    most=most,
                    members=sum(market.listed),
                    call_tag=rules.texts.index(CALL_TAG),
                    delisting_tag=rules.texts.index(DELISTING_TAG),
                    reprices=any(step.reprice_every > 0 for step in rules.steps),
                    protects=bool(rules.protects),
                    follows=follows,
                    most_each=each_open_order(rules, symbols),
                )
            ],
        ),
        holdings=rows(
            state.Holding,
            [
                state.Holding(group=group, settlement=settles, member=listed)
                for group, settles, listed in zip(law.groups, law.settlement, market.listed, strict=True)
            ],
        ),
        quotes=rows(state.Quote, [copy.copy(one) for one in market.quotes]),
        orders=fresh(Order, room),
        working=numbers(room),
        leave=np.array(law.leave, np.int64) if compiled else law.leave,
        named=numbers(max(1, names * symbols)),
        rules=rows(state.RuleRow, rules.rules),
        steps=rows(state.StepRow, rules.steps),
        weights=rows(state.WeightRow, rules.weights or [state.WeightRow()]),
        protects=rows(ProtectRow, rules.protects or [ProtectRow()]),
        protections=fresh(Protection, symbols),
        limits=rows(Limits, [limits]),
        controls=rows(Controls, [Controls(base=cash, flatten=rules.flatten)]),
        repeated=numbers(2 * len(rules.memory) if limits.duplicates else 1),
        pace=numbers(max(1, limits.per_minute)),
        memory=rows(Memory, [copy.copy(one) for one in rules.memory]),  # a run writes it: each has its own
        code=rows(Instruction, rules.code or [Instruction()]),
        stack=np.zeros(64) if compiled else [0.0] * 64,
        columns=columns,
        instants=market.instants if compiled else {},
        arrivals=market.arrivals if compiled else {},
        moments=market.moments if compiled else market.moments.tolist(),
        actions=rows(Action, market.actions or [Action()]),
        loans=rows(Loan, market.loans or [Loan()]),
        changes=rows(Change, market.changes or [Change()]),
        stays=fresh(Stay, symbols),
        unsettled=fresh(Unsettled, MOST_UNSETTLED),
        activity=fresh(Activity, SESSIONS),
        unpaid=fresh(Unpaid, LOTS * symbols if law.settings.good_faith else 1),
        violations=fresh(Violation, RING if law.settings.good_faith else 1),
        faith=fresh(Faith, 1),
        lent=fresh(Lent, symbols),
        listings=rows(
            Listing, [Listing(barred=NOT_TRADABLE if s in law.barred else 0) for s in range(symbols)]
        ),
        wanted=fresh(state.Wanted, room),
        portfolio=rows(Portfolio, [copy.copy(rules.portfolio)]),
        drawdowns=rows(Drawdowns, [copy.copy(rules.drawdowns)]),
        names=rows(Name, [copy.copy(one) for one in rules.names]),
        views=fresh(View, 64 + 4 * symbols * (rules.portfolio.view_hi - rules.portfolio.view_lo)),
        sessions=rows(Session, market.sessions or [Session()]),
        candidates=numbers(2 * symbols + 8),
        happenings=fresh(Happening, room if follows else 1),
        records=fresh(Record, room),
        marks=fresh(Mark, room),
    )


def _view(column: Any) -> memoryview:
    """A column whose items are plain numbers: three times as fast to read one by one as an array."""
    return np.ascontiguousarray(column).data


def arrivals(timeline: Timeline, bars: Bars) -> np.ndarray:
    """The bars in the order in which they become known; `bars`: all symbols' rows one after the other."""
    out: Any = np.zeros(len(timeline.bar_row), Arrival.dtype)  # type: ignore[attr-defined]
    out["symbol"], out["row"] = timeline.bar_symbol, timeline.bar_row
    for name in ("start", "end", "open", "high", "low", "close", "bid", "ask", "quote_end", "real", "volume"):
        out[name] = np.asarray(getattr(bars, name))[timeline.bar_row]
    return out


class KnownInstants:
    """The timeline of a backtest, all of it known: gives the loop rows of arrays as objects, a stretch at a time."""

    STRETCH = 4096
    notices: Sequence[Notice] = ()
    holes: Sequence[Hole] = ()

    def __init__(self, market: Market, clock: Clock) -> None:
        self._market = market
        self._clock = clock
        self._times = market.instants["time"].tolist()
        self._k = -1
        self._until = 0
        self.total = len(self._times)

    def next(self, world: state.World) -> int:
        """Wait on the clock for the next instant, and make sure that it and its bars are in the world."""
        k = self._k = self._k + 1
        if k >= self.total or not self._clock.wait_until(self._times[k]):
            return -1
        if k < self._until:
            return k
        rows = self._market.instants[k : k + self.STRETCH]
        self._until = k + len(rows)
        lo, hi = int(rows["bar_lo"][0]), int(rows["bar_hi"][-1])
        for table, first, found in (
            (world.instants, k, frozen(Instant, rows)),
            (world.arrivals, lo, frozen(Arrival, self._market.arrivals[lo:hi])),
        ):
            table.clear()
            table.update(enumerate(found, first))
        return k


class Growth:
    """Empties the journal's rows when they are full, and makes room for more orders."""

    def __init__(self, compiled: bool) -> None:
        self._compiled = compiled

    def drain(self, world: state.World, journal: JournalWriter) -> state.World:
        """Hand the rows written so far to the journal; returns the world with room (the same one for the loop)."""
        counters = at(world.counters, 0)
        records = self._taken(Record, world.records, counters.records)
        marks = self._taken(Mark, world.marks, counters.marks)
        journal.append(records, marks)
        counters.records = 0
        counters.marks = 0
        needed = int(counters.most + counters.most_each * counters.working)
        more_records = max(0, 2 * needed - len(world.records))
        more_orders = max(0, 2 * needed + int(counters.orders) - len(world.orders))
        if more_orders:
            more_orders = max(more_orders, len(world.wanted))  # doubling: growth costs no more than the last
        portfolio = at(world.portfolio, 0)
        given = (portfolio.view_hi - portfolio.view_lo) * len(world.holdings)  # at one instant, at most
        full = portfolio.piles and portfolio.views + given >= len(world.views)
        more_views = len(world.views) if full else 0
        return self._grown(world, more_records, more_orders, more_views)

    def _grown(self, world: state.World, records: int, orders: int, views: int) -> state.World:
        counters = at(world.counters, 0)
        if not self._compiled:
            world.records.extend(objects(Record, records))
            world.orders.extend(objects(Order, orders))
            world.working.extend([0] * orders)
            world.wanted.extend(objects(state.Wanted, orders))
            world.views.extend(objects(View, views))
            if counters.follows:
                world.happenings.extend(objects(Happening, orders))
            return world
        if not records and not orders and not views:
            return world
        return world._replace(
            records=np.concatenate([world.records, blank(Record, records)]),
            orders=np.concatenate([world.orders, blank(Order, orders)]),
            working=np.concatenate([world.working, np.zeros(orders, np.int64)]),
            wanted=np.concatenate([world.wanted, blank(state.Wanted, orders)]),
            views=np.concatenate([world.views, blank(View, views)]),
            happenings=np.concatenate([world.happenings, blank(Happening, orders)])
            if counters.follows
            else world.happenings,
        )

    def _taken(self, cls: Any, rows: Any, count: int) -> np.ndarray:
        return rows[:count].copy() if self._compiled else array(cls, rows[:count])


OUTCOMES = ("not_ready", "false", "gated", "skipped", "refused", "sent")


def tallies(spec: Spec, world: state.World) -> dict[str, dict[str, dict[str, int]]]:
    """What became of each rule's bars, by rule and symbol: the counts add up to all that the rule saw."""
    out: dict[str, dict[str, dict[str, int]]] = {}
    count = len(spec.symbols)
    for r, rule in enumerate(spec.rules):
        for s, symbol in enumerate(spec.symbols):
            memory = at(world.memory, r * count + s)
            if memory.active:
                out.setdefault(rule.name, {})[symbol] = {
                    name: int(getattr(memory, name)) for name in OUTCOMES
                }
    return out


def traded(spec: Spec, world: state.World) -> list[str]:
    """The symbols that any order was for."""
    found = {int(at(world.orders, o).symbol) for o in range(1, int(at(world.counters, 0).orders) + 1)}
    return [symbol for i, symbol in enumerate(spec.symbols) if i in found]
