"""A live or paper run: its clock, feed, broker and journal around the engine that a backtest has."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from runner.adapters import lenders
from runner.adapters.clocks import ReplayClock
from runner.adapters.coverage import DataFault
from runner.adapters.credentials import blanked
from runner.adapters.desk import Desk
from runner.adapters.live_journal import LiveJournal
from runner.adapters.partial import Partial
from runner.adapters.simulated import SimulatedBroker
from runner.adapters.telling import Telling
from runner.assemble import account, edited, first_lines, headers, outside, starts, surroundings
from runner.assemble.deployment import LIVE, Deployment, Rehearsed
from runner.assemble.past import history_of
from runner.assemble.span import span
from runner.engine import live_day, live_start, notices, readiness
from runner.engine.compaction import MOST_INPUTS, Compaction, Part
from runner.engine.late import too_late
from runner.engine.live_instants import LiveInstants
from runner.engine.loop import Loop
from runner.engine.ports import BarFeed, Broker, Clock, History, Lender, Notice, Progress
from runner.engine.recorded import RecordedBroker
from runner.engine.state import World
from runner.engine.told import Told
from runner.engine.world import Growth, tallies
from runner.market import events
from runner.market.bar import Bars

if TYPE_CHECKING:
    from runner.assemble.gateway import Link

JOURNAL = "journal.db"


class LiveRun:
    """A run that is open. `resumed`: it goes on from a journal; `close` lets go of everything, however it ended.
    `said` is told what happens, line by line. `order_id` makes an order's name at the broker from its number, `connection` tells of
    the gateway: nothing on paper."""

    def __init__(
        self,
        deployment: Deployment,
        said: Callable[[str], None],
        rehearsed: Rehearsed | None = None,
        desk: Desk | None = None,
    ) -> None:
        self.deployment = deployment
        self._said = said
        self.desk = desk or Desk()
        self.desk.cleared = lambda text: blanked(text, deployment.environment)
        self._told = False
        self.stopped_by = ""  # who had told the last run to end, when this one only finishes that
        self.order_id: Callable[[int], str] = lambda number: ""
        self.connection: Callable[[], dict[str, Any] | None] = lambda: None
        self.idles: list[Callable[[], None]] = []  # called now and then, between instants
        self._rehearsed = rehearsed
        self._heard = False
        self._before: Callable[[], None] = lambda: (
            None
        )  # called when the past has been heard, before the first decision
        spec = deployment.program.spec
        if spec.universe.selections:
            raise DataFault(
                "a universe that changes cannot run live yet: list its symbols under universe.symbols"
            )
        history = history_of(spec, deployment.folder)
        self.lender: Lender | None = lenders.named(spec.lending.source, deployment.folder, spec.lending.path)
        with ExitStack() as parts:
            self.journal = self._written()
            parts.callback(self.journal.close)
            edited.check_mode(deployment, self.journal)
            self.resumed = self.journal.fact("begin") is not None
            self.span = span(deployment, history, self.journal, rehearsed)
            # A symbol without bars sleeps until its feed has warmed it: no reason not to start.
            self.history: History = Partial(history, len(spec.symbols) + 1)
            self._open(parts)
            self._parts = parts.pop_all()

    def _written(self) -> LiveJournal:
        return LiveJournal(self.deployment.state / JOURNAL)

    def _open(self, parts: ExitStack) -> None:
        deployment, journal, begun = self.deployment, self.journal, self.span
        program, days = deployment.program, begun.calendar
        put_back = journal.opening() is not None  # the newest epoch has its whole world in the journal
        past = live_start.no_bars(program) if put_back else self._past()
        real = deployment.mode == LIVE
        self.started = live_start.start(
            program, days, self._day(begun.day), past, begun.begin, real, journal.earlier_texts()
        )
        world, texts = self.started.world, self.started.rules.texts
        journal.use_texts(texts)
        edited.use_numbers(journal, program.spec)
        shares: dict[str, float] = {}
        self.clock, feed = self._outside(past, shares, parts)
        late = program.spec.live.late_after + program.spec.live.bar_wait
        link = self._connect(parts)
        waiting, broker = self._broker(link, world, late)
        self.instants = LiveInstants(
            program, days, self._day, feed, self.clock, self.started.store, waiting, begun.until, journal, self.desk,
            newest=live_start.newest_of(past), late_after=late, shares=shares,
        )  # fmt: skip
        booked = Told()
        kept: dict[str, Part] = {"columns": self.started.store, "instants": self.instants, "told": booked}
        if isinstance(broker, RecordedBroker):
            kept["broker"] = broker
            if link is not None:
                self._compared(link, world, broker)
        self.epochs = Compaction(journal, world, texts, kept, days)
        account.limit(deployment, world)
        notes = []
        if not self.epochs.resume():
            client = link.client if link is not None else None
            notes = account.begin(deployment, journal, world, begun.begin, client, self.history, begun.day)
        self.instants.resting = self._rest
        self.instants.idle = self._idle
        self.instants.begun = self._say_what_sleeps
        if begun.replay is None:
            self.idles += surroundings.looks(deployment, world, days, feed, self.desk, self.clock, self._said)
        spec = program.spec
        names = list(spec.symbols), [rule.name for rule in spec.rules], texts
        told = Telling(journal, self._said, *names, journal.again, deployment.alarm)
        self.loop = Loop(world, self.instants, Growth(compiled=False), broker, told, True, texts, told=booked)
        if not self.resumed:
            self._note(notes)
        cut = starts.started(journal)
        self.instants.ended_with = lambda said: cut and self._finish_stop(starts.stop_of(said))

    def _finish_stop(self, who: str) -> bool:
        """Whether the last run was told to end, and was cut off before it had: then this one only ends it."""
        self.stopped_by = who
        return bool(who)

    def _note(self, notes: list[str]) -> None:
        """Write down what the run is; `notes`: what is to be known of its account."""
        deployment, begun = self.deployment, self.span
        header = headers.live(
            deployment.program.spec, deployment.document, deployment.hashes, deployment.folder, self.history,
            deployment.mode, begun.begin, begun.day,
        )  # fmt: skip
        header["data"]["notes"] += notes
        self.journal.note(
            begin=str(begun.begin),
            calendar=str(begun.calendar.first_day),
            mode=deployment.mode,
            replay=json.dumps(begun.replay is not None),
            folder=json.dumps(str(deployment.folder)),
            header=json.dumps(header),
            **edited.facts(deployment),
        )

    def _past(self) -> dict[str, Bars]:
        begun = self.span
        return live_start.past_bars(
            self.deployment.program, self.history, begun.calendar, begun.day, begun.begin
        )

    def _day(self, day: int) -> live_day.Day:
        return live_day.lay_out(self.deployment.program, self.history, self.span.calendar, day, self.lender)

    def _outside(
        self, past: dict[str, Bars], shares: dict[str, float], parts: ExitStack
    ) -> tuple[Clock, BarFeed]:
        if self._rehearsed is not None:
            return self._rehearsed.clock, self._rehearsed.feed
        if self.span.replay is not None:
            return outside.replaying(self.deployment.program.spec, self.history, self.span)
        return outside.listening(self.deployment, self.history, self.span, past, shares, parts)

    def _connect(self, parts: ExitStack) -> Link | None:
        """The gateway's client, of a live run."""
        if self.deployment.mode != LIVE:
            return None
        from runner.assemble.gateway import connect

        hours = self._rehearsed.hours if self._rehearsed is not None else None
        link = connect(self.deployment, self.journal, self.span.calendar, hours)
        parts.callback(link.client.stop)
        return link

    def _broker(self, link: Link | None, world: World, late: float) -> tuple[Callable[[], bool], Broker]:
        """Whether its news wait, and the broker."""
        if link is None:
            return (lambda: False), SimulatedBroker(world)
        from runner.assemble.gateway import broker

        spec = self.deployment.program.spec
        made = broker(link, spec, world, too_late(world, self.clock, late), self.desk)
        self.order_id, self.connection = made.name, made.connection
        return made.waiting, RecordedBroker(made, self.journal)

    def _compared(self, link: Link, world: World, broker: RecordedBroker) -> None:
        """Have the run compared with its account: before its first decision, and whenever there is a reason to."""
        from runner.assemble.gateway import compared

        days, clock = self.span.calendar, self.clock

        def price(symbol: str) -> float:
            now = clock.now()
            return account.Prices(self.deployment, world, self.history, days.day_of(now), now)[symbol]

        found = compared(
            link, self.deployment, world, broker, self.order_id, clock, days, price, self.desk, self._said,
            lambda symbol: account.splits(world, self.history, symbol, days, self.instants.latest, clock.now()),
        )  # fmt: skip
        self.idles += found.look, surroundings.clock_watch(link.client, self.deployment, self.desk)
        self._before = lambda: found.start(link.sleep)

    def _rest(self, world: World) -> bool:
        """Between two instants, once the past has been heard."""
        if not self._heard:
            self._heard = True
            if world.controls[0].paused:
                self._said(
                    f"entries are paused by {notices.paused_by(world, self.started.rules.texts)}: run resume"
                )
            if isinstance(self.clock, ReplayClock):
                self.clock.skip_to(self.instants.latest)
            self._before()
        self._idle()
        if not self.clock.jumps or self.journal.heard() >= MOST_INPUTS:  # the days of a replay fly by
            self.epochs.rest(self.instants.latest)
        return True

    def _say_what_sleeps(self) -> None:
        if self.deployment.program.spec.settings["warm_up"] != "computed":
            return
        program, store = self.deployment.program, self.started.store
        for line in readiness.lines(readiness.sleeping(program, store, self.span.calendar, self.clock.now())):
            self._said(line)

    def _idle(self) -> None:
        for look in self.idles:
            look()

    def opening(self) -> list[str]:
        """What is said before the first instant."""
        journal = self.journal
        old = f", going on after {journal.records:,} records" if self.resumed else ""
        lines = [f"{self.deployment.mode}: the journal is {journal.path}{old}"]
        if self.span.replay is not None:
            return lines
        program, days = self.deployment.program, self.span.calendar
        if not self.resumed:
            lines += self.history.notes()
        return lines + first_lines.hours(days, self.clock.now(), program.spec.data.extended_hours)

    def run(self, progress: Progress | None = None) -> None:
        """Until the timeline ends or the clock is stopped."""
        self.loop.run(progress)

    def ended(self, why: str) -> None:
        """Note that it ended in order: `why` a signal or a command, empty when the timeline was over."""
        found = tallies(self.deployment.program.spec, self.started.world)
        self.journal.note(tallies=json.dumps(found))
        starts.ended(self.journal, why or self.stopped_by or "finished")

    def stop(self, why: str) -> None:
        """From another thread or a signal: end after the present instant, in the journal as said by `why`. Told twice, it
        waits for nothing any more."""
        if self._told:
            self.clock.stop()
        self._told = True
        last = Notice(events.STOPPED, who=why)
        cancel = self.deployment.program.spec.live.on_stop == "cancel"
        self.desk.post(*((Notice(events.CANCEL_ALL, who=why), last) if cancel else (last,)))

    def close(self) -> None:
        """Let go of everything, in the opposite order."""
        self._parts.close()
