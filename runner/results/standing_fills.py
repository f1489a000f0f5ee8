"""Fills that stand: a broker may take an execution back or correct it, also after its order has ended (live runs).

Round trips and profits are those of what stands, as if nothing else had been. Cash and positions at a moment of the past
are what the account was known to have then.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from runner.market import events

AMENDS = (events.BUSTED, events.CORRECTED)
SHARES = (events.FILLED, events.ADOPTED, *AMENDS)


def standing(records: np.ndarray) -> np.ndarray:
    """The records without fills that were taken back; what was corrected stands in the old one's place, at its time. A
    fill from before a split, or one that is not there, is undone by another of the opposite sign. The same array when
    nothing was taken back."""
    if not np.isin(records["kind"], AMENDS).any():
        return records
    out = records.copy()
    keep = np.ones(len(out), bool)
    fills: dict[int, list[int]] = {}  # by order: rows that stand
    since: dict[int, int] = {}  # by symbol: row of its newest split
    hole, of_order = -1, 0
    for i, row in enumerate(records):
        kind, order = int(row["kind"]), int(row["order"])
        if kind == events.SPLIT:
            since[int(row["symbol"])] = i
        elif kind == events.FILLED:
            fills.setdefault(order, []).append(i)
        elif kind == events.BUSTED:
            hole, of_order = _meant(out, fills.get(order, []), row, since.get(int(row["symbol"]), -1)), order
            if hole < 0:
                out["kind"][i] = events.FILLED
                continue
            keep[[hole, i]] = False
            fills[order].remove(hole)
        elif kind == events.CORRECTED:
            at = hole if hole >= 0 and of_order == order else i
            time = out["time"][at]
            out[at] = row
            out["time"][at], out["kind"][at] = time, events.FILLED
            keep[i], keep[at] = False, True
            fills.setdefault(order, []).append(at)
            hole = -1
        elif kind != events.SETTLED:
            hole = -1
    return out[keep]


def _meant(rows: np.ndarray, fills: list[int], row: Any, since: int) -> int:
    """The newest fill that the record `row` takes back; -1 when there is none after row `since`."""
    wanted = -int(row["quantity"]), float(row["price"]), -int(row["amount"]), -int(row["fee"])
    for i in reversed(fills):
        one = rows[i]
        found = int(one["quantity"]), float(one["price"]), int(one["amount"]), int(one["fee"])
        if i > since and found == wanted:
            return i
    return -1


class Known(NamedTuple):
    """Every change of cash (millionths), and of each symbol's position, as it became known."""

    cash_times: list[int]
    cash_values: list[int]
    position_times: dict[int, list[int]]
    position_values: dict[int, list[int]]


def as_known(records: np.ndarray, cash: int, held: dict[int, int]) -> Known:
    """Cash and positions over time; `cash`, `held` (shares by symbol): at the start. The records are those that change
    either."""
    known = Known([], [cash], {s: [] for s in held}, {s: [shares] for s, shares in held.items()})
    for time, kind, symbol, quantity, amount, fee in zip(
        *(records[name].tolist() for name in ("time", "kind", "symbol", "quantity", "amount", "fee")),
        strict=True,
    ):
        before = known.cash_values[-1]
        if kind in SHARES or kind == events.SPLIT:
            values = known.position_values.setdefault(symbol, [0])
            position = quantity if kind == events.SPLIT else values[-1] + quantity
            if position != values[-1]:
                known.position_times.setdefault(symbol, []).append(time)
                values.append(position)
            known.position_times.setdefault(symbol, [])
        cash = (
            before if kind == events.SPLIT else before - amount - fee if kind in SHARES else before + amount
        )
        if cash != before:
            known.cash_times.append(time)
            known.cash_values.append(cash)
    return known
