"""A run at work is read from another process: report, diff, check and show, while it goes on as if nobody looked."""

import json
import signal
import subprocess

import pytest

from tests.conftest import ROOT
from tests.operate.test_paper import command, paced

pytestmark = pytest.mark.slow


def said(*words):
    done = subprocess.run(command(*words)[:-1], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert "Traceback" not in done.stderr, done.stderr
    return done


def test_four_looks(tmp_path, shared):
    """390 minutes at 600 times their pace, an order every ten of them; looked at after four orders."""
    path, out = paced(tmp_path, 600, shared / "lean-data"), tmp_path / "out"
    assert said(path, "--no-report", "--out", tmp_path / "backtest").returncode == 0
    with subprocess.Popen(
        command(path, "--paper", "--out", out),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            for line in process.stdout:
                if "order 4: bought" in line:
                    break
            report = said("report", out, "--no-report", "--out", tmp_path / "report")
            assert report.returncode == 0, report.stderr
            assert "paper, at work" in report.stdout
            results = json.loads((tmp_path / "report" / "results.json").read_text(encoding="utf-8"))
            assert results["live"]["state"] == "at work"
            assert results["positions"]["SPY"] >= 4
            diff = said("diff", tmp_path / "backtest", out)
            assert diff.returncode == 0, diff.stdout
            assert diff.stdout.startswith("Alike\n")
            check = said("journal", "check", out)
            assert check.returncode == 0, check.stdout
            shown = said("journal", "show", out, "--orders").stdout.splitlines()
            assert [json.loads(line)["kind"] for line in shown[:4]] == ["submitted", "filled"] * 2
            assert process.poll() is None
        finally:
            process.send_signal(signal.SIGINT)
            _, faults = process.communicate(timeout=30)
    assert (process.returncode, faults) == (130, "")
    ended = said("report", out, "--no-report", "--out", tmp_path / "report")
    assert "paper, ended (" in ended.stdout
