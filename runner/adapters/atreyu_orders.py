"""The client's book: orders, their chains of requests, and what may be asked of them. No input, no output.

An order on the wire is known by any ClOrdID that was ever made for it. A request names as OrigClOrdID the last one of
the order that was not rejected; a cancel's own never becomes part of the chain (protocol sheet, section 10).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from runner.adapters import atreyu_news as news
from runner.adapters.atreyu_chain import ACCEPTED, REFUSED, chain, doubted, filled, owes
from runner.adapters.atreyu_legs import told, whole
from runner.adapters.atreyu_news import DOUBTFUL, ENDED, RECORDED, SENT, TAKEN, News
from runner.adapters.atreyu_store import Changes, Execution, Order, Request, Saved
from runner.adapters.atreyu_wire import BUY, CANCEL, NEW_ORDER, REPLACE, SELL, SELL_SHORT, request_id
from runner.laws.fees import fee
from runner.market.order import LIMIT, MARKET, MARKET_ON_CLOSE
from runner.market.settings import Settings

KINDS = {MARKET: "1", LIMIT: "2", MARKET_ON_CLOSE: "5"}  # OrdType


class OrderRefused(ValueError):  # noqa: N818
    """The order or change cannot be sent; nothing was."""


class Book:
    """Orders by name, and everything that must be written down since the last transaction."""

    def __init__(
        self, saved: Saved, account: Settings, names: tuple[str, str], now: Callable[[], int]
    ) -> None:
        self.account, self.names, self.now = account, names, now
        self.trust_totals = True
        self.changes = Changes()
        self.passing: list[News] = []  # news that a restart forgets
        self.positions = dict(saved.positions)
        self.serial = saved.serial
        self.orders: dict[tuple[str, int], Order] = {}
        self._going: dict[tuple[str, int], Order] = {}  # those that have not ended
        self.legs: dict[str, list[Order]] = {}
        self.by_id: dict[str, Request] = {}
        self.by_broker: dict[str, Order] = {}
        for order in saved.orders:
            self._know(order)
        self._owed = {ref for ref, legs in self.legs.items() if owes(legs)}  # asked, and not answered

    def _know(self, order: Order) -> None:
        self.orders[order.ref, order.leg] = order
        self._gone(order)
        self.legs.setdefault(order.ref, []).append(order)
        for request in order.requests:
            self.by_id[request.id] = request
        if order.broker:
            self.by_broker[order.broker] = order

    def order_of(self, request: Request) -> Order:
        """The order that a request is about."""
        return self.orders[request.ref, request.leg]

    def find(self, ids: Iterable[str], broker: str) -> Order | None:
        """The order known by any of the ClOrdIDs, or by the broker's name for it."""
        for name in ids:
            if name in self.by_id:
                return self.order_of(self.by_id[name])
        return self.by_broker.get(broker)

    def open(self) -> list[Order]:
        """Orders that have not ended."""
        return list(self._going.values())

    def _gone(self, order: Order) -> None:
        if order.state in ENDED:
            self._going.pop((order.ref, order.leg), None)
        else:
            self._going[order.ref, order.leg] = order

    # -- what the engine asks ----------------------------------------------------------------------------------

    def place(
        self,
        ref: str,
        symbol: str,
        quantity: int,
        kind: int,
        limit: float,
        post_only: bool,
        day: int,
        split: bool,
    ) -> list[Request]:
        """Write an order down; its requests, in the order in which they are to be sent."""
        if ref in self.legs:
            raise OrderRefused(f"an order {ref!r} was placed before")
        parts = [(BUY, quantity)]
        if quantity < 0:
            held = max(self.sellable(symbol), 0)
            if -quantity <= held:
                parts = [(SELL, -quantity)]
            elif held and split:
                parts = [(SELL, held), (SELL_SHORT, -quantity - held)]
            else:
                parts = [(SELL_SHORT, -quantity)]
        requests = []
        for leg, (side, shares) in enumerate(parts):
            order = Order(ref, leg, symbol, side, KINDS[kind], shares, limit, post_only, day, RECORDED)
            self._know(order)
            requests.append(self._request(order, NEW_ORDER, shares, limit))
        return requests

    def sellable(self, symbol: str) -> int:
        """Shares held that no open sale is about to take."""
        taken = sum(
            max([one.quantity for one in chain(order)]) - filled(order)
            for order in self.open()
            if order.symbol == symbol and order.side == SELL and chain(order)
        )
        return self.positions.get(symbol, 0) - taken

    def replace(self, ref: str, quantity: int | None, limit: float | None) -> list[Request]:
        """Write a change down: another total, another limit; None leaves it as it was (last asked)."""
        legs = self._open_legs(ref)
        totals = self._totals(ref, legs, quantity)
        requests = []
        for order in legs:
            last = (chain(order) or order.requests[:1])[-1]
            total, price = totals.get(order.leg, last.quantity), last.price if limit is None else limit
            if total <= 0 and filled(order) == 0:
                requests.append(self._request(order, CANCEL, 0, 0.0))
            elif len(legs) == 1 or (total, price) != (last.quantity, last.price):
                requests.append(self._request(order, REPLACE, max(total, filled(order), 1), price))
        return requests

    def _totals(self, ref: str, legs: list[Order], quantity: int | None) -> dict[int, int]:
        """The new total of each open leg: the short half gives first, and takes what is added."""
        if quantity is None:
            return {}
        rest = quantity - sum(filled(one) for one in self.legs[ref] if one.state in ENDED)
        if len(legs) == 2:
            plain = min(legs[0].quantity, max(rest, filled(legs[0])))
            return {0: plain, 1: rest - plain}
        order = legs[0]
        if (
            order.side == SELL
            and rest > order.quantity
            and rest - order.quantity > self.sellable(order.symbol)
        ):
            raise OrderRefused(
                f"the sale {ref!r} cannot grow to {quantity} shares: that is more than is held; send another order"
            )
        return {order.leg: rest}

    def cancel(self, ref: str) -> list[Request]:
        """Write a cancel down."""
        return [self._request(order, CANCEL, 0, 0.0) for order in self._open_legs(ref)]

    def _open_legs(self, ref: str) -> list[Order]:
        legs = self.legs.get(ref)
        if not legs:
            raise OrderRefused(f"there is no order {ref!r}")
        working = [one for one in legs if one.state not in ENDED]
        if not working:
            raise OrderRefused(f"the order {ref!r} has ended: {whole(legs).state}")
        return working

    def _request(self, order: Order, kind: str, quantity: int, price: float) -> Request:
        serial = len(order.requests)
        name = request_id(*self.names, order.ref, order.leg, serial)
        request = Request(name, order.ref, order.leg, serial, kind, "", quantity, price, RECORDED)
        order.requests.append(request)
        if kind != NEW_ORDER:
            self._owed.add(order.ref)
        self.by_id[name] = request
        self.write(order, request)
        return request

    # -- what is written down ----------------------------------------------------------------------------------

    def write(self, *rows: Order | Request | Execution) -> None:
        """To be in the next transaction."""
        for row in rows:
            if isinstance(row, Order):
                self.changes.orders[row.ref, row.leg] = row
                self._gone(row)
            elif isinstance(row, Request):
                self.changes.requests[row.id] = row
            else:
                self.changes.executions[row.ref, row.leg, row.id] = row

    def repeated(self, order: Order, mark: str) -> bool:
        """Whether the report was taken before. After numbers that began anew a replay tells the whole day again."""
        if mark in order.marks:
            return True
        order.marks.add(mark)
        self.changes.marks.append((order.ref, order.leg, mark))
        return False

    def move(self, symbol: str, shares: int) -> None:
        """Add to a position."""
        self.positions[symbol] = self.positions.get(symbol, 0) + shares
        self.changes.positions[symbol] = self.positions[symbol]

    def fee(self, shares: int, price: float) -> int:
        """What an execution costs, by the backtest's law, in millionths of a dollar."""
        return fee(self.account, shares, price)

    def taken(self) -> tuple[Changes, list[News]]:
        """What has gathered since the last call: changes to commit, then news to hand out."""
        changes, passing = self.changes, self.passing
        self.changes, self.passing = Changes(), []
        return changes, passing

    def tell(
        self, order: Order, kind: str, text: str = "", *, shares: int = 0, price: float = 0.0, worth: int = 0, fee: int = 0,
        exec_id: str = "", refers: str = "",
    ) -> None:  # fmt: skip
        """News of an order, as its user sees it: the two halves of a sale through zero are one order."""
        legs = self.legs[order.ref]
        answered = order.ref in self._owed and not owes(legs)
        kind = told(order, legs, kind)
        if not kind:
            return
        if answered:
            self._owed.discard(order.ref)
        self.serial += 1
        seen = whole(legs)
        self.changes.news.append(News(
            serial=self.serial, kind=kind, order=order.ref, symbol=order.symbol, shares=shares, price=price, amount=worth,
            fee=fee, exec_id=exec_id, refers=refers, quantity=seen.quantity, limit=order.price, filled=seen.filled,
            state=seen.state, text=text, time=self.now(), leg=order.leg, answered=answered,
        ))  # fmt: skip

    def mention(self, kind: str, text: str, symbol: str = "", shares: int = 0, price: float = 0.0) -> None:
        """News about no order of ours; a restart forgets it."""
        self.passing.append(
            News(kind=kind, text=text, symbol=symbol, shares=shares, price=price, time=self.now())
        )

    # -- requests on their way ---------------------------------------------------------------------------------

    def may_go(self, request: Request) -> bool:
        """Whether it can be said which ClOrdID the request has to name, and that the gateway knows it."""
        order = self.order_of(request)
        return request.kind == NEW_ORDER or not (order.state == DOUBTFUL or doubted(order))

    def set_out(self, request: Request) -> bool:
        """Make a request ready to be sent; False when there is no more use in it."""
        order = self.order_of(request)
        if order.state in ENDED:
            self.turn_down(request, f"not sent: the order had ended ({order.state})")
            return False
        request.original = "" if request.kind == NEW_ORDER else self._tip(order)
        request.state, request.sent = SENT, self.now()
        if request.kind == NEW_ORDER:
            order.state = SENT
        self.write(order, request)
        return True

    def _tip(self, order: Order) -> str:
        return [one.id for one in chain(order) if one.state != RECORDED][-1]

    def proved(self, request: Request) -> None:
        """The gateway has the request."""
        if request.state in (SENT, DOUBTFUL):
            request.state = TAKEN
            self.write(request)
        order = self.order_of(request)
        if order.state in (SENT, DOUBTFUL):
            order.state = TAKEN
            self.write(order)

    def no_answer(self, request: Request) -> None:
        """The reply did not come in time: nothing is known."""
        if request.state != SENT:
            return
        request.state = DOUBTFUL
        order = self.order_of(request)
        if request.kind == NEW_ORDER:
            order.state = DOUBTFUL
        self.write(order, request)
        words = {NEW_ORDER: "the order", CANCEL: "its cancel", REPLACE: "its change"}
        self.tell(order, news.UNKNOWN, f"no answer to {words[request.kind]}")

    def turn_down(self, request: Request, text: str) -> None:
        """The request is refused, by the gateway or on the way."""
        if request.state in (ACCEPTED, REFUSED):
            return
        request.state = REFUSED
        order = self.order_of(request)
        self.write(request)
        if request.kind != NEW_ORDER:
            self.tell(order, news.UPDATE_REJECTED if request.kind == REPLACE else news.CANCEL_REJECTED, text)
        elif order.state not in ENDED:
            order.state = news.REJECTED
            self.write(order)
            self.tell(order, news.REJECTED, text)
