"""What a person at a terminal sees while a run works."""

from __future__ import annotations

from collections.abc import Callable
from typing import TextIO

from runner.engine.ports import Progress


class Bar:
    """A bar of progress on one line; nothing in a run of less than a moment."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._shown = -1

    def at(self, done: int, total: int) -> None:
        """Redraw when another hundredth is over; wipe the line at the end."""
        share = 100 * done // total if total else 100
        if share == self._shown:
            return
        self._shown = share
        if done >= total:
            self._stream.write("\r" + " " * 40 + "\r")
        else:
            self._stream.write(f"\r{'#' * (share // 4):<25} {share:3d} %")
        self._stream.flush()


class Lines:
    """Lines to whoever watches. A watcher that went away (`| head`, a closed terminal) does not end the run."""

    def __init__(self, stream: TextIO, cleared: Callable[[str], str] = str) -> None:
        """`cleared` takes out of a line what must not be shown."""
        self._stream: TextIO | None = stream
        self._cleared = cleared

    def __call__(self, line: str) -> None:
        """Write a line."""
        if self._stream is None:
            return
        try:
            print(self._cleared(line), file=self._stream, flush=True)
        except OSError:
            self._stream = None


def progress(stream: TextIO) -> Progress | None:
    """A bar when `stream` is a terminal, else nothing."""
    return Bar(stream) if stream.isatty() else None
