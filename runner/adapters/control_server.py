"""The listening end of the control socket: TCP on 127.0.0.1, JSON lines, a token in every request.

It knows what a request looks like, not what it means: `requests` has a function for each. Nothing that is sent to it can end the
run, hold it up, or make it keep more than a few lines in memory.
"""

from __future__ import annotations

import contextlib
import hmac
import socket
import threading
from collections.abc import Callable, Mapping
from typing import Any

from runner.adapters.control_protocol import (
    BUSY,
    MALFORMED,
    MOST,
    TOO_LONG,
    UNKNOWN_REQUEST,
    VERSION,
    WRONG_TOKEN,
    WRONG_VERSION,
    Refused,
    decode,
    encode,
    new_token,
)

HOST = "127.0.0.1"
CONNECTIONS = 16
IDLE = 60.0  # s without a request
LOOK = 0.2  # s between two looks whether it is over
LAST = 3.0  # s for the answers that are on their way when it ends

LAST_WORDS = {
    MALFORMED,
    TOO_LONG,
    WRONG_TOKEN,
    WRONG_VERSION,
}  # nothing more is read from who gets one of these

Requests = Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]]


class ControlServer:
    """Listens from its making until `close`. `address` and `token` are what a client needs."""

    def __init__(self, requests: Requests) -> None:
        self.token = new_token()
        self._requests = requests
        self._over = threading.Event()
        self._places = threading.BoundedSemaphore(CONNECTIONS)
        self._open: dict[socket.socket, threading.Thread] = {}
        self._listener = socket.create_server((HOST, 0), backlog=CONNECTIONS)
        self._listener.settimeout(LOOK)
        self.address = f"tcp://{HOST}:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._accept, name="control", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Answer what is being worked on, and end."""
        self._over.set()
        self._thread.join()
        for thread in list(self._open.values()):
            thread.join(LAST)

    def _accept(self) -> None:
        with self._listener:
            while not self._over.is_set():
                try:
                    connection, _ = self._listener.accept()
                except TimeoutError:
                    continue
                except OSError:  # out of file handles: the next try is later
                    self._over.wait(LOOK)
                    continue
                connection.settimeout(LOOK)
                if not self._places.acquire(blocking=False):
                    with connection, contextlib.suppress(OSError):
                        connection.sendall(encode(refusal(Refused(BUSY, "too many connections at once"))))
                    continue
                thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
                self._open[connection] = thread
                thread.start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection, contextlib.suppress(OSError):
                lines = Lines(connection, self._over)
                while (answer := self._answer(lines)) is not None:
                    connection.settimeout(LAST)
                    connection.sendall(encode(answer))
                    connection.settimeout(LOOK)
                    if answer.get("error") in LAST_WORDS:
                        return leave(connection)
        finally:
            self._open.pop(connection, None)
            self._places.release()

    def _answer(self, lines: Lines) -> dict[str, Any] | None:
        """The answer to the next request; None when there is none."""
        try:
            line = lines.next()
            return None if line is None else {"version": VERSION, "ok": True, **self._obey(decode(line))}
        except Refused as refused:
            return refusal(refused)

    def _obey(self, request: dict[str, Any]) -> dict[str, Any]:
        token = request.pop("token", None)
        if not isinstance(token, str) or not hmac.compare_digest(
            token.encode("utf-8", "surrogatepass"), self.token.encode()
        ):
            raise Refused(WRONG_TOKEN, "the token is missing or another one: it stands in control.json")
        version = request.pop("version", None)
        if version != VERSION or isinstance(version, bool):
            raise Refused(WRONG_VERSION, f"this run speaks version {VERSION}")
        name = request.pop("request", None)
        if not isinstance(name, str) or name not in self._requests:
            known = ", ".join(sorted(self._requests))
            raise Refused(UNKNOWN_REQUEST, f"the requests are {known}")
        return self._requests[name](request)


class Lines:
    """What comes over a connection, line by line."""

    def __init__(self, connection: socket.socket, over: threading.Event) -> None:
        self._connection = connection
        self._over = over
        self._kept = b""

    def next(self) -> bytes | None:
        """The next line; None when the other end has gone, says nothing, or everything is over. Raises `Refused`."""
        quiet = 0.0
        if self._over.is_set():
            return None
        while b"\n" not in self._kept:
            if len(self._kept) > MOST:
                raise Refused(TOO_LONG, f"a request has at most {MOST} bytes")
            try:
                part = self._connection.recv(4096)
            except TimeoutError:
                quiet += LOOK
                if quiet >= IDLE or self._over.is_set():
                    return None
                continue
            if not part:
                return None
            self._kept += part
        line, _, self._kept = self._kept.partition(b"\n")
        return line


def leave(connection: socket.socket) -> None:
    """End a connection whose other end may still be talking, so that the answer is not lost: a little is read and thrown
    away."""
    connection.shutdown(socket.SHUT_WR)
    for _ in range(64):
        if not connection.recv(65_536):
            return


def refusal(refused: Refused) -> dict[str, Any]:
    """The answer to a request that is turned down."""
    return {"version": VERSION, "ok": False, "error": refused.error, "message": str(refused)}
