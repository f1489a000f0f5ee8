"""Bars as lines that are appended to a file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from runner.adapters.bar_lines import LONGEST, Lines, Unread
from runner.adapters.feed_settings import FileFeed
from runner.engine.ports import Clock, LiveBar
from runner.results.times import date_text, day_of

MOST = 1 << 20  # bytes of one look


class FileSource:
    """Reads what is appended. The last line counts when it ends with a newline. A file that is replaced, cut short or
    named for another day is read from its beginning, after what was left of the one before."""

    name = "csv"

    def __init__(self, settings: FileFeed, clock: Clock, folder: Path) -> None:
        self._settings = settings
        self._clock = clock
        self._folder = folder
        self._path = Path()
        self._file: BinaryIO | None = None
        self._rest = b""
        self._lines = Lines()
        self._said = ""

    def poll(self, instant: int) -> Iterator[LiveBar | Unread]:
        """See live_feed.Source."""
        try:
            yield from self._read()
            if self._moved():
                yield from self._read()
                yield from self._leave()
                self._open()
                yield from self._read()
            self._said = ""
        except OSError as error:
            text = f"{self._path}: {error.strerror}"
            if text != self._said:  # once, until it is well again
                self._said = text
                yield Unread("connection", text)

    def _today(self) -> Path:
        date = date_text(day_of(self._clock.now()))
        return self._folder / self._settings.path.replace("{date}", date)

    def _moved(self) -> bool:
        """Whether there is another file to read than the one that is open."""
        path = self._today()
        if self._file is None:
            self._path = path
            return True
        try:
            there = path.stat()
        except FileNotFoundError:
            return False  # the new day's file is not there yet, or the old one was moved and no new one made
        here = os.fstat(self._file.fileno())
        self._path = path
        return not os.path.samestat(here, there) or there.st_size < self._file.tell()

    def _open(self) -> None:
        self._file = self._path.open("rb")
        self._lines = Lines()

    def _leave(self) -> Iterator[Unread]:
        """Close the file that came to its end."""
        if self._rest:
            yield Unread("malformed", f"{self._rest[:80]!r}: the file ended within this line")
        self._rest = b""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _read(self) -> Iterator[LiveBar | Unread]:
        while self._file is not None and (new := self._file.read(MOST)):
            *whole, self._rest = (self._rest + new).split(b"\n")
            for line in whole:
                heard = self._lines.read(line)
                if heard is not None:
                    yield heard
            if len(self._rest) > LONGEST:
                yield Unread("malformed", f"{len(self._rest)} bytes without an end of line")
                self._rest = b""

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None
