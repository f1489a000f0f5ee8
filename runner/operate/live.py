"""A live or paper run from start to end: opened, run, stopped by signals, started again after a failure, closed."""

from __future__ import annotations

import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from runner.adapters.clocks import WallClock
from runner.adapters.coverage import DataFault
from runner.assemble.deployment import Deployment, Rehearsed
from runner.assemble.live import LiveRun
from runner.engine.ports import Progress
from runner.engine.recorded import Diverged
from runner.language.spec_live import Restart
from runner.operate.anew import PREVIOUS, set_aside

SIGNALS = (signal.SIGINT, signal.SIGTERM)
FAILURES = (
    DataFault,
    OSError,
    RuntimeError,
    sqlite3.Error,
)  # of the world outside: a start anew may cure them


class Stoppable(Protocol):
    """A run, or a clock that is waited on."""

    def stop(self) -> None:
        """End, from any thread."""


class Stop:
    """Whether the run has been told to end, from a signal or another thread."""

    def __init__(self) -> None:
        self._why = ""
        self._what: Stoppable | None = None

    def why(self) -> str:
        """Who told it; empty when nobody did."""
        return self._why

    def follow(self, what: Stoppable | None) -> None:
        """What a stop is for now."""
        self._what = what
        if what is not None and self._why:
            what.stop()

    def tell(self, why: str) -> None:
        """End after the present instant."""
        self._why = self._why or why
        if self._what is not None:
            self._what.stop()


@contextmanager
def signals(stop: Stop) -> Iterator[None]:
    """SIGINT and SIGTERM end the run in order while this lasts; the same once more ends it at once."""

    def end(got: int, _: object) -> None:
        signal.signal(got, signal.SIG_DFL)
        stop.tell(signal.Signals(got).name)

    before = {number: signal.signal(number, end) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def pause(restart: Restart, failures: int) -> float:
    """Seconds before the next start, after so many failures in a row (from 1)."""
    return min(restart.longest_pause, restart.first_pause * 2.0 ** min(failures - 1, 60))


def operate(
    deployment: Deployment,
    said: Callable[[str], None],
    progress: Progress | None = None,
    rehearsed: Rehearsed | None = None,
) -> str:
    """Run until the timeline ends or a stop comes; returns why it ended (empty: its timeline did). Raises `DataFault`
    when it failed and is not started again."""
    restart = deployment.program.spec.live.restart
    if rehearsed is None and (why := set_aside(deployment)):
        said(f"a new replay begins, since {why}; the journal of the last one is {PREVIOUS}")
    stop = Stop()
    failures = 0
    with signals(stop):
        while True:
            try:
                return _once(deployment, said, progress, rehearsed, stop)
            except Diverged as fault:
                raise DataFault(
                    f"the journal {deployment.state / 'journal.db'} cannot be gone on from: {fault}. It was written with "
                    "another document, other data or another version of the runner: use those, or begin anew with --out DIR"
                ) from fault
            except FAILURES as fault:
                failures += 1
                if stop.why() or not restart.on_failure or failures > restart.most:
                    if isinstance(fault, DataFault):
                        raise
                    raise DataFault(f"the run failed: {type(fault).__name__}: {fault}") from fault
                seconds = pause(restart, failures)
                said(f"the run failed ({fault}); start {failures + 1} in {seconds:g} s")
                if not _sleep(seconds, stop):
                    return stop.why()


def _once(
    deployment: Deployment,
    said: Callable[[str], None],
    progress: Progress | None,
    rehearsed: Rehearsed | None,
    stop: Stop,
) -> str:
    run = LiveRun(deployment, said, rehearsed)
    stop.follow(run)
    try:
        for line in run.opening():
            said(line)
        run.run(progress)
        run.ended(stop.why())
    finally:
        stop.follow(None)
        run.close()
    return stop.why()


def _sleep(seconds: float, stop: Stop) -> bool:
    """Sleep; False when told to stop."""
    clock = WallClock()
    stop.follow(clock)
    slept = clock.wait_until(clock.now() + int(seconds * 1e9))
    stop.follow(None)
    return slept
