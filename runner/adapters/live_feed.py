"""Several sources of bars as one feed: the first fresh bar wins, the others are compared, and nothing that comes stops
the run: what cannot be used is counted and said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol, runtime_checkable

from runner.adapters.bar_building import copy_of, fault_of, joined
from runner.adapters.bar_grid import BarGrid
from runner.adapters.bar_lines import Unread
from runner.adapters.feed_holes import find
from runner.adapters.feed_notes import FeedNotes
from runner.adapters.feed_settings import FeedSettings
from runner.engine.ports import Clock, Hole, LiveBar
from runner.market.bar import DAY
from runner.results.times import moment

LOOK = 2_000_000  # ns between two looks while a bar is waited for
AHEAD = 60_000_000_000  # ns by which a bar may end after the present
REMEMBERED = 32  # bars of a symbol that others are compared with
PRICES = ("open", "high", "low", "close")


class Source(Protocol):
    """One counterpart that sends bars."""

    name: str

    def poll(self, instant: int) -> Iterable[LiveBar | Unread]:
        """What has come since the last look; waits for nothing. `instant`: what the feed is asked for."""

    def close(self) -> None:
        """Let go of what is open."""


@runtime_checkable
class PastSource(Protocol):
    """A source that knows bars from before the start."""

    reach: dict[str, int]  # up to which end it knows each symbol's bars

    def resume(self, newest: Mapping[str, LiveBar], now: int) -> None:
        """Called once, before the first `poll`: the newest bars that the run knows."""


class _Symbol:
    """What is known of one symbol's bars."""

    def __init__(self, newest: LiveBar | None, since: int) -> None:
        self.newest = newest  # the newest real bar that was handed out
        self.since = since
        self.end = since  # of the newest bar handed out, a copy too
        self.real_end = since
        self.behind = False  # what it hands out now is from before the start: its source is not of today
        self.whole: dict[int, LiveBar] = {}  # bars to hand out, by their end
        self.parts: dict[int, dict[int, LiveBar]] = {}  # finer bars of such a bar, by their ends
        self.seen: dict[tuple[int, int], tuple[str, LiveBar]] = {}


