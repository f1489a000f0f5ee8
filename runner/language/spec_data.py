"""Data and backtest of a strategy as frozen values. Days are counted from 1970-01-01, money is millionths of a dollar."""

from __future__ import annotations

import msgspec

from runner.language.spec_live import Feed as Feed


class DataPlan(msgspec.Struct, frozen=True):
    """`source`: embedded, lean, csv; `path`: folder or file of it; `prices`: raw, adjusted, split_adjusted,
    total_return."""

    source: str
    path: str = ""
    resolution: str = "1d"
    resolutions: tuple[tuple[str, str], ...] = ()  # per symbol, where it differs
    prices: str = "raw"
    corrections: bool = True
    fill_forward: bool = False
    extended_hours: bool = False
    columns: tuple[tuple[str, str], ...] = ()  # csv: our name, the file's name
    timezone: str = "America/New_York"  # csv: zone of its times
    label: str = "start"  # csv: a bar's time is its start or its end
    live: tuple[Feed, ...] = ()  # where bars of live runs come from; empty: not said


class Backtest(msgspec.Struct, frozen=True):
    """`start`, `end`: days since 1970 (both belong; None: all the data). `cash`: micros."""

    start: int | None = None
    end: int | None = None
    cash: int = 100_000_000_000
    benchmark: str = ""  # symbol, or empty
    benchmark_constant: float | None = None
    risk_free: float | str | None = None  # yearly rate, path of a rate file, or None (by convention)
