"""What an order is, copied into a record with the prices that are seen at the time."""

from __future__ import annotations

from typing import Any

from runner.compilable import compilable
from runner.market import events
from runner.market.order import (
    CALL,
    DAY,
    ENTRY,
    EXIT,
    GOOD_TILL_DATE,
    PROTECT,
)


@compilable
def describe(w: Any, line: Any, o: int) -> None:
    """Copy what an order is into a record, with the prices seen now."""
    order = w.orders[o]
    quote = w.quotes[order.symbol]
    line.quantity = order.quantity
    line.limit = order.limit
    line.stop = order.stop
    line.by = order.by
    line.order_kind = order.kind
    line.good_till = order.good_till if order.time_in_force == GOOD_TILL_DATE else 0
    line.price = quote.last
    line.bid = quote.bid if quote.quote_end > 0 else quote.last
    line.ask = quote.ask if quote.quote_end > 0 else quote.last
    line.text = order.tag
    flags = 0
    if order.post_only:
        flags += events.FLAG_POST_ONLY
    if order.time_in_force == GOOD_TILL_DATE:
        flags += events.FLAG_GTD
    elif order.time_in_force != DAY:
        flags += events.FLAG_GTC
    if order.purpose == ENTRY:
        flags += events.FLAG_ENTRY
    if order.purpose == EXIT or order.purpose == PROTECT:
        flags += events.FLAG_EXIT
    if order.by_ratio:
        flags += events.FLAG_BY_RATIO
    if order.purpose == CALL:
        flags += events.FLAG_CALL
    if order.purpose == PROTECT:
        flags += events.FLAG_PROTECT
    line.flags = flags
