"""The account's cash from real files and real programs."""

import os
import shlex
import subprocess
import sys
import time

import pytest

from runner.adapters import cash_source, child
from runner.adapters.cash_source import COMMAND, Said, SourceFault

SEVEN_THIRTY = 1_763_641_800_000_000_000  # 2025-11-20 12:30 UTC
JSON = '{"as_of": "2025-11-20T07:30:00-05:00", "cash": {"USD": 100250.1234565, "EUR": -3}}'


def test_the_instant_of_these_tests():
    told = subprocess.run(
        ["date", "-u", "-d", "@1763641800", "+%FT%TZ"], capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "2025-11-20T12:30:00Z"


@pytest.mark.parametrize(("text", "expected"), [
    (JSON, Said(SEVEN_THIRTY, {"USD": 100_250_123_456, "EUR": -3_000_000}, False)),  # half to even
    ('{"settled": {"USD": 0.1}, "as_of": 1763641800000000000}', Said(SEVEN_THIRTY, {"USD": 100_000}, True)),
    ("\ufeffas_of,currency,cash\r\n2025-11-20T12:30:00Z,USD,-12.50\r\n2025-11-20T12:31:00Z,JPY,7\r\n",
     Said(SEVEN_THIRTY, {"USD": -12_500_000, "JPY": 7_000_000}, False)),
    ("currency, settled, as_of\nUSD, 1e3, 1763641800000000000\n", Said(SEVEN_THIRTY, {"USD": 1_000_000_000}, True)),
])  # fmt: skip
def test_what_a_file_says(text, expected, tmp_path):
    path = tmp_path / "cash.txt"
    path.write_text(text, encoding="utf-8", newline="")
    assert cash_source.from_file(path) == expected


@pytest.mark.parametrize(("text", "fault"), [
    ("", "nothing is in it"),
    ('{"as_of": "2025-11-20T07:30:00", "cash": {"USD": 1}}', "has no offset"),
    ('{"as_of": true, "cash": {"USD": 1}}', "as_of is no time"),
    ('{"as_of": "2025-11-20T07:30:00Z", "cash": {"USD": NaN}}', "the amount of USD is no number"),
    ('{"as_of": "2025-11-20T07:30:00Z", "cash": {"USD": "1,000"}}', "the amount of USD is no number"),
    ('{"as_of": "2025-11-20T07:30:00Z", "cash": {"USD": 1e30}}', "the amount of USD is no number"),
    ('{"as_of": "2025-11-20T07:30:00Z", "cash": {"USD": null}}', "the amount of USD is no number"),
    ('{"as_of": "2025-11-20T07:30:00Z", "cash": {"usd": 1}}', "three capital letters"),
    ('{"as_of": "2025-11-20T07:30:00Z", "cash": 5}', "no mapping of currencies"),
    ('{"as_of": "2025-11-20T07:30:00Z", "cash": {"USD": 1}, "settled": {"USD": 1}}', "and no other"),
    ('{"as_of": "2025-11-20T07:30:00Z", "cash": {"USD": 1, "USD": 2}}', "a key stands in it twice"),
    ('{"cash": {"USD": 1}}', "write the keys as_of"),
    ("{", "no JSON"),
    ('{"as_of":' + "[" * 60_000, "no JSON"),
    ("currency,cash\nUSD,5\n", "its first line is to be"),
    ("as_of,currency,cash\n", "its first line is to be"),
    ("as_of,currency,cash\n2025-11-20T12:30:00Z,USD\n", "line 2 has 2 fields"),
    ("as_of,currency,cash\n2025-11-20T12:30:00Z,USD,1\n2025-11-20T12:30:00Z,USD,2\n", "USD stands in it twice"),
    ("x" * 70_000, "more than 65,536 bytes"),
])  # fmt: skip
def test_what_is_wrong_with_a_file(text, fault, tmp_path):
    path = tmp_path / "cash.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SourceFault, match=fault.replace("{", "")):
        cash_source.from_file(path)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(SourceFault, match=r"gone.txt cannot be read: No such file"):
        cash_source.from_file(tmp_path / "gone.txt")


def program(tmp_path, body):
    """A real program, at a path with a space."""
    path = tmp_path / "my program.py"
    path.write_text(body, encoding="utf-8")
    return f"{shlex.quote(sys.executable)} {shlex.quote(str(path))}"


def test_a_program_says_it_and_sees_no_credentials(tmp_path):
    body = f"import os; assert not [n for n in os.environ if n.startswith(('ATREYU', 'APCA'))], 1; print('''{JSON}''')"
    env = {**os.environ, "ATREYU_PASSWORD": "x", "APCA_API_SECRET_KEY": "y", COMMAND: program(tmp_path, body)}
    assert cash_source.from_command(env).amounts["EUR"] == -3_000_000


def test_no_shell_reads_the_command(tmp_path):
    env = {
        **os.environ,
        COMMAND: f"{shlex.quote(sys.executable)} -c 'import sys; print(sys.argv)' ; touch {tmp_path}/hacked",
    }
    with pytest.raises(SourceFault, match="the output of RUNNER_CASH_COMMAND"):
        cash_source.from_command(env)
    assert not (tmp_path / "hacked").exists()


@pytest.mark.parametrize(("body", "fault"), [
    ("import sys; print('the secret'); sys.exit(3)", r"ended with 3"),
    ("print('x' * 100_000)", "more than 65,536 bytes"),
    ("import time; time.sleep(60)", "took more than 0.5 s"),
    ("import os, time; os.close(1); time.sleep(60)", "took more than 0.5 s"),
])  # fmt: skip
def test_programs_that_fail(body, fault, tmp_path):
    began = time.perf_counter()
    with pytest.raises(SourceFault, match=fault) as caught:
        cash_source.from_command(
            {**os.environ, COMMAND: program(tmp_path, body)}, timeout=0.5 if "0.5" in fault else 10
        )
    assert "secret" not in str(caught.value)
    assert time.perf_counter() - began < 5


def test_what_a_program_started_ends_with_it(tmp_path):
    beats = tmp_path / "beats"
    (tmp_path / "beating.py").write_text(
        f"import time\nwhile True:\n    open({str(beats)!r}, 'a').write('x')\n    time.sleep(0.01)\n",
        encoding="utf-8",
    )
    body = f"""import os, subprocess, sys, time
subprocess.Popen([sys.executable, {str(tmp_path / "beating.py")!r}], stdout=subprocess.DEVNULL)
while not os.path.exists({str(beats)!r}):
    time.sleep(0.01)
"""
    child.run(program(tmp_path, body), os.environ, 10)
    count = beats.stat().st_size
    time.sleep(0.2)
    assert beats.stat().st_size == count


def test_a_program_gets_what_it_is_told(tmp_path):
    body = "import sys; print(sys.stdin.read().upper(), end='')"
    assert child.run(program(tmp_path, body), os.environ, 10, b"paused") == b"PAUSED"
    with pytest.raises(child.ChildFault, match="cannot be started"):
        child.run("/nonexistent/program", os.environ, 1)
    with pytest.raises(child.ChildFault, match="cannot be read"):
        child.run("'", os.environ, 1)
