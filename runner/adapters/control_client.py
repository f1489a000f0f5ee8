"""Speaking to a run that is at work: which one, and one request after the other over its control socket."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

import msgspec

from runner.adapters import control_protocol as protocol
from runner.adapters.coverage import DataFault

CONNECT = 5.0  # s
PATIENCE = 10.0  # s beyond what the request itself may take
MOST_ANSWER = 64_000_000  # bytes


class NotRunning(DataFault):
    """Nobody is at work there."""


class Declined(DataFault):
    """The run has turned the request down; `error` is its word for why."""

    def __init__(self, error: str, message: str) -> None:
        super().__init__(message)
        self.error = error


def alive(pid: int) -> bool:
    """Whether a process of this number exists on this machine."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it is somebody else's
        return True
    return True


def at_work(root: Path) -> list[Path]:
    """The folders below `root` (runs/) whose run is at work, by their control files."""
    return at_work_among([path.parent for path in sorted(root.glob(f"*/*/{protocol.FILE}"))])


def at_work_among(folders: list[Path]) -> list[Path]:
    """Those of `folders` whose run is at work."""
    found = []
    for folder in folders:
        try:
            address = protocol.read(folder)
        except DataFault:
            continue
        if address is not None and alive(address.pid):
            found.append(folder)
    return found


def ask(folder: Path, request: str, fields: dict[str, Any], seconds: float = 0.0) -> dict[str, Any]:
    """Ask the run whose state folder is `folder`; its answer. `seconds`: how long the request may take.

    Raises `NotRunning`, `Declined`, and `DataFault` when no clear answer comes: the run may have obeyed then.
    """
    address = protocol.read(folder)
    if address is None:
        raise NotRunning(f"no run is at work in {folder}: it has no {protocol.FILE}")
    if not alive(address.pid):
        raise NotRunning(
            f"no run is at work in {folder}: process {address.pid}, which listened there, has ended without a word"
        )
    try:
        connection = socket.create_connection(("127.0.0.1", address.port()), CONNECT)
    except OSError:
        raise NotRunning(
            f"no run is at work in {folder}: nobody listens at {address.address} (process {address.pid} is another one)"
        ) from None
    message: dict[str, Any] = {
        "version": protocol.VERSION,
        "token": address.token,
        "request": request,
        **fields,
    }
    with connection:
        try:
            connection.settimeout(seconds + PATIENCE)
            connection.sendall(protocol.encode(message))
            answer = _line(connection)
        except TimeoutError:
            raise DataFault(f"the run in {folder} gives no answer") from None
        except OSError as fault:
            raise DataFault(f"the connection to the run in {folder} broke: {fault.strerror}") from fault
    if not answer:
        raise DataFault(f"the run in {folder} ended before it answered: its journal says what it obeyed")
    try:
        found = msgspec.json.decode(answer)
        good = bool(found["ok"])
        if not good:
            raise Declined(str(found["error"]), str(found["message"]))
    except (msgspec.DecodeError, ValueError, TypeError, KeyError):
        raise NotRunning(
            f"no run is at work in {folder}: something else listens at {address.address}"
        ) from None
    return dict(found)


def _line(connection: socket.socket) -> bytes:
    parts = []
    size = 0
    while size < MOST_ANSWER and (part := connection.recv(65_536)):
        parts.append(part)
        size += len(part)
        if part.endswith(b"\n"):
            break
    return b"".join(parts)
