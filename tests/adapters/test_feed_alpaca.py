"""Alpaca's feed through its own client, against a server on this machine that speaks the stream's protocol.

Protocol (docs.alpaca.markets, "Real-time Stock Pricing Data"): the server greets with `connected`, the client sends `auth` and hears
`authenticated` or an error (402, "auth failed"), then `subscribe`; bars come as lists of messages, msgpack on the wire.
"""

import asyncio
import logging
import threading

import pytest

pytest.importorskip("alpaca")
import msgpack
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

from runner.adapters.bar_lines import Unread
from runner.adapters.clocks import WallClock
from runner.adapters.coverage import DataFault
from runner.adapters.feed_alpaca import CLIENT, KEYS, AlpacaSource, bar_of
from runner.adapters.feed_settings import AlpacaFeed
from runner.market.bar import DAY, MINUTE, SECOND
from tests.adapters.test_live_feed import OPEN, Paced, feed_of
from tests.made import at

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # the client uses an older part of websockets
]
SECRETS = dict(zip(KEYS, ("planted-key", "planted-secret"), strict=True))
STEPS = {"SPY": MINUTE, "QQQ": MINUTE}
WALL = WallClock()
LATEST = 15


class Server:
    """One thread with a stream: says hello, checks keys, notes subscriptions, sends what it is told."""

    def __init__(self):
        self.heard, self.connections = [], 0
        self.sockets, self.port = set(), 0
        self.loop = asyncio.new_event_loop()
        self.ready = threading.Event()
        self.subscribed = threading.Event()
        self.thread = threading.Thread(target=self.loop.run_until_complete, args=(self.serve(),))
        self.thread.start()
        assert self.ready.wait(LATEST)

    async def serve(self):
        self.ended = asyncio.Event()
        async with serve(self.talk, "127.0.0.1", 0) as server:
            self.port = server.sockets[0].getsockname()[1]
            self.ready.set()
            await self.ended.wait()

    async def talk(self, socket):
        self.connections += 1
        try:
            await socket.send(msgpack.packb([{"T": "success", "msg": "connected"}]))
            auth = msgpack.unpackb(await socket.recv())
            self.heard.append(auth)
            if (auth["key"], auth["secret"]) != tuple(SECRETS.values()):
                await socket.send(msgpack.packb([{"T": "error", "code": 402, "msg": "auth failed"}]))
                return
            await socket.send(msgpack.packb([{"T": "success", "msg": "authenticated"}]))
            wanted = msgpack.unpackb(await socket.recv())
            self.heard.append(wanted)
            await socket.send(msgpack.packb([{"T": "subscription", "bars": wanted["bars"]}]))
            self.sockets.add(socket)
            self.subscribed.set()
            await socket.wait_closed()
        except ConnectionClosed:
            pass
        finally:
            self.sockets.discard(socket)

    def send(self, *messages):
        async def every():
            for socket in list(self.sockets):
                await socket.send(msgpack.packb(list(messages), datetime=False))

        asyncio.run_coroutine_threadsafe(every(), self.loop).result(LATEST)

    def drop(self):
        """Cut every connection, without a good-bye."""
        self.subscribed.clear()
        for socket in list(self.sockets):
            self.loop.call_soon_threadsafe(socket.transport.abort)

    def close(self):
        self.loop.call_soon_threadsafe(self.ended.set)
        self.thread.join(LATEST)
        self.loop.close()


@pytest.fixture
def server():
    one = Server()
    yield one
    one.close()


def source_of(server, keys=SECRETS):
    return AlpacaSource(AlpacaFeed(url=f"ws://127.0.0.1:{server.port}"), STEPS, keys)


def message(symbol, start, close=10.0, **more):
    time = msgpack.Timestamp.from_unix_nano(start)
    return {
        "T": "b",
        "S": symbol,
        "o": 10.0,
        "h": 12.0,
        "l": 9.0,
        "c": close,
        "v": 7,
        "n": 3,
        "vw": 10.0,
        "t": time,
    } | more


