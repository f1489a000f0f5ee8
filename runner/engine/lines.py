"""Fresh rows of the journal."""

from __future__ import annotations

from typing import Any

from runner.compilable import compilable
from runner.engine.ports import Notice


@compilable
def record(w: Any, k: int, kind: int, symbol: int, rule: int, order: int) -> Any:
    """A fresh row of the journal at instant `k`, to be completed by the caller."""
    n = w.counters[0].records
    w.counters[0].records = n + 1
    line = w.records[n]
    line.time = w.instants[k].time
    line.kind = kind
    line.symbol = symbol
    line.rule = rule
    line.order = order
    line.quantity = 0
    line.price = 0.0
    line.limit = 0.0
    line.stop = 0.0
    line.by = 0.0
    line.bid = 0.0
    line.ask = 0.0
    line.amount = 0
    line.fee = 0
    line.code = 0
    line.order_kind = -1
    line.good_till = 0
    line.flags = 0
    line.text = -1
    return line


def text_of(texts: list[str], text: str) -> int:
    """Index of `text`, which is put at the end when it is new; -1 for none."""
    if not text:
        return -1
    if text not in texts:
        texts.append(text)
    return texts.index(text)


def note(w: Any, k: int, notice: Notice, texts: list[str]) -> Any:
    """The record of a notice: its kind, its symbol, and who says so and why."""
    line = record(w, k, notice.kind, notice.symbol, -1, 0)
    line.text = text_of(texts, ": ".join(word for word in (notice.who, notice.why) if word))
    return line
