"""Reads the stream: what has come together is taken in one transaction, with the number up to which it goes."""

from __future__ import annotations

import threading

import zmq

from runner.adapters import atreyu_news as news
from runner.adapters import atreyu_wire as wire
from runner.adapters.atreyu_core import Core
from runner.adapters.atreyu_evidence import weigh
from runner.adapters.atreyu_reports import apply
from runner.adapters.atreyu_session import nanoseconds
from runner.adapters.atreyu_sockets import Stream
from runner.adapters.atreyu_store import StoreFault
from runner.adapters.atreyu_wire import Message


class Reader:
    """The thread of the stream. The subscription is opened, read and closed here and nowhere else."""

    def __init__(self, core: Core, context: zmq.Context[zmq.Socket[bytes]]) -> None:
        self._core, self._context = core, context
        self._anew = threading.Event()
        self.subscribed = threading.Event()

    def resubscribe(self) -> None:
        """Close the subscription and open another; `subscribed` is set when that one stands."""
        self.subscribed.clear()
        self._anew.set()

    def run(self) -> None:
        """Until the client stops, or the store cannot be written."""
        core = self._core
        address = f"{core.settings.host}:{core.settings.subscription_port}"
        stream = Stream(self._context, address)
        try:
            while not core.stopping.is_set():
                if self._anew.is_set():
                    stream.close()
                    core.stopping.wait(core.settings.reconnect_pause)
                    self._anew.clear()
                    stream = Stream(self._context, address)
                frames = stream.read()
                if stream.connected and not self._anew.is_set():
                    self.subscribed.set()
                if frames:
                    with core.lock:
                        self._batch(frames)
        except StoreFault:
            core.wake.set()
        finally:
            stream.close()

    def _batch(self, frames: list[bytes]) -> None:
        core = self._core
        was, resets = core.row.broken, core.row.resets
        core.torn = True
        for frame in frames:
            try:
                message = wire.read_message(frame)
            except wire.Malformed as fault:
                core.health.malformed += 1
                core.book.mention(news.TROUBLE, f"a message that is none: {fault}")
                continue
            core.health.messages += 1
            for one in core.row.offer(message):
                self._deal(one)
            self._weigh(message)
            core.session.hear(core.clock.elapsed(), core.row)
        if core.row.resets != resets:
            core.health.restarts += 1
            core.broken = core.clock.now()
            core.book.mention(news.TROUBLE, "the gateway's numbers have begun anew")
        if core.row.broken and not was:
            core.health.gaps += 1
            core.wake.set()
        core.torn = False
        core.commit()
        core.work.notify_all()

    def skip(self) -> None:
        """Give up what no replay brings (under the lock)."""
        core = self._core
        first, last = core.row.hole
        core.health.given_up += last - first + 1
        core.book.mention(
            news.TROUBLE, f"messages {first} to {last} of the gateway's are lost: no replay brought them"
        )
        for one in core.row.skip():
            self._deal(one)
        core.session.gave_up()
        core.broken = core.clock.now()
        core.session.hear(core.clock.elapsed(), core.row)
        core.commit()

    def _deal(self, message: Message) -> None:
        core = self._core
        if message.sent is not None and not message.repeated:
            core.health.skew = core.clock.now() - message.sent
        if message.kind == "positionreport":
            shares = wire.shares_of(message.fields)
            if shares is not None:
                core.theirs[message.fields.text("symbol")] = shares
        else:
            apply(core.book, message)

    def _weigh(self, message: Message) -> None:
        """Take what the last logon's answer proves, once the replay is over and the stream has moved on."""
        core = self._core
        if core.weighed or core.answer is None or message.repeated or core.row.broken:
            return
        if core.clock.elapsed() - core.answer.elapsed >= nanoseconds(core.settings.settle):
            core.weighed = True
            after, complete = nanoseconds(core.settings.resolve_after), core.settings.trust_list
            weigh(core.book, core.answer, core.day, after, complete, core.broken)
