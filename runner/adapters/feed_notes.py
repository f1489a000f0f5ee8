"""What feeds brought besides good bars: everything is counted, and said often enough to be seen and seldom enough to be
read."""

from __future__ import annotations

KINDS = {
    "confirmed": "the same bar from another feed",
    "divergent": "another feed's bar with other prices; the first is used",
    "repeated": "the same bar again",
    "revised": "the same bar again with other prices; the first is used",
    "late": "came after its instant; used with the next",
    "dropped": "came when a newer bar of the symbol was used already, or a copy stood in its place",
    "outside hours": "ends when the run takes no bars",
    "before the start": "ends before the run began",
    "too long": "longer than the symbol's bars",
    "too early": "ends long after the present",
    "unknown symbol": "not of this run",
    "impossible": "prices that cannot be",
    "malformed": "no bar at all",
    "connection": "what a feed says of its connection",
    "incomplete": "built of finer bars, of which nobody heard the first",
    "missing": "due, and not there in time",
    "silent": "no bars of the symbol for a while",
}
QUIET = {"confirmed", "repeated", "outside hours", "before the start", "missing"}  # counted, never said


class FeedNotes:
    """Counts by feed and kind. The first of a kind (of a symbol, where there is one) is said, then the 10th, the 100th."""

    def __init__(self) -> None:
        self.counts: dict[str, dict[str, int]] = {}
        self._said: dict[tuple[str, str, str], int] = {}
        self._fresh: list[str] = []

    def take(self, feed: str, kind: str, text: str = "", symbol: str = "") -> None:
        """Count one; `text` says it."""
        kinds = self.counts.setdefault(feed, dict.fromkeys(KINDS, 0))
        kinds[kind] += 1
        if kind in QUIET:
            return
        n = self._said[feed, kind, symbol] = self._said.get((feed, kind, symbol), 0) + 1
        if n == 1 or kind == "connection" or (n >= 10 and n == 10 ** (len(str(n)) - 1)):
            again = f" ({n} of these so far)" if n > 1 else ""
            self.say(f"{feed}: {kind}: {text}{again}")

    def say(self, text: str) -> None:
        """A note of its own."""
        self._fresh.append(text)

    def fresh(self) -> list[str]:
        """What was not read yet."""
        out, self._fresh = self._fresh, []
        return out
