"""Bars as lines over a ZeroMQ socket."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator

import zmq

from runner.adapters.bar_lines import Lines, Unread
from runner.adapters.coverage import DataFault
from runner.adapters.feed_settings import ZeromqFeed
from runner.engine.ports import LiveBar

LOOK = 50  # milliseconds between looks at whether to stop


class ZeromqSource:
    """Receives on a SUB or PULL socket. The last frame of a message is text: one line, or several."""

    name = "zeromq"

    def __init__(self, settings: ZeromqFeed) -> None:
        self._lines = Lines()
        kind = zmq.SUB if settings.socket == "sub" else zmq.PULL
        self._socket: zmq.Socket[bytes] = zmq.Context.instance().socket(kind)
        self._socket.setsockopt(zmq.LINGER, 0)
        self._socket.setsockopt(zmq.RCVHWM, 0)  # nothing is dropped while the run is busy
        self._socket.setsockopt(zmq.TCP_KEEPALIVE, 1)
        if settings.socket == "sub":
            self._socket.setsockopt_string(zmq.SUBSCRIBE, settings.topic)
        try:
            if settings.bind:
                self._socket.bind(settings.address)
            else:
                self._socket.connect(settings.address)
        except zmq.ZMQError as error:
            self._socket.close()
            raise DataFault(f"data.live.zeromq.address: {settings.address}: {error.strerror}") from None

        self._heard: queue.SimpleQueue[LiveBar | Unread] = queue.SimpleQueue()
        self._stopped = threading.Event()
        # A socket that nobody reads does not subscribe anew when its publisher comes back.
        self._thread = threading.Thread(target=self._listen, name="bars", daemon=True)
        self._thread.start()

    def poll(self, instant: int) -> Iterator[LiveBar | Unread]:
        """See live_feed.Source."""
        while True:
            try:
                yield self._heard.get_nowait()
            except queue.Empty:
                return

    def _listen(self) -> None:
        """The thread to which the socket belongs."""
        while not self._stopped.is_set():
            if self._socket.poll(LOOK):
                for line in self._socket.recv_multipart()[-1].splitlines():
                    heard = self._lines.read(line)
                    if heard is not None:
                        self._heard.put(heard)
        self._socket.close()

    def close(self) -> None:
        """Close the socket."""
        self._stopped.set()
        self._thread.join()
