"""The machine-readable report: `results.json`."""

from __future__ import annotations

from typing import Any

from runner.market.money import MICROS
from runner.results import account_rules, controls, good_faith, live_run, protections
from runner.results.plain import further
from runner.results.reading import Reading
from runner.results.text import refusal_counts
from runner.results.times import date_text


def plain(reading: Reading) -> dict[str, Any]:
    """Plain values: LEAN's statistics by LEAN's names and formats, our session-based figures beside them."""
    header = reading.journal.header
    ledger = reading.ledger
    return {
        "strategy": header["strategy"],
        "conventions": header["conventions"],
        "driver": header["driver"],
        "live": live_run.plain(header),
        "statistics": reading.statistics,
        "figures": _figures(reading),
        "positions": {
            header["symbols"][symbol]: held.quantity
            for symbol, held in sorted(ledger.holdings.items())
            if held.quantity
        },
        "cash": ledger.cash / MICROS,
        "tallies": header["tallies"],
        "refusals": [
            {"count": count, "rule": rule, "reason": reason}
            for count, rule, reason in refusal_counts(reading.journal)
        ],
        "protections": protections.plain(protections.protections(reading.journal)),
        "risk": controls.plain(reading.journal),
        "day_trading": account_rules.plain(
            account_rules.seen(reading.journal, ledger, reading.measures.days), header
        ),
        "good_faith": good_faith.plain(reading.journal),
        "data": header["data"],
        "settings": header["spec"],
        "manifest": header["manifest"],
    }


def _figures(reading: Reading) -> dict[str, Any]:
    """The session-based figures in dollars, ratios, seconds and dates as text; None where one has no meaning."""
    m = reading.measures
    fall, trades = m.drawdown, m.trades
    return {
        "start_equity": m.start_equity / MICROS,
        "end_equity": m.end_equity / MICROS,
        "deposits": m.deposits / MICROS,
        "withdrawals": m.withdrawals / MICROS,
        "total_return": m.total_return,
        "annual_return": m.annual_return,
        "volatility": m.volatility,
        "sharpe": m.sharpe,
        "sortino": m.sortino,
        "calmar": m.calmar,
        "risk_free": m.risk_free,
        "drawdown": {
            "depth": fall.depth,
            "peak": _date(fall.peak),
            "trough": _date(fall.trough),
            "recovered": _date(fall.recovered),
            "longest_sessions": fall.longest,
        },
        "exposure": m.exposure,
        "time_in_market": m.time_in_market,
        "turnover": m.turnover,
        "traded": m.traded / MICROS,
        "fees": m.fees / MICROS,
        "dividends": m.dividends / MICROS,
        "interest": m.interest / MICROS,
        "best_session": _session(m.best_day),
        "worst_session": _session(m.worst_day),
        "trades": {
            "number": trades.number,
            "wins": trades.wins,
            "losses": trades.losses,
            "win_rate": trades.win_rate,
            "average_win": trades.average_win / MICROS,
            "average_loss": trades.average_loss / MICROS,
            "profit_factor": trades.profit_factor,
            "expectancy": trades.expectancy / MICROS,
            "best": trades.best / MICROS,
            "worst": trades.worst / MICROS,
            "average_held_seconds": trades.average_held / 1e9,
        },
        "months": {f"{year}-{month:02d}": r for (year, month), r in m.months.items()},
        "years": {str(year): r for year, r in m.years.items()},
        "sessions": [
            {"date": _date(day), "equity": equity / MICROS, "return": r}
            for day, equity, r in zip(m.days, m.equity, m.returns, strict=True)
        ],
        **further(reading),
    }


def _date(day: int) -> str | None:
    return date_text(day) if day else None


def _session(found: tuple[int, float] | None) -> dict[str, Any] | None:
    return {"date": date_text(found[0]), "return": found[1]} if found else None
