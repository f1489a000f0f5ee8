"""What two runs decided, and what became of it: orders side by side, and where they part.

Two orders are one when symbol, rule, side and kind are the same and they were decided less than a bar apart; what then is left
over is paired up to an hour apart, and differs in its time.
"""

from __future__ import annotations

import math
from itertools import zip_longest
from typing import NamedTuple

from runner.market import events
from runner.market.bar import HOUR, MINUTE
from runner.results.matching import matched
from runner.results.orders import OrderLine
from runner.results.sides import Event, Part

DECIDED = (
    events.REFUSED, events.SKIPPED, events.GATED, events.NOTED, events.PROTECTED, events.VIEW, events.VIEWS_CANCELLED,
    events.WEIGHT, events.LIMIT_REACHED, events.DAILY_LOSS, events.MARGIN_WARNING, events.MARGIN_CALL, events.JOINED,
    events.LEFT,
)  # fmt: skip
_BEGINS = (events.QUEUED, events.SUBMITTED, events.INVALID)
_NAMED = (events.NOTED, events.PROTECTED, events.LIMIT_REACHED)  # kinds whose text says what they are
_VALUES = {events.REFUSED: ("quantity",), events.NOTED: ("price",), events.WEIGHT: ("price",), events.VIEW: ("quantity",),
           events.PROTECTED: ("quantity", "price", "limit"), events.LEFT: ("quantity",)}  # fmt: skip


class Told(NamedTuple):
    """An order with the records that tell of it: how it began, its changes, its fills."""

    line: OrderLine
    symbol: str
    rule: str
    text: str
    first: Event
    sent: Event | None
    changes: list[Event]
    fills: list[Event]


class Pair(NamedTuple):
    """An order of both runs. `decided`: what differs of its decision (time, kind, quantity, limit, stop, tag, flags, changes), from
    `since` (ns) on; `outcome`: what differs of what became of it (state, filled, price, reason)."""

    a: Told
    b: Told
    decided: tuple[str, ...]
    since: int
    outcome: tuple[str, ...]


class Difference(NamedTuple):
    """A decision that is not the same in both runs: an order (`Told`), or a record (`Event`) that led to none. None where a
    run lacks it. `fields`: what differs where both have it."""

    time: int
    symbol: str
    rule: str
    a: Told | Event | None
    b: Told | Event | None
    fields: tuple[str, ...] = ()


class Decisions(NamedTuple):
    """`differences` in order of time; those of one instant: orders first."""

    pairs: list[Pair]
    only_a: list[Told]
    only_b: list[Told]
    differences: list[Difference]


def decisions(a: Part, b: Part) -> Decisions:
    """Match the orders and the other decisions of two parts."""

    def far(one: Told) -> int:
        return max(HOUR, a.bar.get(one.symbol, MINUTE))

    def near(one: Told) -> int:
        return a.bar.get(one.symbol, MINUTE)

    found, left_a, left_b = matched(
        told(a), told(b), lambda o: (_who(o), o.line.kind), lambda o: o.line.created, near
    )
    later, left_a, left_b = matched(left_a, left_b, _who, lambda o: o.line.created, far)
    pairs = [_pair(x, y, False) for x, y in found] + [_pair(x, y, True) for x, y in later]
    pairs.sort(key=lambda p: (min(p.a.line.created, p.b.line.created), p.a.line.order))
    out = [_order(one, None) for one in left_a] + [_order(None, one) for one in left_b]
    out += [
        Difference(p.since, p.a.symbol, p.a.rule, p.a, p.b, p.decided)
        for p in pairs
        if p.decided
    ]  # fmt: skip
    out += _others(a, b)
    out.sort(key=lambda d: (d.time, isinstance(d.a or d.b, Event)))
    return Decisions(pairs, left_a, left_b, out)


def told(part: Part) -> list[Told]:
    """The part's orders in order of their decisions."""
    first: dict[int, Event] = {}
    sent: dict[int, Event] = {}
    changes: dict[int, list[Event]] = {}
    fills: dict[int, list[Event]] = {}
    for event in part.events:
        if event.kind in _BEGINS:
            first.setdefault(event.order, event)
            if event.kind != events.QUEUED:
                sent[event.order] = event
        elif event.kind == events.UPDATED:
            changes.setdefault(event.order, []).append(event)
        elif event.kind == events.FILLED:
            fills.setdefault(event.order, []).append(event)
    side = part.side
    out = [
        Told(
            line, side.symbol(line.symbol), side.rule(line.rule), side.text(line.text), first[line.order],
            sent.get(line.order), changes.get(line.order, []), fills.get(line.order, []),
        )
        for line in part.orders
        if line.order in first
    ]  # fmt: skip
    return sorted(out, key=lambda o: o.line.created)


def _who(one: Told) -> tuple[str, str, bool]:
    return one.symbol, one.rule, one.first.quantity > 0


def _pair(a: Told, b: Told, apart: bool) -> Pair:
    decided = ["time"] if apart else []
    decided += [name for name in ("kind", "flags") if getattr(a.line, name) != getattr(b.line, name)]
    decided += [
        name for name in ("quantity", "limit", "stop") if getattr(a.first, name) != getattr(b.first, name)
    ]
    decided += ["tag"] if a.text != b.text and not (a.changes or b.changes) else []
    since = min(a.line.created, b.line.created)
    if not decided:
        for x, y in zip_longest(a.changes, b.changes):
            if (
                x is None
                or y is None
                or (x.quantity, x.limit, x.stop, x.text) != (y.quantity, y.limit, y.stop, y.text)
            ):
                decided, since = ["changes"], min(one.time for one in (x, y) if one is not None)
                break
    outcome = [
        name for name in ("state", "filled", "reason") if getattr(a.line, name) != getattr(b.line, name)
    ]
    outcome += [] if same_price(a.line.price, b.line.price) else ["price"]
    return Pair(a, b, tuple(decided), since, tuple(outcome))


def same_price(a: float, b: float) -> bool:
    """Whether two averages are one price: that of several fills is known to the last digits but three."""
    return math.isclose(a, b, rel_tol=1e-12)


def _order(a: Told | None, b: Told | None) -> Difference:
    one = a or b
    assert one is not None
    return Difference(one.line.created, one.symbol, one.rule, a, b)


def _others(a: Part, b: Part) -> list[Difference]:
    """Decisions that led to no order."""
    mine, theirs = ([e for e in part.events if e.kind in DECIDED and e.time <= a.until] for part in (a, b))

    def key(e: Event) -> tuple[int, str, str, int, str]:
        return e.kind, e.symbol, e.rule, e.code, e.text if e.kind in _NAMED else ""

    pairs, left_a, left_b = matched(
        mine,
        theirs,
        key,
        lambda e: e.time,
        lambda e: a.bar.get(e.symbol, min(a.bar.values(), default=MINUTE)),
    )
    out = [Difference(e.time, e.symbol, e.rule, e, None) for e in left_a]
    out += [Difference(e.time, e.symbol, e.rule, None, e) for e in left_b]
    for x, y in pairs:
        fields = tuple(name for name in _VALUES.get(x.kind, ()) if getattr(x, name) != getattr(y, name))
        if fields:
            out.append(Difference(min(x.time, y.time), x.symbol, x.rule, x, y, fields))
    return out
