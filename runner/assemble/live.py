"""A live or paper run: its clock, feed, broker and journal around the engine that a backtest has."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import ExitStack

import numpy as np

from runner.adapters import identity, lenders
from runner.adapters.clocks import WallClock, replay_clock
from runner.adapters.coverage import DataFault, day_text
from runner.adapters.feed_settings import ReplayFeed
from runner.adapters.live_journal import LiveJournal
from runner.adapters.partial import Partial
from runner.adapters.replay import Replay
from runner.adapters.sessions import calendar
from runner.adapters.simulated import SimulatedBroker
from runner.adapters.telling import Telling
from runner.assemble import feeds, headers
from runner.assemble import gateway as gateways
from runner.assemble.deployment import LIVE, PAPER, Deployment, Rehearsed
from runner.assemble.past import history_of, span_of
from runner.engine import live_day, live_start, prepare
from runner.engine.live_instants import LiveInstants
from runner.engine.loop import Loop
from runner.engine.ports import BarFeed, Broker, Clock, History, Lender, Progress
from runner.engine.recorded import RecordedBroker
from runner.engine.world import Growth, tallies, traded
from runner.market.bar import Bars
from runner.market.calendar import Calendar
from runner.market.events import Journal

AHEAD = 800  # days of the calendar on both sides of the start


class LiveRun:
    """A run that is open. `resumed`: it goes on from a journal; `close` lets go of everything, however it ended.
    `said` is told what happens, line by line."""

    def __init__(
        self, deployment: Deployment, said: Callable[[str], None], rehearsed: Rehearsed | None = None
    ) -> None:
        self.deployment = deployment
        self._said = said
        program = deployment.program
        spec = program.spec
        if spec.universe.selections:
            raise DataFault(
                "a universe that changes cannot run live yet: list its symbols under universe.symbols"
            )
        self.history: History = history_of(spec, deployment.folder)
        self.lender: Lender | None = lenders.named(spec.lending.source, deployment.folder, spec.lending.path)
        with ExitStack() as open_parts:
            self.journal = LiveJournal(deployment.state / "journal.db")
            open_parts.callback(self.journal.close)
            self._open(rehearsed, open_parts)
            self._parts = open_parts.pop_all()

    def _open(self, rehearsed: Rehearsed | None, parts: ExitStack) -> None:
        deployment = self.deployment
        program = deployment.program
        spec = program.spec
        replay = self._replay(rehearsed)
        begun = self.journal.fact("begin")
        found = self.journal.fact("mode") or deployment.mode
        if found != deployment.mode:
            raise DataFault(
                f"{self.journal.path} is the journal of a {found} run: name another folder with --out DIR"
            )
        self.resumed = begun is not None
        first, last = span_of(spec, self.history) if replay else (0, 0)
        now = rehearsed.clock.now() if rehearsed else WallClock().now()
        if begun is not None:
            begin = int(begun)
        elif rehearsed is not None:
            begin = rehearsed.begin
        else:
            begin = calendar(first, first).midnight_of(first) if replay else now
        days = calendar(first - AHEAD, last + prepare.MARGIN) if replay else _around(begin, now)
        self.calendar = days
        day = days.day_of(begin)
        self.until = last if replay else days.day_of(now) + AHEAD // 2
        if rehearsed is not None and rehearsed.until:
            self.until = rehearsed.until
        self.history = Partial(self.history, len(spec.symbols))
        past = live_start.past_bars(program, self.history, days, day, begin)
        self.started = live_start.start(program, days, self._day(day), past, begin)
        self.rows: dict[str, Bars] = {}
        if rehearsed is not None:
            self.clock, feed = rehearsed.clock, rehearsed.feed
        elif replay is not None:
            self.clock, feed = self._replaying(replay, begin, first, last)
        else:
            self.clock = WallClock()
            feed = feeds.merged(
                program, days, self.clock, now, past, deployment.folder, deployment.environment, parts
            )
        waiting, broker = self._broker(rehearsed, parts)
        self.instants = LiveInstants(
            program, days, self._day, feed, self.clock, self.started.store, waiting, self.until, self.journal
        )
        texts = self.started.rules.texts
        names = list(spec.symbols), [rule.name for rule in spec.rules], texts
        told = Telling(self.journal, self._said, *names, self.journal.records)
        self.loop = Loop(self.started.world, self.instants, Growth(compiled=False), broker, told, ahead=True)
        if begun is None:
            self.journal.note(begin=str(begin), mode=deployment.mode, header=json.dumps(headers.live(spec, deployment.document, deployment.hashes, deployment.folder, self.history, deployment.mode, begin, day)),
                              texts=json.dumps(self.started.rules.texts))  # fmt: skip

    def _day(self, day: int) -> live_day.Day:
        return live_day.lay_out(self.deployment.program, self.history, self.calendar, day, self.lender)

    def _replay(self, rehearsed: Rehearsed | None) -> ReplayFeed | None:
        """How the history is replayed; None when bars come from elsewhere. Nothing old is sent to a real broker."""
        if rehearsed is not None:
            return None
        found = feeds.replayed(self.deployment.program.spec)
        if found is not None and self.deployment.mode == LIVE:
            raise DataFault(
                "a live run needs live bars: name their feeds under data.live, for example live: [alpaca] "
                "(docs/live.md, Feeds); --paper replays the data"
            )
        return found

    def _replaying(self, replay: ReplayFeed, begin: int, first: int, last: int) -> tuple[Clock, BarFeed]:
        spec = self.deployment.program.spec
        self.rows = {
            symbol: self.history.bars(
                symbol,
                prepare.resolution_of(spec, symbol),
                first,
                last,
                spec.data.prices,
                spec.data.extended_hours,
            )
            for symbol in spec.symbols
        }
        if not any(len(bars.end) for bars in self.rows.values()):
            raise DataFault(
                f"no bars of {', '.join(spec.symbols)} from {day_text(first)} to {day_text(last)}"
            )
        return replay_clock(begin, replay.speed), Replay(self.rows, begin)

    def _broker(self, rehearsed: Rehearsed | None, parts: ExitStack) -> tuple[Callable[[], bool], Broker]:
        world = self.started.world
        if self.deployment.mode == PAPER:
            return (lambda: False), SimulatedBroker(world)
        hours = rehearsed.hours if rehearsed else None
        made, close = gateways.connect(self.deployment, self.journal, world, self.calendar, hours)
        parts.callback(close)
        return made.waiting, RecordedBroker(made, self.journal)

    def run(self, progress: Progress | None = None) -> None:
        """Until the timeline ends or the clock is stopped."""
        self.loop.run(progress)

    def opening(self) -> list[str]:
        """What is said before the first instant."""
        journal = self.journal
        old = f", going on after {journal.records:,} records" if self.resumed else ""
        return [f"{self.deployment.mode}: the journal is {journal.path}{old}"]

    def ended(self, why: str) -> None:
        """Note that it ended in order: `why` a signal or a command, empty when the timeline was over."""
        self.journal.note(ended=why or "finished")

    def stop(self) -> None:
        """From another thread or a signal: end after the present instant."""
        self.clock.stop()

    def finished(self) -> Journal:
        """The journal as the readers of results see it."""
        header = json.loads(self.journal.fact("header") or "{}")
        world = self.started.world
        spec = self.deployment.program.spec
        header["tallies"] = tallies(spec, world)
        header["security_ids"] = identity.security_ids(spec, self.deployment.folder, traded(spec, world))
        header["end"] = max(self.instants.latest, header["start"])
        header["last_day"] = self.calendar.day_of(header["end"])
        return self.journal.finished(header, self.started.rules.texts)

    def close(self) -> None:
        """Let go of everything, in the opposite order."""
        self._parts.close()


def _around(begin: int, now: int) -> Calendar:
    day = int(np.datetime64(begin, "ns").astype("datetime64[D]").astype(int))
    today = int(np.datetime64(now, "ns").astype("datetime64[D]").astype(int))
    return calendar(day - AHEAD, today + AHEAD)
