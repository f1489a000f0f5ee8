"""Notes of the feeds, looked at now and then and put on the desk: what a feed says belongs into the journal."""

from __future__ import annotations

from collections.abc import Callable

from runner.adapters.desk import MOST, Desk
from runner.adapters.feed_notes import FeedNotes
from runner.engine.ports import Notice
from runner.market import events

PAUSE = 250_000_000  # ns of the stopwatch between two looks


class Watch:
    """`look` is called by the loop's own thread, as often as anybody likes. `elapsed`: a stopwatch, ns."""

    def __init__(self, notes: FeedNotes, desk: Desk, elapsed: Callable[[], int]) -> None:
        self._notes = notes
        self._desk = desk
        self._elapsed = elapsed
        self._next = 0

    def look(self) -> None:
        """Put what is new on the desk."""
        now = self._elapsed()
        if now < self._next:
            return
        self._next = now + PAUSE
        found = [Notice(events.TOLD, who="feeds", why=text) for text in self._notes.fresh()]
        for i in range(0, len(found), MOST):
            self._desk.post(*found[i : i + MOST])
