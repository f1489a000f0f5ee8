"""`short_selling`: who says what can be borrowed, and what follows from it."""

from __future__ import annotations

from typing import Any

from runner.language.problems import KEY, quoted
from runner.language.reading import Reading
from runner.language.spec import Lending

SETTINGS = ("if_unknown", "fees")


def lending_settings(block: dict[str, Any]) -> dict[str, Any]:
    """What the document sets of the account, by dotted name."""
    return {f"short_selling.{key}": block[key] for key in SETTINGS if block.get(key) is not None}


def read_lending(block: dict[str, Any], out: Reading) -> Lending:
    """The source of what can be borrowed; faults for what is asked of a source that is not there."""
    source = block.get("source") or {}
    for key in SETTINGS:
        if block.get(key) not in (None, False) and not source and ("short_selling",) not in out.damaged:
            out.fault(
                ("short_selling", key, KEY),
                f"{quoted(key)} asks a source of shares to borrow, and none is named",
                "name one: short_selling: {source: {csv: borrow.csv}}",
            )
    for kind, path in source.items():
        if path is not None:
            return Lending(kind, str(path))
    return Lending()
