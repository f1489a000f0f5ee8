"""What the engine asks of the world. A port past six methods is two."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np

from runner.laws.admission import Admitted
from runner.market.bar import Actions, Bars, Listing
from runner.market.borrow import Loans


class Clock(Protocol):
    """Time is something one is given. `speed`: how much of its time passes in a second of the machine's."""

    speed: float

    @property
    def jumps(self) -> bool:
        """Whether nothing happens while it waits, because no time passes."""

    def now(self) -> int:
        """The present instant, ns UTC."""

    def wait_until(self, instant: int) -> bool:
        """Return at `instant` (a simulated clock jumps, a wall clock sleeps); False when told to stop."""

    def stop(self) -> None:
        """End every wait, from any thread."""


class LiveBar(NamedTuple):
    """One bar of a feed, or of a history that is replayed: see market/bar.Bars for the fields."""

    symbol: str
    start: int
    end: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    bid: float = math.nan
    ask: float = math.nan
    quote_end: int = 0
    real: bool = True
    split: float = 1.0

    def bars(self) -> Bars:
        """The bar as one row."""
        return Bars(*self[1:])


class Hole(NamedTuple):
    """Bars of a symbol (its index) that nobody has: `bars` of them are due after `after`, the end of the newest one
    before, and up to `until`. `anew`: they are so many that the symbol's columns begin anew."""

    symbol: int
    after: int
    until: int
    bars: int
    anew: bool


class BarFeed(Protocol):
    """Where live bars come from."""

    def resume(self, newest: Mapping[str, LiveBar], now: int) -> list[Hole]:
        """Called once, before all else. `newest`: each symbol's newest bar that the run knows. Whatever of the bars
        since can still be had will be handed out; returns what of them cannot, in order of `until`."""

    def ready(self, instant: int) -> bool:
        """Whether nothing is waited for any more of the bars that end at or before `instant`."""

    def quiet(self) -> Collection[str]:
        """Symbols of which the last bars that were due did not come."""

    def until(self, instant: int) -> list[LiveBar]:
        """Every bar that ends at or before `instant` and was not handed out, in order of their ends. Waits for those
        that are due, as long as the feed is set to wait."""


class Instants(Protocol):
    """The timeline, one instant after the other."""

    total: int  # how many there are; 0 when nobody knows
    notices: Sequence[Notice]  # of the instant at hand

    @property
    def holes(self) -> Sequence[Hole]:
        """In the bars before the instant at hand."""

    def next(self, world: Any) -> int:
        """Wait for the next instant and put it, with its bars, into the world: its number, or -1 when the run is
        over or was told to stop."""


class Notice(NamedTuple):
    """What comes to the engine from outside beside bars and news of orders. `kind`: of market/events; `symbol`: index
    or -1; `amount`: millionths of a dollar or signed shares; `price`: dollars; `who` says so, and `why`."""

    kind: int
    symbol: int = -1
    amount: int = 0
    price: float = 0.0
    who: str = ""
    why: str = ""


class Desk(Protocol):
    """Where notices lie until the engine takes them."""

    def waiting(self) -> bool:
        """Whether any lies there."""

    def take(self, now: int) -> list[Notice]:
        """Those that are worked on at instant `now` (ns UTC), in order: they are in the log next."""

    def done(self) -> None:
        """What was taken before has been obeyed and is on the disk."""


class NoDesk:
    """Nobody says anything."""

    def waiting(self) -> bool:
        """Never."""
        return False

    def take(self, now: int) -> list[Notice]:
        """None."""
        return []

    def done(self) -> None:
        """Nothing was."""


class InputLog(Protocol):
    """What came from outside, in order: written as it comes, heard again after a restart."""

    def recall(self) -> list[Any] | None:
        """The next input of the past; None when all of it has been heard."""

    def write(self, entry: Sequence[Any]) -> None:
        """Take an input."""

    def commit(self) -> None:
        """Everything taken is durable when this returns; raises when it cannot be."""


