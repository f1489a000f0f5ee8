"""Parsed sources as memory-mapped columns, named by what they were parsed from.

One entry is one `.npy` file of shape (columns, rows), eight bytes a cell, so that every column is one
contiguous stretch and a load is one memory map. The name of an entry holds the content's hash and the
parser's version: an entry is never changed, and a new source gets a new name.

Safe with several processes: an entry is written beside its place and moved there in one step. A folder
that cannot be written means no cache, never a failed run; an entry that cannot be read is a miss.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

Columns = dict[str, Any]


def folder() -> Path | None:
    """The cache folder: `RUN_CACHE`, else `$XDG_CACHE_HOME/strategy-runner`, else `~/.cache/...`.

    `RUN_CACHE=off` is None: nothing is kept.
    """
    given = os.environ.get("RUN_CACHE", "")
    if given:
        return None if given == "off" else Path(given)
    home = os.environ.get("XDG_CACHE_HOME", "")
    if home:
        return Path(home) / "strategy-runner"
    try:
        return Path.home() / ".cache" / "strategy-runner"
    except RuntimeError:  # no home directory is known
        return None


def digest(data: bytes) -> str:
    """SHA-256 of `data` in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def load(name: str, types: Mapping[str, str]) -> Columns | None:
    """Columns of entry `name`, read-only, each of its type (`<i8` or `<f8`); None when there is none."""
    place = folder()
    if place is None:
        return None
    try:
        cells = np.load(place / f"{name}.npy", mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError):  # absent, or cut short by a full disk: parse again
        return None
    if cells.ndim != 2 or cells.shape[0] != len(types) or cells.dtype != np.dtype("<i8"):
        return None
    plain = np.asarray(cells).view(np.ndarray)
    return {column: plain[i].view(kind) for i, (column, kind) in enumerate(types.items())}


def store(name: str, columns: Columns, types: Mapping[str, str]) -> None:
    """Keep `columns` (equal lengths) as entry `name`; without effect when the folder cannot be written."""
    place = folder()
    if place is None:
        return
    rows = [np.ascontiguousarray(columns[column], dtype=kind).view("<i8") for column, kind in types.items()]
    if not len(rows[0]):
        return  # nothing to map
    try:
        place.mkdir(parents=True, exist_ok=True)
        handle, path = tempfile.mkstemp(prefix=f".{name[:40]}-", dir=place)
    except OSError:
        return
    try:
        with os.fdopen(handle, "wb") as file:
            np.save(file, np.stack(rows), allow_pickle=False)
        os.replace(path, place / f"{name}.npy")
    except OSError:
        Path(path).unlink(missing_ok=True)


def remember(name: str, types: Mapping[str, str], parse: Callable[[], Columns]) -> Columns:
    """Entry `name`, parsed and kept if it is not there yet."""
    found = load(name, types)
    if found is not None:
        return found
    columns = parse()
    columns = {column: np.ascontiguousarray(columns[column], dtype=kind) for column, kind in types.items()}
    store(name, columns, types)
    return columns
