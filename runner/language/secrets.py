"""Credentials cannot be written in a strategy: strategies are shared, committed and journaled."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from runner.language.problems import KEY, Fault, Path

_SECRET = re.compile(
    r"(^|_)(password|passwd|passphrase|pwd|secret|token|api_?key|access_?key|private_?key|credentials?|user_?name|user|client_?id)($|_)"
)
_CURE = "delete it: credentials come from the environment, a prompt or the system keyring"


def is_secret(key: str) -> bool:
    """Whether a key's name says that its value is a credential."""
    return _SECRET.search(key.casefold().replace("-", "_")) is not None


def secret_fault(path: Path, key: str) -> Fault:
    """The fault at a key; its value is never shown."""
    return Fault(path, f"'{key[:40]}' is a credential, and a strategy cannot hold one", _CURE)


def secrets(data: dict[str, Any]) -> list[Fault]:
    """Credentials in the parts of a document that the schema leaves free: `meta`, `x-...`."""
    return [
        fault
        for key, value in data.items()
        if key == "meta" or key.startswith("x-")
        for fault in _inside(value, (key,))
    ]


def _inside(value: Any, path: Path) -> Iterator[Fault]:
    if isinstance(value, dict):
        for key, child in value.items():
            if is_secret(key):
                yield secret_fault((*path, key, KEY), key)
            else:
                yield from _inside(child, (*path, key))
    elif isinstance(value, list):
        for i, child in enumerate(value):
            yield from _inside(child, (*path, i))
