"""Sources of bars over real sockets and files, and a replay at a chosen speed."""

import socket
import threading

import pytest
import zmq

from runner.adapters.bar_lines import Unread
from runner.adapters.clocks import ReplayClock, SimulatedClock, WallClock, replay_clock
from runner.adapters.coverage import DataFault
from runner.adapters.feed_file import FileSource
from runner.adapters.feed_settings import FileFeed, ZeromqFeed
from runner.adapters.feed_zeromq import ZeromqSource
from runner.adapters.replay import Replay
from runner.market.bar import DAY, MINUTE, SECOND
from tests.adapters.test_live_feed import OPEN, Paced, feed_of
from tests.made import at, bars

WALL = WallClock()
LATEST = 10  # seconds after which a test gives up


def line(clock, close=100.0, day="2013-10-07"):
    return f"SPY,{at(day, clock)},{close},{close},{close},{close},5\n".encode()


def closes(source, count):
    """What a source hears, until it has heard so much: closes of bars, kinds of what is none."""
    heard, until = [], WALL.elapsed() + LATEST * SECOND
    while len(heard) < count and WALL.elapsed() < until:
        heard += [one.kind if isinstance(one, Unread) else one.close for one in source.poll(0)]
        WALL.wait_until(WALL.now() + SECOND // 500)
    return heard


def free_address():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return f"tcp://127.0.0.1:{one.getsockname()[1]}"


@pytest.fixture
def socket_of():
    """Makes the sockets of who sends."""
    made = []

    def make(kind):
        made.append(zmq.Context.instance().socket(kind))
        made[-1].setsockopt(zmq.SNDHWM, 0)
        return made[-1]

    yield make
    for one in made:
        one.close(linger=0)


# -- ZeroMQ ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bind", [True, False])
def test_push_and_pull(socket_of, bind):
    address = free_address()
    sender = socket_of(zmq.PUSH)
    if not bind:
        sender.bind(address)
    source = ZeromqSource(ZeromqFeed(address=address, socket="pull", bind=bind))
    if bind:
        sender.connect(address)
    sender.send(line("09:31", 1.0) + line("09:32", 2.0))
    sender.send(b"rubbish")
    sender.send_multipart([b"frames", b"before", line("09:33", 3.0)])
    assert closes(source, 4) == [1.0, 2.0, "malformed", 3.0]
    source.close()


def bind_again(sender, address):
    """A socket that was closed a moment ago may still hold the address."""
    for _ in range(100):
        try:
            return sender.bind(address)
        except zmq.ZMQError:
            WALL.wait_until(WALL.now() + SECOND // 50)
    return sender.bind(address)


def test_publish_and_subscribe(socket_of):
    """The topic is the first frame; a publisher that goes and comes again is heard again."""
    address = free_address()
    source = ZeromqSource(ZeromqFeed(address=address, topic="bars"))
    for closing in (1.0, 2.0):
        sender = socket_of(zmq.XPUB)
        bind_again(sender, address)
        assert sender.poll(LATEST * 1000)
        assert sender.recv() == b"\x01bars"  # the subscription has come
        sender.send_multipart([b"news", b"not for us"])
        sender.send_multipart([b"bars", line("09:31", closing)])
        assert closes(source, 1) == [closing]
        sender.close(linger=0)
    source.close()


def test_closing_ends_the_thread():
    before = threading.active_count()
    source = ZeromqSource(ZeromqFeed(address=free_address()))
    assert threading.active_count() == before + 1
    source.close()
    assert threading.active_count() == before


def test_many_bars_are_not_lost_while_the_run_is_busy(socket_of):
    address = free_address()
    source = ZeromqSource(ZeromqFeed(address=address, socket="pull", bind=True))
    sender = socket_of(zmq.PUSH)
    sender.connect(address)
    for i in range(20_000):
        sender.send(line("09:31", i + 1.0))
    assert closes(source, 20_000) == [i + 1.0 for i in range(20_000)]
    source.close()


@pytest.mark.parametrize("address", ["127.0.0.1:5560", "tcp://127.0.0.1", "carrier://pigeon"])
def test_an_address_that_is_none(address):
    with pytest.raises(DataFault, match=r"data\.live\.zeromq\.address"):
        ZeromqSource(ZeromqFeed(address=address, bind=True))


def test_from_the_socket_to_the_run_within_the_wait(socket_of):
    """A bar that is sent while the feed waits is handed out at once, on the machine's clock."""
    address = free_address()
    source = ZeromqSource(ZeromqFeed(address=address, socket="pull", bind=True))
    sender = socket_of(zmq.PUSH)
    sender.connect(address)
    clock = ReplayClock(at("2013-10-07", "09:31"), 1.0)
    feed = feed_of(clock, source, bar_wait=LATEST)
    later = threading.Timer(0.2, sender.send, [line("09:31", 7.0)])
    later.start()
    assert [bar.close for bar in feed.until(at("2013-10-07", "09:31"))] == [7.0]
    assert clock.now() < at("2013-10-07", "09:31") + LATEST * SECOND / 2
    later.join()
    feed.close()


# -- files ----------------------------------------------------------------------------------------------------


def file_source(folder, path="bars.csv", clock=None):
    return FileSource(FileFeed(path=path), clock or Paced(OPEN), folder)


def append(path, data):
    with path.open("ab") as file:
        file.write(data)


def heard(source):
    return [one.kind if isinstance(one, Unread) else one.close for one in source.poll(0)]


def test_a_file_grows(tmp_path):
    path, source = tmp_path / "bars.csv", file_source(tmp_path)
    assert heard(source) == ["connection"]  # there is no file yet: said once
    assert heard(source) == []
    append(path, b"symbol,end,open,high,low,close,volume\n" + line("09:31", 1.0))
    assert heard(source) == [1.0]
    assert heard(source) == []
    whole = line("09:32", 22.5)
    append(path, whole[:-3])  # 22.5 without its last digit would be another price
    assert heard(source) == []
    append(path, whole[-3:] + b"SPY")
    assert heard(source) == [22.5]
    append(path, line("09:33", 3.0)[3:] + b"broken\n\n" + line("09:34", 4.0))
    assert heard(source) == [3.0, "malformed", 4.0]
    source.close()


def test_a_file_each_day(tmp_path):
    clock = Paced(OPEN)
    source = file_source(tmp_path, "bars-{date}.csv", clock)
    today, tomorrow = tmp_path / "bars-2013-10-07.csv", tmp_path / "bars-2013-10-08.csv"
    append(today, b"symbol,end,open,high,low,close,volume\n" + line("09:31", 1.0))
    assert heard(source) == [1.0]
    clock.time += DAY
    append(today, line("16:00", 2.0))
    assert heard(source) == [2.0]  # the old day's file, as long as there is no other
    append(today, line("16:00", 3.0) + b"SPY,")
    append(tomorrow, line("09:31", 4.0, "2013-10-08"))
    assert heard(source) == [3.0, "malformed", 4.0]
    source.close()


@pytest.mark.parametrize("how", ["replaced", "cut short"])
def test_a_file_that_begins_anew(tmp_path, how):
    path, source = tmp_path / "bars.csv", file_source(tmp_path)
    append(path, line("09:31", 1.0) + line("09:32", 2.0))
    assert heard(source) == [1.0, 2.0]
    if how == "replaced":
        path.rename(tmp_path / "bars.csv.1")
        append(tmp_path / "bars.csv.1", line("09:33", 3.0))
        assert heard(source) == [3.0]
        append(path, line("09:34", 4.0) * 3)
        assert heard(source) == [4.0] * 3
    else:
        path.write_bytes(line("09:34", 4.0))
        assert heard(source) == [4.0]
    source.close()


def test_a_line_without_end(tmp_path):
    path, source = tmp_path / "bars.csv", file_source(tmp_path)
    path.write_bytes(b"x" * 100_000 + b"\n" + line("09:31", 1.0))
    assert heard(source) == ["malformed", 1.0]
    append(path, b"\0" * 100_000)
    assert heard(source) == ["malformed"]
    source.close()


def test_a_folder_is_no_file(tmp_path):
    (tmp_path / "bars.csv").mkdir()
    source = file_source(tmp_path)
    assert heard(source) == ["connection"]
    assert heard(source) == []


# -- replay ---------------------------------------------------------------------------------------------------


def test_a_replayed_clock_runs_as_fast_as_it_is_told():
    began = WALL.elapsed()
    clock = replay_clock(OPEN, 600.0)
    assert clock.wait_until(OPEN + 2 * MINUTE)
    assert clock.now() >= OPEN + 2 * MINUTE
    assert 0.2 <= (WALL.elapsed() - began) / SECOND < LATEST
    assert clock.wait_until(OPEN)  # has been
    assert not clock.jumps


def test_a_replay_at_speed_0_jumps():
    clock = replay_clock(OPEN, 0.0)
    assert isinstance(clock, SimulatedClock)
    assert clock.wait_until(OPEN + 365 * DAY)
    with pytest.raises(ValueError, match="forward"):
        ReplayClock(OPEN, -1.0)


def test_a_stopped_replay_ends_its_wait():
    clock = ReplayClock(OPEN, 1.0)
    later = threading.Timer(0.1, clock.stop)
    later.start()
    assert not clock.wait_until(OPEN + DAY)
    later.join()


def test_replayed_bars_come_when_their_ends_have_come():
    starts = [OPEN + i * MINUTE for i in range(4)]
    rows = {"SPY": bars(starts, [1.0, 2.0, 3.0, 4.0])}
    clock = ReplayClock(OPEN, 600.0)
    feed = feed_of(clock, Replay(rows, OPEN))
    found = []
    for m in (1, 2, 4):
        clock.wait_until(OPEN + m * MINUTE)
        found.append([bar.close for bar in feed.until(OPEN + m * MINUTE)])
    assert found == [[1.0], [2.0], [3.0, 4.0]]
    assert feed.notes.counts == {}
