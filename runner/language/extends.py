"""`extends`: one document laid over another. Mappings merge; whatever else the upper one writes replaces the lower.

A mapping that holds one variant (`margin_model`, `data.source`, an indicator) is replaced when its key differs: two
variants would be a mistake that nobody made. `version` and `name` are each document's own. A path that a base
writes is relative to the base, so it is written anew from the folder of the document above it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, NamedTuple

from runner.language.problems import KEY, Path, Problem, quoted
from runner.language.schema import node_at
from runner.language.source import Source, load, spot_of

DEEPEST = 10  # bases of bases
OWN = ("version", "name", "extends")  # of each document, never inherited


class Missing(NamedTuple):
    """Why a base has no content, and what to do about it."""

    message: str
    cure: str


Read = Callable[[str], bytes | Missing]


def extended(source: Source, read: Read) -> Source:
    """The document over its bases; unchanged when it extends none. What is wrong comes back as problems.

    `read`: content of a file by its path, as seen from where the first document was named.
    """
    chain = [source]
    problems = list(source.problems)
    lacking: set[Path] = set()  # not all of the document is there: what it lacks is no news
    while isinstance(chain[-1].data, dict) and chain[-1].data.get("extends") is not None:
        here = chain[-1]
        base = _lower(here, chain, read)
        if isinstance(base, Problem):
            problems.append(base)
            lacking.add(("extends",))
        if not isinstance(base, Source):
            break
        problems += base.problems
        if not isinstance(base.data, dict):
            if base.data is not None:
                message = f"{here.name} extends this file, and it has no keys and values"
                problems.append(Problem(base.name, 1, 1, message, "a base has the keys of a strategy"))
            lacking.add(("extends",))
            chain.append(base)
            break
        if len({str(one.data["version"]) for one in (source, base) if "version" in one.data}) > 1:
            cure = "write both in the same version of the language"
            message = f"{here.name} extends this file and has another version"
            problems.append(Problem(*spot_of(base, ("version",)), message, cure))
        chain.append(base)
    whole = [one for one in chain if isinstance(one.data, dict)] or chain
    merged = whole[-1]
    for upper in reversed(whole[:-1]):
        merged = _laid_over(upper, merged)
    return merged._replace(
        problems=tuple(problems), bases=tuple(chain[1:]), reported=merged.reported | lacking
    )


def _lower(here: Source, chain: list[Source], read: Read) -> Source | Problem | None:
    """The document that `here` extends; None when the schema pass says what is wrong with the key."""
    named = here.data["extends"]
    spot = spot_of(here, ("extends",))
    if not isinstance(named, str) or not named.strip():
        if here is chain[0]:
            return None
        return Problem(*spot, "'extends' is no path of a file", "write extends: base.yaml")
    if os.path.isabs(named) or "://" in named or named.startswith("~"):
        message = f"a base is named by its path from this file, not by {quoted(named)}"
        return Problem(*spot, message, "write a relative path, such as ../base.yaml")
    path = os.path.normpath(os.path.join(os.path.dirname(here.name), named))
    names = [one.name for one in chain]
    known = [os.path.realpath(name) for name in names]
    if os.path.realpath(path) in known:
        if len(chain) == 1:
            return Problem(*spot, "the file extends itself", "delete 'extends'")
        circle = " -> ".join([*names[known.index(os.path.realpath(path)) :], path])
        return Problem(*spot, f"the files extend each other in a circle: {circle}", "delete one 'extends'")
    if len(chain) > DEEPEST:
        return Problem(*spot, f"more than {DEEPEST} bases of bases", "put them into fewer files")
    content = read(path)
    if isinstance(content, Missing):
        return Problem(*spot, content.message, content.cure)
    return load(content, path)


def _laid_over(upper: Source, lower: Source) -> Source:
    """`upper` over `lower`, with the place of everything and the document in which it is written."""
    join = _Join(upper, lower)
    data = join.merged({k: v for k, v in lower.data.items() if k not in OWN}, upper.data, ())
    return upper._replace(
        data=data, places=join.places, inherited=join.inherited, reported=frozenset(join.reported)
    )


class _Join:
    """One document laid over another; places, owners and reported paths are collected on the way."""

    def __init__(self, upper: Source, lower: Source) -> None:
        self.lower = lower
        self.places = dict(upper.places)
        self.inherited: dict[Path, Source] = {}
        self.reported = set(upper.reported)
        self.folder = os.path.relpath(os.path.dirname(lower.name) or ".", os.path.dirname(upper.name) or ".")

    def merged(self, under: dict[str, Any], over: dict[str, Any], path: Path) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for key, value in under.items():
            at = (*path, key)
            if key not in over:
                self.inherit((*at, KEY))
                out[key] = self.taken(value, at)
            elif (
                isinstance(value, dict) and isinstance(over[key], dict) and not _another(at, value, over[key])
            ):
                out[key] = self.merged(value, over[key], at)
            else:
                out[key] = over[key]
        return {**out, **{key: value for key, value in over.items() if key not in out}}

    def taken(self, value: Any, path: Path) -> Any:
        """A value of the lower document as it stands in the whole."""
        self.inherit(path)
        if isinstance(value, dict):
            for key in value:
                self.inherit((*path, key, KEY))
            return {key: self.taken(child, (*path, key)) for key, child in value.items()}
        if isinstance(value, list):
            return [self.taken(child, (*path, i)) for i, child in enumerate(value)]
        if isinstance(value, str) and self.folder != "." and node_at(path).get("format") == "path":
            return value if os.path.isabs(value) else os.path.normpath(os.path.join(self.folder, value))
        return value

    def inherit(self, path: Path) -> None:
        place = self.lower.places.get(path)
        if place is not None:
            self.places[path] = place
            self.inherited[path] = self.lower.inherited.get(path, self.lower)
        if path in self.lower.reported:
            self.reported.add(path)


def _another(path: Path, under: dict[str, Any], over: dict[str, Any]) -> bool:
    """Whether the mapping holds one variant, and the upper document writes another."""
    return node_at(path).get("maxProperties") == 1 and set(under) != set(over)
