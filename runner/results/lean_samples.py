"""What LEAN samples from a run. Facts: lean-semantics.md section 15, "Sampling"."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from runner.market.events import MARK_CURVE, MARK_DAY, MARK_FINAL, MARK_SESSION, Journal
from runner.results.flows import flows, opening


class Samples(NamedTuple):
    """What LEAN samples. `times` (ns), `equity` (millionths): the equity series. `day_times`,
    `day_equity` (millionths), `benchmark` (dollars): the daily samples, start and last instant included.
    `sessions`: True when the run was only marked at session closes, which then stand for the days."""

    times: list[int]
    equity: list[int]
    day_times: list[int]
    day_equity: list[int]
    benchmark: list[float]
    sessions: bool


def samples(journal: Journal) -> Samples:
    """The series behind the figures; a later mark of an instant replaces an earlier one."""
    marks, header = journal.marks, journal.header
    flags = marks["flags"]
    sessions = not bool(np.any(flags & MARK_DAY))
    daily = (flags & ((MARK_SESSION if sessions else MARK_DAY) | MARK_FINAL)) != 0
    curve = daily | ((flags & MARK_CURVE) != 0)
    day = {t: (e, b) for t, e, b in zip(*_columns(marks[daily], "time", "equity", "benchmark"), strict=True)}
    series = dict(zip(*_columns(marks[curve], "time", "equity"), strict=True))
    if sessions:  # nothing was sampled at the start: LEAN's series begin there
        start, cash = int(header["start"]), opening(journal).equity
        first = next((b for _, b in day.values()), 0.0)
        day = {start: (cash, first)} | day
        series = {start: cash} | series
    times = sorted(series)
    days = sorted(day)
    moved = flows(journal)  # LEAN takes a deposit for profit
    return Samples(
        times,
        moved.without(times, [series[t] for t in times]),
        days,
        moved.without(days, [day[t][0] for t in days]),
        [day[t][1] for t in days],
        sessions,
    )


def _columns(rows: Any, *names: str) -> list[list[Any]]:
    return [rows[name].tolist() for name in names]
