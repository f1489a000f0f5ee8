"""A live run put together once more over its journal, with no feed, no gateway and no clock: whether this version of the runner
makes the same records of the same inputs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

from runner.adapters.clocks import SimulatedClock
from runner.adapters.dry_journal import DryJournal, Over
from runner.assemble.deployment import LIVE, Deployment, Rehearsed
from runner.assemble.live import LiveRun
from runner.engine.ports import Broker, Hole, LiveBar, News
from runner.engine.recorded import Diverged, RecordedBroker
from runner.engine.state import World
from runner.laws.admission import Admitted

if TYPE_CHECKING:
    from runner.assemble.gateway import Link


class Silent:
    """A feed and a broker that say nothing: everything stands in the journal."""

    def ready(self, instant: int) -> bool:
        """See ports.BarFeed."""
        return True

    def until(self, instant: int) -> list[LiveBar]:
        """See ports.BarFeed."""
        return []

    def quiet(self) -> tuple[str, ...]:
        """See ports.BarFeed."""
        return ()

    def resume(self, newest: Mapping[str, LiveBar], now: int) -> list[Hole]:
        """See ports.BarFeed."""
        return []

    def submit(self, admitted: Admitted) -> Iterable[News]:
        """See ports.Broker."""
        return ()

    def replace(self, order: int) -> Iterable[News]:
        """See ports.Broker."""
        return ()

    def withdraw(self, order: int) -> Iterable[News]:
        """See ports.Broker."""
        return ()

    def news(self, instant: int) -> Iterable[News]:
        """See ports.Broker."""
        return ()


class Hearing(LiveRun):
    """`hear` once; `close` lets go of the journal."""

    def __init__(self, deployment: Deployment, journal: DryJournal, now: int) -> None:
        """`now`: ns UTC of the journal's newest instant, or of its beginning."""
        self._dry = journal
        rehearsed = Rehearsed(SimulatedClock(now), Silent(), None, now)
        super().__init__(deployment, lambda _: None, rehearsed)

    def hear(self) -> None:
        """Hear every input. Raises `Diverged` when a row is another than the journal's, or is not made at all."""
        with suppress(Over):
            self.run()
        made, kept = self._dry.made()
        if made < kept:
            raise Diverged(f"the journal has {kept:,} records, of its inputs this version makes {made:,}")

    def _written(self) -> DryJournal:
        return self._dry

    def _connect(self, parts: ExitStack) -> Link | None:
        return None

    def _broker(self, link: Link | None, world: World, late: float) -> tuple[Callable[[], bool], Broker]:
        if self.deployment.mode != LIVE:
            return super()._broker(link, world, late)
        return (lambda: False), RecordedBroker(Silent(), self.journal)
