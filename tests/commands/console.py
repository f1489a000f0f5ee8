"""The command line as a user meets it: real processes, their words, their exit codes."""

import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "runner.cli"]
SECONDS = 60  # longer than any of these takes on a busy machine


class Said(NamedTuple):
    """What a finished process left: exit code (negative: the signal that ended it), stdout, stderr."""

    code: int
    out: str
    err: str

    @property
    def text(self):
        return self.out + self.err


def environment(**more):
    return {**os.environ, "PYTHONPATH": str(ROOT), **more}


def run(*words, cwd, code=None, **more):
    """Run `run WORDS`; checks the exit code, and that no traceback and no fault of ours was shown."""
    done = subprocess.run(
        [*COMMAND, *map(str, words)],
        capture_output=True, text=True, check=False, cwd=cwd, env=environment(**more), timeout=SECONDS,
    )  # fmt: skip
    said = Said(done.returncode, done.stdout, done.stderr)
    clean(said, cwd)
    if code is not None:
        assert said.code == code, said
    return said


def clean(said, cwd):
    """No traceback, no fault of ours, no report of one: whatever the user did."""
    assert "Traceback" not in said.text, said
    assert "Exception ignored" not in said.text, said
    assert said.code != 70, said
    assert not (Path(cwd) / "run-fault.txt").exists()


def terminal(*words, cwd, **more):
    """Run at a terminal of its own; what was shown on it (with its control characters) and the exit code."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, *map(str, words)], stdout=follower, stderr=follower, stdin=follower, cwd=cwd,
        env=environment(**more),
    )  # fmt: skip
    os.close(follower)
    shown = b""
    while True:
        try:
            part = os.read(leader, 65536)
        except OSError:  # Linux: the other end is closed
            break
        if not part:
            break
        shown += part
    os.close(leader)
    return Said(process.wait(SECONDS), shown.decode(), "")


def interrupted(*words, cwd, when, after=0.3, **more):
    """Run, and press Ctrl-C `after` seconds from when `when(lines so far)` is true."""
    process = subprocess.Popen(
        [*COMMAND, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=cwd,
        env=environment(PYTHONUNBUFFERED="1", **more),
    )  # fmt: skip
    lines = []
    for line in process.stdout:
        lines.append(line)
        if when(lines):
            break
    time.sleep(after)
    process.send_signal(signal.SIGINT)
    rest, errors = process.communicate(timeout=SECONDS)
    said = Said(process.returncode, "".join(lines) + rest, errors)
    clean(said, cwd)
    return said


def without(packages, folder):
    """An environment that lacks `packages`: a folder of links to all others, for an interpreter without its own.

    Returns the interpreter's words and its path of modules.
    """
    folder.mkdir()
    for site in sys.path:
        if not site.endswith(("site-packages", "dist-packages")):
            continue
        for entry in Path(site).iterdir():
            name = entry.name.partition("-")[0].lower()
            if name not in packages and not (folder / entry.name).exists():
                (folder / entry.name).symlink_to(entry)
    return [sys.executable, "-S", "-m", "runner.cli"], f"{folder}{os.pathsep}{ROOT}"


def run_without(packages, *words, cwd, code):
    """Run in an environment that lacks `packages`."""
    command, path = without(packages, Path(cwd) / f"without_{'_'.join(packages)}")
    done = subprocess.run(
        [*command, *map(str, words)],
        capture_output=True, text=True, check=False, cwd=cwd, env=environment(PYTHONPATH=path), timeout=SECONDS,
    )  # fmt: skip
    said = Said(done.returncode, done.stdout, done.stderr)
    clean(said, cwd)
    assert said.code == code, said
    return said
