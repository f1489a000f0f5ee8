"""What the parser hands to the reader: places and nodes, before keys have names."""

from __future__ import annotations

from typing import Any, NamedTuple


class Place(NamedTuple):
    """Where a key or value starts, from 1. `style`: '' plain, ', ", | or > for scalars, { or [ for
    collections in flow style, - for those in block style. The end is where the parser left off."""

    line: int
    column: int
    style: str = ""
    end_line: int = 0
    end_column: int = 0


class Node(NamedTuple):
    """`value` is text for a scalar, else a list of nodes (a mapping's keys and values in turn)."""

    kind: str  # scalar, list or mapping
    value: Any
    place: Place
    tag: str | None = None
    plain: bool = False  # a scalar without quotes


class Complaint(NamedTuple):
    """A trap at a place: what YAML made of the text, and what to write instead. `owner`: the node that came
    out empty, None when its text could be put together again."""

    place: Place
    message: str
    cure: str
    owner: Node | None = None
