"""The control socket itself: what it makes of everything that can be sent to it. Real sockets on the loopback.

The expected answers are those of docs/live.md, "Control socket".
"""

import json
import os
import socket
import subprocess
import sys
import threading

import pytest

from runner.adapters import control_client as client
from runner.adapters import control_protocol as protocol
from runner.adapters.control_server import CONNECTIONS, ControlServer
from runner.adapters.coverage import DataFault
from runner.adapters.desk import Desk
from runner.market import events
from runner.operate.control import Control
from runner.operate.standing import Standing


class Bench:
    """A control socket without a run behind it: what is posted lies on the desk."""

    def __init__(self, cancels=False):
        self.desk, self.standing = Desk(), Standing("tiny", "paper", os.getpid())
        self.stops = []
        self.server = ControlServer(Control(self.desk, self.standing, self.stops.append, cancels).requests)

    def connect(self):
        host, _, port = self.server.address.removeprefix("tcp://").partition(":")
        return socket.create_connection((host, int(port)), 5)

    def raw(self, content):
        """What comes back for these bytes, until the other end closes or is quiet."""
        with self.connect() as connection:
            connection.sendall(content)
            connection.settimeout(2)
            return lines(connection)

    def ask(self, **fields):
        whole = {"version": 1, "token": self.server.token, **fields}
        with self.connect() as connection, connection.makefile("rb") as file:
            connection.sendall(json.dumps({k: v for k, v in whole.items() if v is not None}).encode() + b"\n")
            return json.loads(file.readline())

    def taken(self):
        return [(events.RECORD_KINDS[one.kind][0], one.who, one.why) for one in self.desk.take(7)]


def lines(connection):
    content = b""
    try:
        while part := connection.recv(65536):
            content += part
    except TimeoutError:
        content += b"(still open)"
    return content


@pytest.fixture
def bench():
    made = Bench()
    yield made
    made.server.close()


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"request": "status", "token": None}, "wrong_token"),
        ({"request": "status", "token": "x"}, "wrong_token"),
        ({"request": "status", "token": ""}, "wrong_token"),
        ({"request": "status", "token": 1}, "wrong_token"),
        ({"request": "status", "token": ["x"]}, "wrong_token"),
        ({"request": "status", "version": 2}, "wrong_version"),
        ({"request": "status", "version": None}, "wrong_version"),
        ({"request": "status", "version": True}, "wrong_version"),
        ({"request": "sell everything"}, "unknown_request"),
        ({"request": None}, "unknown_request"),
        ({"request": ["pause"]}, "unknown_request"),
        ({"request": "status", "why": "curious"}, "bad_field"),
        ({"request": "pause"}, "bad_field"),
        ({"request": "pause", "who": " "}, "bad_field"),
        ({"request": "pause", "who": 7}, "bad_field"),
        ({"request": "pause", "who": "a" * 101}, "bad_field"),
        ({"request": "pause", "who": "a", "why": "b" * 501}, "bad_field"),
        ({"request": "pause", "who": "a", "why": "two\nlines"}, "bad_field"),
        ({"request": "pause", "who": "a", "why": "\u001b[2J"}, "bad_field"),
        ({"request": "pause", "who": "a", "wait": -1}, "bad_field"),
        ({"request": "pause", "who": "a", "wait": 61}, "bad_field"),
        ({"request": "pause", "who": "a", "wait": "long"}, "bad_field"),
        ({"request": "pause", "who": "a", "wait": True}, "bad_field"),
        ({"request": "pause", "who": "a", "cancel_orders": True}, "bad_field"),
        ({"request": "stop", "who": "a", "cancel_orders": "yes"}, "bad_field"),
    ],
)
def test_turned_down(bench, fields, error):
    answer = bench.ask(**fields)
    assert (answer["ok"], answer["error"], answer["version"]) == (False, error, 1)
    assert answer["message"]
    assert bench.server.token not in json.dumps(answer)
    assert not bench.desk.waiting()
    assert bench.stops == []


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"\n", "malformed"),
        (b"hello\n", "malformed"),
        (b"[1]\n", "malformed"),
        (b'{"request": "status"\n', "malformed"),
        (b"\xff\xfe\n", "malformed"),
        (b"[" * 60_000 + b"\n", "malformed"),
        (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", "malformed"),
        (b"x" * 70_000, "too_long"),
        (b"x" * 3_000_000 + b"\n", "too_long"),
    ],
)
def test_who_speaks_another_language_is_told_and_left(bench, content, error):
    answer = bench.raw(content)
    assert answer.count(b"\n") == 1
    assert answer.endswith(b"\n")  # the connection was closed
    assert json.loads(answer)["error"] == error
    assert bench.ask(request="status")["ok"]


def test_several_requests_on_one_connection(bench):
    """An answer each, in order; a request may come in pieces."""
    one = json.dumps({"version": 1, "token": bench.server.token, "request": "status"}).encode() + b"\n"
    with bench.connect() as connection, connection.makefile("rb") as file:
        connection.sendall(one + one[:10])
        assert json.loads(file.readline())["status"]["state"] == "starting"
        connection.sendall(one[10:] + one.replace(b"status", b"nothing"))
        assert json.loads(file.readline())["ok"]
        assert json.loads(file.readline())["error"] == "unknown_request"
        connection.sendall(one)
        assert json.loads(file.readline())["ok"]


