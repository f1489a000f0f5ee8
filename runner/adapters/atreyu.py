"""The client of Atreyu's gateway: orders out, news in, nothing lost.

Every request is in the store before it is sent; every message's effect is in it together with the message's number.
Calls write down and return; what becomes of them comes as news, in order, from one queue. Three threads: one reads the
stream, one sends requests one at a time, one watches session, heartbeats and gaps. A news of an order can only come
after the call that placed it has done its part (protocol sheet, section 12).
"""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Callable, Mapping

import msgspec
import zmq

from runner.adapters.atreyu_chain import unanswered
from runner.adapters.atreyu_core import Core, Health, Watch
from runner.adapters.atreyu_logons import Logons
from runner.adapters.atreyu_news import TROUBLE, News
from runner.adapters.atreyu_orders import KINDS, OrderRefused
from runner.adapters.atreyu_reader import Reader
from runner.adapters.atreyu_sender import Sender
from runner.adapters.atreyu_settings import AtreyuSettings, Credentials, Hours
from runner.adapters.atreyu_store import Store
from runner.adapters.atreyu_view import Snapshot, snapshot
from runner.market.order import LIMIT
from runner.market.settings import Settings

MOST_PRICE = 1e9


class LogonRefused(Exception):  # noqa: N818
    """The first logon failed while the market is open; the text says why. `answered`: the gateway said no, rather than
    nothing."""

    def __init__(self, reason: str, answered: bool = False) -> None:
        super().__init__(reason)
        self.answered = answered


