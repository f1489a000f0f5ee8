"""Tables of figures as CSV: months, rolling windows, drawdowns, symbols. Ratios are plain, amounts dollars."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from runner.results.plain import plain_fall, symbols
from runner.results.reading import Reading
from runner.results.rolling import FIGURES
from runner.results.tables import csv_text, dollars
from runner.results.times import date_text

FALL = ("depth", "peak", "trough", "recovered", "sessions", "falling", "rising")


def months_csv(reading: Reading) -> str:
    """One line for each month."""
    head = ["month", "return", "benchmark", "turnover", "traded", "fees", "trades"]
    return csv_text(
        head,
        (
            [f"{m.year}-{m.month:02d}", _ratio(m.total_return), _ratio(m.benchmark), _ratio(m.turnover),
             dollars(m.traded), dollars(m.fees), m.closed]
            for m in reading.months
        ),
    )  # fmt: skip


def rolling_csv(reading: Reading) -> str:
    """One line for each window and each session on which it ends."""

    def lines() -> Iterable[list[Any]]:
        for window in reading.rolling:
            columns = [getattr(window, name).tolist() for name in FIGURES]
            for day, *values in zip(window.days, *columns, strict=True):
                yield [window.sessions, date_text(day), *(_ratio(value) for value in values)]

    return csv_text(["window", "date", *FIGURES], lines())


def drawdowns_csv(reading: Reading) -> str:
    """One line for each drawdown, the deepest first."""
    rows = (plain_fall(fall) for fall in reading.falls)
    return csv_text(
        list(FALL),
        (
            [
                _ratio(row["depth"]),
                *(row[name] or "" for name in FALL[1:4]),
                *(row[name] for name in FALL[4:]),
            ]
            for row in rows
        ),
    )


def symbols_csv(reading: Reading) -> str:
    """One line for each symbol that was traded."""
    rows = symbols(reading)
    exact = {row.symbol: row for row in reading.symbols}
    money = ("realized", "open_profit", "dividends", "fees", "profit", "traded", "best", "worst")
    head = ["symbol", "trades", "wins", "win_rate", "realized", "open_profit", "dividends", "fees", "profit", "traded",
            "fills", "position", "average_held_seconds", "best", "worst"]  # fmt: skip

    def cell(name: str, row: dict[str, Any], own: Any) -> Any:
        if name in money:
            value = getattr(own, name)
            return "" if value is None else dollars(value)
        return _ratio(row[name]) if name in ("win_rate", "average_held_seconds") else row[name]

    return csv_text(
        head, ([cell(name, row, own) for name in head] for row, own in zip(rows, exact.values(), strict=True))
    )


def _ratio(value: float | None) -> str:
    """The shortest text that reads back to the same number; nothing for none."""
    return "" if value is None or math.isnan(value) else repr(float(value))
