"""What a live start asks for, in real processes and at a real terminal. Expected texts are written by hand."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from runner.adapters import credentials, feed_alpaca
from runner.adapters.atreyu_settings import from_environment
from runner.commands.access import access
from runner.language.source import load
from runner.language.validate import understand
from tests.sources import ROOT

os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"  # never the machine's own
LONG = """\
version: 1
name: small
universe: {symbols: [IBM]}
data: {source: embedded, live: [{csv: bars.csv}]}
live: {initial: {cash: 100000}}
rules:
  - {name: in, when: close > 5, enter: long, size: {shares: 1}}
"""
SHORT = LONG.replace("enter: long", "enter: short")
GATEWAY = {
    "ATREYU_HOST": "tcp://127.0.0.1",
    "ATREYU_REQ_PORT": "5001",
    "ATREYU_SUB_PORT": "5002",
    "ATREYU_CLIENT_ID": "desk-4",
    "ATREYU_USERNAME": "planted-user",
    "ATREYU_PASSWORD": "planted-password",
}
NAMES = ["HOST", "REQ_PORT", "SUB_PORT", "CLIENT_ID", "USERNAME", "PASSWORD"]


def clean() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("ATREYU_", "APCA_"))}


def started(folder: Path, text: str, *more: str, **environment: str) -> subprocess.CompletedProcess[str]:
    (folder / "small.yaml").write_text(text, encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-m", "runner.cli", "small.yaml", *more],
        cwd=folder, env={**clean(), "PYTHONPATH": str(ROOT), **environment}, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def given(text: str, mode: str, environment: dict[str, str], asker=None):
    source = load(text, "small.yaml")
    program, problems = understand(source)
    assert problems == ()
    assert program is not None
    return access(program, source, mode, environment, asker)


def test_all_that_is_missing_is_said_at_once(tmp_path: Path):
    done = started(tmp_path, LONG, "--live")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.splitlines() == [
        f"small.yaml: ATREYU_{name} is missing: put it into the environment" for name in NAMES
    ]


def test_a_document_that_cannot_run_live(tmp_path: Path):
    text = LONG.replace("live: [{csv: bars.csv}]", "live: [replay]").replace("{cash: 100000}", "{}")
    done = started(tmp_path, text.replace("universe", "brokerage: axos\nuniverse"), "--live")
    assert done.returncode == 1
    assert done.stdout == (
        "small.yaml:3:12: --live trades through Atreyu's gateway, and the brokerage is axos\n"
        "    write brokerage: atreyu, or start with --paper\n"
        "small.yaml:5:33: 'replay' plays the past, and --live sends orders now\n"
        "    write another feed, or start with --paper\n"
        "small.yaml:6:17: --live needs the account's cash, which the gateway does not say\n"
        "    write live: {initial: {cash: 100000}}\n"
    )


def test_orders_that_the_gateway_does_not_take(tmp_path: Path):
    """LEAN's conventions make market-on-open orders of what is decided after the close."""
    text = LONG.replace("universe", "brokerage: {name: atreyu, conventions: lean}\nuniverse")
    done = started(tmp_path, text, "--live", **GATEWAY)
    assert done.returncode == 1
    assert done.stdout == (
        "small.yaml:3:12: a market order decided while the market is closed becomes a market-on-open order, which the "
        "gateway does not take\n    write brokerage: {..., when_closed: queue}\n"
    )


def test_a_short_seller_without_mpid_is_told_before_the_start(tmp_path: Path):
    done = started(tmp_path, SHORT, "--live", **GATEWAY, ATREYU_LOCATE_RQD="N")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == (
        "small.yaml:7:40: rule 'in' goes short, and the gateway takes short sales only with ATREYU_BROKER_MPID\n"
        "    put that into the environment, or write brokerage: {account: cash}, which cannot go short\n"
    )


def test_what_each_start_needs():
    alpaca = LONG.replace("{csv: bars.csv}", "alpaca")
    assert given(LONG, "live", GATEWAY).missing == ()
    assert given(LONG, "paper", {}).missing == ()
    assert given(SHORT, "paper", {}).problems == ()
    assert given(alpaca, "dry-run", {}).missing == ()
    lacks = (
        "APCA_API_KEY_ID is missing: put it into the environment",
        "APCA_API_SECRET_KEY is missing: put it into the environment",
    )
    assert given(alpaca, "paper", {}).missing == lacks
    assert given(alpaca, "live", GATEWAY).missing == lacks
    assert given(LONG, "live", {**GATEWAY, "ATREYU_SUB_PORT": "70000", "ATREYU_HOST": "gw.example"}).missing == (
        "ATREYU_SUB_PORT is '70000', no port: write a whole number from 1 to 65535",
        "ATREYU_HOST is 'gw.example', without a scheme: write tcp://gw.example",
    )  # fmt: skip


class Answers:
    def __init__(self, **answers: str) -> None:
        self.answers, self.asked = answers, []

    def ask(self, name: str) -> str:
        self.asked.append(name)
        return self.answers.get(name, "")


