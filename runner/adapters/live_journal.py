"""The journal of a live run: one SQLite file, every row in it before the act that it tells of.

Tables: `facts` (what the run is, JSON), `inputs` (what came from outside, in order), `records` and `marks` (what the engine made of
it: rows of market/events, as bytes), `texts` (the texts that records name by number), `epochs` (from where a restart goes on: how
many rows came before, and the state then), `orders` (as they stood when the newest epoch began). Write-ahead log, synchronous=FULL;
one process at a time. `adapters/recorded_run.py` reads the file while its owner writes.
"""

from __future__ import annotations

import fcntl
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec
import numpy as np

from runner.adapters import journal_versions
from runner.adapters.coverage import DataFault
from runner.engine.recorded import Differs, Diverged
from runner.market.events import Journal, Mark, Record

_SCHEMA = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE inputs (serial INTEGER PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE records (serial INTEGER PRIMARY KEY, row BLOB NOT NULL);
CREATE TABLE marks (serial INTEGER PRIMARY KEY, row BLOB NOT NULL);
CREATE TABLE texts (serial INTEGER PRIMARY KEY, text TEXT NOT NULL);
CREATE TABLE epochs (serial INTEGER PRIMARY KEY, inputs INTEGER NOT NULL, records INTEGER NOT NULL,
  marks INTEGER NOT NULL, state BLOB);
CREATE TABLE orders (number INTEGER PRIMARY KEY, row BLOB NOT NULL);
"""
PAGE = 1000  # inputs read at once
STATES = 3  # how many epochs keep the state with which they began


class LiveJournal:
    """One file, owned by this process. Raises `DataFault` when it cannot be had: another process owns it, the disk is
    full, or another version wrote it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._owner = open(f"{path}.lock", "w")  # noqa: SIM115
        except OSError as fault:
            raise DataFault(f"{path} cannot be opened: {fault.strerror}") from fault
        try:
            fcntl.flock(self._owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._owner.close()
            raise DataFault(f"{path} belongs to a runner that is at work: stop it first") from None
        try:
            self._db = sqlite3.connect(path, isolation_level=None)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            if journal_versions.version_of(self._db) == 0:
                self._make()
            journal_versions.bring_up(self._db, str(path))
            self._count_rows()
        except sqlite3.Error as fault:
            self._owner.close()
            raise DataFault(f"{path} cannot be used: {fault}") from fault
        except DataFault:
            self._owner.close()
            raise

    def _make(self) -> None:
        self._db.execute("BEGIN")
        for statement in _SCHEMA.split(";"):
            self._db.execute(statement)
        shapes = json.dumps(journal_versions.shapes())
        self._db.execute("INSERT INTO facts VALUES ('shapes', ?)", (shapes,))
        self._db.execute(f"PRAGMA user_version={journal_versions.VERSION}")
        self._db.execute("COMMIT")

    def _count_rows(self) -> None:
        self._written = self._count("inputs")
        self._records = self._count("records")
        self._marks = self._count("marks")
        self._stored = self._read_texts()
        row = self._newest_epoch()
        # What came before the newest epoch is not heard; the rows that the engine makes are counted from there.
        self._before, self._made, self._marked = (0, 0, 0) if row is None else (int(n) for n in row)
        self._recalled = self._before
        self._page: list[Any] = []
        self.again = (
            self._records - self._made
        )  # records that the engine makes again before it makes new ones
        self._texts: list[str] = []
        self._agreed = 0  # texts of this run that are stored
        self._numbers: dict[str, np.ndarray] = {}

    def _newest_epoch(self) -> Any:
        return self._db.execute(
            "SELECT inputs, records, marks FROM epochs ORDER BY serial DESC LIMIT 1"
        ).fetchone()

    @property
    def records(self) -> int:
        """How many records it held when it was opened."""
        return self._records

    # -- what the run is ----------------------------------------------------------------------------------------

    def fact(self, name: str) -> str | None:
        """A fact by name; None when it was never noted."""
        row = self._db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def note(self, **facts: str) -> None:
        """Write facts, durably."""
        self._do(lambda: self._db.executemany("INSERT OR REPLACE INTO facts VALUES (?, ?)", facts.items()))
        self.commit()

    # -- inputs (ports.InputLog) ---------------------------------------------------------------------------------

    def recall(self) -> list[Any] | None:
        """The next input of the past; None when all of it has been heard."""
        if self._recalled >= self._written:
            return None
        if not self._page:
            rows = self._db.execute(
                "SELECT body FROM inputs WHERE serial > ? AND serial <= ? ORDER BY serial LIMIT ?",
                (self._recalled, self._written, PAGE),
            )
            self._page = [msgspec.msgpack.decode(body) for (body,) in rows][::-1]
        self._recalled += 1
        entry: list[Any] = self._page.pop()
        return entry

    def write(self, entry: Sequence[Any]) -> None:
        """Take an input; durable with the next `commit`."""
        body = msgspec.msgpack.encode(entry)
        self._begin()
        self._do(lambda: self._db.execute("INSERT INTO inputs (body) VALUES (?)", (body,)))
        self._written += 1
        self._recalled += 1

    def commit(self) -> None:
        """Everything taken so far is on the disk when this returns. Raises `DataFault`: nothing may be sent then."""
        if self._db.in_transaction:
            self._do(lambda: self._db.execute("COMMIT"))

    def backwards(self) -> Iterator[list[Any]]:
        """Every input of all epochs, the newest first."""
        for (body,) in self._db.execute("SELECT body FROM inputs ORDER BY serial DESC"):
            yield msgspec.msgpack.decode(body)

    # -- epochs (ports.Epochs) -------------------------------------------------------------------------------------

    def opening(self) -> bytes | None:
        """The state with which the newest epoch began; None when the run began with it."""
        row = self._db.execute("SELECT state FROM epochs ORDER BY serial DESC LIMIT 1").fetchone()
        return None if row is None else bytes(row[0])

    def order(self, number: int) -> bytes:
        """An order as it stood when the newest epoch began."""
        row = self._db.execute("SELECT row FROM orders WHERE number = ?", (number,)).fetchone()
        if row is None:
            raise Diverged(f"{self.path.name} has no order {number}")
        return bytes(row[0])

    def orders(self) -> dict[int, bytes]:
        """All orders as they stood when the newest epoch began, by number."""
        return dict(self._db.execute("SELECT number, row FROM orders"))

    def begin(
        self, opening: bytes, orders: dict[int, bytes], facts: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        """Begin a new epoch after everything that was taken, with facts that hold from then on; all of it is durable when
        this returns. The states of all but the newest epochs are let go."""
        self._begin()
        self._do(
            lambda: self._db.execute(
                "INSERT INTO epochs (inputs, records, marks, state) VALUES (?, ?, ?, ?)",
                (self._written, self._made, self._marked, opening),
            )
        )
        self._do(lambda: self._db.executemany("INSERT OR REPLACE INTO orders VALUES (?, ?)", orders.items()))
        self._do(lambda: self._db.executemany("INSERT OR REPLACE INTO facts VALUES (?, ?)", facts.items()))
        self._do(
            lambda: self._db.execute(
                "UPDATE epochs SET state = NULL WHERE state IS NOT NULL AND serial <= "
                "(SELECT MAX(serial) FROM epochs) - ?",
                (STATES,),
            )
        )
        self.commit()
        self._before = self._written

    def heard(self) -> int:
        """How many inputs the newest epoch has."""
        return self._written - self._before

    # -- records (ports.JournalWriter) ---------------------------------------------------------------------------

    def earlier_texts(self) -> list[str]:
        """The texts that the document of this run finds there: those of documents before it."""
        return self._stored[: int(self.fact("texts_before") or 0)]

    def use_texts(self, texts: list[str]) -> None:
        """The run's text table, which may grow while the run lasts: it is stored before the records that name it."""
        self._texts = texts

    def use_numbers(self, symbols: Sequence[int], rules: Sequence[int]) -> None:
        """The journal's own number of each symbol and rule of this run: those of its header, which keeps the ones that a
        document had before it was changed."""
        self._numbers = {"symbol": np.array(symbols, np.int64), "rule": np.array(rules, np.int64)}

    def append(self, records: np.ndarray, marks: np.ndarray) -> None:
        """Take rows that the engine made; while the past is heard they must be the rows that it left."""
        self._keep_texts()
        records = self._numbered(records)
        self._made += self._keep("records", records, self._made, self._records)
        self._marked += self._keep("marks", marks, self._marked, self._marks)

    def _numbered(self, records: np.ndarray) -> np.ndarray:
        for name, numbers in self._numbers.items():
            found = records[name] >= 0
            if np.any(numbers != np.arange(len(numbers))) and np.any(found):
                records = records.copy()
                records[name][found] = numbers[records[name][found]]
        return records

    def _keep(self, table: str, rows: np.ndarray, made: int, stored: int) -> int:
        new = [rows[i].tobytes() for i in range(len(rows))]
        old = max(0, min(len(new), stored - made))
        if old:
            found = self._db.execute(
                f"SELECT row FROM {table} WHERE serial > ? AND serial <= ? ORDER BY serial",  # noqa: S608
                (made, made + old),
            )
            for i, (row,) in enumerate(found):
                if row != new[i]:
                    said = f"row {made + i + 1} of {table} is another than the one in {self.path.name}"
                    raise Differs(said, table, made + i + 1, row, new[i])
        if old < len(new):
            self._begin()
            fresh = [(one,) for one in new[old:]]
            self._do(lambda: self._db.executemany(f"INSERT INTO {table} (row) VALUES (?)", fresh))  # noqa: S608
        return len(new)

    def _keep_texts(self) -> None:
        known, made = len(self._stored), len(self._texts)
        if made <= self._agreed:
            return
        if self._texts[self._agreed : known] != self._stored[self._agreed : made]:
            raise Diverged(f"the texts of {self.path.name} are others than this run's")
        self._agreed = made
        fresh = self._texts[known:]
        if fresh:
            self._begin()
            rows = [(known + i, text) for i, text in enumerate(fresh, 1)]
            self._do(lambda: self._db.executemany("INSERT INTO texts VALUES (?, ?)", rows))
            self._stored += fresh

    def _read_texts(self) -> list[str]:
        return [str(text) for (text,) in self._db.execute("SELECT text FROM texts ORDER BY serial")]

    def finished(self, header: dict[str, Any], texts: list[str]) -> Journal:
        """All of it, for the readers of results."""
        return Journal(header, self._all("records", Record), self._all("marks", Mark), texts)

    def _all(self, table: str, cls: Any) -> np.ndarray:
        rows = b"".join(row for (row,) in self._db.execute(f"SELECT row FROM {table} ORDER BY serial"))  # noqa: S608
        return np.frombuffer(rows, cls.dtype).copy()

    def close(self) -> None:
        """Commit, and let go of the file."""
        try:
            self.commit()
        finally:
            self._db.close()
            self._owner.close()

    def _count(self, table: str) -> int:
        return int(self._db.execute(f"SELECT COALESCE(MAX(serial), 0) FROM {table}").fetchone()[0])  # noqa: S608

    def _begin(self) -> None:
        if not self._db.in_transaction:
            self._do(lambda: self._db.execute("BEGIN IMMEDIATE"))

    def _do(self, act: Any) -> None:
        try:
            act()
        except sqlite3.Error as fault:
            raise DataFault(f"{self.path} cannot be written ({fault}): nothing is sent") from fault
