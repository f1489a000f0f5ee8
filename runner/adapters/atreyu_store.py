"""What the gateway's client must not forget, in one SQLite file: written before it is acted on.

WAL, synchronous=FULL, one transaction for each act. A process that is killed at any moment finds here everything that
it sent or was about to send, and every message whose effect it had taken, together with the number up to which it had
taken them. Tables (`PRAGMA user_version` is the schema's version):

    facts       key, value: the trading day, the last number taken, the newest SendingTime, the last loss of messages
    orders      one row for each order on the wire (a sale through zero has two: leg 0 and 1)
    requests    every ClOrdID ever made: new order, replace or cancel, what it asks for, what became of it
    executions  every ExecID of an order; `standing` is 0 once it was busted or replaced by a correction
    marks       the content of every report taken, in short: told again it is no news
    positions   signed shares by symbol: what was held at the first start, and every execution since
    news        events for the engine, by serial, until it has acknowledged them

A second process is turned away while one has the file open; readers are not. Credentials are never in it.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Protocol, TypeVar

import msgspec

from runner.adapters.atreyu_news import News

VERSION = 1
KEEP_DAYS = 7  # how long ended orders are still known: busts may come a day later

_SCHEMA = """
CREATE TABLE facts (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE orders (ref TEXT, leg INTEGER, symbol TEXT, side TEXT, kind TEXT, quantity INTEGER, price REAL,
    post_only INTEGER, day INTEGER, state TEXT, broker TEXT, lost INTEGER, PRIMARY KEY (ref, leg)) WITHOUT ROWID;
CREATE TABLE requests (id TEXT PRIMARY KEY, ref TEXT, leg INTEGER, serial INTEGER, kind TEXT, original TEXT,
    quantity INTEGER, price REAL, state TEXT, sent INTEGER) WITHOUT ROWID;
CREATE INDEX requests_of ON requests (ref, leg, serial);
CREATE TABLE executions (ref TEXT, leg INTEGER, id TEXT, shares INTEGER, price REAL, total INTEGER, standing INTEGER,
    refers TEXT, PRIMARY KEY (ref, leg, id)) WITHOUT ROWID;
CREATE TABLE marks (ref TEXT, leg INTEGER, mark TEXT, PRIMARY KEY (ref, leg, mark)) WITHOUT ROWID;
CREATE TABLE positions (symbol TEXT PRIMARY KEY, shares INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE news (serial INTEGER PRIMARY KEY, body TEXT NOT NULL);
"""


class StoreFault(Exception):  # noqa: N818
    """The store cannot be written or read: nothing may be sent."""


@dataclass(slots=True)
class Execution:
    """Shares executed (unsigned) at a price; `total` is the order's CumQty with it, 0 when it was not told;
    `refers`: the execution that this one corrects or takes back."""

    ref: str
    leg: int
    id: str
    shares: int
    price: float
    total: int = 0
    standing: bool = True
    refers: str = ""


@dataclass(slots=True)
class Request:
    """One request of an order. `state`: recorded, sent, unknown, taken, accepted, refused."""

    id: str
    ref: str
    leg: int
    serial: int
    kind: str
    original: str
    quantity: int
    price: float
    state: str
    sent: int = 0  # ns UTC


@dataclass(slots=True)
class Order:
    """One order on the wire. `quantity` and `price` are the ones in force; `lost`: ended, as it was nowhere to be
    found, without a word of the broker's."""

    ref: str
    leg: int
    symbol: str
    side: str
    kind: str
    quantity: int
    price: float
    post_only: bool
    day: int
    state: str
    broker: str = ""
    lost: bool = False
    requests: list[Request] = field(default_factory=list)
    executions: dict[str, Execution] = field(default_factory=dict)
    marks: set[str] = field(default_factory=set)


Row = TypeVar("Row", Order, Request, Execution)


@dataclass(slots=True)
class Changes:
    """What one transaction writes."""

    orders: dict[tuple[str, int], Order] = field(default_factory=dict)
    requests: dict[str, Request] = field(default_factory=dict)
    executions: dict[tuple[str, int, str], Execution] = field(default_factory=dict)
    positions: dict[str, int] = field(default_factory=dict)
    marks: list[tuple[str, int, str]] = field(default_factory=list)
    facts: dict[str, int] = field(default_factory=dict)
    news: list[News] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(
            self.orders or self.requests or self.executions or self.positions or self.marks or self.news
        )


@dataclass(slots=True)
class Saved:
    """What a store holds: facts, orders with their requests and executions, positions, news not acknowledged."""

    facts: dict[str, int]
    orders: list[Order]
    positions: dict[str, int]
    news: list[News]
    serial: int


class Store(Protocol):
    """Where the client keeps what it must not forget."""

    def load(self, day: int) -> Saved:
        """Everything that still matters on `day`."""

    def has(self, ref: str) -> bool:
        """Whether an order of this name was ever placed."""

    def commit(self, changes: Changes) -> None:
        """Write, durably, all or nothing. Raises `StoreFault`."""

    def acknowledge(self, serial: int) -> None:
        """Forget news up to `serial`."""

    def pending(self) -> list[News]:
        """News that are not acknowledged, in order."""

    def close(self) -> None:
        """Let go of the file."""


class SqliteStore:
    """The store as one SQLite file."""

    def __init__(self, path: Path) -> None:
        self._lock = _owned(path)
        try:
            # One thread at a time uses it: the client holds its own lock around every call.
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5.0)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            version = self._db.execute("PRAGMA user_version").fetchone()[0]
            if version == 0:
                self._db.executescript(f"BEGIN;{_SCHEMA}PRAGMA user_version={VERSION};COMMIT;")
            elif version != VERSION:
                raise StoreFault(f"{path.name} has version {version}, this runner reads version {VERSION}")
        except sqlite3.Error as fault:
            self._lock.close()
            raise StoreFault(f"{path.name} cannot be used: {fault}") from fault
        except StoreFault:
            self.close()
            raise

    def load(self, day: int) -> Saved:
        """Everything that still matters on `day`."""
        orders = self._rows(Order, "WHERE day >= ? OR state NOT IN ('filled', 'cancelled', 'rejected', "
                                   "'expired', 'done_for_day') ORDER BY day, ref, leg", day - KEEP_DAYS)  # fmt: skip
        for order in orders:
            key = (order.ref, order.leg)
            order.requests = self._rows(Request, "WHERE ref = ? AND leg = ? ORDER BY serial", *key)
            found = self._rows(Execution, "WHERE ref = ? AND leg = ?", *key)
            order.executions = {one.id: one for one in found}
            rows = self._db.execute("SELECT mark FROM marks WHERE ref = ? AND leg = ?", key)
            order.marks = {mark for (mark,) in rows}
        facts = dict(self._db.execute("SELECT key, value FROM facts"))
        positions = dict(self._db.execute("SELECT symbol, shares FROM positions"))
        return Saved(facts, orders, positions, self.pending(), facts.get("serial", 0))

    def pending(self) -> list[News]:
        """News that are not acknowledged, in order."""
        texts = self._db.execute("SELECT body FROM news ORDER BY serial")
        return [msgspec.json.decode(body, type=News) for (body,) in texts]

    def has(self, ref: str) -> bool:
        """Whether an order of this name was ever placed."""
        return self._db.execute("SELECT 1 FROM orders WHERE ref = ?", (ref,)).fetchone() is not None

    def commit(self, changes: Changes) -> None:
        """Write, durably, all or nothing. Raises `StoreFault`."""
        facts = dict(changes.facts)
        if changes.news:
            facts["serial"] = changes.news[-1].serial
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._put("orders", Order, changes.orders.values())
            self._put("requests", Request, changes.requests.values())
            self._put("executions", Execution, changes.executions.values())
            self._db.executemany("INSERT OR IGNORE INTO marks VALUES (?, ?, ?)", changes.marks)
            self._db.executemany("INSERT OR REPLACE INTO positions VALUES (?, ?)", changes.positions.items())
            self._db.executemany("INSERT OR REPLACE INTO facts VALUES (?, ?)", facts.items())
            rows = [(one.serial, msgspec.json.encode(one).decode()) for one in changes.news]
            self._db.executemany("INSERT INTO news VALUES (?, ?)", rows)
            self._db.execute("COMMIT")
        except sqlite3.Error as fault:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise StoreFault(f"the store cannot be written: {fault}") from fault

    def acknowledge(self, serial: int) -> None:
        """Forget news up to `serial`."""
        try:
            self._db.execute("DELETE FROM news WHERE serial <= ?", (serial,))
        except sqlite3.Error as fault:
            raise StoreFault(f"the store cannot be written: {fault}") from fault

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()
        self._lock.close()

    def _rows(self, kind: type[Row], rest: str, *values: Any) -> list[Row]:
        names = _columns(kind)
        table = _TABLES[kind]
        text = f"SELECT {', '.join(names)} FROM {table} {rest}"  # noqa: S608 (no value is in it)
        found = self._db.execute(text, values)
        return [kind(**dict(zip(names, row, strict=True))) for row in found]

    def _put(self, table: str, kind: type[Any], rows: Any) -> None:
        names = _columns(kind)
        marks = ", ".join("?" * len(names))
        text = f"INSERT OR REPLACE INTO {table} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608 (no value is in it)
        self._db.executemany(text, [tuple(getattr(row, name) for name in names) for row in rows])


_TABLES: dict[type[Any], str] = {Order: "orders", Request: "requests", Execution: "executions"}


def _columns(kind: type[Any]) -> list[str]:
    return [one.name for one in fields(kind) if one.name not in ("requests", "executions", "marks")]


def _owned(path: Path) -> sqlite3.Connection:
    """A lock on the store that the system takes back when the process ends, however it ends."""
    lock = sqlite3.connect(f"{path}.lock", isolation_level=None, check_same_thread=False, timeout=0.0)
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as fault:
        lock.close()
        raise StoreFault(f"{path.name} is in use by another process: one runner for one store") from fault
    return lock
