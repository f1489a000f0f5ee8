"""An edited strategy and its journal, as a user meets them: real processes on the disk."""

import signal
import subprocess
import time

import pytest

from tests.conftest import ROOT
from tests.operate.test_paper import command, paced, rows, run

pytestmark = pytest.mark.slow


def test_an_edited_strategy_goes_on_when_its_changes_are_accepted(tmp_path, shared):
    path, out = paced(tmp_path, 2000, shared / "lean-data"), tmp_path / "out"
    with subprocess.Popen(
        command(path, "--paper", "--out", out), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as begun:
        until = time.monotonic() + 60
        while time.monotonic() < until and not (
            (out / "journal.db").is_file() and rows(out / "journal.db", "records") > 8
        ):
            time.sleep(0.1)
        begun.send_signal(signal.SIGTERM)
        begun.communicate(timeout=30)
    before = rows(out / "journal.db", "records")
    path.write_text(path.read_text(encoding="utf-8").replace("buy: 1}", "buy: 2}"), encoding="utf-8")
    done = run(path, "--paper", "--out", out, "--accept-changes")
    assert done.returncode == 0, done.stderr
    assert "accepted rules[in].buy: 1 → 2" in done.stdout
    assert "1 change of the document accepted" in done.stdout
    assert "bought 2 SPY" in done.stdout
    assert "bought 1 SPY" not in done.stdout  # what was told before is not told again
    assert rows(out / "journal.db", "records") > before
