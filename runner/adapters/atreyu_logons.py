"""Logs on, watches the session, connects anew: the hands of `atreyu_session`."""

from __future__ import annotations

import zmq

from runner.adapters import atreyu_news as news
from runner.adapters import atreyu_session as plan
from runner.adapters import atreyu_wire as wire
from runner.adapters.atreyu_core import Core
from runner.adapters.atreyu_evidence import Answer, waiting
from runner.adapters.atreyu_reader import Reader
from runner.adapters.atreyu_session import nanoseconds
from runner.adapters.atreyu_sockets import Line, NotSent
from runner.adapters.atreyu_store import StoreFault


class Logons:
    """The thread of the session. A logon waits for no other request."""

    def __init__(self, core: Core, context: zmq.Context[zmq.Socket[bytes]], reader: Reader) -> None:
        self._core, self._context, self._reader = core, context, reader

    def run(self) -> None:
        """Until the client stops, or the store cannot be written."""
        core = self._core
        try:
            while not core.stopping.is_set() and core.fault is None:
                core.wake.wait(self._pause())
                core.wake.clear()
                if core.stopping.is_set() or core.fault is not None:
                    return
                self._look()
        except StoreFault:
            return

    def _pause(self) -> float:
        """Seconds to the next look: short while something is awaited."""
        settings, core = self._core.settings, self._core
        with core.lock:
            soon = core.row.broken or core.session.lost or bool(core.outbox)
            doubts = waiting(core.book, nanoseconds(settings.resolve_after))
        usual = min(settings.check_interval, settings.heartbeat_timeout / 4)
        if soon:
            return min(usual, max(settings.gap_patience / 2, 0.02))
        return min(usual, 1.0) if doubts else usual

    def _look(self) -> None:
        core = self._core
        with core.lock:
            instant, elapsed = core.clock.now(), core.clock.elapsed()
            doubts = waiting(core.book, nanoseconds(core.settings.resolve_after))
            step = core.session.due(instant, elapsed, core.row, doubts)
            if step == plan.FORGET:
                core.session.id = ""
                core.connected(False, "the session is over until the next extended hours")
            elif step == plan.SKIP:
                self._reader.skip()
            elif step == plan.RECONNECT:
                core.health.reconnects += 1
                core.connected(False, "nothing was heard from the gateway: connecting anew" if core.session.id
                               else "no session: connecting anew")  # fmt: skip
                core.session.id = ""
        if step == plan.RECONNECT:
            self._reader.resubscribe()
        if step in (plan.RECONNECT, plan.LOGON):
            self.log_on()

    def log_on(self) -> str:
        """Log on with the last number of the unbroken row; empty when it was accepted, else why not."""
        core = self._core
        with core.lock:
            core.session.trying(core.clock.elapsed())
        if not self._reader.subscribed.wait(core.settings.connect_timeout):
            return self._failed("the subscription port does not answer")
        core.stopping.wait(0.02)  # for the subscription to be known there before anything is published
        with core.lock:
            instant = core.clock.now()
            known = any(order.day == core.day for order in core.book.orders.values())
            since = core.session.since(instant, core.row, core.day, known)
            if since == wire.NO_REPLAY:
                core.broken = instant
            if core.day != core.hours.day(instant):
                core.day = core.hours.day(instant)
                if core.settings.numbers_begin_daily:
                    core.row.begin()
        try:
            reply = wire.read_reply(self._ask(since))
        except (NotSent, wire.Malformed) as fault:
            return self._failed(str(fault))
        core.refused = reply.status != 0 or not reply.session
        if core.refused:
            return self._failed(reply.text or f"refused with status {reply.status}")
        with core.lock:
            core.session.opened(reply.session, core.clock.now(), core.clock.elapsed())
            core.session.tried_for_gap()
            core.answer = Answer(reply.orders, reply.positions, core.clock.now(), core.clock.elapsed())
            core.weighed = False
            core.theirs = {row.text("symbol"): wire.shares_of(row) or 0 for row in reply.positions}
            core.health.logons += 1
            if since == 0 and core.row.last is None:
                core.row.last = 0
            core.connected(True, "logged on")
            core.work.notify_all()
        return ""

    def _ask(self, since: int) -> bytes:
        core, settings = self._core, self._core.settings
        line = Line(self._context, f"{settings.host}:{settings.request_port}", core.clock.elapsed)
        frame = wire.encode(wire.logon(*core.credentials.reveal(), since))
        raw = line.ask("logon", frame, settings.request_timeout, 0.0, core.stopping.is_set)
        if raw is None:
            raise NotSent("no answer to the logon")
        return raw

    def _failed(self, reason: str) -> str:
        core = self._core
        reason = f"logon failed: {core.credentials.scrub(reason)}"
        with core.lock:
            core.health.refused_logons += 1
            core.say(news.TROUBLE, reason)
        return reason
