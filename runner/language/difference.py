"""What two documents do differently, resolved: every setting with its value, rules by name. How they are written is no
difference, and neither are words about the strategy.

A live journal keeps the resolved document (`resolved`) that it runs; an edited file is held against it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from runner.language import origins
from runner.language.sentences import sentence
from runner.language.source import Source
from runner.language.spec import Spec

NOTHING = "nothing"
WORDS = frozenset(("version", "extends", "description", "meta", "parameters"))  # parameters are told by value
# Keys that a run obeys from its next start on: what was heard before does not depend on them.
AT_ONCE = ("data.live", "live.bar_wait", "live.cash_sync", "live.divergence", "live.fill_wait", "live.gateway",
           "live.on_mismatch", "live.on_stop", "live.restart", "live.stale_after")  # fmt: skip
_VIA = re.compile(r" \(\$[^)]*\)")  # the parameter from which a value comes
_SIGN = re.compile(r"\s*([^\w\s.$\"'])\s*")
_PARAMETER = re.compile(r"\$([A-Za-z_]\w*)")
_NO_MEANING = ("description", "origins", "parameters", "parameter_units", "live")


class Change(NamedTuple):
    """One thing that differs: its place as `run explain` shows it, and both values as text."""

    path: str
    old: str
    new: str

    def text(self) -> str:
        """`path: old → new`."""
        return f"{self.path}: {self.old} → {self.new}"

    @property
    def at_once(self) -> bool:
        """Whether a restart obeys it without further ado."""
        return any(self.path == key or self.path.startswith((f"{key}.", f"{key}[")) for key in AT_ONCE)


def resolved(source: Source, spec: Spec, sets: dict[str, float]) -> dict[str, Any]:
    """The document as plain values that outlive it: [key, value, whether it is written] of every setting, the same of
    each rule by name, and each rule in words."""
    settings = [
        [f"{row.group}.{row.key}".rstrip("."), row.value, row.line > 0]
        for row in origins.rows(source, spec, sets)
        if row.group not in WORDS and not row.group.startswith("x-")
    ]
    for name, value in spec.parameters.items():
        settings.append(
            [f"parameters.{name}", origins.quantity_text(value, spec.parameter_units[name]), True]
        )
    rules = {
        name: [[row.key, row.value, row.line > 0] for row in rows if row.key != "name"]
        for name, rows in origins.rule_rows(source, spec, sets).items()
    }
    words = {rule["name"]: sentence(rule) for rule in source.data.get("rules", [])}
    return {"settings": settings, "rules": rules, "words": words}


def difference(old: dict[str, Any], new: dict[str, Any]) -> list[Change]:
    """What the resolved document `new` does otherwise than `old`, in the order of the document."""
    found = _changed("", old["settings"], new["settings"])
    before, after = old["rules"], new["rules"]
    found += [Change(f"rules[{name}]", old["words"][name], NOTHING) for name in before if name not in after]
    for name, rows in after.items():
        if name in before:
            found += _changed(f"rules[{name}].", before[name], rows)
        else:
            found.append(Change(f"rules[{name}]", NOTHING, new["words"][name]))
    kept = [name for name in before if name in after], [name for name in after if name in before]
    if kept[0] != kept[1]:
        found.append(Change("order of the rules", ", ".join(kept[0]), ", ".join(kept[1])))
    return found


def meaning(spec: Spec) -> Any:
    """What a run makes of a document but for its block `live`, as plain values: equal for documents that only are
    written otherwise."""
    plain = msgspec.to_builtins(spec)
    for name in _NO_MEANING:
        del plain[name]
    plain["indicators"] = sorted(plain["indicators"], key=lambda one: str(one["name"]))
    del plain["data"]["live"]

    def named(found: re.Match[str]) -> str:
        name = found[1]
        known = name in spec.parameters
        return origins.quantity_text(spec.parameters[name], spec.parameter_units[name]) if known else found[0]

    return _without_places(plain, lambda text: _bare(_PARAMETER.sub(named, text)))


def _without_places(value: Any, bare: Callable[[str], str]) -> Any:
    """Without the places of the document; expressions as `bare` leaves them."""
    if isinstance(value, dict):
        if set(value) == {"text", "path"}:
            return bare(value["text"])
        return {
            key: _without_places(one, bare)
            for key, one in value.items()
            if key != "path" or isinstance(one, str)
        }
    if isinstance(value, list | tuple):
        return [_without_places(one, bare) for one in value]
    return value


def _changed(prefix: str, old: list[Any], new: list[Any]) -> list[Change]:
    """The rows that differ. A key that only one of the two has, and that nobody wrote, is one that another version of
    the runner does not know, or that goes with another key."""
    before = {key: (value, written) for key, value, written in old}
    after = {key: (value, written) for key, value, written in new}
    found = []
    for key in [*after, *(key for key in before if key not in after)]:
        was, wrote = before.get(key, (NOTHING, False))
        now, writes = after.get(key, (NOTHING, False))
        both = key in before and key in after
        if (both or wrote or writes) and _bare(was) != _bare(now):
            found.append(Change(prefix + key, was, now))
    return found


def _bare(text: str) -> str:
    """A text without what does not matter of an expression: spaces, and by which parameter it is named."""
    return _SIGN.sub(r"\1", " ".join(_VIA.sub("", text).split()))
