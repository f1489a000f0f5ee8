"""Who must be told is told by a real program, which nobody waits for."""

import sys
import time

import pytest

from runner.adapters.notify import COMMAND, MOST, Notifier

SECRET = "planted-password-53"


def program(folder, text):
    path = folder / "told.py"
    path.write_text(text, encoding="utf-8")
    return f"{sys.executable} {path}"


def environment(command):
    return {
        COMMAND: command,
        "PATH": "/usr/bin:/bin",
        "ATREYU_PASSWORD": SECRET,
        "APCA_API_SECRET_KEY": SECRET,
    }


def test_a_program_is_handed_the_text_and_no_credentials(tmp_path):
    out = tmp_path / "out.txt"
    command = program(
        tmp_path,
        "import os, sys\n"
        f"open({str(out)!r}, 'a').write(sys.stdin.read() + ' '.join(sys.argv[1:]) + repr(sorted(os.environ)) + repr(dict(os.environ)))\n",
    )
    said = []
    one = Notifier(environment(command), "demo (live)", said.append)
    one.tell("the gateway is silent")
    one.tell(f"it is heard again, {SECRET}")
    one.close(20)
    told = out.read_text()
    assert told.index("demo (live): the gateway is silent\n") < told.index(
        "demo (live): it is heard again, ***\n"
    )
    assert "PATH" in told
    assert SECRET not in told
    assert "ATREYU" not in told
    assert "APCA" not in told
    assert said == []


def test_nobody_waits_for_a_slow_program(tmp_path):
    said = []
    one = Notifier(environment(program(tmp_path, "import time\ntime.sleep(60)\n")), "demo", said.append)
    begun = time.monotonic()
    for i in range(3 * MOST):
        one.tell(str(i))
    assert time.monotonic() - begun < 2
    one.close(0.2)
    assert time.monotonic() - begun < 5


def test_a_failure_is_said_once_and_ends_nothing(tmp_path):
    said = []
    one = Notifier(environment(program(tmp_path, "raise SystemExit(3)\n")), "demo", said.append)
    for text in ("a", "b", "c"):
        one.tell(text)
    one.close(20)
    assert said == [f"nobody could be told: {COMMAND}: {sys.executable} ended with 3"]
    said.clear()
    one = Notifier(environment("/no/such/program"), "demo", said.append)
    one.tell("a")
    one.close(20)
    assert said == [
        f"nobody could be told: {COMMAND}: /no/such/program cannot be started: No such file or directory"
    ]


def test_without_a_program_nothing_is_done():
    one = Notifier({}, "demo", [].append)
    one.tell("a")
    one.close()


def test_a_failure_that_ends_the_run_is_told(tmp_path):
    out = tmp_path / "out.txt"
    command = program(tmp_path, f"import sys\nopen({str(out)!r}, 'a').write(sys.stdin.read())\n")
    with pytest.raises(ValueError, match="no bars"), Notifier(environment(command), "demo", [].append):
        raise ValueError("no bars")
    assert out.read_text() == "demo: the run failed, and is not started again: ValueError: no bars\n"
