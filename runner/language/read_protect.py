"""What protects an entry: distances from its price, and an age."""

from __future__ import annotations

from typing import Any

from runner.language.problems import Path
from runner.language.reading import Reading
from runner.language.spec import Protect


def read_protect(block: dict[str, Any] | None, path: Path, out: Reading) -> Protect | None:
    """The protection of an entry; None when it has none."""
    if not block:
        return None
    stop, target, trail = (
        out.expression(block.get(key), (*path, key)) for key in ("stop", "target", "trail")
    )
    return Protect(stop, target, trail, _bars(block.get("after"), (*path, "after"), out))


def _bars(value: Any, path: Path, out: Reading) -> int:
    """`10 bars`, `10` or `$name`; 0 when there is none."""
    if value is None:
        return 0
    if isinstance(value, str) and not value.startswith("$"):
        value = int(value.split()[0])
    return out.whole(value, path, 0)
