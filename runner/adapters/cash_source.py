"""Who says the account's cash: a file, or a program's output. Both hold the same text, as JSON or as CSV.

    {"as_of": "2026-11-20T07:30:00-05:00", "cash": {"USD": 100250.75, "EUR": 5000}}

    as_of,currency,cash
    2026-11-20T07:30:00-05:00,USD,100250.75

`cash` is all of it, settled or not; `settled` in its place is the settled part.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from pathlib import Path
from typing import Any, NamedTuple

from runner.adapters import child
from runner.adapters.bar_lines import instant_of
from runner.market.money import MICROS

COMMAND = "RUNNER_CASH_COMMAND"
TIMEOUT = 30.0  # seconds
MOST = 65_536  # bytes
MOST_DOLLARS = 1_000_000_000_000
_CODE = re.compile("[A-Z]{3}")


class SourceFault(Exception):  # noqa: N818
    """The cash could not be read; the text says why, and quotes no more than names and numbers."""


class Said(NamedTuple):
    """Cash as of an instant (ns UTC): millionths by currency. `settled`: the settled part only."""

    as_of: int
    amounts: dict[str, int]
    settled: bool


def from_file(path: Path) -> Said:
    """What a file says. Raises `SourceFault`."""
    try:
        with path.open("rb") as file:
            content = file.read(MOST + 1)
    except OSError as fault:
        raise SourceFault(f"{path.name} cannot be read: {fault.strerror}") from fault
    if len(content) > MOST:
        raise SourceFault(f"{path.name} has more than {MOST:,} bytes")
    try:
        return read(content)
    except SourceFault as fault:
        raise SourceFault(f"{path.name}: {fault}") from None


def from_command(environment: Mapping[str, str], timeout: float = TIMEOUT) -> Said:
    """What the program says that the environment names. Raises `SourceFault`."""
    command = environment.get(COMMAND, "").strip()
    if not command:
        raise SourceFault(f"{COMMAND} is not in the environment")
    try:
        return read(child.run(command, environment, timeout))
    except child.ChildFault as fault:
        raise SourceFault(f"{COMMAND}: {fault}") from fault
    except SourceFault as fault:
        raise SourceFault(f"the output of {COMMAND}: {fault}") from None


def read(content: bytes) -> Said:
    """The text of a file or a program. Raises `SourceFault`."""
    try:
        text = content.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        raise SourceFault("no UTF-8 text") from None
    if not text:
        raise SourceFault("nothing is in it")
    return _json(text) if text.startswith("{") else _csv(text)


def _json(text: str) -> Said:
    try:
        found = json.loads(text, parse_float=Decimal, object_pairs_hook=_once)
    except (ValueError, RecursionError) as fault:
        raise SourceFault(f"no JSON: {fault}") from None
    kind = _kind(set(found) - {"as_of"})
    if set(found) != {"as_of", kind}:
        raise SourceFault("write the keys as_of and cash (or settled), and no other")
    if not isinstance(found[kind], dict) or not found[kind]:
        raise SourceFault(f'{kind} is no mapping of currencies such as {{"USD": 100000}}')
    amounts = {_code(name): _micros(value, name) for name, value in found[kind].items()}
    return Said(_instant(found["as_of"]), amounts, kind == "settled")


def _csv(text: str) -> Said:
    rows = list(csv.reader(io.StringIO(text)))
    head = [cell.strip() for cell in rows[0]]
    kind = _kind(set(head) - {"as_of", "currency"})
    if sorted(head) != sorted(("as_of", "currency", kind)) or len(rows) < 2:
        raise SourceFault("its first line is to be as_of,currency,cash, with a line for each currency below")
    times = set()
    amounts: dict[str, int] = {}
    for number, cells in enumerate(rows[1:], 2):
        if len(cells) != len(head):
            raise SourceFault(f"line {number} has {len(cells)} fields, not {len(head)}")
        row = dict(zip(head, (cell.strip() for cell in cells), strict=True))
        code = _code(row["currency"])
        if code in amounts:
            raise SourceFault(f"{code} stands in it twice")
        amounts[code] = _micros(row[kind], code)
        times.add(_instant(row["as_of"]))
    return Said(min(times), amounts, kind == "settled")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands in it twice")
    return found


def _kind(names: set[str]) -> str:
    return "settled" if names == {"settled"} else "cash"


def _code(written: Any) -> str:
    if not isinstance(written, str) or not _CODE.fullmatch(written):
        raise SourceFault("a currency is written as three capital letters, such as USD")
    return written


def _micros(written: Any, name: str) -> int:
    """An amount in millionths, half to even."""
    try:
        if isinstance(written, bool | type(None)):
            raise InvalidOperation
        value = Decimal(written)
        if not math.isfinite(value) or abs(value) > MOST_DOLLARS:
            raise InvalidOperation
    except (InvalidOperation, TypeError, ValueError):
        raise SourceFault(f"the amount of {name} is no number") from None
    return int((value * MICROS).quantize(Decimal(1), ROUND_HALF_EVEN))


def _instant(written: Any) -> int:
    try:
        if not isinstance(written, str | int) or isinstance(written, bool):
            raise ValueError("as_of is no time: write 2026-11-20T07:30:00-05:00")
        return instant_of(written)
    except (ValueError, OverflowError) as fault:
        raise SourceFault(str(fault)) from None
