"""The run against its account: before its first decision, after every logon, and after each session's close.

The first comparison is obeyed (`live.on_mismatch`), whenever the gateway first tells its side; the later ones are reported. A
difference counts when it stands for a while, because a position report and the execution behind it come one after the
other. All of it is work of the engine's own thread while the world is at rest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol

from runner.adapters.atreyu_core import Health
from runner.adapters.atreyu_view import Snapshot
from runner.adapters.coverage import DataFault
from runner.adapters.reconcile import Difference, Ours, compare, decide
from runner.engine.ports import Notice
from runner.engine.state import World
from runner.laws.corporate import split_position
from runner.market import events
from runner.market.calendar import Calendar
from runner.market.order import WORKING

WHO = "reconciliation"
EVERY = 1.0  # seconds between two looks for a reason to compare
PATIENCE = 12  # times `settle` that a start waits for differences that come and go


class Account(Protocol):
    """What is needed of the gateway's client (`adapters/atreyu.py`)."""

    def snapshot(self) -> Snapshot:
        """Orders and positions on both sides."""

    def health(self) -> Health:
        """Counts of what happened to the connection."""

    def correct(self, changes: Mapping[str, int]) -> None:
        """Add signed shares to the client's own positions."""


def ours(
    world: World,
    symbols: Sequence[str],
    name: Callable[[int], str],
    seen: Snapshot,
    heard: Callable[[int], bool],
) -> Ours:
    """The journal's side of a comparison. `name` of an order by its number; `heard`: serials of news that are booked."""
    positions = {symbol: int(world.holdings[s].position) for s, symbol in enumerate(symbols)}
    told = set()
    for one in seen.untold:
        if not heard(one.serial):
            positions[one.symbol] = positions.get(one.symbol, 0) + one.shares
            told.add(one.ref)
    orders = {}
    for o in world.working[: world.counters[0].working]:
        order = world.orders[o]
        if order.state == WORKING:
            orders[name(o)] = symbols[order.symbol]
    return Ours({symbol: shares for symbol, shares in positions.items() if shares}, orders, told)


class Compared(NamedTuple):
    """What one comparison found. `off`: shares that the client's own positions lack of the account's, by symbol: once run
    and account agree, the client follows them."""

    found: list[Difference]
    off: dict[str, int]