def test_only_what_is_missing_is_asked_for():
    asker = Answers(ATREYU_PASSWORD="typed", ATREYU_BROKER_MPID="ABCD", ATREYU_LOCATE_RQD="N")
    lacking = {name: value for name, value in GATEWAY.items() if name != "ATREYU_PASSWORD"}
    found = given(SHORT, "live", lacking, asker)
    assert asker.asked == ["ATREYU_PASSWORD", "ATREYU_BROKER_MPID", "ATREYU_LOCATE_RQD"]
    assert (found.problems, found.missing) == ((), ())
    settings, who, problems = from_environment(found.environment)
    assert (settings["broker_mpid"], settings["locate_required"], problems) == ("ABCD", "N", [])
    assert who is not None
    assert who.reveal() == ("planted-user", "typed")
    assert "ATREYU_PASSWORD" not in lacking, "the given environment is not written to"
    asker = Answers()
    given(SHORT.replace("live: {initial: {cash: 100000}}", "live: {}"), "live", {}, asker)
    assert asker.asked == [], "a document at fault asks for nothing"


def test_what_is_gathered_is_shown_nowhere():
    import pickle

    found = given(LONG, "live", GATEWAY)
    assert "planted" not in f"{found} {found.environment!r} {found.environment!s}"
    with pytest.raises(TypeError):
        pickle.dumps(found.environment)


def test_every_variable_has_its_words():
    assert set(credentials.ABOUT) == {*credentials.GATEWAY, *credentials.SHORTS, *feed_alpaca.KEYS}


def test_the_keyring_is_asked_before_anybody():
    """A real keyring with a backend of its own: the machine's is not touched."""
    keyring = pytest.importorskip("keyring")
    from keyring.backend import KeyringBackend

    class Kept(KeyringBackend):
        priority = 1

        def get_password(self, service, username):
            return {("strategy-runner", "ATREYU_PASSWORD"): "kept"}.get((service, username))

        def set_password(self, service, username, password):
            raise NotImplementedError

        def delete_password(self, service, username):
            raise NotImplementedError

    before = keyring.get_keyring()
    keyring.set_keyring(Kept())
    try:
        asker = Answers(ATREYU_USERNAME="typed")
        wanted = {k: v for k, v in GATEWAY.items() if k not in ("ATREYU_PASSWORD", "ATREYU_USERNAME")}
        found = given(LONG, "live", wanted, asker).environment
    finally:
        keyring.set_keyring(before)
    assert asker.asked == ["ATREYU_USERNAME"]
    assert (found["ATREYU_PASSWORD"], found["ATREYU_USERNAME"]) == ("kept", "typed")


def typed(folder: Path, answers: list[str], environment: dict[str, str]) -> tuple[str, int]:
    """What a terminal shows of a live start at which the questions are answered so; and the exit code."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        words = [sys.executable, "-m", "runner.cli", "small.yaml", "--live"]
        os.execve(sys.executable, words, environment)
    shown, left, until = b"", list(answers), time.monotonic() + 60
    try:
        while time.monotonic() < until:
            if not select.select([terminal], [], [], 0.2)[0]:
                continue
            try:
                piece = os.read(terminal, 4096)
            except OSError:  # it has ended
                break
            if not piece:
                break
            shown += piece
            if left and re.search(rb"\): $", shown):
                os.write(terminal, left.pop(0).encode() + b"\n")
    finally:
        os.close(terminal)
    return shown.decode(), os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_a_terminal_is_asked_and_the_password_is_not_shown(tmp_path: Path):
    (tmp_path / "small.yaml").write_text(LONG, encoding="utf-8")
    environment = {**clean(), "PYTHONPATH": str(ROOT), "ATREYU_HOST": "tcp://127.0.0.1", "ATREYU_SUB_PORT": "5002"}  # fmt: skip
    shown, code = typed(tmp_path, ["abc", "desk-4", "a-name", "planted-password"], environment)
    assert code == 3
    assert shown.replace("\r\n", "\n") == (
        "ATREYU_REQ_PORT (its port for requests): abc\n"
        "ATREYU_CLIENT_ID (your client id): desk-4\n"
        "ATREYU_USERNAME (your user name): a-name\n"
        "ATREYU_PASSWORD (your password): \n"
        "small.yaml: ATREYU_REQ_PORT is 'abc', no port: write a whole number from 1 to 65535\n"
    )


def test_the_command_of_the_cash_sync_is_asked_for_with_all_else(tmp_path):
    text = LONG.replace("live: {initial", "live: {cash_sync: {from: command}, initial")
    done = started(tmp_path, text, "--live", **GATEWAY)
    assert done.returncode == 3
    assert done.stderr == (
        "small.yaml: RUNNER_CASH_COMMAND is missing: put the program that says the account's cash into the environment\n"
    )
    assert not (tmp_path / "runs").exists()
