"""A run that was written down, opened for its readers: a folder of results, a backtest's journal, or a live journal.

A live journal is read in one look at the database, while its owner goes on writing. Nothing is changed in it.
"""

from __future__ import annotations

import fcntl
import json
import math
import sqlite3
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np

from runner.adapters import bars_file, journal, journal_versions
from runner.adapters.coverage import DataFault
from runner.engine.ports import LiveBar
from runner.engine.recorded import INSTANT
from runner.market.bar import BAR_TYPES, Bars
from runner.market.events import Journal, Mark, Record
from runner.results import live_marks
from runner.results.kept_bars import Digests
from runner.results.times import day_of

LIVE, BACKTEST, BARS = "journal.db", "journal.npz", "bars.npz"

ZIPPED = b"PK"  # so begins a journal.npz


class RecordedRun(NamedTuple):
    """A run as its readers see it. `bars`: those that it saw, by symbol; None when they were not kept. `digests`: what is
    kept of them instead. `instants`: times (ns) at which a live run was at work; None of a backtest. `folder`: where its
    results belong. `taken`: by symbol, the instant (ns) at which a live run took each of its bars."""

    journal: Journal
    bars: dict[str, Bars] | None
    digests: Digests | None
    instants: np.ndarray | None
    path: Path
    folder: Path
    taken: dict[str, np.ndarray] = {}  # noqa: RUF012  never written to


def found_in(given: str) -> Path:
    """The journal that a path means: a file, or the one in a folder. Raises `DataFault`."""
    path = Path(given)
    if path.is_dir():
        for name in (LIVE, BACKTEST):
            if (path / name).is_file():
                return path / name
        raise DataFault(f"{given} holds no journal: neither {LIVE} (a live run) nor {BACKTEST} (a backtest)")
    if not path.is_file():
        raise DataFault(f"{given} is not there: name a folder of results or a journal")
    return path


def open_run(given: str) -> RecordedRun:
    """Read a run from its folder or journal. Raises `DataFault` when there is none or it cannot be read."""
    path = found_in(given)
    with path.open("rb") as file:
        head = file.read(16)
    if head.startswith(b"SQLite format 3"):
        return live_run(path)
    if head[:2] != ZIPPED:
        raise DataFault(
            f"{path} is no journal of a run: it begins neither as a journal.db nor as a journal.npz"
        )
    try:
        read = journal.load(path)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as fault:
        raise DataFault(f"{path} is no journal of a run: {fault}") from None
    bars, digests = bars_file.load(path.with_name(BARS))
    return RecordedRun(read, bars, digests, None, path, path.parent)


def live_run(path: Path) -> RecordedRun:
    """Read a live journal up to its newest committed row."""
    with reading(path) as db:
        facts = facts_of(db, path)
        records, marks = _rows(db, "records", Record), _rows(db, "marks", Mark)
        texts = [str(text) for (text,) in db.execute("SELECT text FROM texts ORDER BY serial")]
        bars, instants, taken = _seen(db)
    header = header_of(facts, path, instants)
    marks = live_marks.completed(marks, str(header.get("benchmark") or ""), bars)
    header["data"]["notes"] += live_marks.notes(header, records, bars)
    return RecordedRun(Journal(header, records, marks, texts), bars, None, instants, path, path.parent, taken)


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """One look at a live journal; a copy in memory when it has to be brought up from an older version. Raises `DataFault` when it
    cannot be read."""
    try:
        with closing(connected(path)) as db:
            db.execute("BEGIN")
            if why := journal_versions.refusal(db, str(path)):
                raise DataFault(why)
            if journal_versions.is_current(db):
                yield db
                return
            with closing(sqlite3.connect(":memory:", isolation_level=None)) as copy:
                db.backup(copy)
                journal_versions.bring_up(copy, str(path))
                yield copy
    except sqlite3.Error as fault:
        raise DataFault(f"{path} cannot be read: {fault}") from None


def connected(path: Path) -> sqlite3.Connection:
    """A connection that cannot write. In a folder that cannot be written either, SQLite needs to know that nobody will."""
    where = path.resolve().as_uri()
    db = sqlite3.connect(f"{where}?mode=ro", uri=True, isolation_level=None)
    try:
        db.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:
        db.close()
        if Path(f"{path}-wal").exists():
            raise
        db = sqlite3.connect(f"{where}?mode=ro&immutable=1", uri=True, isolation_level=None)
    return db


def facts_of(db: sqlite3.Connection, path: Path) -> dict[str, Any]:
    """Every fact by name. Raises `DataFault` when the journal does not say what run it is of."""
    facts = {str(name): _plain(value) for name, value in db.execute("SELECT name, value FROM facts")}
    if not isinstance(facts.get("header"), dict):
        raise DataFault(f"{path} does not say what run it is of: the run ended before it began")
    return facts


def _plain(value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        return value


def header_of(facts: dict[str, Any], path: Path, instants: np.ndarray) -> dict[str, Any]:
    """The header of a live run as it stands now: what was written at its start, and how far it has come."""
    header: dict[str, Any] = dict(facts["header"])
    end = int(instants[-1]) if len(instants) else int(header["start"])
    runs = facts.get("runs") or []
    data = {"missing": {}, **(header.get("data") or {})}
    data["notes"] = list(data.get("notes", []))
    return header | {
        "mode": header.get("mode", "live"),
        "data": data,
        "end": end,
        "last_day": day_of(end),
        "tallies": facts.get("tallies"),
        "running": held(path),
        "runs": runs,
    }


def held(path: Path) -> bool:
    """Whether a runner is at work on a live journal."""
    try:
        with open(f"{path}.lock") as owner:
            fcntl.flock(owner, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _rows(db: sqlite3.Connection, table: str, cls: Any) -> np.ndarray:
    rows = b"".join(row for (row,) in db.execute(f"SELECT row FROM {table} ORDER BY serial"))  # noqa: S608
    if len(rows) % cls.dtype.itemsize:
        raise DataFault(f"the {table} of this journal have another form than this version's")
    return np.frombuffer(rows, cls.dtype).copy()


def _seen(db: sqlite3.Connection) -> tuple[dict[str, Bars], np.ndarray, dict[str, np.ndarray]]:
    """The bars that came, by symbol; the instants of the run; at which of them each bar was taken."""
    bars: dict[str, list[list[Any]]] = {}
    instants: list[int] = []
    taken: dict[str, list[int]] = {}
    for (body,) in db.execute("SELECT body FROM inputs ORDER BY serial"):
        entry = msgspec.msgpack.decode(body)
        if entry[0] == INSTANT:
            instants.append(int(entry[1][0]))
            for bar in entry[2]:
                bars.setdefault(bar[0], []).append(bar[1:])
                taken.setdefault(bar[0], []).append(instants[-1])
    return (
        {symbol: _columns(rows) for symbol, rows in bars.items()},
        np.array(instants, np.int64),
        {symbol: np.array(times, np.int64) for symbol, times in taken.items()},
    )


def _columns(rows: list[list[Any]]) -> Bars:
    names = LiveBar._fields[1:]
    found = dict(zip(names, zip(*rows, strict=True), strict=True))
    none = math.nan
    return Bars(
        *(
            np.array([none if value is None else value for value in found[name]], BAR_TYPES[name])
            for name in Bars._fields
        )
    )