class LiveFeed:
    """A `ports.BarFeed` over `sources`, in order of preference where two have a bar at the same look.

    `past`: each symbol's newest bar before the run, for copies and split factors. `copies`: whether a bar that does not
    come is replaced by a copy (`data.fill_forward`). Bars that end at or before `since` are known already. `shares`: each
    symbol's split factor now, kept up to date by whoever knows of splits.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        grid: BarGrid,
        clock: Clock,
        settings: FeedSettings,
        since: int,
        past: Mapping[str, LiveBar] | None = None,
        copies: bool = False,
        shares: dict[str, float] | None = None,
    ) -> None:
        self._sources = sources
        self._grid = grid
        self._clock = clock
        self._settings = settings
        self._wait = int(settings.bar_wait * 1e9 * clock.speed)
        self._copies = copies
        self._resumed = 0
        self._asked = since
        past = past or {}
        self._symbols = {symbol: _Symbol(past.get(symbol), since) for symbol in grid.steps}
        self._silent: set[str] = set()
        self.shares = {} if shares is None else shares
        self.shares.update({symbol: bar.split for symbol, bar in past.items()})
        self.notes = FeedNotes()

    def resume(self, newest: Mapping[str, LiveBar], now: int) -> list[Hole]:
        """See ports.BarFeed. A source that has a `resume` is told too; a file is read from its beginning."""
        for name, bar in newest.items():
            self._symbols[name] = _Symbol(bar, bar.end)
        asked, self._asked = self._asked, 0  # what a file has of the past is not late
        spans = []
        for source in self._sources:
            knows = isinstance(source, PastSource)
            if isinstance(source, PastSource):
                source.resume(newest, now)
            ends = [bar.end for bar in self._take_from(source, now)]
            if ends and not knows:
                spans.append((min(ends), max(ends)))
        holes = []
        for s, (name, symbol) in enumerate(self._symbols.items()):
            due = self._grid.ends(name, symbol.since, now - self._wait)
            covered = [(symbol.since, one.reach[name]) for one in self._sources
                       if isinstance(one, PastSource) and name in one.reach]  # fmt: skip
            least = 1 if self._grid.steps[name] == DAY else self._settings.stale_after
            has = set(symbol.whole) | set(symbol.parts)
            holes += find(s, symbol.since, due, has, spans + covered, least)
        self._resumed = self._asked = max(asked, now)
        return sorted(holes, key=lambda hole: hole.until)

    def ready(self, instant: int) -> bool:
        """See ports.BarFeed. A symbol that is silent is not waited for."""
        self._take(instant)
        over = self._clock.jumps or self._clock.now() >= instant + self._wait
        return over or not self._missing(instant)

    def until(self, instant: int) -> list[LiveBar]:
        """See ports.BarFeed."""
        look = int(LOOK * self._clock.speed)
        while not self.ready(instant):
            if not self._clock.wait_until(min(instant + self._wait, self._clock.now() + look)):
                break
        due = self._missing(instant)
        out = self._hand_out(instant)
        for symbol in due:
            if self._symbols[symbol].real_end < instant:
                self.notes.take("all feeds", "missing")
        self._asked = max(self._asked, instant)
        self._hear(instant)
        return out

    def _missing(self, instant: int) -> list[str]:
        """Symbols of which a bar is due at `instant`, and not there; without those that are silent."""
        due = [symbol for symbol in self._grid.due(instant) if symbol not in self._silent]
        return [s for s in due if instant not in self._symbols[s].whole and self._symbols[s].end < instant]

    def silent(self, now: int) -> set[str]:
        """Symbols of which the last bars that were due (`stale_after` of them) did not come: their entries stop."""
        most = self._settings.stale_after
        until = now if self._clock.jumps else max(now - self._wait, self._asked)
        return {
            name
            for name, symbol in self._symbols.items()
            if self._grid.count(name, self._heard_since(symbol), until, most) >= most
        }

    def _heard_since(self, symbol: _Symbol) -> int:
        return symbol.real_end if symbol.behind else max(symbol.real_end, self._resumed)

    def quiet(self) -> set[str]:
        """See ports.BarFeed; as of the newest `until`."""
        return self._silent

    def close(self) -> None:
        """Close every source."""
        for source in self._sources:
            source.close()

    def _hear(self, instant: int) -> None:
        """Say once which symbols fell silent, and which are heard again."""
        silent = self.silent(instant)
        for name in sorted(silent - self._silent):
            last = self._symbols[name].real_end
            count = self._settings.stale_after
            self.notes.take(
                "all feeds",
                "silent",
                f"{name} had none of its last {count} bars; the newest ended {moment(last)}",
                name,
            )
        for name in sorted(self._silent - silent):
            self.notes.say(f"all feeds: {name} is heard again")
        self._silent = silent

    def _take(self, instant: int) -> None:
        for source in self._sources:
            self._take_from(source, instant)

    def _take_from(self, source: Source, instant: int) -> list[LiveBar]:
        """Consider what a source has; the bars among it."""
        bars = []
        for heard in source.poll(instant):
            if isinstance(heard, Unread):
                self.notes.take(source.name, heard.kind, heard.text)
            else:
                self._consider(source.name, heard)
                bars.append(heard)
        return bars

    def _consider(self, feed: str, bar: LiveBar) -> None:
        """Put one bar where it belongs, or say why it is left out."""
        symbol = self._symbols.get(bar.symbol)
        if symbol is None:
            self.notes.take(feed, "unknown symbol", f"{bar.symbol[:20]!r} is not in this run")
            return
        end = self._grid.place(bar.symbol, bar.end)
        if not bar.start:
            bar = bar._replace(start=self._grid.start(bar.symbol, bar.end))
        text = f"{bar.symbol} at {moment(bar.end)}"
        fault = fault_of(bar)
        if fault:
            self.notes.take(feed, "impossible", f"{text}: {fault} ({_prices(bar)})", bar.symbol)
        elif not end:
            self.notes.take(feed, "outside hours")
        elif bar.end - bar.start > self._grid.steps[bar.symbol]:
            self.notes.take(feed, "too long", f"{text} begins {moment(bar.start)}", bar.symbol)
        elif bar.end > self._clock.now() + AHEAD and not self._clock.jumps:
            self.notes.take(feed, "too early", f"{text} lies in the future", bar.symbol)
        elif bar.end <= symbol.since:
            self.notes.take(feed, "before the start")
        elif not self._known(feed, symbol, bar, text):
            self._keep(feed, symbol, bar, end, text)

    def _known(self, feed: str, symbol: _Symbol, bar: LiveBar, text: str) -> bool:
        """Whether the same bar came before; compares the two."""
        key = (bar.start, bar.end)
        if key not in symbol.seen:
            symbol.seen[key] = (feed, bar)
            if len(symbol.seen) > REMEMBERED:
                del symbol.seen[next(iter(symbol.seen))]
            return False
        first, one = symbol.seen[key]
        apart = max(abs(getattr(one, name) / getattr(bar, name) - 1.0) for name in PRICES)
        if first == feed:
            kind = "repeated" if apart == 0.0 else "revised"
        else:
            kind = "confirmed" if apart <= self._settings.divergence else "divergent"
        shown = f"{text}: {first} said {_prices(one)}, {feed} says {_prices(bar)}"
        self.notes.take(feed, kind, shown, bar.symbol)
        return True

    def _keep(self, feed: str, symbol: _Symbol, bar: LiveBar, end: int, text: str) -> None:
        if end <= symbol.end:
            self.notes.take(
                feed, "dropped", f"{text} came after {moment(symbol.end)} was worked on", bar.symbol
            )
            return
        if bar.end <= self._asked:
            self.notes.take(feed, "late", f"{text} came after its time", bar.symbol)
        if bar.end == end and bar.start <= self._grid.start(bar.symbol, end):
            symbol.whole[end] = bar
            return
        parts = symbol.parts.setdefault(end, {})
        parts[bar.end] = bar
        if bar.end == end and end not in symbol.whole:
            self._build(symbol, end)

    def _build(self, symbol: _Symbol, end: int) -> None:
        parts = symbol.parts.pop(end)
        bars = [parts[key] for key in sorted(parts)]
        name, start = bars[0].symbol, self._grid.start(bars[0].symbol, end)
        symbol.whole[end] = joined(bars, start, end)
        if start < self._resumed < end and bars[0].start >= self._resumed - self._wait:
            since = f"its beginning is not known, since the run was not there: it is made of what came since {moment(bars[0].start)}"
            self.notes.take("all feeds", "incomplete", f"{name} at {moment(end)}: {since}", name)

    def _hand_out(self, instant: int) -> list[LiveBar]:
        out: list[LiveBar] = []
        repeat = self._copies and self._grid.is_due(self._grid.finest, instant)
        for name, symbol in self._symbols.items():
            for end in [end for end in symbol.parts if end <= instant]:
                if end not in symbol.whole:
                    self._build(symbol, end)
                symbol.parts.pop(end, None)
            for end in sorted(end for end in symbol.whole if end <= instant):
                bar = symbol.whole.pop(end)
                if not bar.split:
                    bar = bar._replace(split=self.shares.get(name, 1.0))
                symbol.newest = bar
                symbol.end = symbol.real_end = end
                symbol.behind = 0 < end <= self._resumed < instant
                out.append(bar)
            if repeat and symbol.newest is not None and symbol.end < instant:
                out.append(self._copy(name, symbol.newest, instant))
                symbol.end = instant
        return sorted(out, key=lambda bar: bar.end)

    def _copy(self, name: str, bar: LiveBar, instant: int) -> LiveBar:
        start = max(instant - (bar.end - bar.start), 0)
        if self._grid.finest == self._grid.steps[name]:
            start = self._grid.start(name, instant)
        return copy_of(bar, start, instant, self.shares.get(name, bar.split))


def _prices(bar: LiveBar) -> str:
    return f"{bar.open:g} {bar.high:g} {bar.low:g} {bar.close:g}"
