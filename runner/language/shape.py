"""The schema pass: what has the wrong shape, in words, and the document as its author probably meant it.

Every fault is repaired as well as can be (a key takes the name that it was close to, a bad value is dropped),
so that the semantic pass can go on and all problems of a file show at once.
"""

from __future__ import annotations

from typing import Any

from runner.language import schema
from runner.language.problems import KEY, Fault, Path, nearest, quoted
from runner.language.secrets import is_secret, secret_fault
from runner.language.wording import bad_value, example, where

ROUNDS = 4  # a repair may bring new faults to light, as when a misspelt key held a misspelt word
_WHOLE = ("minProperties", "maxProperties", "uniqueItems", "minItems")  # faults of a collection


class Shape:
    """`data`: the repaired document, None when it cannot be repaired. `wrong`: paths whose values were
    faulty. `damaged`: mappings that lost something, so that what they lack is no news. `renamed`: path of a
    repaired key -> the key as written. Values that were dropped are None."""

    def __init__(self, data: Any, reported: frozenset[Path] = frozenset()) -> None:
        self.data = data
        self.faults: list[Fault] = []
        self.wrong: set[Path] = set(reported)
        self.damaged: set[Path] = {path[:-1] for path in reported}
        self.renamed: dict[Path, str] = {}
        self._dropped: set[Path] = set(reported)
        self._seen: set[tuple[Path, str, str]] = set()
        for path in reported:
            _put(self.data, path, None)
        for _ in range(ROUNDS):
            if not self._round(reported):
                return
        self.data = None

    def _round(self, reported: frozenset[Path]) -> bool:
        """Report and repair what is new; False when nothing is."""
        fresh = [error for error in schema.errors(self.data) if self._fresh(error)]
        missing: dict[Path, list[tuple[str, Any]]] = {}
        for error in fresh:
            if error.validator == "required":
                path = tuple(error.absolute_path)
                for key in error.validator_value:
                    if key not in error.instance and all(key != k for k, _ in missing.setdefault(path, [])):
                        missing[path].append((key, error.schema))
        renames: list[tuple[Path, str, str | None]] = []
        for error in fresh:
            path = tuple(error.absolute_path)
            if error.validator == "additionalProperties":
                lacking = [key for key, _ in missing.get(path, [])]
                for key in _extra(error):
                    better = self._unknown(path, key, error, lacking)
                    renames.append((path, key, better))
                missing[path] = [pair for pair in missing.get(path, []) if pair[0] in lacking]
            elif _about_key(error):
                self.faults.append(_key_fault(path, error))
                renames.append((path, str(error.instance), None))
        for path, pairs in missing.items():
            if pairs:
                self.damaged.add(path)
            if not path and ("extends",) in reported:
                continue  # the base that should have it is not there
            self.faults += [_missing(self.data, path, key, node) for key, node in pairs]
        for error in fresh:
            if error.validator not in ("required", "additionalProperties") and not _about_key(error):
                self._value(tuple(error.absolute_path), error)
        # Deepest first, so that the paths of the others still lead where they did.
        for path, key, better in sorted(renames, key=lambda r: -len(r[0])):
            self._rename(path, key, better)
        return bool(fresh)

    def _fresh(self, error: Any) -> bool:
        path = tuple(error.absolute_path)
        if any(path[:n] in self._dropped for n in range(len(path) + 1)):
            return False
        # jsonschema makes one error of all of a mapping's unknown keys, one for each missing key and bad name
        several = error.validator in ("required", "additionalProperties") or _about_key(error)
        mark = (path, str(error.validator), str(error.message) if several else "")
        new = mark not in self._seen
        self._seen.add(mark)
        return new

    def _unknown(self, path: Path, key: str, error: Any, missing: list[str]) -> str | None:
        """Report an unknown key; returns the known key that it was meant to be, if any."""
        at = (*path, key, KEY)
        if is_secret(key):
            self.faults.append(secret_fault(at, key))
            return None
        known = [name for name in error.schema.get("properties", {}) if name not in error.instance]
        message = f"unknown key {quoted(key)}{where(path, self.data)}"
        better = error.schema.get("x-meant-keys", {}).get(key) or nearest(key, missing)
        elsewhere = error.schema.get("x-elsewhere", {}).get(key)
        if better is None and elsewhere:
            self.faults.append(Fault(at, message, elsewhere))
            return None
        better = better or nearest(key, known)
        if better in missing:
            missing.remove(better)
            message += f", and {quoted(better)} is missing"
        if better is not None:
            cure = f"did you mean {quoted(better)}?"
        else:
            cure = f"known keys: {', '.join(known)}" if known else "delete it: no other key can stand here"
        self.faults.append(Fault(at, message, cure))
        return better

    def _value(self, path: Path, error: Any) -> None:
        """Report a bad value and put a better one, or none, in its place."""
        bad = bad_value(error, path)
        self.faults.append(Fault((*path, *bad.deeper), bad.message, bad.cure))
        self.wrong.add(path)
        if error.validator in _WHOLE:
            self.damaged.add(path)
            return
        self._dropped.add(path)
        _put(self.data, path, bad.better)
        if bad.better is None:
            self.damaged.add(path[:-1])

    def _rename(self, path: Path, key: str, better: str | None) -> None:
        at: Any = self.data
        for element in path:
            at = _child(at, element) if isinstance(at, dict | list) else None
        if not isinstance(at, dict) or key not in at:
            return
        value = at.pop(key)
        if better is None or better in at:
            self.damaged.add(path)
            return
        at[better] = value
        self.renamed[(*path, better)] = key


def _extra(error: Any) -> list[str]:
    known, free = error.schema.get("properties", {}), "patternProperties" in error.schema
    return [key for key in error.instance if key not in known and not (free and key.startswith("x-"))]


def _about_key(error: Any) -> bool:
    return "propertyNames" in error.absolute_schema_path


def _key_fault(path: Path, error: Any) -> Fault:
    key = str(error.instance)
    at = (*path, key, KEY)
    if path[-1:] in (("target",), ("resolutions",), ("margin_models",), ("settlements",)):
        cure = (
            f"did you mean {quoted(key.upper())}?"
            if key.islower()
            else "write a symbol in capital letters, such as SPY"
        )
        return Fault(at, f"{quoted(key)} is not a symbol", cure)
    cure = "write small letters, digits and _, a letter first"
    return Fault(at, f"{quoted(key)} cannot be a name", cure)


def _missing(data: Any, path: Path, key: str, node: dict[str, Any]) -> Fault:
    child = node.get("properties", {}).get(key, {})
    at = (*path, KEY) if path and isinstance(path[-1], str) else path
    return Fault(at, f"{quoted(key)} is missing{where(path, data)}", f"write {key}: {example(child)}")


def _put(data: Any, path: Path, value: Any) -> None:
    at: Any = data
    for element in path[:-1]:
        if not isinstance(at, dict | list):
            return
        at = _child(at, element)
    if path and isinstance(at, dict | list):
        holder: Any = at
        holder[path[-1]] = value


def _child(holder: Any, element: str | int) -> Any:
    return holder[element]
