"""Live journals that another version of the runner wrote: brought up to this version's form, or refused with the reason.

Two things change in the course of time. The **tables**: `VERSION` counts up, and `MIGRATIONS` has the step from each version to the
next. The **fields** of rows and inputs: a journal says which ones it has (fact `shapes`); fields that are new are added with their
defaults, a field that is no more is refused.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np

from runner.adapters.coverage import DataFault
from runner.engine.instants import Action, Change, Instant, Loan
from runner.engine.portfolio_state import Session
from runner.engine.ports import Hole, LiveBar, News, Notice
from runner.engine.recorded import DAY, HOLE, INSTANT, NEWS
from runner.market.events import Mark, Record

VERSION = 1
MIGRATIONS: dict[int, Callable[[sqlite3.Connection], None]] = {}  # from version n to n + 1
ROWS: dict[str, Any] = {"records": Record, "marks": Mark}  # kept as bytes
PARTS: dict[str, Any] = {  # kept as lists of values
    "instant": Instant, "bar": LiveBar, "news": News, "notice": Notice, "hole": Hole,
    "actions": Action, "loans": Loan, "sessions": Session, "changes": Change,
}  # fmt: skip
PAGE = 5000  # rows rewritten at once


def shapes() -> dict[str, Any]:
    """The fields of everything that a journal of this version holds."""
    found: dict[str, Any] = {name: [list(one) for one in cls.dtype.descr] for name, cls in ROWS.items()}
    return found | {name: list(_names(cls)) for name, cls in PARTS.items()}


def _names(cls: Any) -> tuple[str, ...]:
    names: tuple[str, ...] = cls.dtype.names if hasattr(cls, "dtype") else cls._fields
    return names


def _defaults(cls: Any) -> dict[str, Any]:
    found: dict[str, Any] = cls.defaults if hasattr(cls, "dtype") else cls._field_defaults
    return found


def version_of(db: sqlite3.Connection) -> int:
    """The version that wrote the tables; 0 of an empty file."""
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def is_current(db: sqlite3.Connection) -> bool:
    """Whether nothing has to be brought up."""
    return version_of(db) == VERSION and _kept(db) == shapes()


def refusal(db: sqlite3.Connection, name: str) -> str:
    """Why this version cannot read the journal; empty when it can, perhaps after `bring_up`."""
    found = version_of(db)
    if found > VERSION:
        return f"{name} has version {found}, this runner reads version {VERSION}: a newer runner wrote it, go on with that one"
    if any(step not in MIGRATIONS for step in range(found, VERSION)):
        return (
            f"{name} has version {found}, this runner reads version {VERSION} and knows no way there: finish the run with "
            "the runner that wrote it, or begin anew with --out DIR"
        )
    if found < VERSION:
        return ""
    now = shapes()
    for what, fields in _kept(db).items():
        known = {_name(one) for one in now.get(what, [])}
        gone = [_name(one) for one in fields if _name(one) not in known]
        if gone:
            return (
                f"{name} has the field {gone[0]} in its {what}, which this runner does not know: go on with the runner "
                "that wrote it, or begin anew with --out DIR"
            )
    return ""


def _name(field: Any) -> str:
    return str(field if isinstance(field, str) else field[0])


def bring_up(db: sqlite3.Connection, name: str) -> None:
    """Bring a journal to this version, whole or not at all. Raises `DataFault` when it cannot be."""
    if why := refusal(db, name):
        raise DataFault(why)
    if is_current(db):
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        for step in range(version_of(db), VERSION):
            MIGRATIONS[step](db)
        db.execute(f"PRAGMA user_version={VERSION}")
        if why := refusal(db, name):
            raise DataFault(why)
        old, new = _kept(db), shapes()
        for table, cls in ROWS.items():
            if old[table] != new[table]:
                _rewrite(db, table, old[table], cls)
        if any(old[part] != new[part] for part in PARTS):
            _rewrite_inputs(db, old)
        db.execute("INSERT OR REPLACE INTO facts VALUES ('shapes', ?)", (json.dumps(new),))
        db.execute("COMMIT")
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")


def _kept(db: sqlite3.Connection) -> dict[str, Any]:
    """The journal's own fields; this version's where it does not say."""
    row = db.execute("SELECT value FROM facts WHERE name = 'shapes'").fetchone()
    return shapes() | (json.loads(row[0]) if row else {})


def _rewrite(db: sqlite3.Connection, table: str, fields: list[Any], cls: Any) -> None:
    old = np.dtype([(str(name), str(kind)) for name, kind in fields])
    after = 0
    while True:
        page = db.execute(
            f"SELECT serial, row FROM {table} WHERE serial > ? ORDER BY serial LIMIT ?",  # noqa: S608
            (after, PAGE),
        ).fetchall()
        if not page:
            return
        rows = np.frombuffer(b"".join(row for _, row in page), old)
        wide = np.zeros(len(rows), cls.dtype)
        for name in cls.dtype.names:
            wide[name] = rows[name] if name in (old.names or ()) else cls.defaults[name]
        db.executemany(
            f"UPDATE {table} SET row = ? WHERE serial = ?",  # noqa: S608
            [(wide[i].tobytes(), serial) for i, (serial, _) in enumerate(page)],
        )
        after = page[-1][0]


def _rewrite_inputs(db: sqlite3.Connection, old: dict[str, Any]) -> None:
    after = 0
    while True:
        page = db.execute(
            "SELECT serial, body FROM inputs WHERE serial > ? ORDER BY serial LIMIT ?", (after, PAGE)
        ).fetchall()
        if not page:
            return
        fresh = [
            (msgspec.msgpack.encode(_input(msgspec.msgpack.decode(body), old)), serial)
            for serial, body in page
        ]
        db.executemany("UPDATE inputs SET body = ? WHERE serial = ?", fresh)
        after = page[-1][0]


def _input(entry: list[Any], old: dict[str, Any]) -> list[Any]:
    """An input with this version's fields."""

    def values(part: str, given: list[Any]) -> list[Any]:
        cls = PARTS[part]
        known = dict(zip(old[part], given, strict=False))
        return [known[name] if name in known else _defaults(cls)[name] for name in _names(cls)]

    if entry[0] == INSTANT:
        instant, bars, *notices = entry[1:]
        told = [[values("notice", one) for one in some] for some in notices]
        return [INSTANT, values("instant", instant), [values("bar", one) for one in bars], *told]
    for word, part in ((NEWS, "news"), (HOLE, "hole")):
        if entry[0] == word:
            return [word, *values(part, entry[1:])]
    if entry[0] == DAY:
        tables = {
            name: [values(name, one) for one in rows] if name in PARTS else rows
            for name, rows in entry[1].items()
        }
        return [DAY, tables]
    return entry
