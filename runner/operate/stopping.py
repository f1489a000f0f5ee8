"""The end of a run that somebody asked for: a signal, or a request on the control socket."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stoppable(Protocol):
    """A run, or a clock that is waited on."""

    def stop(self, why: str) -> None:
        """End, from any thread or the handler of a signal."""


class Stop:
    """Whether the run has been told to end. `why`: who told it; `signalled`: it was a signal."""

    def __init__(self) -> None:
        self.why = ""
        self.signalled = False
        self._what: Stoppable | None = None
        self._pause: Stoppable | None = None

    def follow(self, run: Stoppable | None = None, pause: Stoppable | None = None) -> None:
        """What is to be stopped now: a run, or a pause between two."""
        self._what, self._pause = run, pause
        if self.why:
            for one in (run, pause):
                if one is not None:
                    one.stop(self.why)

    def tell(self, why: str) -> None:
        """A signal: end after the present instant."""
        self.signalled = True
        self.why = self.why or why
        for one in (self._what, self._pause):
            if one is not None:
                one.stop(why)

    def promised(self, why: str) -> None:
        """The run has been told already, by a notice: it is not started again, and no pause is waited for."""
        self.why = self.why or why
        if self._pause is not None:
            self._pause.stop(why)


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
