"""Where records go. Of a backtest: columns in one file, written once at the end, the same bytes every time."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np

from runner.market.events import Journal, Mark, Record


class MemoryJournal:
    """Keeps the rows of a backtest until it is over."""

    def __init__(self) -> None:
        self._records: list[np.ndarray] = []
        self._marks: list[np.ndarray] = []

    def append(self, records: np.ndarray, marks: np.ndarray) -> None:
        """Take the next rows, in order."""
        self._records.append(records)
        self._marks.append(marks)

    def finished(self, header: dict[str, Any], texts: list[str]) -> Journal:
        """The whole journal."""
        records = np.concatenate(self._records) if self._records else np.empty(0, Record.dtype)  # type: ignore[attr-defined]
        marks = np.concatenate(self._marks) if self._marks else np.empty(0, Mark.dtype)  # type: ignore[attr-defined]
        return Journal(header, records, marks, texts)


def to_bytes(journal: Journal) -> bytes:
    """The journal as one `.npz` file (arrays without pickles)."""
    buffer = io.BytesIO()
    text = json.dumps({"header": journal.header, "texts": journal.texts}, sort_keys=True, allow_nan=False)
    np.savez_compressed(
        buffer,
        records=journal.records,
        marks=journal.marks,
        header=np.frombuffer(text.encode(), np.uint8),
    )
    return buffer.getvalue()


def load(path: Path) -> Journal:
    """Read a journal back. Raises `OSError` or `ValueError` when the file is not one."""
    with np.load(path, allow_pickle=False) as parts:
        plain = json.loads(bytes(parts["header"]).decode())
        return Journal(plain["header"], parts["records"], parts["marks"], plain["texts"])