class Epochs(Protocol):
    """The epochs of a live journal: each begins with a state, from which a restart goes on."""

    def opening(self) -> bytes | None:
        """The state with which the newest epoch began; None when the run began with it."""

    def order(self, number: int) -> bytes:
        """An order as it stood when the newest epoch began."""

    def begin(
        self, opening: bytes, orders: dict[int, bytes], facts: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        """Begin a new epoch, durably: its state, every order that has changed since the one before, and facts."""

    def heard(self) -> int:
        """How many inputs the newest epoch has."""


class News(NamedTuple):
    """What became of an order: `kind` of market/events (FILLED, UPDATED, CANCELLED, EXPIRED, REJECTED, UPDATE_REFUSED,
    CANCEL_REFUSED, AMENDED, BUSTED, CORRECTED), its number; of a fill signed shares and dollars a share. `serial`: the
    broker's own count of its news, 0 when it keeps none: news that were taken before a restart come once more and are
    known by it.

    What follows is a real broker's word, which the engine books instead of its own; `state` (market/order) is the
    order's after the event, -1 from a broker that says the kind alone. `amount`, `fee`: millionths that the event adds
    to what was bought and owed. `total` (signed shares), `limit`: of the whole order. `answered`: nothing that was asked
    of the order waits for an answer any more. `execution`: its name; `refers`: that of the one that was taken back.
    """

    kind: int
    order: int
    quantity: int = 0
    price: float = 0.0
    serial: int = 0
    state: int = -1
    amount: int = 0
    fee: int = 0
    total: int = 0
    limit: float = 0.0
    answered: bool = False
    execution: str = ""
    refers: str = ""


class Broker(Protocol):
    """Where orders go, and where news of them comes from."""

    def submit(self, admitted: Admitted) -> Iterable[News]:
        """Send an order; yields what is known of it at once."""

    def replace(self, order: int) -> Iterable[News]:
        """Ask for the change that the order waits for; yields the answer when it is there at once."""

    def withdraw(self, order: int) -> Iterable[News]:
        """Ask for the end of an order; yields the answer when it is there at once."""

    def news(self, instant: int) -> Iterable[News]:
        """What is known at instant number `instant`; the caller books each before it asks for the next."""


class History(Protocol):
    """Bars and corporate actions of the past."""

    def bars(
        self,
        symbol: str,
        resolution: str,
        first_day: int,
        last_day: int,
        prices: str,
        extended_hours: bool,
        since: int | None = None,
    ) -> Bars:
        """All bars of the symbol between two days, both included. `since`: the day after which the prices
        `total_return` gain every dividend; `first_day` when none is given."""

    def actions(self, symbol: str, first_day: int, last_day: int) -> Actions:
        """Splits and dividends in force between two days."""

    def extent(self, symbol: str, resolution: str) -> tuple[int, int] | None:
        """First and last day (since 1970) of the symbol's data, or None when there is none."""

    def listing(self, symbol: str) -> Listing | None:
        """When the symbol leaves the exchange or changes its name; None when the source does not say."""

    def files(self) -> dict[str, str]:
        """SHA-256 of everything read so far, by name."""

    def notes(self) -> list[str]:
        """What a reader of the results should know of the data: corrections, gaps, licences."""


class Lender(Protocol):
    """Who says what can be borrowed."""

    def loans(self, symbol: str, first_day: int, last_day: int) -> Loans:
        """What is said of the symbol between two days, both included; no rows when nothing is."""

    def files(self) -> dict[str, str]:
        """SHA-256 of everything read so far, by name."""

    def notes(self) -> list[str]:
        """What a reader of the results should know of it."""


@runtime_checkable
class Catalogue(Protocol):
    """A history that can say which symbols it has."""

    def symbols(self, resolution: str) -> list[str]:
        """Every symbol with bars of the resolution, in order."""


class JournalWriter(Protocol):
    """Where records go: written before they are acted on when the run is live."""

    def append(self, records: np.ndarray, marks: np.ndarray) -> None:
        """Take the next rows, in order."""


class Progress(Protocol):
    """Who is told how far a long run is."""

    def at(self, done: int, total: int) -> None:
        """`done` of `total` instants are over."""
