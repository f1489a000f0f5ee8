"""One timeline: bars, moments, corporate actions and samples in order of (time, priority, registration).

For a backtest the whole timeline is known beforehand and becomes arrays (`engine/state.Timeline`).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from runner.engine.instants import INSTANT_CLOSE, INSTANT_OPEN, INSTANT_SLICE, Instant
from runner.laws import settlement
from runner.market.bar import DAY, MINUTE
from runner.market.calendar import Calendar
from runner.market.events import MARK_CURVE, MARK_DAY, MARK_FINAL, MARK_SESSION

Int64s = npt.NDArray[np.int64]


class Benchmark(NamedTuple):
    """Known prices of the benchmark: `time` (ns, ascending) and `price` (dollars). Empty without one."""

    time: Int64s
    price: npt.NDArray[np.float64]


class Plan(NamedTuple):
    """What the timeline is made of.

    `bar_ends`: for each symbol the ends of its rows within the run. `first_row`: for each symbol the number,
    among all symbols' rows, of the first of them. `moments`: for each rule its instants (empty for rules on
    bars). `action_days`: day of each corporate action, ascending. `sampling`: session or lean.
    `settlement_time`: laws/settlement.due. `change_times`: of each change of the universe, ascending. `deliveries`: of files
    by which it is chosen (LEAN's conventions: each is a slice, the one at the midnight after the end too).
    """

    start_day: int
    end_day: int
    bar_ends: list[Int64s]
    first_row: list[int]
    moments: list[Int64s]
    action_days: Int64s
    benchmark: Benchmark
    sampling: str
    settlement_time: int = 0
    change_times: Int64s = np.empty(0, np.int64)
    deliveries: Int64s = np.empty(0, np.int64)


class Timeline(NamedTuple):
    """`instants`: array of `Instant.dtype`. `bar_symbol`, `bar_row`: for each bar that becomes known, its symbol
    and its number among all rows. `moment_rule`: for each moment its rule."""

    instants: np.ndarray
    bar_symbol: Int64s
    bar_row: Int64s
    moment_rule: Int64s


def build(plan: Plan, calendar: Calendar) -> Timeline:
    """The timeline of a backtest. `calendar` spans the run with a margin of some days on both sides."""
    start = calendar.midnight_of(plan.start_day)
    end = calendar.midnight_of(plan.end_day + 1)
    sessions = (calendar.open >= start) & (calendar.close < end)
    opens, closes = calendar.open[sessions], calendar.close[sessions]
    action_times = _midnights(calendar, plan.action_days)
    slices = np.unique(
        np.concatenate([*plan.bar_ends, action_times, _within(plan.benchmark.time, start, end)])
    )
    slices = np.unique(
        np.concatenate([_within(slices, start, end), _within(plan.deliveries, start, end + 1)])
    )
    last = int(slices[-1]) if len(slices) else end - 1
    changes = _within(plan.change_times, start, end)
    parts = [slices, opens, closes, changes, *(_within(m, start, end) for m in plan.moments)]
    days = np.empty(0, np.int64)
    if plan.sampling == "lean":
        lo, hi = plan.start_day - calendar.first_day, plan.end_day + 1 - calendar.first_day
        days = calendar.midnight[lo:hi]
        parts.append(days)
    times = np.unique(np.concatenate(parts))
    times = times[times <= last]  # LEAN: no slice afterwards, no event; and nothing could be decided on

    marks = np.zeros(len(times), np.int64)
    if plan.sampling == "lean":
        marks[_positions(times, days)] |= MARK_DAY
    marks[_positions(times, _curve(slices, start, end))] |= MARK_CURVE
    marks[_positions(times, closes)] |= MARK_SESSION
    if len(times):
        marks[-1] |= MARK_FINAL
    flags = np.zeros(len(times), np.int64)
    flags[_positions(times, opens)] |= INSTANT_OPEN
    flags[_positions(times, closes)] |= INSTANT_CLOSE
    flags[_positions(times, slices)] |= INSTANT_SLICE

    day = calendar.first_day + np.searchsorted(calendar.midnight, times, "right") - 1
    session = np.searchsorted(calendar.date, day)
    held = np.minimum(session, len(calendar.date) - 1)
    has = calendar.date[held] == day
    following = np.minimum(np.searchsorted(calendar.close, times, "right"), len(calendar.close) - 1)
    date = day.astype("datetime64[D]")
    month = date.astype("datetime64[M]").astype(np.int64)
    rows: Any = np.zeros(len(times), Instant.dtype)  # type: ignore[attr-defined]
    action_lo, change_lo = (
        np.searchsorted(rows_of, np.append(times, np.iinfo(np.int64).max))
        for rows_of in (action_times, plan.change_times)
    )
    bars, moments = _bars(plan, times), _moments(plan, times)
    for name, column in {
        "time": times,
        "day": day,
        "open": np.where(has, calendar.open[held], 0),
        "close": np.where(has, calendar.close[held], 0),
        "next_close": calendar.close[following],
        "next_open": calendar.open[following],
        "session": np.searchsorted(calendar.close, times, "right"),
        "trade_session": np.searchsorted(calendar.date, day, "right") - 1,
        "settles_1": settlement.due(calendar, day, 1, plan.settlement_time),
        "settles_2": settlement.due(calendar, day, 2, plan.settlement_time),
        "settles_3": settlement.due(calendar, day, 3, plan.settlement_time),
        "year": month // 12 + 1970,
        "month": month % 12 + 1,
        "day_of_month": (date - date.astype("datetime64[M]")).astype(np.int64) + 1,
        "weekday": (day + 3) % 7 + 1,
        "clock": _clock(calendar, day, times),
        "flags": flags,
        "marks": marks,
        "benchmark": _as_of(plan.benchmark, times),
        "bar_lo": bars[0][:-1],
        "bar_hi": bars[0][1:],
        "moment_lo": moments[0][:-1],
        "moment_hi": moments[0][1:],
        "action_lo": action_lo[:-1],
        "action_hi": action_lo[1:],
        "change_lo": change_lo[:-1],
        "change_hi": change_lo[1:],
    }.items():
        rows[name] = column
    return Timeline(rows, bars[1], bars[2], moments[1])


def _within(times: Int64s, start: int, end: int) -> Int64s:
    return times[(times >= start) & (times < end)]


def _positions(times: Int64s, wanted: Int64s) -> Int64s:
    """Where `wanted` instants stand in `times`; those that are not in it are left out."""
    if not len(times):
        return np.empty(0, np.int64)
    at = np.minimum(np.searchsorted(times, wanted), len(times) - 1)
    return at[times[at] == wanted]


def _midnights(calendar: Calendar, days: Int64s) -> Int64s:
    return calendar.midnight[days.astype(np.int64) - calendar.first_day]


def _clock(calendar: Calendar, day: Int64s, times: Int64s) -> Int64s:
    """Time of day on New York's clock (ns). Clocks change on Sundays at 02:00; the shift is taken back."""
    midnight = calendar.midnight[day - calendar.first_day]
    following = calendar.midnight[np.minimum(day + 1 - calendar.first_day, len(calendar.midnight) - 1)]
    longer = following - midnight - DAY
    since = times - midnight
    changed = (longer != 0) & (np.abs(longer) < DAY) & (since >= 2 * 60 * MINUTE)
    return since - np.where(changed, longer, 0)


def _curve(slices: Int64s, start: int, end: int) -> Int64s:
    """LEAN's equity curve: slices later than the last one by more than 4 minutes or run / 4000 (fact sheet 15)."""
    spacing = max(4 * MINUTE, (end - start) // 4000)
    chosen: list[int] = []
    i = 0
    while i < len(slices):
        chosen.append(int(slices[i]))
        i = int(np.searchsorted(slices, slices[i] + spacing, "right"))
    return np.array(chosen, np.int64)


def _as_of(benchmark: Benchmark, times: Int64s) -> npt.NDArray[np.float64]:
    """Newest price of the benchmark known at each instant; 0.0 before the first."""
    if not len(benchmark.time):
        return np.zeros(len(times))
    at = np.searchsorted(benchmark.time, times, "right") - 1
    return np.where(at >= 0, benchmark.price[np.maximum(at, 0)], 0.0)


def _bars(plan: Plan, times: Int64s) -> tuple[Int64s, Int64s, Int64s]:
    """Which symbols' rows end at each instant: offsets, symbols (in universe order) and rows."""
    none = np.empty(0, np.int64)
    instant, symbol, row = [none], [none], [none]
    for s, ends in enumerate(plan.bar_ends):
        at = np.searchsorted(times, ends)
        instant.append(at)
        symbol.append(np.full(len(ends), s, np.int64))
        row.append(plan.first_row[s] + np.arange(len(ends), dtype=np.int64))
    at = np.concatenate(instant)
    order = np.argsort(at, kind="stable")
    lo = np.searchsorted(at[order], np.arange(len(times) + 1))
    return lo, np.concatenate(symbol)[order], np.concatenate(row)[order]


def _moments(plan: Plan, times: Int64s) -> tuple[Int64s, Int64s]:
    """Which rules' moments come at each instant, in file order."""
    instant, rule = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for r, wanted in enumerate(plan.moments):
        at = _positions(times, wanted)
        instant.append(at)
        rule.append(np.full(len(at), r, np.int64))
    at = np.concatenate(instant)
    order = np.argsort(at, kind="stable")
    return np.searchsorted(at[order], np.arange(len(times) + 1)), np.concatenate(rule)[order]
