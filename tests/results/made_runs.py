"""Runs made up for the tests of text, tables and page: 3,000 marks, 500 fills, three symbols, nasty names."""

from __future__ import annotations

from typing import Any

import numpy as np

from runner.market.bar import DAY, MINUTE, Bars
from runner.market.events import (
    FILLED,
    MARK_CURVE,
    MARK_DAY,
    MARK_FINAL,
    MARK_SESSION,
    REFUSED,
    SUBMITTED,
    Journal,
)  # fmt: skip
from runner.market.money import amount
from tests.results.lean_files import bars, day, journal, marks, ns

NASTY = "</script><script>alert('x')</script><!-- & \" ' <img src=x onerror=alert(1)>"
DOCUMENT = (
    f"version: 1\nname: made-up   # {NASTY}\nuniverse: {{symbols: [AAA, BBB, CCC]}}\n" + "# line\n" * 40
)


def random_bars(count: int, seed: int) -> Bars:
    """Minute bars, 390 a day on weekdays from 2012-01-03, by a seeded walk."""
    steps = np.random.default_rng(seed)
    price = 100.0 * np.exp(np.cumsum(steps.normal(0, 0.0006, count)))
    volume = steps.integers(1_000, 90_000, count)
    rows = []
    open_at, left = ns("2012-01-03 09:30"), 0
    for i in range(count):
        if left == 0:
            start = open_at
            open_at += DAY * (3 if (open_at // DAY + 3) % 7 == 4 else 1)
            left = 390
        rows.append((start, start + MINUTE, round(float(price[i]), 2), float(volume[i])))
        start += MINUTE
        left -= 1
    return bars(rows)


def made_run(
    fills: int = 500, mark_count: int = 3000, length: int = 39_000
) -> tuple[Journal, dict[str, Bars]]:
    """Long and short round trips in three symbols, and the marks that follow from them."""
    symbols = ["AAA", "BBB", "CCC"]
    prices = {name: random_bars(length, seed) for seed, name in enumerate(symbols)}
    ends = prices["AAA"].end
    at = np.linspace(30, length - 30, fills).astype(int)
    items: list[dict[str, Any]] = []
    held = [0, 0, 0]
    cash = 1_000_000_000_000
    cash_at = np.zeros(length, np.int64) + cash
    held_at = np.zeros((3, length), np.int64)
    for n, i in enumerate(at.tolist()):
        s = n % 3
        price = float(prices[symbols[s]].close[i])
        quantity = -held[s] if held[s] else (300 if n % 2 else -200)
        fee = abs(quantity) * 3_500
        common = {
            "time": int(ends[i]),
            "order": n + 1,
            "symbol": s,
            "rule": n % 2,
            "quantity": quantity,
            "price": price,
        }
        items.append({**common, "kind": SUBMITTED, "text": 0})
        items.append({**common, "kind": FILLED, "amount": amount(quantity, price), "fee": fee})
        held[s] += quantity
        cash -= amount(quantity, price) + fee
        cash_at[i:] = cash
        held_at[s, i:] = held[s]
    items.insert(
        0, {"time": int(ends[3]), "kind": REFUSED, "symbol": 1, "rule": 0, "code": 5, "quantity": 10}
    )
    values = (
        np.array([held_at[s] * np.asarray(prices[symbols[s]].close) * 1e6 for s in range(3)])
        .round()
        .astype("<i8")
    )
    chosen = np.unique(np.linspace(0, length - 1, mark_count).astype(int))
    session = np.append(np.diff(ends) > MINUTE, True)
    rows = []
    for i in np.unique(np.append(chosen, np.flatnonzero(session))).tolist():
        flags = (
            MARK_CURVE
            | ((MARK_SESSION | MARK_DAY) if session[i] else 0)
            | (MARK_FINAL if i == length - 1 else 0)
        )
        equity = int(cash_at[i] + values[:, i].sum())
        rows.append(
            (int(ends[i]), flags, equity, int(values[:, i].clip(0).sum()), float(prices["AAA"].close[i]))
        )
    mark_rows = marks(rows)
    mark_rows["short_value"] = mark_rows["equity"] - mark_rows["cash"] - mark_rows["long_value"]
    head = {
        "strategy": "made-up", "document": DOCUMENT, "symbols": symbols, "rules": ["in", NASTY], "spec": {},
        "conventions": "atreyu", "resolution": dict.fromkeys(symbols, "1m"), "start_cash": 1_000_000_000_000,
        "first_day": day("2012-01-03"), "last_day": day("2012-05-30"), "start": ns("2012-01-03 00:00"),
        "end": int(ends[-1]), "driver": "loop", "benchmark": "AAA", "risk_free": 0.01, "security_ids": {},
        "tallies": {"in": {s: {"not_ready": 20, "false": 12_000, "gated": 7, "skipped": 3, "refused": 1, "sent": 80} for s in symbols}},
        "data": {"notes": ["2 dividends corrected in AAA"], "missing": {"BBB": [(day("2012-02-01"), day("2012-02-03"))]}},
        "manifest": {"python": "3.11", "files": {"a.zip": "0" * 64}},
    }  # fmt: skip
    return journal(head, items, mark_rows, [NASTY]), prices
