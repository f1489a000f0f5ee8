"""Shares: executed once, taken back, corrected, and proved by the order's own total when a report was lost.

FIX 4.2, appendix D: ExecTransType CANCEL names in ExecRefID the execution that never was, CORRECT the one whose shares
and price are others; both may come after the order has ended. CumQty is the order's total of what stands.
"""

from __future__ import annotations

from runner.adapters import atreyu_news as news
from runner.adapters.atreyu_chain import cost, filled, sign
from runner.adapters.atreyu_news import DONE, WORKING
from runner.adapters.atreyu_orders import Book
from runner.adapters.atreyu_store import Execution, Order
from runner.adapters.atreyu_wire import Report
from runner.market.money import amount

ENDS = {"CANCELED": news.CANCELLED, "DONE_FOR_DAY": news.DONE_FOR_DAY, "EXPIRED": news.EXPIRED}
BY_TOTAL = "total:"  # how the ExecID of an execution begins that only a total proves


def execute(book: Book, order: Order, report: Report) -> None:
    """Book an execution."""
    shares, price = report.shares, report.price
    if shares is None or shares <= 0 or price is None or price <= 0.0:
        book.mention(news.TROUBLE, f"an execution of {order.ref} without shares or price")
        totals(book, order, report, before=0)
        return
    name = report.exec_id or f"{report.total}/{shares}/{price}/{report.request}"
    if name in order.executions:
        return
    totals(book, order, report, before=shares)
    _uncover(book, order, report.total or 0, shares, price)
    _book(book, order, Execution(order.ref, order.leg, name, shares, price, report.total or 0))
    ended = order.state in news.ENDINGS
    settle(order, report)
    book.write(order)
    signed = sign(order) * shares
    book.tell(order, news.FILLED, shares=signed, price=price, worth=amount(signed, price), fee=book.fee(shares, price),
              exec_id=name)  # fmt: skip
    if not ended and order.state in news.ENDINGS:
        book.tell(order, order.state, report.text)


def settle(order: Order, report: Report) -> None:
    """What the order is after an execution, a change or a bust: ended, filled, or working on."""
    if report.status in ENDS:
        order.state = ENDS[report.status]
    elif order.state in news.ENDINGS and not (report.leaves or 0) > 0:
        return
    elif report.leaves == 0 or (report.leaves is None and filled(order) >= order.quantity):
        order.state = DONE
    elif report.leaves is None and report.status == "FILLED":
        order.state = DONE
    else:
        order.state = WORKING


def totals(book: Book, order: Order, report: Report, before: int) -> None:
    """Book what the order's total proves beyond our own sum, less `before`: shares of the report itself.

    Messages are taken in an unbroken row, so this is nothing but after a loss that no replay could mend: numbers that
    began anew while the client was away.
    """
    if report.total is not None:
        prove_total(book, order, report.total - before, report.total, report.average, before, report.price)


def prove_total(
    book: Book,
    order: Order,
    total: int,
    average_of: int,
    average: float | None,
    more: int = 0,
    price: float | None = None,
) -> None:
    """Book shares that bring the order to `total`; their price from the average price of `average_of` shares."""
    missing = total - filled(order)
    taken_back = any(not (one.standing or one.id.startswith(BY_TOTAL)) for one in order.executions.values())
    if missing <= 0 or taken_back or not book.trust_totals:
        return
    known = cost(order) + more * (price or 0.0)
    at = ((average or 0.0) * average_of - known) / missing
    if at <= 0.0:
        at = price or order.price
    name = f"{BY_TOTAL}{total - missing}-{total}"
    _book(book, order, Execution(order.ref, order.leg, name, missing, at, total))
    book.mention(news.TROUBLE, f"{missing} shares of {order.ref} were executed without a report that arrived")
    signed = sign(order) * missing
    book.tell(order, news.FILLED, "proved by the order's total", shares=signed, price=at, worth=amount(signed, at),
              fee=book.fee(missing, at), exec_id=name)  # fmt: skip


