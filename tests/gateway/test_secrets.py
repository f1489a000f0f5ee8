"""Planted credentials are written nowhere: a real process, real sockets, and everything that it leaves is looked through.

Neither the gateway nor Alpaca's stand-in can be trusted with them: both say them back, in refusals, in reports, in garbage.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path

import pytest

pytest.importorskip("alpaca")
import msgpack
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

from runner.adapters import atreyu_news as news
from runner.adapters.atreyu import Atreyu
from runner.adapters.atreyu_settings import AtreyuSettings, from_environment
from runner.adapters.atreyu_store import SqliteStore
from runner.adapters.cash_source import SourceFault, from_command
from runner.adapters.clocks import WallClock
from runner.adapters.sessions import calendar
from runner.market.bar import DAY
from runner.market.order import LIMIT
from tests.gateway.adapter import Always, account
from tests.gateway.loopback import LOGON, Loopback
from tests.sources import ROOT

pytestmark = pytest.mark.slow

SECRETS = {
    "ATREYU_CLIENT_ID": "planted-client-51",
    "ATREYU_USERNAME": "planted-user-52",
    "ATREYU_PASSWORD": "planted-password-53",
    "ATREYU_BROKER_MPID": "PLANTEDMPID54",
    "APCA_API_KEY_ID": "planted-key-55",
    "APCA_API_SECRET_KEY": "planted-secret-56",
}
# What the others say back; the MPID is no secret from them, and stands in their texts as it is.
ALL = " ".join(secret for name, secret in SECRETS.items() if name != "ATREYU_BROKER_MPID")
DOCUMENT = """\
version: 1
name: small
universe: {symbols: [IBM]}
data: {source: {csv: "{symbol}.csv"}, live: [{csv: bars.csv}, {alpaca: {url: "ws://127.0.0.1:PORT"}}]}
live: {initial: {cash: 100000}, cash_sync: {from: command, at: 00:00}, gateway: {request_timeout: 2s, settle: 0.2s, gap_patience: 0.1s, replay_wait: 0.2s}}
rules:
  - {name: in, when: close > 5, enter: short, size: {shares: 1}}
"""
REPORT = {"MsgType": "ExecutionReport", "Symbol": "IBM", "Side": "BUY", "OrderID": "9", "OrdType": "MARKET", "Account": ALL}  # fmt: skip
WALL = WallClock()
LATEST = 40


class Stream:
    """Alpaca's stream, as far as the logon goes; `good`: whether it takes the keys. It says back what it heard."""

    def __init__(self, good: bool) -> None:
        self.good, self.heard = good, threading.Event()
        self.loop, self.ready = asyncio.new_event_loop(), threading.Event()
        self.thread = threading.Thread(target=self.loop.run_until_complete, args=(self._serve(),))
        self.thread.start()
        assert self.ready.wait(LATEST)

    async def _serve(self):
        self.ended = asyncio.Event()
        async with serve(self._talk, "127.0.0.1", 0) as server:
            self.port = server.sockets[0].getsockname()[1]
            self.ready.set()
            await self.ended.wait()

    async def _talk(self, socket):
        with contextlib.suppress(ConnectionClosed):
            await socket.send(msgpack.packb([{"T": "success", "msg": "connected"}]))
            keys = msgpack.unpackb(await socket.recv())
            assert (keys["key"], keys["secret"]) == ("planted-key-55", "planted-secret-56")
            if not self.good:
                await socket.send(msgpack.packb([{"T": "error", "code": 402, "msg": f"auth failed: {keys}"}]))
                self.heard.set()
                return
            await socket.send(msgpack.packb([{"T": "success", "msg": "authenticated"}]))
            wanted = msgpack.unpackb(await socket.recv())
            await socket.send(msgpack.packb([{"T": "subscription", "bars": wanted["bars"]}]))
            await socket.send(
                msgpack.packb([{"T": "b", "S": ALL, "o": ALL}, {"T": "error", "code": 500, "msg": ALL}])
            )
            self.heard.set()
            await socket.wait_closed()

    def close(self):
        self.loop.call_soon_threadsafe(self.ended.set)
        self.thread.join(LATEST)
        self.loop.close()