def test_no_more_than_some_connections(bench):
    held = [bench.connect() for _ in range(CONNECTIONS)]
    try:
        for one in held:  # each is being served
            one.sendall(
                json.dumps({"version": 1, "token": bench.server.token, "request": "status"}).encode() + b"\n"
            )
            assert b'"ok":true' in one.recv(65536)
        assert json.loads(bench.raw(b""))["error"] == "busy"
    finally:
        for one in held:
            one.close()
    for _ in range(50):
        if (answer := bench.ask(request="status"))["ok"]:
            break
        threading.Event().wait(0.1)
    assert answer["ok"]


def test_a_command_waits_for_the_engine(bench):
    """The answer says that it lies there, or when it was obeyed; nothing is lost while nobody waits."""
    answer = bench.ask(request="pause", who="alice", why="lunch", wait=0)
    assert (answer["ok"], answer["taken"]) == (True, False)

    def engine():
        while not bench.desk.waiting() or len(bench.desk._waiting) < 2:
            threading.Event().wait(0.01)
        taken.extend(bench.taken())
        bench.desk.done()

    taken = []
    thread = threading.Thread(target=engine)
    thread.start()
    answer = bench.ask(request="flatten", who="bob", wait=20)
    thread.join()
    assert answer["taken"] is True
    assert answer["time"] == "1969-12-31T19:00:00.000000007-05:00"
    assert taken == [("paused", "alice", "lunch"), ("flatten", "bob", "")]


@pytest.mark.parametrize(
    ("cancels", "asked", "kinds"),
    [
        (False, None, ["stopped"]),
        (True, None, ["cancel_all", "stopped"]),
        (False, True, ["cancel_all", "stopped"]),
        (True, False, ["stopped"]),
    ],
)
def test_stop(cancels, asked, kinds):
    bench = Bench(cancels)
    try:
        answer = bench.ask(request="stop", who="carol", why="home", cancel_orders=asked, wait=0)
        assert answer["taken"] is False
        assert bench.taken() == [(kind, "carol", "home") for kind in kinds]
        assert bench.stops == ["carol: home"]
    finally:
        bench.server.close()


def test_a_run_that_ends_tells_who_waits(bench):
    """Taken but not confirmed: nobody says that it was obeyed."""

    def engine():
        while not bench.desk.waiting():
            threading.Event().wait(0.01)
        bench.desk.take(7)
        bench.desk.failed()

    thread = threading.Thread(target=engine)
    thread.start()
    answer = bench.ask(request="pause", who="alice", wait=20)
    thread.join()
    assert (answer["ok"], answer["error"]) == (False, "ended")
    bench.standing.state = "ended"
    assert bench.ask(request="pause", who="alice")["error"] == "ended"


def test_only_this_machine(bench):
    assert bench.server.address.startswith("tcp://127.0.0.1:")


def address(pid, port, token="t"):
    return protocol.Address(1, f"tcp://127.0.0.1:{port}", token, pid, "tiny", "paper")


def test_the_file(tmp_path, bench):
    """Its owner's alone, whole or not there, and nobody removes another's."""
    protocol.write(tmp_path, address(os.getpid(), 1, "first"))
    path = tmp_path / "control.json"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["control.json"]
    assert "first" not in repr(protocol.read(tmp_path))
    protocol.remove(tmp_path, "second")
    assert path.exists()
    protocol.remove(tmp_path, "first")
    assert not path.exists()
    protocol.remove(tmp_path, "first")


def gone():
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_nobody_is_there(tmp_path):
    with pytest.raises(client.NotRunning, match="it has no control"):
        client.ask(tmp_path, "status", {})
    protocol.write(tmp_path, address(gone(), 1))
    with pytest.raises(client.NotRunning, match="has ended without a word"):
        client.ask(tmp_path, "status", {})
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    protocol.write(tmp_path, address(os.getpid(), port))
    with pytest.raises(client.NotRunning, match="nobody listens"):
        client.ask(tmp_path, "status", {})


@pytest.mark.parametrize("said", [b"220 mail.example ESMTP\r\n", b"{}\n", b"[]\n", b'{"ok": false}\n'])
def test_somebody_else_has_the_port(tmp_path, said):
    with socket.create_server(("127.0.0.1", 0)) as other:
        protocol.write(tmp_path, address(os.getpid(), other.getsockname()[1]))

        def serve():
            connection, _ = other.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(said)

        thread = threading.Thread(target=serve)
        thread.start()
        with pytest.raises(client.NotRunning, match="something else listens"):
            client.ask(tmp_path, "status", {})
        thread.join()


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"version": 1}', '{"version":1,"address":"x","token":"t","pid":1}']
)
def test_a_file_that_is_none(tmp_path, content):
    (tmp_path / "control.json").write_text(content)
    with pytest.raises(DataFault, match="is no file of a control socket"):
        client.ask(tmp_path, "status", {})


def test_a_declined_request_is_told_in_words(tmp_path, bench):
    protocol.write(
        tmp_path, address(os.getpid(), int(bench.server.address.rpartition(":")[2]), bench.server.token)
    )
    with pytest.raises(client.Declined, match="who: the name") as told:
        client.ask(tmp_path, "pause", {})
    assert told.value.error == "bad_field"
    assert client.ask(tmp_path, "status", {})["status"]["strategy"] == "tiny"
