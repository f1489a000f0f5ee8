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


def order_lines(journal: Journal) -> list[OrderLine]:
    """Every order in the sequence in which they first appear. A split restates what an order had got before it, so that
    `filled` and `price` are in the shares in which its quantity is told."""
    lines: dict[int, OrderLine] = {}
    value: dict[int, float] = {}
    begun: dict[int, set[int]] = {}  # by symbol: the orders that are partly filled and work on
    kinds = set(_STATES) | {events.UPDATED, events.FILLED}
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
        elif kind == events.UPDATED:
            line = line._replace(
                quantity=quantity, limit=limit or line.limit, text=text if text >= 0 else line.text
            )
        elif kind == events.FILLED:
            filled = line.filled + quantity
            value[order] = value.get(order, 0.0) + quantity * price
            average = price if filled == quantity else value[order] / filled
            done = abs(filled) >= abs(line.quantity)
            if not done:
                begun.setdefault(symbol, set()).add(order)
            elif symbol in begun:
                begun[symbol].discard(order)
            line = line._replace(
                filled=filled, price=average, fee=line.fee + fee,
                state="filled" if done else "partly filled", ended=time if done else 0,
            )  # fmt: skip
        else:
            refused = kind in (events.REJECTED, events.INVALID)
            if symbol in begun:
                begun[symbol].discard(order)
            line = line._replace(
                state=_STATES[kind], ended=time, reason=code if refused else 0,
                sent=line.sent or (time if refused else 0), flags=flags if kind == events.INVALID else line.flags,
            )  # fmt: skip
        lines[order] = line
    return list(lines.values())
