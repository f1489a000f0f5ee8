"""What can be said of one order on the wire: its shares, and the chain of its ClOrdIDs (protocol sheet, section 10)."""

from __future__ import annotations

from collections.abc import Iterable

from runner.adapters.atreyu_news import DOUBTFUL, ENDED
from runner.adapters.atreyu_store import Order, Request
from runner.adapters.atreyu_wire import BUY, CANCEL, REPLACE

ACCEPTED, REFUSED = "accepted", "refused"  # what became of a request; the rest are states of an order


def filled(order: Order) -> int:
    """Shares executed."""
    return sum(one.shares for one in order.executions.values() if one.standing)


def cost(order: Order) -> float:
    """Dollars executed."""
    return sum(one.shares * one.price for one in order.executions.values() if one.standing)


def sign(order: Order) -> int:
    """1 for a purchase, -1 for a sale."""
    return 1 if order.side == BUY else -1


def chain(order: Order) -> list[Request]:
    """The requests that gave the order its ClOrdIDs and are not refused, oldest first."""
    return [one for one in order.requests if one.kind != CANCEL and one.state != REFUSED]


def doubted(order: Order) -> bool:
    """Whether the next OrigClOrdID is not known: a replace is without an answer."""
    return any(one.state == DOUBTFUL for one in order.requests if one.kind == REPLACE)


def unanswered(legs: Iterable[Order], kind: str) -> bool:
    """Whether a request of this kind is on its way, or without an answer, for an order that has not ended. A replace
    that holds answers those before it."""
    for leg in legs:
        settled = [
            one.serial for one in leg.requests if one.kind == kind == REPLACE and one.state == ACCEPTED
        ]
        newest = max(settled, default=0)
        asked = (one for one in leg.requests if one.kind == kind and one.serial > newest)
        if leg.state not in ENDED and any(one.state not in (ACCEPTED, REFUSED) for one in asked):
            return True
    return False


def owes(legs: Iterable[Order]) -> bool:
    """Whether a change or a cancel of the order is without an answer."""
    return unanswered(legs, REPLACE) or unanswered(legs, CANCEL)