class AccountCheck:
    """`alone`: whether all of the account must be the run's; `listed`: whether the gateway's positions are all that it has.
    `now`: the engine's time, ns UTC; `elapsed`: seconds of a stopwatch; `settle`: seconds that a difference must stand.
    `price`: the newest of a symbol in dollars, 0 without one. `post`: takes notices for the engine; `said`: lines for
    people. `splits`: new shares of a symbol per old one that days have brought which the run has yet to work on: its
    account has them already when it was down overnight."""

    def __init__(
        self,
        world: World,
        symbols: Sequence[str],
        client: Account,
        heard: Callable[[int], bool],
        name: Callable[[int], str],
        on_mismatch: str,
        alone: bool,
        listed: bool,
        now: Callable[[], int],
        elapsed: Callable[[], float],
        calendar: Calendar,
        settle: float,
        price: Callable[[str], float],
        post: Callable[[Notice], object],
        said: Callable[[str], None],
        splits: Callable[[str], float] = lambda symbol: 1.0,
    ) -> None:
        self._pending = splits
        self._world, self._symbols, self._client = world, symbols, client
        self._heard, self._name, self._on_mismatch = heard, name, on_mismatch
        self._alone, self._listed = alone, listed
        self._now, self._seconds, self._calendar, self._settle = now, elapsed, calendar, settle
        self._price, self._post, self._said = price, post, said
        self._obeyed = False
        self._logons = 0
        self._closed = _last_close(calendar, now())
        self._next = 0.0
        self._since = 0.0  # when the differences at hand were first seen
        self._seen: Compared | None = None  # None: nothing is being looked at
        self._told: list[tuple[str, str, int, str]] = []
        self._splits: dict[str, float] = {}

    # -- at the start --------------------------------------------------------------------------------------------

    def start(self, sleep: Callable[[float], None]) -> None:
        """Compare before the first decision, and do what `live.on_mismatch` says. Raises `DataFault` to refuse. Without an
        answer of the gateway's it is done at the first logon."""
        if not self._client.health().logons:
            self._said("the gateway has not told the account yet: it is compared at the first logon")
            return
        began = since = self._seconds()
        seen = self._compare()
        while (seen.found or seen.off) and self._seconds() - since < self._settle:
            if self._seconds() - began > PATIENCE * self._settle:
                break
            sleep(min(0.05, self._settle / 4))
            again = self._compare()
            if again != seen:
                since = self._seconds()
            seen = again
        self._obey(seen)

    def _obey(self, seen: Compared) -> None:
        verdict = decide(seen.found, self._on_mismatch, self._symbols)
        if verdict.refused:
            raise DataFault(verdict.refused)
        prices = {symbol: self._price(symbol) for symbol in verdict.adopt}
        if unknown := [symbol for symbol, price in prices.items() if price <= 0.0]:
            raise DataFault(
                f"{', '.join(unknown)} cannot be taken over from the account, since no price is known: close the difference "
                "at the broker, or give the history bars of it"
            )
        if splitting := [symbol for symbol in verdict.adopt if self._pending(symbol) != 1.0]:
            raise DataFault(
                f"{', '.join(splitting)} differs from the account and has split since the run was at work: close the difference "
                "at the broker, in the shares of today"
            )
        self._obeyed = True
        self._logons = self._client.health().logons
        for line in verdict.lines:
            self._said(line)
        for symbol, shares in verdict.adopt.items():
            s = self._symbols.index(symbol)
            self._post(Notice(events.ADOPTED, s, shares, prices[symbol], WHO, self._on_mismatch))
        for symbol, shares in verdict.leave.items():
            self._post(Notice(events.UNWOUND, self._symbols.index(symbol), shares, 0.0, WHO, "flatten"))
        if seen.off:
            self._client.correct(seen.off)

    # -- later ---------------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Compare when there is a reason to. Cheap, and to be called often. Raises `DataFault` like `start`, when this is
        the first time that the gateway tells its side."""
        now = self._seconds()
        if now < self._next:
            return
        self._next = now + min(EVERY, self._settle)
        if self._seen is None and not self._reason():
            return
        seen = self._compare()
        if seen != self._seen:
            self._seen, self._since = seen, now
        if (seen.found or seen.off) and now - self._since < self._settle:
            return
        self._seen = None
        if not self._obeyed:
            self._obey(seen)
            return
        self._report(seen.found)
        if seen.off and not seen.found:
            self._client.correct(seen.off)

    def _reason(self) -> bool:
        """Whether there was a logon, a session's close or a split since the last comparison."""
        logons = self._client.health().logons
        closed = _last_close(self._calendar, self._now())
        splits = {
            symbol: ratio
            for s, symbol in enumerate(self._symbols)
            if (ratio := float(self._world.quotes[s].split_since)) != 1.0
        }
        due = logons > 0 and (logons, closed, splits) != (self._logons, self._closed, self._splits)
        self._logons, self._closed, self._splits = logons, closed, splits
        return due

    def _report(self, found: list[Difference]) -> None:
        told = []
        for one in found:
            key = (one.kind, one.symbol, one.theirs - one.ours, one.text if one.theirs == one.ours else "")
            told.append(key)
            if key in self._told:
                continue
            symbol = self._symbols.index(one.symbol) if one.symbol in self._symbols else -1
            self._post(Notice(events.MISMATCH, symbol, one.theirs - one.ours, 0.0, WHO, one.text))
        if self._told and not found:
            self._said("the run and its account agree again")
        self._told = told

    def _compare(self) -> Compared:
        seen = self._client.snapshot()
        mine = self._as_of_today(ours(self._world, self._symbols, self._name, seen, self._heard))
        split = self._split(mine, seen)
        if split:
            self._client.correct(split)
            seen = self._client.snapshot()
        off = seen.differences() if self._alone and self._listed else {}
        changes = {symbol: there - own for symbol, (own, there) in off.items()}
        return Compared(compare(mine, seen, self._alone, self._listed), changes)

    def _as_of_today(self, mine: Ours) -> Ours:
        """The run's positions in the shares of today."""
        positions = dict(mine.positions)
        for s, symbol in enumerate(self._symbols):
            if symbol in positions and (ratio := self._pending(symbol)) != 1.0:
                positions[symbol] = split_position(
                    positions[symbol], ratio, self._world.quotes[s].last
                ).position
        return mine._replace(positions={symbol: shares for symbol, shares in positions.items() if shares})

    def _split(self, mine: Ours, seen: Snapshot) -> dict[str, int]:
        """Shares that the client's own positions lack because the run's have split: nobody has told the client."""
        found = {}
        for s, symbol in enumerate(self._symbols):
            quote, own = self._world.quotes[s], seen.positions.get(symbol, 0)
            wanted = mine.positions.get(symbol, 0)
            ratio = float(quote.split_since) * self._pending(symbol)
            if ratio == 1.0 or own == wanted:
                continue
            if split_position(own, ratio, quote.last).position == wanted:
                found[symbol] = wanted - own
        return found


def _last_close(calendar: Calendar, now: int) -> int:
    """The newest close of a session before `now`."""
    closes = calendar.close
    i = int(closes.searchsorted(now, "right")) - 1
    return int(closes[i]) if i >= 0 else 0