class Atreyu:
    """One connection for one strategy.

    `account`: the settings whose fee law charges every execution. `held`: signed shares by symbol at the store's very
    first start; later starts know better.
    """

    def __init__(
        self, settings: AtreyuSettings, credentials: Credentials, store: Store, clock: Watch, hours: Hours,
        account: Settings, held: Mapping[str, int] | None = None,
    ) -> None:  # fmt: skip
        self._core = Core(settings, credentials, store, clock, hours, account, held or {})
        self._context: zmq.Context[zmq.Socket[bytes]] | None = None
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Subscribe and log on. Raises `LogonRefused` when that fails in regular hours."""
        core = self._core
        with core.lock:
            core.commit(always=True)
        self._context = zmq.Context()
        reader = Reader(core, self._context)
        logons = Logons(core, self._context, reader)
        self._spawn(reader.run, "atreyu-stream")
        reason = logons.log_on()
        if reason and core.hours.regular(core.clock.now()):
            self.stop()
            raise LogonRefused(reason, core.refused)
        self._spawn(Sender(core, self._context).run, "atreyu-requests")
        self._spawn(logons.run, "atreyu-session")

    def stop(self) -> None:
        """End all threads and close everything, once; there is no logoff (section 3)."""
        core = self._core
        if core.stopping.is_set():
            return
        core.stopping.set()
        core.wake.set()
        with core.work:
            core.work.notify_all()
        for thread in self._threads:
            thread.join()
        self._threads.clear()
        if self._context is not None:
            self._context.destroy(linger=0)
            self._context = None
        try:
            if core.fault is None and core.ended is None:
                core.commit(always=True)  # the last number, should it have been a heartbeat's
        finally:
            core.store.close()

    def _spawn(self, work: Callable[[], None], name: str) -> None:
        def watched() -> None:
            try:
                work()
            finally:  # a fault of ours is seen by the next call, and shown by the thread itself
                fault = sys.exc_info()[1]
                if fault is not None and self._core.ended is None:
                    self._core.ended = fault
                    self._core.say(TROUBLE, f"{name} has ended: {type(fault).__name__}")

        thread = threading.Thread(target=watched, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    # -- orders --------------------------------------------------------------------------------------------------

    def place(
        self, ref: str, symbol: str, quantity: int, kind: int, limit: float = 0.0, post_only: bool = False
    ) -> None:
        """Place an order of signed whole shares under a name of the caller's. Raises `OrderRefused`: nothing is sent."""
        _whole(quantity, least=None)
        if kind not in KINDS:
            raise OrderRefused("the gateway takes market, limit and market-on-close orders")
        if kind == LIMIT:
            _priced(limit)
        elif post_only:
            raise OrderRefused("only a limit order can be post-only")
        core = self._core
        with core.work:
            core.check()
            if quantity < 0 and -quantity > core.book.sellable(symbol) and core.located() is None:
                raise OrderRefused("a short sale needs the broker's MPID and the locate flag: set ATREYU_BROKER_MPID "
                                   "and ATREYU_LOCATE_RQD")  # fmt: skip
            if core.store.has(ref):
                raise OrderRefused(f"an order {ref!r} was placed before")
            day = core.hours.day(core.clock.now())
            split = core.settings.through_zero == "split"
            price = float(limit) if kind == LIMIT else 0.0
            core.queue(core.book.place(ref, symbol, quantity, kind, price, post_only, day, split))

    def replace(self, ref: str, quantity: int | None = None, limit: float | None = None) -> int:
        """Ask for another total (shares, executed ones included) or another limit; None leaves it. Returns the serial
        of the newest news, none of which can be the answer. Raises `OrderRefused`."""
        if quantity is not None:
            _whole(quantity, least=1)
        if limit is not None:
            _priced(limit)
        with self._core.work:
            self._core.check()
            newest = self._core.book.serial
            self._core.queue(self._core.book.replace(ref, quantity, limit))
            return newest

    def cancel(self, ref: str) -> int:
        """Ask for the order's end; see `replace`. Raises `OrderRefused`."""
        with self._core.work:
            self._core.check()
            newest = self._core.book.serial
            self._core.queue(self._core.book.cancel(ref))
            return newest

    def unanswered(self, ref: str, kind: str) -> bool:
        """Whether a request of this kind (adapters/atreyu_wire) of the order's is on its way or without an answer."""
        with self._core.lock:
            return unanswered(self._core.book.legs.get(ref, ()), kind)

    # -- news ----------------------------------------------------------------------------------------------------

    def next_news(self, timeout: float = 0.0) -> News | None:
        """The next event, after up to `timeout` seconds of waiting; None when there is none."""
        if self._core.ended is not None:
            self._core.check()
        try:
            return self._core.news.get(timeout=timeout) if timeout > 0 else self._core.news.get_nowait()
        except queue.Empty:
            return None

    def acknowledge(self, serial: int) -> None:
        """News up to `serial` have been taken for good; the others come again after a restart."""
        with self._core.lock:
            self._core.store.acknowledge(serial)

    # -- what is known -------------------------------------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        """Orders and positions as the client knows them, and as the gateway told its own."""
        with self._core.lock:
            return snapshot(self._core)

    def correct(self, changes: Mapping[str, int]) -> None:
        """Add signed shares to the own positions: what the account has and no execution has told."""
        core = self._core
        with core.lock:
            core.check()
            for symbol, shares in changes.items():
                core.book.move(symbol, shares)
            core.commit()

    def health(self) -> Health:
        """Counts of what happened to the connection."""
        with self._core.lock:
            return msgspec.structs.replace(self._core.health)

    def adopt(self, positions: Mapping[str, int]) -> None:
        """Set the own positions: after a split, or when the account differs and is taken as it is."""
        core = self._core
        with core.lock:
            core.check()
            for symbol in {*core.book.positions, *positions}:
                core.book.move(symbol, positions.get(symbol, 0) - core.book.positions.get(symbol, 0))
            core.commit()


def _whole(quantity: object, least: int | None) -> None:
    if isinstance(quantity, bool) or not isinstance(quantity, int) or quantity == 0 or abs(quantity) >= 2**53:
        raise OrderRefused(f"{quantity!r} is no number of shares")
    if least is not None and quantity < least:
        raise OrderRefused(f"{quantity!r} is no number of shares")


def _priced(limit: object) -> None:
    if isinstance(limit, bool) or not isinstance(limit, int | float) or not 0.0 < limit < MOST_PRICE:
        raise OrderRefused(f"{limit!r} is no limit price")
