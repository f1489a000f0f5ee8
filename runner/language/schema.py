"""The schema as the runner uses it: read once, its references written out, its validator built once.

A key's own title, description, default and examples stand beside its reference; draft-07 lets a validator
ignore them, so writing the reference out here loses nothing and lets a message quote the nearest text.
`check_schema` is a test's business, not a run's.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path as File
from typing import Any

from runner.language.problems import Path

NAME = "strategy.schema.json"


def schema_file() -> File:
    """Where the schema is: inside the installed package, or beside it in the repository."""
    package = File(__file__).parents[1]
    installed = package / "schemas" / NAME
    return installed if installed.exists() else package.parent / "schemas" / NAME


@cache
def schema() -> dict[str, Any]:
    """The schema without references."""
    raw = json.loads(schema_file().read_text(encoding="utf-8"))
    definitions = raw.pop("definitions")
    done: dict[str, Any] = {}

    def written_out(node: Any) -> Any:
        if isinstance(node, list):
            return [written_out(item) for item in node]
        if not isinstance(node, dict):
            return node
        reference = node.get("$ref")
        if not isinstance(reference, str):
            return {key: written_out(value) for key, value in node.items()}
        name = reference.removeprefix("#/definitions/")
        if name not in done:
            done[name] = written_out(definitions[name])
        beside = {key: value for key, value in node.items() if key != "$ref"}
        return {**done[name], **beside} if beside else done[name]

    out: dict[str, Any] = written_out(raw)
    return out


@cache
def _validator() -> Any:
    from jsonschema import Draft7Validator

    return Draft7Validator(schema())


def errors(data: Any) -> Iterator[Any]:
    """jsonschema's errors of a document."""
    return iter(_validator().iter_errors(data))


def node_at(path: Path) -> dict[str, Any]:
    """The schema of the value at a path; empty where anything may stand."""
    node = schema()
    for element in path:
        if isinstance(element, int):
            child = node.get("items")
        else:
            child = node.get("properties", {}).get(element, node.get("additionalProperties"))
        if not isinstance(child, dict):
            return {}
        node = child
    return node
