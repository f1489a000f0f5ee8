"""A live or paper run from start to end: opened, run, stopped by signals and requests, started again after a failure,
closed."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing

from runner.adapters.atreyu_store import StoreFault
from runner.adapters.clocks import WallClock
from runner.adapters.coverage import DataFault, Refused
from runner.adapters.desk import Desk
from runner.adapters.owner import Owner
from runner.assemble.deployment import Deployment, Rehearsed
from runner.assemble.live import LiveRun
from runner.engine.ports import Progress
from runner.engine.recorded import Diverged
from runner.language.spec_live import Restart
from runner.operate.anew import PREVIOUS, set_aside
from runner.operate.control import Control, Listening
from runner.operate.standing import Standing
from runner.operate.stopping import Stop, signals

FAILURES = (
    DataFault,
    OSError,
    RuntimeError,
    sqlite3.Error,
    StoreFault,
)  # of the world outside: a start anew may cure them


def pause(restart: Restart, failures: int) -> float:
    """Seconds before the next start, after so many failures in a row (from 1)."""
    return min(restart.longest_pause, restart.first_pause * 2.0 ** min(failures - 1, 60))


def operate(
    deployment: Deployment,
    said: Callable[[str], None],
    progress: Progress | None = None,
    rehearsed: Rehearsed | None = None,
) -> Stop:
    """Run until the timeline ends or a stop comes; returns the stop, which says why it ended (nothing: its timeline
    did). Raises `DataFault` when it failed and is not started again."""
    spec = deployment.program.spec
    standing = Standing(spec.name, deployment.mode, os.getpid())
    operation = Operation(deployment, said, progress, rehearsed, standing)
    with closing(Owner(deployment.state / "control.lock")), signals(operation.stop):
        if rehearsed is None and (why := set_aside(deployment)):
            said(f"a new replay begins, since {why}; the journal of the last one is {PREVIOUS}")
        control = Control(
            operation.desk, standing, operation.stop_asked, cancels=spec.live.on_stop == "cancel"
        )
        with closing(Listening(deployment.state, control, spec.name, deployment.mode)):
            try:
                operation.last()
            finally:
                standing.state = "ended"
    return operation.stop


class Operation:
    """One run and its starts."""

    def __init__(
        self,
        deployment: Deployment,
        said: Callable[[str], None],
        progress: Progress | None,
        rehearsed: Rehearsed | None,
        standing: Standing,
    ) -> None:
        self.desk = Desk()
        self.stop = Stop()
        self._deployment = deployment
        self._watchers = said
        self._progress = progress
        self._rehearsed = rehearsed
        self._standing = standing
        self._since = 0  # ns of the stopwatch since when it runs; 0 before it does
        self._ran = False
        self._clock = WallClock()

    def said(self, line: str) -> None:
        """Tell whoever watches, and who asks later."""
        self._standing.note(line)
        self._watchers(line)

    def stop_asked(self, why: str) -> None:
        """Somebody has asked for the end."""
        self._standing.state = "stopping"
        self.stop.promised(why)

    def last(self) -> None:
        """Run, and start again after failures, as long as the document says."""
        restart = self._deployment.program.spec.live.restart
        failures = 0
        while True:
            try:
                return self._once()
            except Diverged as fault:
                raise DataFault(
                    f"the journal {self._deployment.state / 'journal.db'} cannot be gone on from: {fault}. It was written with "
                    "another document, other data or another version of the runner: use those, or begin anew with --out DIR"
                ) from fault
            except FAILURES as fault:
                if isinstance(fault, Refused) and not self._ran:
                    raise  # credentials that never worked are not tried ten times
                # What ran for long begins to count anew.
                lived = self._clock.elapsed() - self._since
                failures = 1 if self._since and lived > restart.longest_pause * 1e9 else failures + 1
                if self.stop.why or not restart.on_failure or failures > restart.most:
                    if isinstance(fault, DataFault):
                        raise
                    raise DataFault(f"the run failed: {type(fault).__name__}: {fault}") from fault
                seconds = pause(restart, failures)
                text = f"the run failed ({fault}); start {failures + 1} in {seconds:g} s"
                self.said(text)
                self._deployment.alarm(text)
                if not self._sleep(seconds):
                    return None

    def _once(self) -> None:
        standing, self._since = self._standing, 0
        run = LiveRun(self._deployment, self.said, self._rehearsed, self.desk)
        try:
            standing.follow(run)
            for line in run.opening():
                self.said(line)
            self.stop.follow(run=run)
            if standing.state != "stopping":
                standing.state = "running"
            self._since, self._ran = self._clock.elapsed(), True
            run.run(self._progress)
            standing.finish()
            if run.stopped_by:
                self.stop.promised(run.stopped_by)
                self.said(
                    f"the last run was told to stop ({run.stopped_by}) and was cut off before it had: it is stopped now. Start "
                    "again to go on"
                )
            run.ended(self.stop.why)
        finally:
            self.stop.follow()
            standing.leave()
            self.desk.failed()  # what it had in its hands and did not confirm
            run.close()

    def _sleep(self, seconds: float) -> bool:
        """Sleep; False when told to stop."""
        clock = WallClock()
        self._standing.state = "restarting"
        self.stop.follow(pause=Pause(clock))
        slept = clock.wait_until(clock.now() + int(seconds * 1e9))
        self.stop.follow()
        return slept


class Pause:
    """A sleep that can be ended."""

    def __init__(self, clock: WallClock) -> None:
        self._clock = clock

    def stop(self, why: str) -> None:
        """Wake up."""
        self._clock.stop()