def _uncover(book: Book, order: Order, total: int, shares: int, price: float) -> None:
    """A report that arrives after all takes its shares out of what its total had proved before it."""
    for one in list(order.executions.values()):
        if (
            not (one.standing and one.id.startswith(BY_TOTAL))
            or not one.total - one.shares < total <= one.total
        ):
            continue
        part = min(shares, one.shares)
        left = one.shares - part
        side = sign(order)
        fee, worth = -book.fee(one.shares, one.price), -amount(side * one.shares, one.price)
        if left:
            one.price = max((one.price * one.shares - price * part) / left, 0.0)
            one.shares = left
            fee, worth = fee + book.fee(left, one.price), worth + amount(side * left, one.price)
        else:
            one.shares, one.standing = 0, False
        book.move(order.symbol, -side * part)
        book.write(one)
        book.tell(order, news.CORRECTED, "its own report arrived", shares=-side * part, price=one.price, worth=worth,
                  fee=fee, exec_id=one.id, refers=one.id)  # fmt: skip


def bust(book: Book, order: Order, report: Report) -> None:
    """An execution never was."""
    own = report.exec_id if report.exec_id != report.refers else ""
    if own and own in order.executions:
        return
    meant = _standing(order, report.refers)
    if own:
        _book(book, order, Execution(order.ref, order.leg, own, 0, 0.0, 0, False))
    if meant is None:
        _never(book, order, report.refers)
        return
    meant.standing = False
    book.write(meant)
    signed = -sign(order) * meant.shares
    book.move(order.symbol, signed)
    settle(order, report)
    book.write(order)
    fee = -book.fee(meant.shares, meant.price)
    book.tell(order, news.BUSTED, report.text, shares=signed, price=meant.price,
              worth=amount(signed, meant.price), fee=fee, exec_id=report.exec_id, refers=meant.id)  # fmt: skip


def correct(book: Book, order: Order, report: Report) -> None:
    """An execution has other shares or another price than was told."""
    shares, price = report.shares, report.price
    if shares is None or shares <= 0 or price is None or price <= 0.0:
        book.mention(news.TROUBLE, f"a correction of {order.ref} without shares or price")
        return
    name = report.exec_id or f"correct/{report.refers}/{shares}/{price}"
    if name in order.executions and name != report.refers:
        return
    meant = _standing(order, report.refers)
    was, paid, worth = 0, 0, 0
    if meant is None:
        _never(book, order, report.refers)
    elif name == meant.id and (meant.shares, meant.price) == (shares, price):
        return
    else:
        was, paid = meant.shares, book.fee(meant.shares, meant.price)
        worth = amount(sign(order) * was, meant.price)
        meant.standing = False
        book.move(order.symbol, -sign(order) * was)
        book.write(meant)
    _book(book, order, Execution(order.ref, order.leg, name, shares, price, 0, True, report.refers))
    settle(order, report)
    book.write(order)
    book.tell(order, news.CORRECTED, report.text, shares=sign(order) * (shares - was), price=price,
              worth=amount(sign(order) * shares, price) - worth, fee=book.fee(shares, price) - paid, exec_id=name,
              refers=report.refers if meant is None else meant.id)  # fmt: skip


def _book(book: Book, order: Order, execution: Execution) -> None:
    order.executions[execution.id] = execution
    book.write(execution)
    if execution.standing:
        book.move(order.symbol, sign(order) * execution.shares)


def _standing(order: Order, name: str) -> Execution | None:
    """The execution meant, or the correction that stands in its place."""
    for _ in range(len(order.executions) + 1):
        found = order.executions.get(name)
        if found is None or found.standing:
            return found
        heir = next((one for one in order.executions.values() if one.refers == name and one.id != name), None)
        if heir is None:
            return None
        name = heir.id
    return None


def _never(book: Book, order: Order, name: str) -> None:
    """An execution that is taken back or corrected before it came: it will not count when it comes."""
    if name and name not in order.executions:
        _book(book, order, Execution(order.ref, order.leg, name, 0, 0.0, 0, False))
    book.mention(news.TROUBLE, f"a bust or correction of {order.ref} names an execution that is not known")
