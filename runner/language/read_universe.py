"""The universe: symbols that always belong, and selections that change."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from runner.language.problems import KEY, Path, quoted
from runner.language.read_moments import read_moments
from runner.language.reading import Reading
from runner.language.spec import Days, Moment, Rule, Selection, Text, Universe

KINDS = ("file", "constituents", "dynamic")
MOST = 100_000  # members that one selection may keep
_SYMBOL = re.compile(r"[A-Z][A-Z0-9]*(?:[./-][A-Z0-9]+)*")
_DOTTED = re.compile(r'"([^"]+)"\.[a-z]|(?<![\w.$"])([A-Z][A-Z0-9]*)\.[a-z]')


def read_universe(data: dict[str, Any], start: int | None, out: Reading) -> Universe:
    """What `universe` says. `start`: first day of the run, if the document says it."""
    block = data.get("universe") or {}
    listed = tuple(symbol for symbol in block.get("symbols") or [] if symbol is not None)
    found = [key for key in (*KINDS, "any") if block.get(key) is not None]
    path: Path = ("universe",)
    if not found and "symbols" not in block and data.get("universe") is not None:
        out.lacking(path, "the universe has no symbols", "write universe: {symbols: [SPY, QQQ]}")
    for key in found[1:]:
        message = f"{quoted(found[0])} and {quoted(key)} stand beside each other in 'universe'"
        out.fault((*path, key, KEY), message, "write any: [{...}, {...}]")
    source = (data.get("data") or {}).get("source")
    lean = isinstance(source, dict) and "lean" in source
    places = [(block, path)]
    if found[:1] == ["any"]:
        items = enumerate(block["any"])
        places = [(item, (*path, "any", i)) for i, item in items if item is not None]
    selections = [
        selection for item, at in places if (selection := _selection(item, at, lean, data, out)) is not None
    ]
    since = out.date(block.get("since"), (*path, "since"))
    if since is not None and not found:
        out.fault((*path, "since", KEY), "'since' is of selections, and there is none", "delete it")
    if start is not None and since is not None and since >= start:
        out.fault((*path, "since"), "'since' is not before the start of the run", "write an earlier day")
    return Universe(listed, since, tuple(selections))


def _selection(
    block: dict[str, Any], path: Path, lean: bool, data: dict[str, Any], out: Reading
) -> Selection | None:
    kind = next((key for key in KINDS if block.get(key) is not None), None)
    if kind is None:
        return None
    at, value = (*path, kind), block[kind]
    if kind == "constituents" and not lean and ("data",) not in out.damaged:
        out.fault(
            at, "constituents are read from a LEAN folder", "write data: {source: {lean: FOLDER}}, or a file"
        )
    if kind != "dynamic":
        return Selection(kind, name=str(value), path=at)
    source = value.get("source") or "bars"
    if source == "coarse" and not lean and ("data",) not in out.damaged:
        out.fault(
            (*at, "source"),
            "coarse files are read from a LEAN folder",
            "write data: {source: {lean: FOLDER}}, or source: bars",
        )
    among = value.get("among")
    ranked, keep = value.get("rank_by"), value.get("keep")
    if keep is not None and ranked is None:
        out.lacking(
            at, "'keep' does not say which are kept", "write rank_by: dollar_volume, say", (*at, "keep", KEY)
        )
    if ranked is not None and keep is None:
        out.lacking(
            at,
            "'rank_by' does nothing without 'keep'",
            "write keep: 500, or delete it",
            (*at, "rank_by", KEY),
        )
    return Selection(
        kind,
        source=source,
        among=tuple(s for s in among if s is not None) if isinstance(among, list) else (),
        among_file=among if isinstance(among, str) else "",
        besides=tuple(s for s in value.get("except") or [] if s is not None),
        where=tuple(_texts(value.get("where"), (*at, "where"))),
        rank_by=out.expression(ranked, (*at, "rank_by")),
        keep=out.whole(keep, (*at, "keep"), 0, 1, MOST),
        refresh=_refresh(value.get("refresh"), (*at, "refresh"), out),
        path=at,
    )


def _texts(value: Any, path: Path) -> Iterator[Text]:
    if isinstance(value, str):
        yield Text(value, path)
    for i, item in enumerate(value if isinstance(value, list) else []):
        if item is not None:
            yield Text(item, (*path, i))


def _refresh(value: Any, path: Path, out: Reading) -> tuple[Moment, ...]:
    """Days alone mean their midnight."""
    if value is None or isinstance(value, str):
        return (Moment("time", 0, Days(value or "every_session"), path),)
    return read_moments(value, path, out)


def named(data: dict[str, Any]) -> tuple[str, ...]:
    """Symbols that a document mentions outside `universe`, in order of appearance: a run over a universe
    that changes has their bars too."""
    found: dict[str, None] = {}
    for key in ("indicators", "rules", "portfolio", "risk"):
        for symbol in _mentioned(data.get(key)):
            found[symbol] = None
    for symbol in (data.get("data") or {}).get("resolutions") or {}:
        found[symbol] = None
    for symbol in _mentioned((data.get("live") or {}).get("initial")):
        found[symbol] = None
    return tuple(symbol for symbol in found if _SYMBOL.fullmatch(symbol))


def _mentioned(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        for match in _DOTTED.finditer(value):
            yield match.group(1) or match.group(2)
    elif isinstance(value, list):
        for item in value:
            yield from _mentioned(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if isinstance(key, str) and _SYMBOL.fullmatch(key):
                yield key
            if key == "symbols" and isinstance(item, list):
                yield from (symbol for symbol in item if isinstance(symbol, str))
            elif key in ("symbol", "hold") and isinstance(item, str):
                yield item
            yield from _mentioned(item)


def check_scope(rule: Rule, changes: bool, out: Reading) -> None:
    """A rule of those that joined or left needs a universe that `changes`, and no order event."""
    if rule.scope not in ("joined", "left") or ("universe",) in out.damaged:
        return
    verb = "joins" if rule.scope == "joined" else "leaves"
    if not changes:
        out.fault(
            (*rule.path, "symbols"),
            f"no symbol ever {verb}: the universe is a list",
            "delete it, or write a universe that changes: file, constituents or dynamic",
        )
    elif rule.upon is not None:
        out.fault(
            (*rule.path, "symbols"),
            f"a rule upon an order's news is not asked of what {verb}",
            "delete it, or write when instead of upon",
        )
