"""A folder that belongs to one process at a time."""

from __future__ import annotations

import fcntl
from pathlib import Path

from runner.adapters.coverage import DataFault


class Owner:
    """Owns `path` (a file that is made for it) from its making until `close`, or until the process is gone. Raises
    `DataFault` when another process does."""

    def __init__(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = open(path, "w")  # noqa: SIM115
        except OSError as fault:
            raise DataFault(f"{path} cannot be opened: {fault.strerror}") from fault
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.close()
            raise DataFault(
                f"{path.parent} belongs to a runner that is at work: stop it first (run stop)"
            ) from None

    def close(self) -> None:
        """Let go of it."""
        self._file.close()
