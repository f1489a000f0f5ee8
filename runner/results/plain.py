"""The further figures of a run as plain values for `results.json`: dollars, ratios, seconds, dates as text."""

from __future__ import annotations

from typing import Any

import numpy as np

from runner.market.money import MICROS
from runner.results.drawdowns import Fall
from runner.results.reading import Reading
from runner.results.rolling import FIGURES, Rolling
from runner.results.times import date_text

MOST = 10  # of the best, the worst and the deepest


def further(reading: Reading) -> dict[str, Any]:
    """What `figures` holds beside the measures."""
    spread = reading.distribution
    return {
        "distribution": {
            "skew": spread.skew,
            "kurtosis": spread.kurtosis,
            "var_95": spread.var_95,
            "cvar_95": spread.cvar_95,
            "var_99": spread.var_99,
            "cvar_99": spread.cvar_99,
            "tail_ratio": spread.tail_ratio,
            "positive_sessions": spread.positive,
            "without_best": {str(count): value for count, value in spread.without_best.items()},
            "without_worst": {str(count): value for count, value in spread.without_worst.items()},
        },
        "against_benchmark": reading.relative._asdict() if reading.relative else None,
        "exposures": _exposures(reading),
        "held": _held(reading),
        "best_sessions": _sessions(reading, -1),
        "worst_sessions": _sessions(reading, 1),
        "best_months": _months(reading, -1),
        "worst_months": _months(reading, 1),
        "drawdowns": [plain_fall(fall) for fall in reading.falls[:MOST]],
        "by_month": [
            {
                "month": f"{month.year}-{month.month:02d}",
                "return": month.total_return,
                "benchmark": month.benchmark,
                "turnover": month.turnover,
                "traded": month.traded / MICROS,
                "fees": month.fees / MICROS,
                "trades": month.closed,
            }
            for month in reading.months
        ],
        "rolling": {str(window.sessions): _rolling(window) for window in reading.rolling},
        "symbols": symbols(reading),
    }


def plain_fall(fall: Fall) -> dict[str, Any]:
    """One drawdown."""
    return {
        "depth": fall.depth,
        "peak": date_text(fall.peak),
        "trough": date_text(fall.trough),
        "recovered": date_text(fall.recovered) if fall.recovered else None,
        "sessions": fall.sessions,
        "falling": fall.falling,
        "rising": fall.rising,
    }


def symbols(reading: Reading) -> list[dict[str, Any]]:
    """What each symbol brought."""
    names = reading.journal.header["symbols"]
    return [
        {
            "symbol": names[row.symbol] if 0 <= row.symbol < len(names) else "",
            "trades": row.number,
            "wins": row.wins,
            "win_rate": row.wins / row.number if row.number else None,
            "realized": row.realized / MICROS,
            "open_profit": None if row.open_profit is None else row.open_profit / MICROS,
            "dividends": row.dividends / MICROS,
            "fees": row.fees / MICROS,
            "profit": None if row.profit is None else row.profit / MICROS,
            "traded": row.traded / MICROS,
            "fills": row.fills,
            "position": row.position,
            "average_held_seconds": row.average_held / 1e9,
            "best": row.best / MICROS,
            "worst": row.worst / MICROS,
        }
        for row in reading.symbols
    ]


def _exposures(reading: Reading) -> dict[str, Any]:
    found = reading.exposures
    return {
        name: {
            "mean": float(np.mean(values)) if len(values) else None,
            "lowest": float(np.min(values)) if len(values) else None,
            "highest": float(np.max(values)) if len(values) else None,
        }
        for name, values in (
            ("gross", found.gross),
            ("net", found.net),
            ("long", found.long),
            ("short", found.short),
        )
    }


def _held(reading: Reading) -> dict[str, float | None]:
    """How long round trips were held, in seconds."""
    held = [(trade.closed - trade.opened) / 1e9 for trade in reading.ledger.trades]
    return {
        name: float(of(held)) if held else None
        for name, of in (("shortest", min), ("median", np.median), ("mean", np.mean), ("longest", max))
    }


def _sessions(reading: Reading, sign: int) -> list[dict[str, Any]]:
    """The sessions furthest above zero (-1) or below it (1), the earlier first among equals."""
    m = reading.measures
    ranked = sorted(zip(m.returns, m.days, strict=True), key=lambda one: (sign * one[0], one[1]))
    return [{"date": date_text(day), "return": change} for change, day in ranked[:MOST] if sign * change < 0]


def _months(reading: Reading, sign: int) -> list[dict[str, Any]]:
    ranked = sorted(reading.months, key=lambda one: (sign * one.total_return, one.year, one.month))
    return [
        {"month": f"{one.year}-{one.month:02d}", "return": one.total_return}
        for one in ranked[:MOST]
        if sign * one.total_return < 0
    ]


def _rolling(window: Rolling) -> dict[str, dict[str, float | None]]:
    """Lowest, median, highest and newest value of each figure over the windows."""
    out: dict[str, dict[str, float | None]] = {}
    for name in FIGURES:
        values = getattr(window, name)
        known = values[~np.isnan(values)]
        newest = float(values[-1])
        out[name] = {
            "lowest": float(known.min()) if len(known) else None,
            "median": float(np.median(known)) if len(known) else None,
            "highest": float(known.max()) if len(known) else None,
            "newest": None if np.isnan(newest) else newest,
        }
    return out
