"""The journal of a run that is watched: every row on its way to the disk, and a line of what matters to people."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from runner.engine.ports import JournalWriter
from runner.results.happening import rings, sentence


class Telling:
    """A journal that tells: `said` every line, `alarm` those that somebody should know soon. `old`: how many records the
    journal had before: they were told when they happened."""

    def __init__(
        self,
        journal: JournalWriter,
        said: Callable[[str], None],
        symbols: list[str],
        rules: list[str],
        texts: list[str],
        old: int,
        alarm: Callable[[str], None] | None = None,
    ) -> None:
        self._journal = journal
        self._said = said
        self._names = symbols, rules, texts
        self._old = old
        self._alarm = alarm

    def append(self, records: np.ndarray, marks: np.ndarray) -> None:
        """See ports.JournalWriter. What is told is in the journal already."""
        self._journal.append(records, marks)
        known = min(self._old, len(records))
        self._old -= known
        for record in records[known:]:
            if text := sentence(record, *self._names):
                self._said(text)
                if self._alarm is not None and rings(record, self._names[2]):
                    self._alarm(text)
