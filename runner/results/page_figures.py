"""The page's tables of figures: falls, best and worst, symbols, tails, the benchmark."""

from __future__ import annotations

from typing import Any

from runner.market.money import money_text
from runner.results.plain import further
from runner.results.reading import Reading
from runner.results.text import held_text, number, percent
from runner.results.times import date_text

MOST_SYMBOLS = 50


def sections(reading: Reading) -> dict[str, Any]:
    """What the template shows of them; an empty list leaves its part out."""
    told = further(reading)
    return {
        "falls": [_fall(fall) for fall in reading.falls[:10]],
        "extremes": _extremes(told),
        "tails": _tails(reading) if len(reading.measures.returns) > 1 else [],
        "against": _against(reading),
        "against_name": reading.relative.name if reading.relative else "",
        **_symbols(reading),
    }


def _fall(fall: Any) -> list[tuple[str, str]]:
    back = date_text(fall.recovered) if fall.recovered else "not recovered"
    return [
        (percent(fall.depth), "n"), (date_text(fall.peak), ""), (date_text(fall.trough), ""), (back, ""),
        (f"{fall.sessions:,}", "n"), (f"{fall.falling:,}", "n"), (f"{fall.rising:,}", "n"),
    ]  # fmt: skip


def _extremes(told: dict[str, Any]) -> list[list[tuple[str, str]]]:
    """Rank by rank: best and worst session, best and worst month."""
    columns = [
        [(one.get("date") or one["month"], percent(one["return"])) for one in told[name][:5]]
        for name in ("best_sessions", "worst_sessions", "best_months", "worst_months")
    ]
    rows = []
    for i in range(max(len(column) for column in columns)):
        cells = [column[i] if i < len(column) else ("", "") for column in columns]
        rows.append([cell for when, change in cells for cell in ((when, ""), (change, "n"))])
    return rows


def _tails(reading: Reading) -> list[tuple[str, str]]:
    spread = reading.distribution
    rows = [
        ("Sessions above zero", percent(spread.positive, 1)),
        ("Value at risk, 95 %", f"{percent(spread.var_95)}, mean beyond it {percent(spread.cvar_95)}"),
        ("Value at risk, 99 %", f"{percent(spread.var_99)}, mean beyond it {percent(spread.cvar_99)}"),
        ("Tail ratio", number(spread.tail_ratio)),
        ("Skew, excess kurtosis", f"{number(spread.skew)}, {number(spread.kurtosis)}"),
    ]
    for name, values in (("best", spread.without_best), ("worst", spread.without_worst)):
        if values:
            texts = ", ".join(f"{count}: {percent(value)}" for count, value in values.items())
            rows.append((f"Return without the {name}", f"{texts} (sessions left out)"))
    return rows


def _against(reading: Reading) -> list[tuple[str, str]]:
    found = reading.relative
    if found is None:
        return []
    return [
        ("Return", f"{percent(found.total_return)} against {percent(found.benchmark_return)}"),
        ("Alpha, beta", f"{percent(found.alpha)} a year, {number(found.beta)}"),
        ("Correlation", number(found.correlation)),
        ("Information ratio", f"{number(found.information_ratio)}, tracking error {percent(found.tracking_error)}"),
        ("Capture", f"{percent(found.up_capture, 0)} of its rises, {percent(found.down_capture, 0)} of its falls"),
        ("Its own risk", f"volatility {percent(found.benchmark_volatility)}, largest drawdown {percent(found.benchmark_drawdown)}"),
    ]  # fmt: skip


def _symbols(reading: Reading) -> dict[str, Any]:
    """The symbols with the largest profits and losses, each with a bar as wide as its share of the largest."""
    names = reading.journal.header["symbols"]
    ranked = sorted(reading.symbols, key=lambda row: (-abs(row.profit or 0), row.symbol))[:MOST_SYMBOLS]
    largest = max((abs(row.profit or 0) for row in ranked), default=0) or 1
    rows = [
        {
            "symbol": names[row.symbol] if 0 <= row.symbol < len(names) else "",
            "profit": money_text(row.profit) if row.profit is not None else "-",
            "tone": "gain" if (row.profit or 0) > 0 else "loss",
            "wide": round(abs(row.profit or 0) / largest * 100, 1),
            "cells": [
                f"{row.number:,}",
                percent(row.wins / row.number, 0) if row.number else "-",
                money_text(row.open_profit) if row.open_profit is not None else "-",
                money_text(row.dividends),
                money_text(row.fees),
                money_text(row.traded, 0),
                f"{row.position:,}",
                held_text(row.average_held) if row.number else "-",
            ],
        }
        for row in sorted(ranked, key=lambda row: -(row.profit or 0))
    ]
    left = len(reading.symbols) - len(rows)
    return {
        "symbols": rows,
        "symbols_left": f"{left:,} more with smaller profits and losses are in symbols.csv." if left else "",
    }
