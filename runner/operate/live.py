"""A live or paper run from start to end: opened, run, stopped by signals, closed."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

from runner.assemble.live import Deployment, LiveRun, Rehearsed
from runner.engine.ports import Progress

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def opened(deployment: Deployment, rehearsed: Rehearsed | None = None) -> Iterator[LiveRun]:
    """The run, closed whatever happens."""
    run = LiveRun(deployment, rehearsed)
    try:
        yield run
    finally:
        run.close()


def run(live: LiveRun, progress: Progress | None = None) -> bool:
    """Run until the timeline ends or a signal comes; whether it came to its end by itself."""
    told: list[int] = []

    def end(number: int, _: object) -> None:
        told.append(number)
        live.stop()

    before = {number: signal.signal(number, end) for number in SIGNALS}
    try:
        live.run(progress)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return not told
