"""What is to be known of a live run's surroundings, looked at now and then and put on the desk: notes of the feeds, symbols
that fell silent or are heard again, a clock that is off."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from runner.adapters.desk import MOST, Desk
from runner.adapters.feed_notes import FeedNotes
from runner.engine.ports import Clock, Notice
from runner.engine.state import World
from runner.market import events

PAUSE = 250_000_000  # ns of the stopwatch between two looks


class Heard(Protocol):
    """A feed that keeps notes and knows who is silent (adapters/live_feed)."""

    notes: FeedNotes

    def silent(self, now: int) -> set[str]:
        """Symbols whose entries stop."""


class Watch:
    """`look` is called by the loop's own thread, as often as anybody likes. `elapsed`: a stopwatch, ns. `skew`: what is wrong with
    the clock, in words; empty when nothing is."""

    def __init__(
        self,
        feed: Heard,
        desk: Desk,
        world: World,
        symbols: Sequence[str],
        clock: Clock,
        elapsed: Callable[[], int],
    ) -> None:
        self._feed = feed
        self._desk = desk
        self._world = world
        self._symbols = list(symbols)
        self._clock = clock
        self._elapsed = elapsed
        self._next = 0
        self._told: set[str] = set()  # symbols whose silence is on the desk
        self._known = False

    def look(self) -> None:
        """Put what is new on the desk."""
        now = self._elapsed()
        if now < self._next:
            return
        self._next = now + PAUSE
        found = self._silence()
        found += [Notice(events.TOLD, who="feeds", why=text) for text in self._feed.notes.fresh()]
        for i in range(0, len(found), MOST):
            self._desk.post(*found[i : i + MOST])

    def _silence(self) -> list[Notice]:
        if not self._known:  # a restart: what the world knows was told before
            self._known = True
            self._told = {symbol for s, symbol in enumerate(self._symbols) if self._world.quotes[s].silent}
        silent = self._feed.silent(self._clock.now())
        found = []
        for s, symbol in enumerate(self._symbols):
            if (symbol in silent) != (symbol in self._told):
                kind = events.SILENT if symbol in silent else events.HEARD
                found.append(Notice(kind, symbol=s, who="feeds"))
        self._told = silent & set(self._symbols)
        return found
