"""Orders, records, bars and their differences in words, for the comparison of two runs."""

from __future__ import annotations

import math
from typing import Any

from runner.laws.refusals import REFUSALS
from runner.market.events import RECORD_KINDS
from runner.results.compare_bars import LATE, ONLY_A, ONLY_B, STRETCH, BarDifference
from runner.results.compare_orders import Difference, Told
from runner.results.orders import KIND_WORDS
from runner.results.sides import Event
from runner.results.times import DAY, date_text, moment


def price(value: float) -> str:
    """`145.3`, a dash when unknown."""
    return "-" if math.isnan(value) else f"{value:.10g}"


def order(one: Told) -> str:
    """`#3 buys 100 SPY, limit 145.2`."""
    first = one.first
    kind = KIND_WORDS.get(one.line.kind, "order").replace("_", " ")
    at = f" {price(first.limit)}" if first.limit else ""
    stop = f", stop {price(first.stop)}" if first.stop else ""
    side = "buys" if first.quantity > 0 else "sells"
    said = f"#{one.line.order} {side} {abs(first.quantity):,} {one.symbol}, {kind}{at}{stop}"
    if one.line.state == "invalid":
        said += f", turned down: {REFUSALS.get(one.line.reason, one.line.reason)}"
    return said


def record(event: Event) -> str:
    """`refused: not enough buying power`."""
    word = RECORD_KINDS[event.kind][0].replace("_", " ")
    if event.code:
        return f"{word}: {REFUSALS.get(event.code, event.code)}"
    if event.text:
        return f"{word}: {event.text}"
    return word


def decision(one: Told | Event | None) -> str:
    """An order or a record; `nothing` when there is none."""
    if one is None:
        return "nothing"
    return order(one) if isinstance(one, Told) else record(one)


def place(found: Difference) -> str:
    """`2013-10-07 10:02:00 SPY, rule join the trend`."""
    who = " ".join(part for part in (moment(found.time), found.symbol) if part)
    return f"{who}, rule {found.rule}" if found.rule else who


def fields(found: Difference) -> str:
    """What differs of a decision that both runs have; empty when only one has it."""
    if not found.fields or found.a is None or found.b is None:
        return ""
    out = []
    for name in found.fields:
        a, b = (_value(one, name) for one in (found.a, found.b))
        out.append(f"{name} {a} in A, {b} in B")
    return "; ".join(out)


def _value(one: Told | Event, name: str) -> str:
    if isinstance(one, Event):
        return _plain(getattr(one, name))
    if name == "time":
        return moment(one.line.created)
    if name == "tag":
        return one.text or "none"
    if name == "kind":
        return KIND_WORDS.get(one.line.kind, str(one.line.kind))
    if name == "flags":
        return str(one.line.flags)
    if name == "changes":
        steps = [f"{e.quantity:,} at {price(e.limit or e.stop)}" for e in one.changes]
        return ", ".join(steps) or "no change"
    return _plain(getattr(one.first, name))


def _plain(value: Any) -> str:
    return (
        price(value) if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)
    )


def bar(found: BarDifference) -> str:
    """`2013-10-07 10:02:00 SPY: close 145.3 in A, 145.31 in B`."""
    if found.what == STRETCH:
        a, b = int(found.a[0]), int(found.b[0])
        what = f"{a:,} bars in A, {b:,} in B" if a != b else f"one or more of {a:,} bars differ"
        return f"{date_text(found.end // DAY)} {found.symbol}: {what}"
    where = f"{moment(found.end)} {found.symbol}"
    if found.what in (ONLY_A, ONLY_B):
        return f"{where}: {found.what}"
    if found.what == LATE:
        return f"{where}: came late to {found.fields[0]}, taken at {moment(int(found.b[0]))}"
    values = [
        f"{name} {price(x)} in A, {price(y)} in B"
        for name, x, y in zip(found.fields, found.a, found.b, strict=True)
    ]
    return f"{where}: {'; '.join(values)}"
