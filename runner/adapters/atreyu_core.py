"""What the client's threads share: the book and the store under one lock, the session, the queue of news."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Mapping
from typing import Protocol

import msgspec

from runner.adapters import atreyu_news as news
from runner.adapters.atreyu_evidence import Answer, interrupted
from runner.adapters.atreyu_news import News
from runner.adapters.atreyu_numbers import Row
from runner.adapters.atreyu_orders import Book
from runner.adapters.atreyu_session import Session
from runner.adapters.atreyu_settings import AtreyuSettings, Credentials, Hours
from runner.adapters.atreyu_store import Request, Store, StoreFault
from runner.market.settings import Settings

UNNUMBERED = -1  # the last number, before there was one


class Watch(Protocol):
    """What time it is, and how long something took."""

    def now(self) -> int:
        """Nanoseconds UTC."""

    def elapsed(self) -> int:
        """Nanoseconds of a stopwatch."""


class Health(msgspec.Struct):
    """Counts since the start, for the page and for logs. `skew`: our clock less the gateway's SendingTime, ns (it holds
    the way of the message too); None before the first."""

    connected: bool = False
    messages: int = 0
    malformed: int = 0
    logons: int = 0
    refused_logons: int = 0
    reconnects: int = 0
    gaps: int = 0
    given_up: int = 0  # numbers that no replay brought
    restarts: int = 0  # numbers that began anew
    skew: int | None = None


class Core:
    """State of one client. Everything but the events and the queue is touched under `lock` only."""

    def __init__(
        self, settings: AtreyuSettings, credentials: Credentials, store: Store, clock: Watch, hours: Hours,
        account: Settings, held: Mapping[str, int],
    ) -> None:  # fmt: skip
        self.settings, self.credentials, self.store = settings, credentials, store
        self.clock, self.hours = clock, hours
        self.lock = threading.RLock()
        self.work = threading.Condition(self.lock)  # something is in the outbox
        self.stopping = threading.Event()
        self.wake = threading.Event()  # the session is to be looked at now
        self.news: queue.SimpleQueue[News] = queue.SimpleQueue()
        self.outbox: deque[Request] = deque()
        self.session = Session(settings, hours)
        self.answer: Answer | None = None  # of the last logon
        self.refused = False  # the last logon was answered, and the answer was no
        self.weighed = True  # what the answer proves has been taken into the book
        self.theirs: dict[str, int] = {}  # positions as the gateway told them last
        self.health = Health()
        self.fault: StoreFault | None = None
        self.ended: BaseException | None = None  # what ended a thread that should go on
        self.torn = False  # messages are being taken: seen by others only when that ended in a fault
        today = hours.day(clock.now())
        saved = store.load(today)
        self.book = Book(saved, account, (settings.namespace, settings.client_id), clock.now)
        self.book.trust_totals = settings.trust_totals
        self.day = saved.facts.get("day", today)
        last = saved.facts.get("last", UNNUMBERED)
        self.row = Row(None if last == UNNUMBERED else last, saved.facts.get("newest", 0))
        self.broken = saved.facts.get("broken", 0)  # when messages were last lost for good, ns UTC
        for one in saved.news:
            self.news.put(one)
        if "day" not in saved.facts:
            for symbol, shares in held.items():
                self.book.move(symbol, shares)
        interrupted(self.book)

    def check(self) -> None:
        """Raises `StoreFault` once the store could not be written: nothing may be sent any more. Raises what ended a
        thread of the client's, should one have ended."""
        if self.fault is not None:
            raise self.fault
        if self.ended is not None or self.torn:
            raise RuntimeError("a thread of the gateway's client has ended") from self.ended

    def located(self) -> tuple[str, str] | None:
        """The broker's MPID and the locate flag, when both are configured."""
        mpid, flag = self.settings.broker_mpid, self.settings.locate_required
        return (mpid, flag) if mpid and flag else None

    def commit(self, always: bool = False) -> None:
        """One transaction for what has happened; its news go out when it is done."""
        changes, passing = self.book.taken()
        changes.news, passing = self._scrubbed(changes.news), self._scrubbed(passing)
        if changes or always:
            last = UNNUMBERED if self.row.last is None else self.row.last
            changes.facts = {
                "day": self.day,
                "newest": self.row.newest,
                "last": last,
                "broken": self.broken,
            }
            self.check()
            try:
                self.store.commit(changes)
            except StoreFault as fault:
                self.fault = fault
                self.say(news.TROUBLE, str(fault))
                raise
        for one in (*passing, *changes.news):
            self.news.put(one)

    def _scrubbed(self, found: list[News]) -> list[News]:
        """News whose texts, which may be the gateway's, hold no credential."""
        scrub = self.credentials.scrub
        return [msgspec.structs.replace(one, text=scrub(one.text)) if one.text else one for one in found]

    def say(self, kind: str, text: str) -> None:
        """News that a restart forgets, at once."""
        self.news.put(News(kind=kind, text=self.credentials.scrub(text), time=self.clock.now()))

    def connected(self, now: bool, text: str) -> None:
        """Say it when the connection was lost or is there again."""
        if self.health.connected != now:
            self.health.connected = now
            self.say(news.CONNECTED if now else news.DISCONNECTED, text)

    def queue(self, requests: list[Request]) -> None:
        """Write requests down, and have them sent."""
        self.commit()
        self.outbox.extend(requests)
        self.work.notify_all()
