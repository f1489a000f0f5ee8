"""Tables of LEAN's files joined into rows of bars."""

from __future__ import annotations

from typing import Any

import numpy as np

from runner.adapters.cache import Columns
from runner.adapters.coverage import span_text
from runner.adapters.lean_files import COARSE_TYPES, MS
from runner.market.calendar import Calendar

PRICES = ("open", "high", "low", "close", "volume", "bid", "ask")
FINE_TYPES = {"start": "<i8", "quote_end": "<i8", "trade_start": "<i8"} | dict.fromkeys(PRICES, "<f8")


def extents(tables: dict[str, Columns]) -> str:
    """First and last day of each ticker's table, as text."""
    texts = [
        f"{ticker.upper()} {span_text(int(table['day'][0]), int(table['day'][-1]))}"
        for ticker, table in tables.items()
        if len(table["day"])
    ]
    return ", ".join(texts) or "no rows"


def between(table: Columns, first_day: int, last_day: int) -> Columns:
    """Rows from `first_day` to `last_day` (both belong) of a table ascending by day."""
    a, b = np.searchsorted(table["day"], (first_day, last_day + 1)).tolist()
    return {name: column[a:b] for name, column in table.items()}


def concatenate(tables: list[Columns]) -> Columns:
    """Tables one after the other."""
    if len(tables) == 1:
        return tables[0]
    if not tables:
        return {name: np.empty(0, kind) for name, kind in COARSE_TYPES.items()}
    return {name: np.concatenate([table[name] for table in tables]) for name in tables[0]}


def stack(parts: list[tuple[Any, Any]], width: int) -> tuple[Any, Any]:
    """(start, table) of several days as one; `width` columns when there is none."""
    if not parts:
        return np.empty(0, "<i8"), np.empty((0, width))
    return np.concatenate([start for start, _ in parts]), np.concatenate([table for _, table in parts])


def union(trades: tuple[Any, Any], quotes: tuple[Any, Any], step: int) -> Columns:
    """One row for each instant at which a trade or a quote bar ends, from the first trade on.

    Without a trade bar the row repeats the trade before it with no volume (a copy that carried volume
    would count it twice). `bid` and `ask` are the newest quote bar's closes, whenever that ended.
    """
    trade_start, trade = trades
    quote_start, quote = quotes
    start = np.union1d(trade_start, quote_start)
    start = start[start >= trade_start[0]] if len(trade_start) else start[:0]
    t = np.searchsorted(trade_start, start, "right") - 1
    q = np.searchsorted(quote_start, start, "right") - 1
    out: Columns = {"start": start, "trade_start": trade_start[t]}
    out |= {name: trade[t, i] for i, name in enumerate(("open", "high", "low", "close"))}
    out["volume"] = np.where(trade_start[t] == start, trade[t, 4], 0.0)
    quoted = q >= 0
    for i, name in enumerate(("bid", "ask")):
        out[name] = np.where(quoted, quote[q, i], np.nan) if len(quote) else np.full(len(start), np.nan)
    out["quote_end"] = np.zeros(len(start), "<i8")
    out["quote_end"][quoted] = quote_start[q[quoted]] + step
    return out


def day(sessions: Calendar, at: Any) -> Any:
    """New York day of each instant."""
    return np.searchsorted(sessions.midnight, at, "right") - 1 + sessions.first_day


def since_open(sessions: Calendar, start: Any, end: Any) -> Any:
    """Starts of bars, but not before the open of a session that begins inside the bar: an hour bar labelled 09:00
    holds the trades from 09:30 on."""
    i = np.minimum(np.searchsorted(sessions.open, start, "right"), max(len(sessions.open) - 1, 0))
    if not len(sessions.open):
        return start
    opened = sessions.open[i]
    return np.where((opened > start) & (opened < end), opened, start)


def until_close(sessions: Calendar, start: Any, end: Any) -> Any:
    """Ends of bars, but not after the close of a session that ends inside the bar."""
    if not len(sessions.close):
        return end
    i = np.minimum(np.searchsorted(sessions.close, start, "right"), len(sessions.close) - 1)
    closed = sessions.close[i]
    return np.where((closed > start) & (closed < end), closed, end)


def hourly(table: Columns, sessions: Calendar, step: int) -> dict[str, Any]:
    """Columns of `Bars` from an hour file, with the instants that give each row's day, trade and quote."""
    start = sessions.midnight[table["day"] - sessions.first_day] + table["ms"] * MS
    rows = {name: table[name] for name in ("open", "high", "low", "close", "volume")}
    unquoted = np.full(len(start), np.nan)
    end = start + step
    start = since_open(sessions, start, end)
    rows |= {"start": start, "end": end, "bid": unquoted, "ask": unquoted}
    rows |= {"quote_end": np.zeros(len(start), "<i8"), "real": np.ones(len(start), bool)}
    return rows | {"row": start, "trade": start, "quote": start}


def minutely(table: Columns, sessions: Calendar, step: int) -> dict[str, Any]:
    """Columns of `Bars` from `union`, with the instants that give each row's day, trade and quote."""
    rows = {name: table[name] for name in (*PRICES, "start", "quote_end")}
    start, trade = table["start"], table["trade_start"]
    rows |= {"end": start + step, "real": start == trade}
    quote = np.where(table["quote_end"] > 0, table["quote_end"] - step, start)
    return rows | {"row": start, "trade": trade, "quote": quote}
