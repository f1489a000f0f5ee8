"""Minute bars of Alpaca's stream, through its own client.

The client connects, logs on, subscribes, and connects anew with a growing pause; it runs in a thread of its own. A bar
of Alpaca's is named by its start and comes right after its end. It has no quotes.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from runner.adapters.bar_lines import Unread
from runner.adapters.coverage import DataFault
from runner.adapters.feed_settings import AlpacaFeed
from runner.engine.ports import LiveBar
from runner.market.bar import MINUTE, SECOND

KEYS = ("APCA_API_KEY_ID", "APCA_API_SECRET_KEY")
CLIENT = "alpaca.data.live.websocket"  # the name under which the client logs


class AlpacaSource:
    """Subscribes to the minute bars of `symbols`, whose lengths in ns are `steps`."""

    name = "alpaca"

    def __init__(
        self, settings: AlpacaFeed, steps: Mapping[str, int], environment: Mapping[str, str]
    ) -> None:
        keys = [environment.get(name, "").strip() for name in KEYS]
        lacking = [name for name, key in zip(KEYS, keys, strict=True) if not key]
        if lacking:
            raise DataFault(f"data.live.alpaca: put {' and '.join(lacking)} into the environment")
        finer = sorted(symbol for symbol, step in steps.items() if step < MINUTE)
        if finer:
            raise DataFault(f"data.live.alpaca: its bars are minutes; {finer[0]} asks for shorter ones")
        try:
            from alpaca.data.enums import DataFeed
            from alpaca.data.live.stock import StockDataStream
        except ImportError:
            raise DataFault(
                "data.live.alpaca: its client is not installed: pip install 'strategy-runner[alpaca]'"
            ) from None
        self._heard: queue.SimpleQueue[LiveBar | Unread] = queue.SimpleQueue()
        self._log = _ClientLog(self._heard, keys)
        self._logger = logging.getLogger(CLIENT)
        self._stream: Any = StockDataStream(
            keys[0],
            keys[1],
            raw_data=True,
            feed=DataFeed(settings.feed),
            url_override=settings.url,
            data_timeout=settings.quiet_after,
        )
        self._logger.addHandler(self._log)
        self._logger.setLevel(logging.INFO)
        self._logger.propagate = False  # what it says is said by the feed, without a traceback
        self._stream.subscribe_bars(self._take, *steps)
        self._thread = threading.Thread(target=self._run, name="alpaca", daemon=True)
        self._thread.start()

    def poll(self, instant: int) -> Iterator[LiveBar | Unread]:
        """See live_feed.Source."""
        while True:
            try:
                yield self._heard.get_nowait()
            except queue.Empty:
                return

    def close(self) -> None:
        """Stop the client and wait for the end of its thread."""
        while self._thread.is_alive() and self._stream._loop is None:
            self._thread.join(0.01)  # it is just beginning
        loop = self._stream._loop
        if self._thread.is_alive() and loop is not None:
            ending = self._end()
            try:
                asyncio.run_coroutine_threadsafe(ending, loop)
            except RuntimeError:  # it has ended meanwhile
                ending.close()
            self._thread.join(6.0)
        self._logger.removeHandler(self._log)

    async def _end(self) -> None:
        """In the client's thread: tell it to stop, and close the connection on which it would listen for 5 s."""
        await self._stream.stop_ws()
        await self._stream.close()

    def _run(self) -> None:
        self._stream.run()
        self._heard.put(Unread("connection", "the client has stopped"))

    async def _take(self, message: Any) -> None:
        self._heard.put(bar_of(message))


def bar_of(message: Mapping[str, Any]) -> LiveBar | Unread:
    """A bar message: S symbol, t start, o h l c prices, v shares."""
    try:
        start = message["t"].seconds * SECOND + message["t"].nanoseconds
        opened, high, low, close, volume = (float(message[key]) for key in "ohlcv")
        return LiveBar(str(message["S"]), start, start + MINUTE, opened, high, low, close, volume, split=0.0)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return Unread("malformed", f"a bar message without a good {error}")


class _ClientLog(logging.Handler):
    """What the client writes to its log, for the operator and without the keys."""

    def __init__(self, heard: queue.SimpleQueue[LiveBar | Unread], keys: Sequence[str]) -> None:
        super().__init__(logging.INFO)
        self._heard, self._secrets = heard, keys

    def emit(self, record: logging.LogRecord) -> None:
        """Take one line."""
        text = record.getMessage()
        if record.levelno < logging.WARNING and not text.startswith("connected"):
            return
        for secret in self._secrets:
            text = text.replace(secret, "***")
        self._heard.put(Unread("connection", text))