def history(folder: Path) -> None:
    """Daily bars up to the last session before today."""
    today = WALL.now() // DAY
    sessions = calendar(today - 40, today)
    rows = ["time,open,high,low,close,volume"]
    rows += [f"{time.strftime('%Y-%m-%d', time.gmtime(day * 86_400))},10,11,9,10,1000"
             for day in range(today - 40, today) if sessions.session_on(day) >= 0]  # fmt: skip
    (folder / "IBM.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (folder / "bars.csv").write_text("", encoding="utf-8")


# What a program of the operator's is handed and can see, written down beside the strategy.
PROGRAM = """\
import os, sys
with open("program.txt", "a") as file:
    print(sys.argv, sys.stdin.read(), dict(os.environ), open(f"/proc/{os.getpid()}/environ").read(), file=file)
"""


class Started:
    """`run small.yaml --live` with everything planted."""

    def __init__(self, folder: Path, there: Loopback, stream: Stream, *words: str) -> None:
        (folder / "small.yaml").write_text(DOCUMENT.replace("PORT", str(stream.port)), encoding="utf-8")
        if not (folder / "IBM.csv").exists():
            history(folder)
        (folder / "program.py").write_text(PROGRAM, encoding="utf-8")
        told = f"{sys.executable} {folder / 'program.py'}"
        environment = {
            **os.environ, **SECRETS, "RUNNER_NOTIFY_COMMAND": f"{told} notify", "RUNNER_CASH_COMMAND": f"{told} cash", "PYTHONPATH": str(ROOT), "ATREYU_LOCATE_RQD": "N", "ATREYU_HOST": "tcp://127.0.0.1",
            "ATREYU_REQ_PORT": str(there.request_port), "ATREYU_SUB_PORT": str(there.subscription_port),
        }  # fmt: skip
        self.process = subprocess.Popen(
            [sys.executable, "-X", "dev", "-m", "runner.cli", "small.yaml", *words], cwd=folder, env=environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def seen(self) -> str:
        """What other users of the machine can see of the process and its threads."""
        there = Path(f"/proc/{self.process.pid}")
        names = [there / "cmdline", *there.glob("task/*/comm")]
        return "".join(name.read_text(errors="replace") for name in names)

    def end(self, by: int = signal.SIGTERM) -> str:
        """Everything that it wrote to its terminal."""
        if self.process.poll() is None:
            self.process.send_signal(by)
        out, err = self.process.communicate(timeout=LATEST)
        return out + err


def contents(folder: Path):
    """Name and bytes of everything that is in the folder, archives unpacked."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.name, path.read_bytes()
            if zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as archive:
                    for name in archive.namelist():
                        yield f"{path.name}/{name}", archive.read(name)


def found_in(raw: bytes) -> list[str]:
    """The variables whose values stand in it, as they are, as text of two bytes a letter, or in base64."""
    out = []
    for name, secret in SECRETS.items():
        plain = secret.encode()
        forms = [plain, secret.encode("utf-16-le"), secret.encode("utf-32-le"), base64.b64encode(plain)[:-4]]
        if any(form in raw for form in forms):
            out.append(name)
    return out


def nothing_in(folder: Path, *texts: str) -> list[str]:
    """The names of what was looked through; fails when one of them holds a secret."""
    looked = []
    for name, raw in [*contents(folder), *((f"text {i}", text.encode()) for i, text in enumerate(texts))]:
        looked.append(name)
        assert not found_in(raw), (name, found_in(raw))
    return looked


def wait_for(what) -> None:
    until = time.monotonic() + LATEST
    while not what() and time.monotonic() < until:
        time.sleep(0.05)
    assert what()


@pytest.fixture
def outside():
    """Makes a gateway and a stream, and ends them."""
    made = []

    def make(answer=None, good=True):
        made.append((Loopback(answer), Stream(good)))
        return made[-1]

    yield make
    for one in made:
        for part in one:
            part.close()


def test_the_search_finds_what_is_there(tmp_path: Path):
    (tmp_path / "a.txt").write_text("x planted-user-52 y")
    assert [found_in(raw) for _, raw in contents(tmp_path)] == [["ATREYU_USERNAME"]]
    assert found_in("planted-key-55".encode("utf-32-le")) == ["APCA_API_KEY_ID"]


def test_a_run_that_is_told_its_own_secrets(tmp_path: Path, outside):
    """Logged on and subscribed; then reports, errors and garbage that hold every secret; killed, started again, stopped."""
    there, stream = outside(
        lambda body: LOGON if body["35"] == "A" else {"status": 1, "msg": ALL, "Text": ALL}
    )
    for by in (signal.SIGKILL, signal.SIGTERM):
        asked = len(there.requests)
        run = Started(tmp_path, there, stream, "--live")
        wait_for(lambda: "A" in there.kinds()[asked:] and stream.heard.is_set())  # noqa: B023
        logon = next(one for one in there.requests[asked:] if one["35"] == "A")
        assert (logon["553"], logon["554"]) == ("planted-user-52", "planted-password-53")
        number = 1 if by == signal.SIGKILL else 100
        for i, kind in enumerate(("NEW", "REJECTED", "FILL", ALL)):
            there.publish(number + i, **REPORT, ExecType=kind, OrdStatus=kind, ClOrdID=f"X{i}{ALL}", ExecID=f"E{i}{ALL}",
                          CumQty=10, LeavesQty=0, LastShares=10, LastPx=4.5, Text=ALL)  # fmt: skip
        there.publish(number + 9, MsgType="News", Text=ALL)
        there.publisher.send(json.dumps({"MsgSeqNum": ALL, "MsgType": ALL}).encode())
        there.publisher.send(ALL.encode())
        time.sleep(2)
        assert run.process.poll() is None, run.end()
        assert not found_in(run.seen().encode())
        said = run.end(by)
        looked = nothing_in(tmp_path, said)
        assert {"journal.db", "atreyu.db"} <= set(looked)
    told = (tmp_path / "program.txt").read_text()
    assert "small (live): " in told, "the operator's program was started"
    assert "PYTHONPATH" in told
    assert {"results.json", "report.html", "journal.npz/records.npy"} & set(looked)


def test_a_run_that_is_refused(tmp_path: Path, outside):
    """Gateway and stream refuse the credentials, and say which they were."""
    there, stream = outside(lambda body: {"status": 1, "msg": f"no user {ALL}", "Text": ALL}, good=False)
    run = Started(tmp_path, there, stream, "--live")
    wait_for(lambda: run.process.poll() is not None or ("A" in there.kinds() and stream.heard.is_set()))
    time.sleep(1)
    said = run.end()
    assert "Traceback" not in said
    nothing_in(tmp_path, said)


def test_a_run_that_cannot_begin(tmp_path: Path, outside):
    """The state folder is a file; then the journal is no journal."""
    there, stream = outside()
    (tmp_path / "there").write_text("in the way")
    said = Started(tmp_path, there, stream, "--live", "--out", "there").end()
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "journal.db").write_text("no journal")
    said += Started(tmp_path, there, stream, "--live", "--out", "state").end()
    nothing_in(tmp_path, said)


def test_the_program_that_says_the_cash(tmp_path: Path):
    """Run as the cash sync runs it, whatever day it is."""
    (tmp_path / "program.py").write_text(PROGRAM.replace("program.txt", str(tmp_path / "program.txt")))
    environment = {
        **os.environ,
        **SECRETS,
        "RUNNER_CASH_COMMAND": f"{sys.executable} {tmp_path / 'program.py'}",
    }
    with pytest.raises(SourceFault) as fault:  # it says no cash
        from_command(environment)
    assert "PATH" in (tmp_path / "program.txt").read_text()
    nothing_in(tmp_path, str(fault.value))


def test_reports_that_say_them_back(tmp_path: Path, outside):
    """A rejection, a report of nobody's order and garbage, with every secret in their texts and ids, at the client itself."""
    there, _ = outside()
    names = {name: SECRETS[name] for name in ("ATREYU_CLIENT_ID", "ATREYU_USERNAME", "ATREYU_PASSWORD")}
    ports = {"ATREYU_REQ_PORT": str(there.request_port), "ATREYU_SUB_PORT": str(there.subscription_port)}
    settings, who, problems = from_environment({**names, **ports, "ATREYU_HOST": "tcp://127.0.0.1"})
    assert (problems, who is None) == ([], False)
    assert who is not None
    echo = " ".join(names.values())
    made = Atreyu(
        AtreyuSettings(**settings, check_interval=0.2), who, SqliteStore(tmp_path / "atreyu.db"), WallClock(), Always(True),
        account(),
    )  # fmt: skip
    made.start()
    made.place("A", "SPY", 10, LIMIT, 5.0)
    wait_for(lambda: "D" in there.kinds())
    name = there.requests[-1]["11"]
    report = {
        "MsgType": "ExecutionReport",
        "ExecTransType": "NEW",
        "CumQty": 0,
        "LeavesQty": 10,
        "Text": echo,
    }
    there.publish(1, **report, ExecType="REJECTED", OrdStatus="REJECTED", ClOrdID=f"X{echo}", ExecID="E1")
    there.publish(2, **report, ExecType="REJECTED", OrdStatus="REJECTED", ClOrdID=name, ExecID="E2")
    there.publisher.send(json.dumps({"MsgSeqNum": 3, "MsgType": echo, "ClOrdID": [echo]}).encode())
    told = []
    wait_for(
        lambda: told.append(made.next_news(0.05)) or any(one and one.kind == news.REJECTED for one in told)
    )
    seen = repr(made.snapshot())
    made.stop()
    rejected = next(one for one in told if one and one.kind == news.REJECTED)
    assert rejected.text == "*** *** ***"
    nothing_in(tmp_path, repr(told), seen, repr(made.health()))
