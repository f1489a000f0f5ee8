"""One line for each order, from the journal."""

from __future__ import annotations

from typing import NamedTuple

from runner.laws.corporate import split_quantity
from runner.market import events
from runner.market.events import Journal
from runner.market.order import ORDER_KINDS

KIND_WORDS = {number: word for word, number in ORDER_KINDS.items()}
_STATES = {
    events.QUEUED: "queued",
    events.SUBMITTED: "working",
    events.CANCELLED: "cancelled",
    events.EXPIRED: "expired",
    events.REJECTED: "rejected",
    events.INVALID: "invalid",
}


class OrderLine(NamedTuple):
    """An order from first to last. Times ns (0: never); `limit`, `price` dollars (0: none); `fee`
    millionths; `reason`: refusal code of a rejected or invalid order; `flags` as in events.FLAG_*."""

    order: int
    symbol: int
    rule: int
    kind: int
    quantity: int
    limit: float
    created: int
    sent: int
    ended: int
    state: str
    filled: int
    price: float
    fee: int
    reason: int
    flags: int
    text: int


def _worked(line: OrderLine, time: int) -> OrderLine:
    """What an order is after a fill, or after one was taken back: an order that has ended stays so."""
    done = line.filled != 0 and abs(line.filled) >= abs(line.quantity)
    if line.state == "filled" and not done:
        return line._replace(state="cancelled")  # what it lost does not come back, unless the broker says so
    if line.state in ("cancelled", "expired", "rejected", "invalid", "filled") and not done:
        return line
    if done:
        return line._replace(state="filled", ended=line.ended or time)
    return line._replace(state="partly filled" if line.filled else "working")


def order_lines(journal: Journal) -> list[OrderLine]:
    """Every order in the sequence in which they first appear. A split restates what an order had got before it, so that
    `filled` and `price` are in the shares in which its quantity is told."""
    lines: dict[int, OrderLine] = {}
    value: dict[int, float] = {}
    begun: dict[int, set[int]] = {}  # by symbol: the orders that are partly filled and work on
    fills = {events.FILLED, events.BUSTED, events.CORRECTED}
    kinds = set(_STATES) | fills | {events.UPDATED, events.AMENDED}
    names = (
        "time",
        "kind",
        "symbol",
        "rule",
        "order",
        "quantity",
        "price",
        "limit",
        "fee",
        "code",
        "order_kind",
        "flags",
        "text",
    )
    records = journal.records
    for time, kind, symbol, rule, order, quantity, price, limit, fee, code, order_kind, flags, text in zip(
        *(records[name].tolist() for name in names), strict=True
    ):
        if kind == events.SPLIT:  # its price is the ratio
            for number in begun.get(symbol, ()):
                got = split_quantity(lines[number].filled, price)
                average = value[number] / got if got else 0.0
                lines[number] = lines[number]._replace(filled=got, price=average)
        if kind not in kinds or not order:
            continue
        line = lines.get(order)
        if line is None:
            line = OrderLine(
                order, symbol, rule, order_kind, quantity, limit, time, 0, 0, "new", 0, 0.0, 0, 0, 0, -1
            )
        if kind == events.QUEUED:
            line = line._replace(state="queued", text=text)
        elif kind == events.SUBMITTED:
            line = line._replace(
                kind=order_kind,
                quantity=quantity,
                limit=limit,
                sent=time,
                state="working",
                flags=flags,
                text=text,
            )
        elif kind in (events.UPDATED, events.AMENDED):
            line = line._replace(
                quantity=quantity, limit=limit or line.limit, text=text if text >= 0 else line.text
            )
            if kind == events.AMENDED:  # it works, or has all that it will get
                line = _worked(line._replace(state="working", ended=0), time)
        elif kind in fills:
            filled = line.filled + quantity
            value[order] = value.get(order, 0.0) + quantity * price
            average = price if filled == quantity else value[order] / filled if filled else 0.0
            line = _worked(line._replace(filled=filled, price=average, fee=line.fee + fee), time)
        else:
            refused = kind in (events.REJECTED, events.INVALID)
            if symbol in begun:
                begun[symbol].discard(order)
            line = line._replace(
                state=_STATES[kind], ended=time, reason=code if refused else 0,
                sent=line.sent or (time if refused else 0), flags=flags if kind == events.INVALID else line.flags,
            )  # fmt: skip
        lines[order] = line
        if kind in fills or kind == events.AMENDED:
            going = begun.setdefault(symbol, set())
            (going.add if line.state == "partly filled" else going.discard)(order)
    return list(lines.values())
