"""Paper days in processes of their own, and the command line beside them."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from tests import made
from tests.commands.console import ROOT, environment, run

STRATEGY = """\
version: 1
name: steady
universe: {symbols: [AAA]}
data: {source: {csv: {path: "{symbol}.csv", label: end}}, resolution: 1m}
rules:
  - {name: hold, when: close > 0, every_bar: true, enter: long, size: {shares: 10}}
  - {name: low, when: close > 0, buy: 5 shares, order: {limit: {price: 50}}}
backtest: {start: "2013-10-07", end: "2013-10-07", cash: 100000}
"""
SPEED = 120  # two bars a second
SECONDS = 30


class PaperDay:
    """One strategy's day; it can be started more than once."""

    def __init__(self, folder, more="", mode="paper", **environment):
        self.folder = folder
        self.state = folder / "runs" / "steady" / mode
        self.work = {"folder": str(folder), "speed": SPEED, "mode": mode, "environment": environment}
        (folder / "strategy.yaml").write_text(STRATEGY + more, encoding="utf-8")
        rows = [
            f"2013-10-07 {9 + (30 + i) // 60:02d}:{(30 + i) % 60:02d},100,101,99,100.5,1000"
            for i in range(1, 391)
        ]
        (folder / "AAA.csv").write_text("\n".join(["time,open,high,low,close,volume", *rows]) + "\n")
        self.work |= {"begin": made.at("2013-10-07", "09:30"), "wall": time.time()}
        self.process = None
        self.said = ""

    def start(self):
        """Start it, and wait until it runs."""
        self.launch()
        self.until(lambda: self.status().get("state") == "running" and "equity" in self.status())
        return self

    def launch(self):
        """Start it, and wait until it listens."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.operate.paper_day", json.dumps(self.work)],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT, env=environment(),
        )  # fmt: skip
        path = self.state / "control.json"
        self.until(lambda: path.exists() and self.address()["pid"] == self.process.pid)

    def until(self, true):
        end = time.monotonic() + SECONDS
        while not true():
            assert self.process.poll() is None, self.process.stdout.read()
            assert time.monotonic() < end
            time.sleep(0.05)

    def words(self, *words, code=0):
        return run(*words, cwd=self.folder, code=code)

    def status(self):
        return json.loads(self.words("status", "--format", "json").out)["status"]

    def address(self):
        return json.loads((self.state / "control.json").read_text())

    def kill(self):
        os.kill(self.process.pid, signal.SIGKILL)
        return self.ended()

    def ended(self):
        self.said += self.process.communicate(timeout=SECONDS)[0]
        return self.process.returncode

    def close(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait(SECONDS)
            self.process.stdout.close()


@pytest.fixture
def paper_day(tmp_path):
    """Makes paper days; what is left of them is ended."""
    days = []

    def make(more="", **plan):
        days.append(PaperDay(tmp_path, more, **plan))
        return days[-1]

    yield make
    for day in days:
        day.close()
