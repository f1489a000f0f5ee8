"""A YAML text as data, with a place for every key and value. Nothing is built but text, numbers and lists.

`load` never raises on a bad text: what is wrong comes back as problems, all of them, and `data` is what could
still be read. The parser is pyyaml's (in C where it has one); the constructor is our own, because pyyaml's
loses positions, keeps the last of two equal keys, makes `NO` a boolean and follows object tags.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from runner.language.nodes import Node, Place
from runner.language.parse import BREAK, DEEPEST, Unreadable, decode, parse
from runner.language.problems import KEY, Path, Problem, quoted
from runner.language.scalars import plain
from runner.language.traps import mend

MOST_NODES = 100_000  # keys and values, aliases counted as often as they are used
_TEXT, _CORE = "tag:yaml.org,2002:str", (None, "!", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")


class Source(NamedTuple):
    """A document: `data` (None when unreadable), the place of every path, and what is wrong already.

    A path ends in KEY when it means the key rather than its value. `reported`: paths whose value is known
    to be wrong, so that nothing more need be said of it. `bases`: what it extends, nearest first (see `extends`);
    `inherited`: paths that are written in one of them.
    """

    name: str
    data: Any
    places: dict[Path, Place]
    problems: tuple[Problem, ...]
    lines: tuple[str, ...] = ()
    reported: frozenset[Path] = frozenset()
    bases: tuple[Source, ...] = ()
    inherited: Mapping[Path, Source] = MappingProxyType({})


def load(text: str | bytes, name: str) -> Source:
    """Read one YAML document of at most MOST_BYTES bytes."""
    problems: list[Problem] = []
    places: dict[Path, Place] = {}
    lines: tuple[str, ...] = ()
    data = None
    reported: set[Path] = set()
    try:
        whole = decode(text, name, problems)
        lines = tuple(BREAK.split(whole))
        root = parse(whole, lines, name, problems)
        if root is None or (root.kind == "scalar" and root.plain and root.value in ("", "~", "null")):
            problems.append(Problem(name, 1, 1, "the file is empty", "a strategy starts with 'version: 1'"))
        else:
            data = _Walk(name, places, problems, lines, reported).value(root, (), 0)
    except Unreadable:
        pass
    return Source(
        name, data, places, tuple(sorted(set(problems), key=lambda p: p[1:3])), lines, frozenset(reported)
    )


class _Walk:
    """Turns nodes into data and notes places. Aliases are walked where they are used, so nodes are counted as
    expanded and an exploding alias runs into the limit."""

    def __init__(
        self,
        name: str,
        places: dict[Path, Place],
        problems: list[Problem],
        lines: tuple[str, ...],
        reported: set[Path],
    ) -> None:
        self.name, self.places, self.problems, self.lines, self.reported = (
            name,
            places,
            problems,
            lines,
            reported,
        )
        self.count = 0

    def complain(self, place: Place, message: str, cure: str) -> None:
        self.problems.append(Problem(self.name, place.line, place.column, message, cure))

    def value(self, node: Node, path: Path, depth: int) -> Any:
        self.count += 1
        if self.count > MOST_NODES or depth > DEEPEST:
            most = (
                f"more than {MOST_NODES:,} keys and values"
                if depth <= DEEPEST
                else f"nested more than {DEEPEST} deep"
            )
            place = self.places.get((*path[:1], KEY), node.place)  # the part of the document that explodes
            self.complain(place, f"{most} once aliases are written out", "use fewer aliases")
            raise Unreadable
        self.places[path] = node.place
        if node.tag not in (*_CORE, _TEXT):
            self.reported.add(path)
        if node.kind == "scalar":
            return self.scalar(node)
        if node.tag not in _CORE:
            self.tagged(node)
        node, found = mend(node, self.lines)
        self.problems += [Problem(self.name, c.place.line, c.place.column, c.message, c.cure) for c in found]
        empty = {id(c.owner) for c in found}
        if node.kind == "list":
            return [self.value(child, (*path, i), depth + 1) for i, child in enumerate(node.value)]
        out: dict[str, Any] = {}
        for key, value in zip(node.value[::2], node.value[1::2], strict=True):
            word = self.key(key)
            if word is None:
                continue
            if word in out:
                first = self.places[(*path, word, KEY)].line
                self.complain(
                    key.place,
                    f"{quoted(word)} is written twice, first in line {first}",
                    "keep one of the two",
                )
                continue
            self.places[(*path, word, KEY)] = key.place
            if id(value) in empty:
                self.reported.add((*path, word))
            out[word] = self.value(value, (*path, word), depth + 1)
        return out

    def key(self, node: Node) -> str | None:
        """The key as text; None (and a problem) when it is none."""
        if node.kind != "scalar":
            self.complain(
                node.place,
                f"a {node.kind} stands where a key is expected",
                "keys are words; a text with [ or { needs quotes",
            )
            return None
        value = self.scalar(node)
        if value == "<<" and node.plain:
            self.complain(node.place, "the merge key '<<' is not part of YAML 1.2", "write the keys out")
            return None
        if isinstance(value, str):
            return value
        self.complain(
            node.place,
            f"the key {quoted(node.value)} is not text",
            f'put it in quotes: "{node.value}"' if node.value else "write a word before the colon",
        )
        return None

    def scalar(self, node: Node) -> Any:
        if node.tag in (None, "!") and not (node.plain and node.tag is None):
            return node.value
        if node.tag == _TEXT:
            return node.value
        if node.tag is not None:
            self.tagged(node)
            return node.value
        try:
            return plain(node.value)
        except ValueError as error:
            self.complain(node.place, str(error), "is a digit too many?")
            return 0

    def tagged(self, node: Node) -> None:
        tag = (node.tag or "").replace("tag:yaml.org,2002:", "!!")
        self.complain(
            node.place,
            f"the tag {quoted(tag)} is not allowed",
            "delete it; a text that starts with ! needs quotes",
        )


def place_of(source: Source, path: Path, column: int = 0) -> tuple[int, int]:
    """Line and column of a path, `column` characters into its text; of the nearest parent when it is not written."""
    return spot_of(source, path, column)[1:]


def spot_of(source: Source, path: Path, column: int = 0) -> tuple[str, int, int]:
    """The same with the file before it: a path that is inherited stands in a base."""
    while path not in source.places and path:
        path, column = path[:-1], 0
    place = source.places.get(path, Place(1, 1))
    owner = source.inherited.get(path, source)
    if column and place.style in ("", "'", '"', "|", ">"):
        return owner.name, *_inside(owner.lines, place, column)
    return owner.name, place.line, place.column


_ESCAPE = re.compile(r"\\(?:x..|u.{4}|U.{8}|.)", re.S)


def _inside(lines: tuple[str, ...], place: Place, offset: int) -> tuple[int, int]:
    """Place of the character `offset` of a scalar's text: quotes, escapes and folded lines are stepped over."""
    row, at = place.line - 1, place.column - 1
    if place.style in ("|", ">"):
        row, at = row + 1, 0
        while row < len(lines) and not lines[row].strip():
            row += 1
        at = _indent(lines, row)
    elif place.style:
        at += 1
    for _ in range(offset):
        line = lines[row] if row < len(lines) else ""
        escape = _ESCAPE.match(line, at) if place.style == '"' else None
        if escape:
            at = escape.end()
        elif place.style == "'" and line.startswith("''", at):
            at += 2
        else:
            at += 1
        # the end of a line, or spaces before it, is one character of the text
        if row + 1 < len(lines) and row + 1 < place.end_line and at > len(lines[row].rstrip()):
            row += 1
            while row + 1 < len(lines) and not lines[row].strip():
                row += 1
            at = _indent(lines, row)
    return row + 1, at + 1


def _indent(lines: tuple[str, ...], row: int) -> int:
    line = lines[row] if row < len(lines) else ""
    return len(line) - len(line.lstrip())
