"""What names a run: hashes of the code, the schema and the document, and identities of securities."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path

from runner.adapters import cache
from runner.adapters.packages import installed
from runner.adapters.security_id import security_id
from runner.language.schema import schema_file
from runner.language.spec import Spec

PACKAGE = Path(__file__).resolve().parent.parent


def text_hash(text: str) -> str:
    """SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def file_hash(path: Path) -> str:
    """SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


@functools.cache
def code_hash() -> str:
    """SHA-256 over every source file of the package, by name."""
    total = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*.py")):
        total.update(path.relative_to(PACKAGE).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()


def kernel_folder() -> str:
    """Where the compiled kernel of this very code is kept; empty when there is no cache."""
    place = cache.folder()
    if place is None:
        return ""
    own = place / f"kernel-{code_hash()[:16]}"
    try:
        own.mkdir(parents=True, exist_ok=True)
    except OSError:
        return ""
    return str(own)


def schema_hash() -> str:
    """SHA-256 of the strategy schema."""
    return hashlib.sha256(schema_file().read_bytes()).hexdigest()


def calendar_version() -> str:
    """Version of the package that the sessions come from."""
    found = installed("pandas_market_calendars")
    return found[1] if found else ""


def security_ids(spec: Spec, folder: Path, symbols: list[str]) -> dict[str, str]:
    """The name of each of `symbols` in LEAN's figures: its identifier, or the symbol itself without LEAN's data.

    `folder`: the strategy's own, to which the path of its data is relative.
    """
    if spec.data.source != "lean":
        return {symbol: symbol for symbol in symbols}
    return {symbol: security_id(folder / spec.data.path, symbol) for symbol in symbols}
