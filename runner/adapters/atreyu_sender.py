"""Sends requests, one at a time, and takes their replies. A request is in the store, as sent, before it goes."""

from __future__ import annotations

import zmq

from runner.adapters import atreyu_news as news
from runner.adapters import atreyu_wire as wire
from runner.adapters.atreyu_core import Core
from runner.adapters.atreyu_session import nanoseconds
from runner.adapters.atreyu_sockets import Line, NotSent
from runner.adapters.atreyu_store import Request, StoreFault


class Sender:
    """The thread of requests. They exclude each other (protocol sheet, section 12)."""

    def __init__(self, core: Core, context: zmq.Context[zmq.Socket[bytes]]) -> None:
        self._core, self._context = core, context
        self._line: Line | None = None

    def run(self) -> None:
        """Until the client stops, or the store cannot be written."""
        core = self._core
        settings = core.settings
        address = f"{settings.host}:{settings.request_port}"
        line = self._line = Line(self._context, address, core.clock.elapsed)
        waited = core.clock.elapsed()
        try:
            while not core.stopping.is_set():
                with core.work:
                    request = self._next()
                    if request is None:
                        core.work.wait(0.05 if core.outbox or line.waiting else 1.0)
                        waited = core.clock.elapsed()
                    elif not core.session.id and not self._give_up(waited):
                        core.work.wait(0.05)
                    else:
                        self._one(request)
                        waited = core.clock.elapsed()
                for name, raw in line.answers():
                    with core.lock:
                        self._take(core.book.by_id[name], raw)
                        core.commit()
        except StoreFault:
            core.wake.set()
        finally:
            line.close()

    def _next(self) -> Request | None:
        """The oldest request of which can be said what ClOrdID it has to name."""
        return next((one for one in self._core.outbox if self._core.book.may_go(one)), None)

    def _give_up(self, waited: int) -> bool:
        """Whether there will be no session for it."""
        core = self._core
        late = core.clock.elapsed() - waited > nanoseconds(core.settings.request_timeout)
        return late or not core.hours.extended(core.clock.now())

    def _one(self, request: Request) -> None:
        """Write down that the request is about to go, send it, take the reply. Holds the lock but for the sending."""
        core = self._core
        core.outbox.remove(request)
        if request.state != news.RECORDED:  # turned down meanwhile
            return
        if not core.session.id:
            core.book.turn_down(request, "not sent: no session with the gateway")
            core.commit()
            return
        going = core.book.set_out(request)
        core.commit()
        if not going:
            return
        frame = wire.encode(self._body(request) | {"sessionid": core.session.id})
        core.lock.release()
        try:
            raw, fault = self._ask(request, frame)
        finally:
            core.lock.acquire()
        if fault:
            core.book.turn_down(request, f"not sent: {fault}")
        elif raw is None:
            core.book.no_answer(request)
        else:
            self._take(request, raw)
        core.commit()

    def _ask(self, request: Request, frame: bytes) -> tuple[bytes | None, str]:
        settings, line = self._core.settings, self._line
        assert line is not None
        try:
            return line.ask(
                request.id, frame, settings.request_timeout, settings.late_reply, self._core.stopping.is_set
            ), ""
        except NotSent as fault:
            return None, str(fault)

    def _take(self, request: Request, raw: bytes) -> None:
        core = self._core
        try:
            reply = wire.read_reply(raw)
        except wire.Malformed as fault:
            core.health.malformed += 1
            core.book.mention(news.TROUBLE, f"the answer to a request cannot be read: {fault}")
            core.book.no_answer(request)
            return
        if reply.status == 0:
            core.book.proved(request)
            return
        text = core.credentials.scrub(reply.text) or f"refused with status {reply.status}"
        if request.state not in (news.SENT, news.DOUBTFUL):
            core.book.mention(news.TROUBLE, f"a request that reports had proved was refused: {text}")
            return
        core.book.turn_down(request, text)
        if any(word in text.upper() for word in core.settings.session_words):
            core.session.refused()
            core.wake.set()

    def _body(self, request: Request) -> dict[str, object]:
        core = self._core
        order, client, now = core.book.order_of(request), core.settings.client_id, core.clock.now()
        if request.kind == wire.NEW_ORDER:
            body = wire.new_order(client, request.id, now, order.symbol, order.side, order.kind, request.quantity,
                                  request.price, order.post_only, core.located())  # fmt: skip
        else:
            body = wire.change(request.kind, client, request.id, now, request.original)
        if request.kind == wire.REPLACE:
            body["38"] = request.quantity
            if order.kind == "2":
                body["44"] = request.price
        if core.settings.destination is not None:
            body["100"] = core.settings.destination
        return body
