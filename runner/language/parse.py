"""Bytes -> text -> nodes: pyyaml's events on a stack of our own, so that no text can exhaust Python's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from runner.language.nodes import Node, Place
from runner.language.problems import Problem
from runner.language.syntax import explain

try:
    from yaml._yaml import CParser as _CParser
except ImportError:  # a pyyaml built without libyaml
    _CParser = None  # type: ignore[assignment, misc]

MOST_BYTES = 1_000_000  # of a file; the longest strategy imaginable has a tenth of that
DEEPEST = 40  # lists and mappings inside each other

BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  # what YAML 1.1 parsers count as the end of a line
_NO_TEXT = re.compile(f"{yaml.reader.Reader.NON_PRINTABLE.pattern}|\ufeff")


class Unreadable(Exception):  # noqa: N818  (it stops, it is no error: the problems say what is wrong)
    """Stops the reading; what was found so far is in the list of problems."""


def decode(text: str | bytes, name: str, problems: list[Problem]) -> str:
    """The text without its byte order mark. Refuses what is too large or is no text."""

    def refuse(line: int, column: int, message: str, cure: str) -> Unreadable:
        problems.append(Problem(name, line, column, message, cure))
        return Unreadable()

    if len(text) > MOST_BYTES:
        message = f"the file is larger than the {MOST_BYTES / 1e6:.0f} MB that a strategy may have"
        raise refuse(1, 1, message, "is it the right file? Data belongs in 'data.source'")
    if isinstance(text, bytes):
        if text.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise refuse(1, 1, "the file is UTF-16", "save it as UTF-8")
        if b"\0" in text:
            raise refuse(1, 1, "the file is binary, not text", "give a YAML file")
        try:
            whole = text.decode("utf-8")
        except UnicodeDecodeError as error:
            before = text[: error.start].decode("utf-8")
            last = BREAK.split(before)
            raise refuse(
                len(last), len(last[-1]) + 1, "a byte that is not UTF-8", "save the file as UTF-8"
            ) from None
    else:
        whole = text
    whole = whole.removeprefix("\ufeff")
    found = _NO_TEXT.search(whole)
    if found:
        last = BREAK.split(whole[: found.start()])
        what = f"a character that no text may have (U+{ord(found.group()):04X})"
        raise refuse(len(last), len(last[-1]) + 1, what, "delete it")
    return whole


def _events(text: str) -> Iterator[Any]:
    parser: Any = _CParser(text) if _CParser is not None else _PureParser(text)
    while parser.check_event():
        yield parser.get_event()


class _PureParser(yaml.reader.Reader, yaml.scanner.Scanner, yaml.parser.Parser):
    def __init__(self, text: str) -> None:
        yaml.reader.Reader.__init__(self, text)
        yaml.scanner.Scanner.__init__(self)
        yaml.parser.Parser.__init__(self)


def parse(text: str, lines: tuple[str, ...], name: str, problems: list[Problem]) -> Node | None:
    """The tree of the first document; a stack instead of recursion, so that no text can exhaust it."""
    root: Node | None = None
    stack: list[tuple[str, list[Node], Any]] = []
    anchors: dict[str, Node | None] = {}
    documents = 0

    def stop(mark: Any, message: str, cure: str) -> Unreadable:
        problems.append(Problem(name, mark.line + 1, mark.column + 1, message, cure))
        return Unreadable()

    def add(node: Node, anchor: str | None) -> None:
        nonlocal root
        if anchor:
            anchors[anchor] = node
        if stack:
            stack[-1][1].append(node)
        else:
            root = node

    try:
        for event in _events(text):
            kind = type(event)
            if kind is yaml.ScalarEvent:
                style = event.style or ""
                place = _place(event, style)
                add(Node("scalar", event.value, place, event.tag, event.implicit[0]), event.anchor)
            elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                if len(stack) >= DEEPEST:
                    raise stop(
                        event.start_mark,
                        f"nested more than {DEEPEST} deep",
                        "a strategy needs a handful of levels",
                    )
                if event.anchor:
                    anchors[event.anchor] = None
                stack.append(("mapping" if kind is yaml.MappingStartEvent else "list", [], event))
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                which, children, start = stack.pop()
                opening = ("{" if which == "mapping" else "[") if start.flow_style else "-"
                place = _place(start, opening)._replace(
                    end_line=event.end_mark.line + 1, end_column=event.end_mark.column + 1
                )
                add(Node(which, children, place, start.tag, False), start.anchor)
            elif kind is yaml.AliasEvent:
                if event.anchor not in anchors:
                    raise stop(
                        event.start_mark,
                        f"'*{event.anchor}' names no anchor",
                        f'a text that starts with * needs quotes: "*{event.anchor}"',
                    )
                target = anchors[event.anchor]
                if target is None:
                    raise stop(
                        event.start_mark,
                        f"'*{event.anchor}' stands inside what it names",
                        "a mapping cannot contain itself",
                    )
                add(target, None)
            elif kind is yaml.DocumentStartEvent:
                documents += 1
                if documents > 1:
                    problems.append(
                        Problem(
                            name,
                            event.start_mark.line + 1,
                            event.start_mark.column + 1,
                            "a second document starts here",
                            "one file holds one strategy: make it a file of its own",
                        )
                    )
                    break
    except yaml.MarkedYAMLError as error:
        line, column, message, cure = explain(error, lines)
        problems.append(Problem(name, line, column, message, cure))
        raise Unreadable from None
    except (yaml.YAMLError, RecursionError) as error:  # the reader's own, without a mark
        problems.append(
            Problem(name, 1, 1, "the file cannot be read as YAML", str(error).splitlines()[0][:80])
        )
        raise Unreadable from None
    return root


def _place(event: Any, style: str) -> Place:
    start, end = event.start_mark, event.end_mark
    return Place(start.line + 1, start.column + 1, style, end.line + 1, end.column + 1)
