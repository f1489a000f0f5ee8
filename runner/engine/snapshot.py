"""A world at rest as plain values, and put back: what comes after is the same, bit for bit, as if nothing had happened.

A world is at rest between two instants of a live run. Tables that the document makes are not kept: the same document
makes them again. Tables that only one instant uses are empty then.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from runner.engine.recorded import Diverged
from runner.engine.state import World
from runner.market.order import Order
from runner.market.rows import array

FORMAT = 1
OF_THE_DOCUMENT = frozenset(
    ("settings", "requirements", "rules", "steps", "weights", "protects", "code", "leave")
)
OF_ONE_INSTANT = frozenset(
    ("stack", "wanted", "candidates", "happenings", "records", "marks", "instants", "arrivals")
)
APART = frozenset(("orders", "working", "columns"))  # kept in ways of their own
NUMBERS = frozenset(("named", "repeated", "pace", "moments"))  # tables of whole numbers


def rows_state(rows: Any) -> dict[str, Any]:
    """Rows of one table: the names of the fields, and all values."""
    cls = type(rows[0])
    found = array(cls, rows)
    return {"fields": [list(one) for one in found.dtype.descr], "rows": found.tobytes()}


def rows_of(kept: dict[str, Any], cls: Any, name: str) -> list[Any]:
    """Rows again. A field that the table did not have then gets its default; one that it has no more is refused."""
    dtype = np.dtype([(str(field), str(kind)) for field, kind in kept["fields"]])
    gone = [field for field in dtype.names or () if field not in cls.dtype.names]
    if gone:
        raise Diverged(
            f"another version of the runner wrote the table {name}: it has {gone[0]}, this one has not"
        )
    names = dtype.names or ()
    return [
        cls(**dict(zip(names, values, strict=True))) for values in np.frombuffer(kept["rows"], dtype).tolist()
    ]


def world_state(world: World) -> dict[str, Any]:
    """A world at rest but for its orders (see `OrderTable`) and its columns (see `LiveColumnStore`)."""
    counters = world.counters[0]
    assert counters.records + counters.marks + counters.happened == 0, "the world is not at rest"
    tables: dict[str, Any] = {}
    for name in World._fields:
        table = getattr(world, name)
        if name in NUMBERS:
            tables[name] = list(table)
        elif name not in OF_THE_DOCUMENT | OF_ONE_INSTANT | APART:
            tables[name] = rows_state(table)
    return {"format": FORMAT, "tables": tables, "working": list(world.working[: counters.working])}


def put_world(world: World, kept: dict[str, Any]) -> None:
    """Put a state into a world that the same document has made anew. Raises `Diverged` when it cannot be."""
    if kept["format"] != FORMAT:
        raise Diverged(f"the state has format {kept['format']}, this runner reads {FORMAT}")
    for name, found in kept["tables"].items():
        table = getattr(world, name, None)
        if table is None:
            raise Diverged(f"another version of the runner wrote the table {name}")
        table[:] = found if name in NUMBERS else rows_of(found, type(table[0]), name)
    working = kept["working"]
    world.working[: len(working)] = working
    _make_room(world, len(working))


def _make_room(world: World, working: int) -> None:
    """Rows for orders, as many as a world that has just begun and those that work."""
    more = max(0, len(world.wanted) + int(world.counters[0].orders) + 1 - len(world.orders))
    world.orders.extend([Order() for _ in range(more)])
    world.working.extend([0] * working)
