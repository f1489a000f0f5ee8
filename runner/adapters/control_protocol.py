"""The words of the control socket: one JSON object a line each way, and the file that says where a run listens.

docs/live.md, "Control socket", is the contract. Version 1.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

import msgspec

from runner.adapters.coverage import DataFault

VERSION = 1
MOST = 65_536  # bytes of a request or an answer's request part; answers may be longer
FILE = "control.json"

# Why a request is turned down.
MALFORMED, TOO_LONG, WRONG_VERSION, WRONG_TOKEN = "malformed", "too_long", "wrong_version", "wrong_token"
UNKNOWN_REQUEST, BAD_FIELD, BUSY, ENDED = "unknown_request", "bad_field", "busy", "ended"


class Refused(Exception):  # noqa: N818
    """A request that is turned down: `error` is one of the words above, the text says what is wrong."""

    def __init__(self, error: str, message: str) -> None:
        super().__init__(message)
        self.error = error


class Address(msgspec.Struct, frozen=True):
    """What control.json holds. `address`: `tcp://127.0.0.1:PORT`. `token`: every request names it."""

    version: int
    address: str
    token: str
    pid: int
    strategy: str
    mode: str

    def __repr__(self) -> str:
        return f"Address({self.address}, process {self.pid})"

    def port(self) -> int:
        """The port of the address."""
        return int(self.address.rpartition(":")[2])


def new_token() -> str:
    """Nobody guesses it."""
    return secrets.token_urlsafe(32)


def write(folder: Path, address: Address) -> None:
    """Write control.json for its owner's eyes only, at once or not at all. Raises `DataFault`."""
    path = folder / FILE
    beside = folder / f".{FILE}.{address.pid}"
    try:
        beside.unlink(missing_ok=True)
        number = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(number, "wb") as file:
            file.write(msgspec.json.encode(address) + b"\n")
        beside.replace(path)
    except OSError as fault:
        raise DataFault(f"{path} cannot be written: {fault.strerror}") from fault


def read(folder: Path) -> Address | None:
    """What control.json says; None when there is none. Raises `DataFault` when it cannot be read."""
    path = folder / FILE
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Address)
        if found.version != VERSION:
            raise DataFault(f"{path} has version {found.version}, this runner speaks version {VERSION}")
        found.port()
    except FileNotFoundError:
        return None
    except OSError as fault:
        raise DataFault(f"{path} cannot be read: {fault.strerror}") from fault
    except (msgspec.DecodeError, ValueError) as fault:
        raise DataFault(f"{path} is no file of a control socket") from fault
    return found


def remove(folder: Path, token: str) -> None:
    """Take control.json away if it is still ours."""
    try:
        found = read(folder)
        if found is not None and found.token == token:
            (folder / FILE).unlink(missing_ok=True)
    except (DataFault, OSError):
        return  # it is not ours, or it is gone


def encode(message: dict[str, Any]) -> bytes:
    """A line."""
    return msgspec.json.encode(message) + b"\n"


def decode(line: bytes) -> dict[str, Any]:
    """A line's object. Raises `Refused`."""
    try:
        found = msgspec.json.decode(line)
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise Refused(MALFORMED, "a request is one JSON object on one line") from None
    if not isinstance(found, dict):
        raise Refused(MALFORMED, "a request is one JSON object on one line")
    return found