def heard(source, enough):
    """What came, until `enough` of it says so."""
    out, until = [], WALL.elapsed() + LATEST * SECOND
    while not enough(out) and WALL.elapsed() < until:
        out += source.poll(0)
        WALL.wait_until(WALL.now() + SECOND // 100)
    return out


def bars_in(out):
    return [one for one in out if not isinstance(one, Unread)]


def test_log_on_subscribe_and_bars(server):
    source = source_of(server)
    assert server.subscribed.wait(LATEST)
    assert server.heard[0]["action"] == "auth"
    assert (server.heard[1]["action"], sorted(server.heard[1]["bars"])) == ("subscribe", ["QQQ", "SPY"])
    server.send(
        message("SPY", OPEN),
        message("QQQ", OPEN, 11.0),
        {"T": "q", "S": "SPY"},
        message("SPY", OPEN + MINUTE),
    )
    bars = bars_in(heard(source, lambda out: len(bars_in(out)) == 3))
    assert [bar[:8] for bar in bars] == [
        ("SPY", OPEN, OPEN + MINUTE, 10.0, 12.0, 9.0, 10.0, 7.0),
        ("QQQ", OPEN, OPEN + MINUTE, 10.0, 12.0, 9.0, 11.0, 7.0),
        ("SPY", OPEN + MINUTE, OPEN + 2 * MINUTE, 10.0, 12.0, 9.0, 10.0, 7.0),
    ]
    source.close()
    assert not source._thread.is_alive()


def test_a_lost_connection_is_made_anew(server):
    source = source_of(server)
    assert server.subscribed.wait(LATEST)
    server.send(message("SPY", OPEN))
    heard(source, bars_in)
    server.drop()
    assert server.subscribed.wait(LATEST)
    assert server.connections == 2
    server.send(message("SPY", OPEN + MINUTE))
    out = heard(source, bars_in)
    assert [bar.start for bar in bars_in(out)] == [OPEN + MINUTE]
    said = [one.text for one in out if isinstance(one, Unread)]
    assert any("restarting connection" in text for text in said)
    assert any(text.startswith("connected to") for text in said)
    source.close()


def test_refused_keys_are_said_and_shown_nowhere(server, capfd):
    source = source_of(server, dict(zip(KEYS, ("planted-other-key", "planted-other-secret"), strict=True)))
    out = heard(source, len)
    assert [one.kind for one in out] == ["connection"]
    assert "auth failed" in out[0].text
    source.close()
    shown = repr(out) + "".join(capfd.readouterr())
    assert "planted" not in shown
    assert "Traceback" not in shown


def test_what_the_client_says_is_without_keys(server):
    source = source_of(server)
    logging.getLogger(CLIENT).warning("refused: planted-key and planted-secret")
    out = heard(source, lambda found: any("refused" in getattr(one, "text", "") for one in found))
    assert "connection: refused: *** and ***" in [f"{one.kind}: {one.text}" for one in out]
    source.close()


def test_it_stands_in_the_merged_feed(server):
    clock = Paced(at("2013-10-07", "09:31"))
    source = source_of(server)
    feed = feed_of(clock, source, steps=STEPS)
    assert server.subscribed.wait(LATEST)
    server.send(
        message("SPY", OPEN), message("SPY", OPEN, h=1.0), message("XYZ", OPEN), message("QQQ", OPEN, v=None)
    )
    waiting = WALL.elapsed() + LATEST * SECOND
    found = []
    while not found and WALL.elapsed() < waiting:
        WALL.wait_until(WALL.now() + SECOND // 20)
        found = feed.until(clock.now())
    assert [(bar.symbol, bar.split) for bar in found] == [("SPY", 1.0)]
    counts = feed.notes.counts["alpaca"]
    assert (counts["impossible"], counts["malformed"]) == (1, 1)
    feed.close()


@pytest.mark.parametrize("change", [{"o": "x"}, {"t": None}, {"c": None}, {"t": 5}])
def test_a_message_that_is_no_bar(change):
    assert isinstance(bar_of(message("SPY", OPEN, **change)), Unread)


@pytest.mark.parametrize("given", [{}, {KEYS[0]: "planted"}, {KEYS[0]: "planted", KEYS[1]: " "}])
def test_keys_come_from_the_environment(given):
    with pytest.raises(DataFault, match="APCA_API_SECRET_KEY into the environment") as fault:
        AlpacaSource(AlpacaFeed(), STEPS, given)
    assert "planted" not in str(fault.value)


def test_seconds_are_not_its_bars():
    with pytest.raises(DataFault, match="its bars are minutes; SPY asks for shorter ones"):
        AlpacaSource(AlpacaFeed(), {"SPY": SECOND, "QQQ": DAY}, SECRETS)


def test_a_source_that_is_closed_at_once(server):
    source = source_of(server)
    source.close()
    assert not source._thread.is_alive()
