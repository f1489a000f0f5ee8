"""The two ports of the gateway: one REQ socket for each request, one SUB socket for the stream (section 2).

A ZeroMQ socket belongs to one thread: `Line` to the one that asks, `Stream` to the one that reads.
"""

from __future__ import annotations

from collections.abc import Callable

import zmq
from zmq.utils.monitor import recv_monitor_message

POLL = 50  # milliseconds between looks at whether to stop


class NotSent(Exception):  # noqa: N818
    """The request never left: there was nobody to take it."""


class Line:
    """Requests and their answers, one socket for each: one that never got its answer could not send again."""

    def __init__(
        self, context: zmq.Context[zmq.Socket[bytes]], address: str, elapsed: Callable[[], int]
    ) -> None:
        self._context, self._address, self._elapsed = context, address, elapsed
        self._late: dict[str, tuple[zmq.Socket[bytes], int]] = {}

    def ask(
        self, name: str, frame: bytes, timeout: float, late: float, hurry: Callable[[], bool]
    ) -> bytes | None:
        """Send and wait; None when no answer came in time, which then may still come to `answers`.

        Raises `NotSent` when there is no connection. `hurry` cuts the waiting short.
        """
        socket = self._context.socket(zmq.REQ)
        socket.setsockopt(zmq.LINGER, 0)
        socket.setsockopt(zmq.IMMEDIATE, 1)  # nothing is queued for a gateway that is not there
        keep = False
        try:
            socket.connect(self._address)
            if not self._ready(socket, zmq.POLLOUT, timeout, hurry):
                raise NotSent("no connection to the gateway")
            try:
                socket.send(frame, zmq.NOBLOCK)
            except zmq.Again:
                raise NotSent("no connection to the gateway") from None
            if self._ready(socket, zmq.POLLIN, timeout, hurry):
                return socket.recv()
            keep = late > 0
            if keep:
                self._late[name] = (socket, self._elapsed() + int(late * 1e9))
            return None
        finally:
            if not keep:
                socket.close()

    def _ready(
        self, socket: zmq.Socket[bytes], event: int, timeout: float, hurry: Callable[[], bool]
    ) -> bool:
        until = self._elapsed() + int(timeout * 1e9)
        while True:
            left = max(until - self._elapsed(), 0) // 1_000_000
            if socket.poll(min(left, POLL), event):
                return True
            if left == 0 or hurry():
                return False

    def answers(self) -> list[tuple[str, bytes]]:
        """Answers that came after all, with the names of their requests."""
        found = []
        for name, (socket, until) in list(self._late.items()):
            if socket.poll(0):
                found.append((name, socket.recv()))
            elif self._elapsed() < until:
                continue
            socket.close()
            del self._late[name]
        return found

    @property
    def waiting(self) -> bool:
        """Whether an answer may still come."""
        return bool(self._late)

    def close(self) -> None:
        """Close what is open."""
        for socket, _ in self._late.values():
            socket.close()
        self._late.clear()


class Stream:
    """The subscription to everything that is published."""

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]], address: str) -> None:
        self._socket = context.socket(zmq.SUB)
        self._socket.setsockopt(zmq.LINGER, 0)
        self._socket.setsockopt(zmq.RCVHWM, 0)  # nothing is dropped while the reader is busy
        self._socket.setsockopt(zmq.TCP_KEEPALIVE, 1)
        self._socket.setsockopt(zmq.RECONNECT_IVL, 100)
        self._socket.setsockopt(zmq.RECONNECT_IVL_MAX, 2000)
        self._watch = self._socket.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED)
        self._socket.setsockopt(zmq.SUBSCRIBE, b"")
        self._socket.connect(address)
        self.connected = False

    def read(self, most: int = 500) -> list[bytes]:
        """What has come; waits a moment when nothing has."""
        if not self.connected and self._watch.poll(0):
            recv_monitor_message(self._watch)
            self.connected = True
        frames: list[bytes] = []
        if not self._socket.poll(POLL if self.connected else POLL // 5):
            return frames
        while len(frames) < most:
            try:
                parts = self._socket.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                break
            frames.append(b"".join(parts))
        return frames

    def close(self) -> None:
        """Close the subscription."""
        self._socket.disable_monitor()
        self._watch.close()
        self._socket.close()
