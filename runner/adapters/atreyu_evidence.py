"""What a logon's answer proves, once the replay that follows it has come: which orders are open, and which never were.

The list is the only question that the gateway answers about its own state. It is looked at when the row of numbers is
whole again and the stream has moved on, so that nothing published before the logon can still be on its way.
"""

from __future__ import annotations

from typing import NamedTuple

from runner.adapters import atreyu_news as news
from runner.adapters.atreyu_chain import ACCEPTED
from runner.adapters.atreyu_executions import prove_total
from runner.adapters.atreyu_news import DOUBTFUL, ENDED, RECORDED, SENT, TAKEN, WORKING
from runner.adapters.atreyu_orders import Book
from runner.adapters.atreyu_store import Order, Request
from runner.adapters.atreyu_wire import NEW_ORDER, REPLACE, Fields, read_report

VANISHED = "it is not among the gateway's open orders, and how it ended was not reported"
NEVER = "the gateway does not know it: it is not among the open orders, and nothing was reported of it"


class Answer(NamedTuple):
    """The lists in a logon's answer, and when it came: ns UTC, and ns of the stopwatch."""

    orders: list[Fields]
    positions: list[Fields]
    at: int
    elapsed: int


def weigh(
    book: Book, answer: Answer, day: int, resolve_after: int, complete: bool = True, broken: int = -1
) -> None:
    """Take what the answer proves into the book. `resolve_after`: ns after which silence about a request is proof.
    `complete`: what is not listed is not open; else only what is listed proves something. `broken`: when messages were
    last lost for good, ns UTC: an order from before it may have been executed without a word."""
    listed: dict[tuple[str, int], Fields] = {}
    for row in answer.orders:
        order = book.find(read_report(row).ids, "")
        if order is None:
            book.mention(
                news.FOREIGN, f"order {row.text('clordid') or '?'} is open, and not ours", row.text("symbol")
            )
        else:
            listed[order.ref, order.leg] = row
    for order in book.open():
        found = listed.get((order.ref, order.leg))
        if found is not None:
            _open(book, order, found)
        elif not complete:
            continue
        elif order.day < day:
            _over(book, order)
            continue
        elif order.state == WORKING and order.requests[0].sent + resolve_after <= answer.at:
            order.state = DOUBTFUL  # after a loss that no replay mends: positions may tell, prices never will
            book.write(order)
            book.tell(order, news.UNKNOWN, VANISHED)
        for request in order.requests:
            old = request.state == DOUBTFUL and request.sent + resolve_after <= answer.at
            if old and (found is not None or request.sent > broken):
                _never(book, order, request)


def waiting(book: Book, resolve_after: int) -> list[int]:
    """When each unknown outcome is old enough to be looked into, ns UTC."""
    return [
        request.sent + resolve_after
        for order in book.open()
        for request in order.requests
        if request.state == DOUBTFUL
    ]


def interrupted(book: Book) -> None:
    """After a restart: what was about to be sent is not known to have gone; what was only written down never went."""
    for order in book.open():
        for request in order.requests:
            if request.state == SENT:
                book.no_answer(request)
            elif request.state == RECORDED:
                book.turn_down(request, "not sent: the run ended before")


def _open(book: Book, order: Order, row: Fields) -> None:
    """The order is open: it was taken, and so was the replace whose ClOrdID it bears."""
    first = order.requests[0]
    report = read_report(row)
    if order.state in (SENT, DOUBTFUL):
        order.state, first.state = WORKING, ACCEPTED
        book.write(order, first)
        book.tell(order, news.ACCEPTED)
    request = book.by_id.get(report.request)
    if request is not None and request.kind == REPLACE and request.state in (SENT, DOUBTFUL, TAKEN):
        request.state = ACCEPTED
        order.quantity = report.quantity or request.quantity
        order.price = report.limit if report.limit and order.kind == "2" else request.price
        book.write(order, request)
        book.tell(order, news.REPLACED)
    if report.total is not None:
        prove_total(book, order, report.total, report.total, report.average)


def _over(book: Book, order: Order) -> None:
    """A day order of an earlier day that is not open any more."""
    if order.state in ENDED:
        return
    order.state = news.EXPIRED
    book.write(order)
    book.tell(order, news.EXPIRED, "its day is over")


def _never(book: Book, order: Order, request: Request) -> None:
    """Silence for long enough: the request never arrived."""
    if request.kind == NEW_ORDER:
        order.lost = True
    book.turn_down(request, NEVER)
    for other in order.requests:
        if order.lost and other.state == RECORDED:
            book.turn_down(other, NEVER)
