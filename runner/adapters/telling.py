"""The journal of a run that is watched: every row on its way to the disk, and a line of what matters to people."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from runner.engine.ports import JournalWriter
from runner.results.happening import sentence


class Telling:
    """A journal that tells. `old`: how many records the journal had before: they were told when they happened."""

    def __init__(
        self,
        journal: JournalWriter,
        said: Callable[[str], None],
        symbols: list[str],
        rules: list[str],
        texts: list[str],
        old: int,
    ) -> None:
        self._journal = journal
        self._said = said
        self._names = symbols, rules, texts
        self._old = old

    def append(self, records: np.ndarray, marks: np.ndarray) -> None:
        """See ports.JournalWriter. What is told is in the journal already."""
        self._journal.append(records, marks)
        known = min(self._old, len(records))
        self._old -= known
        for record in records[known:]:
            if text := sentence(record, *self._names):
                self._said(text)
