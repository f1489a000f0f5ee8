"""A live journal that is heard once more without being changed: what the engine makes of its inputs is compared with what stands
in it, and nothing is written. It may have an owner at work."""

from __future__ import annotations

import sqlite3
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec

from runner.adapters.coverage import DataFault
from runner.adapters.live_journal import LiveJournal
from runner.adapters.recorded_run import reading
from runner.engine.recorded import INSTANT


class Over(Exception):  # noqa: N818
    """Every input of the journal has been heard."""


class DryJournal(LiveJournal):
    """Reads what `LiveJournal` reads; its writes do nothing. `whole`: from the first input, not from the newest epoch.
    Raises `DataFault` when the file cannot be read."""

    def __init__(self, path: Path, whole: bool = False) -> None:
        self.path = path
        self._whole = whole
        self._look = ExitStack()
        self._db = self._look.enter_context(reading(path))
        try:
            self._count_rows()
        except sqlite3.Error as fault:
            self._look.close()
            raise DataFault(f"{path} cannot be read: {fault}") from fault

    def _newest_epoch(self) -> Any:
        return None if self._whole else super()._newest_epoch()

    def opening(self) -> bytes | None:
        """See LiveJournal; nothing when the whole journal is heard."""
        return None if self._whole else super().opening()

    def recall(self) -> list[Any]:
        """The next input. Raises `Over` after the last."""
        entry = super().recall()
        if entry is None:
            raise Over
        return entry

    def integrity(self) -> list[str]:
        """What SQLite finds wrong with the file; nothing when it is sound."""
        found = [str(text) for (text,) in self._db.execute("PRAGMA integrity_check")]
        return [] if found == ["ok"] else found

    def made(self) -> tuple[int, int]:
        """(records made again, records of the journal)."""
        return self._made, self._records

    def inputs(self) -> tuple[int, int]:
        """(inputs before the newest epoch, inputs in all)."""
        return self._before, self._written

    def newest(self) -> int:
        """Time of the newest instant (ns UTC); 0 when there was none."""
        for (body,) in self._db.execute("SELECT body FROM inputs ORDER BY serial DESC"):
            entry = msgspec.msgpack.decode(body)
            if entry[0] == INSTANT:
                return int(entry[1][0])
        return 0

    def texts(self) -> list[str]:
        """The texts that stand in it."""
        return self._stored

    def texts_now(self) -> list[str]:
        """The texts of the run that hears it."""
        return self._texts

    def commit(self) -> None:
        """Nothing is written."""

    def close(self) -> None:
        """Let go of the file."""
        self._look.close()

    def _begin(self) -> None:
        pass

    def _do(self, act: Any) -> None:
        pass
