"""What a report does to the book: executions, busts, corrections, changes, ends (protocol sheet, sections 8, 10, 17).

ExecType is what happened, OrdStatus what the order is: an execution counts whatever the status says, and a pending
change hides nothing. Each execution counts once, by its ExecID.
"""

from __future__ import annotations

from runner.adapters import atreyu_news as news
from runner.adapters.atreyu_chain import ACCEPTED, REFUSED
from runner.adapters.atreyu_executions import bust, correct, execute, settle, totals
from runner.adapters.atreyu_news import DOUBTFUL, ENDED, RECORDED, SENT, TAKEN, WORKING
from runner.adapters.atreyu_orders import Book
from runner.adapters.atreyu_store import Order, Request
from runner.adapters.atreyu_wire import (
    CANCEL,
    NEW_ORDER,
    REPLACE,
    Fields,
    Message,
    Report,
    read_report,
    read_turned,
)

EXECUTIONS = ("PARTIALLY_FILLED", "FILLED")
PENDING = ("PENDING_NEW", "PENDING_CANCEL", "PENDING_REPLACE")
ENDS = {
    "CANCELED": news.CANCELLED,
    "DONE_FOR_DAY": news.DONE_FOR_DAY,
    "EXPIRED": news.EXPIRED,
    "REJECTED": news.REJECTED,
}


def apply(book: Book, message: Message) -> None:
    """Take a published message into the book, as a report or as the rejection of a change, if it is one."""
    fields = message.fields
    if message.kind == "executionreport" or fields.text("exectype"):
        _report(book, fields)
    elif "cxlrejreason" in fields or message.kind == "ordercancelreject":
        _turned(book, fields)


def _report(book: Book, fields: Fields) -> None:
    report = read_report(fields)
    order = book.find(report.ids, report.broker)
    if order is None:
        text = f"{report.what} of order {report.request or report.broker or '?'}, which is not ours"
        book.mention(news.FOREIGN, text, report.symbol, report.shares or 0, report.price or 0.0)
        return
    if report.symbol and report.symbol != order.symbol:
        book.mention(news.TROUBLE, f"a report about {order.ref} is on {report.symbol}, not {order.symbol}")
        return
    if report.broker and report.broker != order.broker:
        order.broker = report.broker
        book.by_broker[report.broker] = order
        book.write(order)
    if book.repeated(order, fields.content()):
        return
    request = book.by_id.get(report.request)
    if request is not None and (request.ref, request.leg) != (order.ref, order.leg):
        request = None
    _prove(book, order, request)
    if report.trans == "CANCEL":
        bust(book, order, report)
    elif report.trans == "CORRECT":
        correct(book, order, report)
    elif report.trans != "STATUS" and report.what in EXECUTIONS:
        _in_force(book, order, request, report)
        execute(book, order, report)
    else:
        totals(book, order, report, before=0)
        _state(book, order, request, report)


def _prove(book: Book, order: Order, request: Request | None) -> None:
    """Any report proves that the gateway has the order, and the request that it names."""
    for one in (order.requests[0], request):
        if one is not None:
            book.proved(one)
    if order.lost:  # it was nowhere to be found, and here it is
        order.lost = False
        order.state = order.requests[0].state = TAKEN
        book.write(order, order.requests[0])


def _in_force(book: Book, order: Order, request: Request | None, report: Report) -> None:
    """An execution under a replace's own ClOrdID shows that the replace holds, should its report have been lost."""
    if request is None or request.kind != REPLACE or request.state in (ACCEPTED, REFUSED):
        return
    if report.status not in PENDING:
        _replaced(book, order, request, report)


def _state(book: Book, order: Order, request: Request | None, report: Report) -> None:
    what = report.what
    if what == "REJECTED" and request is not None and request.kind != NEW_ORDER:
        book.turn_down(request, report.text or "rejected")
    elif what in ENDS:
        if order.state not in ENDED:
            _end(book, order, request, ENDS[what], report.text)
    elif what == "NEW":
        if order.state in (RECORDED, SENT, DOUBTFUL, TAKEN):
            _accept(book, order, report)
    elif what in ("REPLACED", "RESTATED"):
        change = request if request is not None and request.kind == REPLACE else _outstanding(order, REPLACE)
        if change is None or change.state == ACCEPTED:
            _amended(book, order, report)
        else:
            _replaced(book, order, change, report)
    elif (
        what not in PENDING and what not in EXECUTIONS and what not in ("STOPPED", "SUSPENDED", "CALCULATED")
    ):
        book.mention(news.TROUBLE, f"a report about {order.ref} says {what or 'nothing'}: not known")


def _accept(book: Book, order: Order, report: Report) -> None:
    """It works, with the quantity and the limit that the report says."""
    order.state = WORKING
    order.quantity = report.quantity or order.quantity
    order.price = report.limit if report.limit and order.kind == "2" else order.price
    order.requests[0].state = ACCEPTED
    book.write(order, order.requests[0])
    book.tell(order, news.ACCEPTED)


def _end(book: Book, order: Order, request: Request | None, state: str, text: str) -> None:
    order.state = state
    if request is not None and request.kind == CANCEL:
        request.state = ACCEPTED
        book.write(request)
    elif state == news.REJECTED:
        order.requests[0].state = REFUSED
        book.write(order.requests[0])
    book.write(order)
    book.tell(order, state, text)


def _outstanding(order: Order, kind: str) -> Request | None:
    """The oldest request of a kind that is neither accepted nor refused."""
    waiting = (one for one in order.requests if one.kind == kind and one.state in (SENT, TAKEN, DOUBTFUL))
    return next(waiting, None)


def _replaced(book: Book, order: Order, request: Request, report: Report) -> None:
    """The change holds: the quantity and limit that the report says, which may be amended."""
    for one in order.requests:  # those before it in the chain are settled with it
        if one.kind != CANCEL and one.serial < request.serial and one.state in (SENT, DOUBTFUL):
            one.state = TAKEN
            book.write(one)
    request.state = ACCEPTED
    order.quantity = report.quantity or request.quantity
    order.price = report.limit if report.limit and order.kind == "2" else request.price
    _after_change(book, order, report)
    book.write(order, request)
    book.tell(order, news.REPLACED, report.text)


def _amended(book: Book, order: Order, report: Report) -> None:
    """The broker's own change, or one that is known already."""
    price = report.limit if report.limit and order.kind == "2" else order.price
    quantity = report.quantity or order.quantity
    if (quantity, price) == (order.quantity, order.price):
        return
    order.quantity, order.price = quantity, price
    _after_change(book, order, report)
    book.write(order)
    book.tell(order, news.REPLACED, report.text)


def _after_change(book: Book, order: Order, report: Report) -> None:
    """A replace to what was executed ends the order; one that adds to a filled order opens it again."""
    if report.what not in EXECUTIONS and order.state not in news.ENDINGS:
        settle(order, report)


def _turned(book: Book, fields: Fields) -> None:
    turned = read_turned(fields)
    order = book.find(turned.ids, turned.broker)
    if order is None:
        book.mention(
            news.FOREIGN, f"a change of order {turned.request or '?'}, which is not ours, was rejected"
        )
        return
    if book.repeated(order, fields.content()):
        return
    request = book.by_id.get(turned.request)
    if request is None or request.kind == NEW_ORDER:
        request = _outstanding(order, REPLACE if turned.replaces else CANCEL)
    if request is None or request.state == ACCEPTED:
        book.mention(news.TROUBLE, f"a change of {order.ref} was rejected that was not asked for")
        return
    _prove(book, order, None)
    book.turn_down(request, turned.text or "rejected")
