"""Programs that the operator names in the environment: run without a shell, without credentials, and not for ever."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import subprocess
import threading
from collections.abc import Mapping

SECRET = ("ATREYU_", "APCA_")  # variables that begin so are no program's business
MOST_OUTPUT = 65_536  # bytes


class ChildFault(Exception):  # noqa: N818
    """The program could not be started, failed, took too long or said too much. The text has nothing of its output."""


def scrubbed(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment without credentials."""
    return {name: value for name, value in environment.items() if not name.upper().startswith(SECRET)}


def run(command: str, environment: Mapping[str, str], timeout: float, said: bytes = b"") -> bytes:
    """Standard output of a program (a path and its arguments, quoted as in a shell). `said`: its standard input;
    `timeout`: seconds. The program and what it started end with the call. Raises `ChildFault`."""
    try:
        words = shlex.split(command)
    except ValueError as fault:
        raise ChildFault(f"the command cannot be read: {fault}") from fault
    if not words:
        raise ChildFault("the command is empty")
    try:
        child = subprocess.Popen(  # noqa: S603 (the operator's own program)
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=scrubbed(environment),
            start_new_session=True,
        )  # fmt: skip
    except OSError as fault:
        raise ChildFault(f"{words[0]} cannot be started: {fault.strerror}") from fault
    late = threading.Event()

    def end() -> None:
        late.set()
        _kill(child)

    timer = threading.Timer(timeout, end)
    timer.start()
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        with contextlib.suppress(BrokenPipeError):
            child.stdin.write(said)
            child.stdin.close()
        out = child.stdout.read(MOST_OUTPUT + 1)
        if len(out) > MOST_OUTPUT:
            raise ChildFault(f"{words[0]} said more than {MOST_OUTPUT:,} bytes")
        if hasattr(os, "waitid"):  # its number stays its own until `wait`: no other group can have it
            os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    finally:
        timer.cancel()
        timer.join()
        _kill(child)
        with contextlib.suppress(BrokenPipeError):
            child.stdin.close()
        child.stdout.close()
        child.wait()
    if late.is_set():
        raise ChildFault(f"{words[0]} took more than {timeout:g} s")
    if child.returncode != 0:
        raise ChildFault(f"{words[0]} ended with {child.returncode}")
    return out


def _kill(child: subprocess.Popen[bytes]) -> None:
    """End the program's whole group, if any of it is left."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
