"""Runs on paper and dry runs as a user starts them: real processes, real signals, real files."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest

from runner.language.spec_live import Restart
from runner.operate.live import pause
from tests.conftest import ROOT

DAILY = ROOT / "strategies" / "ema_cross.yaml"
MINUTES = """
version: 1
name: paced
universe: {symbols: [SPY]}
data: {source: {lean: LEAN}, resolution: 1m, live: [{replay: {speed: SPEED}}]}
rules:
  - {name: "in", when: close > 0, every_bar: true, once_per: 10m, buy: 1}
backtest: {start: "2013-10-08", end: "2013-10-08", cash: 100000}
"""


def command(*words):
    return [sys.executable, "-m", "runner.cli", *map(str, words), "--no-report"]


def run(*words, env=None):
    return subprocess.run(command(*words), cwd=ROOT, capture_output=True, text=True, timeout=120, env=env)


def paced(folder, speed, lean):
    path = folder / "paced.yaml"
    path.write_text(MINUTES.replace("SPEED", str(speed)).replace("LEAN", str(lean)), encoding="utf-8")
    return path


def rows(path, table):
    with closing(sqlite3.connect(path)) as db:
        return db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def content(path):
    with closing(sqlite3.connect(path)) as db:
        return [
            db.execute(f"SELECT * FROM {table}").fetchall()
            for table in ("facts", "inputs", "records", "marks")
        ]


def test_a_replay_gives_the_orders_of_the_backtest(tmp_path):
    assert run(DAILY, "--out", tmp_path / "backtest").returncode == 0
    done = run(DAILY, "--paper", "--out", tmp_path / "paper")
    assert done.returncode == 0, done.stderr
    for name in ("orders.csv", "fills.csv", "trades.csv"):
        ours, theirs = ((tmp_path / kind / name).read_text() for kind in ("paper", "backtest"))
        assert ours == theirs
        assert len(ours.splitlines()) > 20
    told = [line for line in done.stdout.splitlines() if re.search(r"order \d+: (bought|sold)", line)]
    assert len(told) == len((tmp_path / "backtest" / "fills.csv").read_text().splitlines()) - 1


def test_a_replay_that_is_over_begins_anew_and_so_does_an_edited_one(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(DAILY.read_text(encoding="utf-8"), encoding="utf-8")
    out = tmp_path / "out"
    assert run(path, "--paper", "--out", out).returncode == 0
    done = run(path, "--paper", "--out", out)
    assert "a new replay begins, since the last one is over" in done.stdout
    path.write_text(path.read_text(encoding="utf-8") + "\n# a word\n", encoding="utf-8")
    done = run(path, "--paper", "--out", out)
    assert "a new replay begins, since the document was edited" in done.stdout
    assert (out / "journal.previous.db").is_file()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_a_run_in_order_and_it_goes_on_where_it_was(tmp_path, shared, number, code):
    """390 minutes at 600 times their pace are 39 s; it is stopped after a few orders."""
    path, out = paced(tmp_path, 600, shared / "lean-data"), tmp_path / "out"
    with subprocess.Popen(
        command(path, "--paper", "--out", out),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        for line in process.stdout:
            if "order 2: bought" in line:
                break
        process.send_signal(number)
        rest, faults = process.communicate(timeout=20)
    assert process.returncode == code, faults
    assert f"stopped by {number.name}" in rest
    assert not faults
    before = rows(out / "journal.db", "records")
    assert before > 0
    with subprocess.Popen(
        command(path, "--paper", "--out", out), cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        lines = []
        until = time.monotonic() + 30
        for line in process.stdout:
            lines.append(line)
            if "order 4: bought" in line or time.monotonic() > until:
                break
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
    assert f"going on after {before} records" in lines[0]
    assert not any("order 1: bought" in line for line in lines)  # it was told when it happened
    assert any("order 4: bought" in line for line in lines)


def test_a_dry_run_shows_the_newest_session_and_leaves_nothing(tmp_path, shared):
    path = paced(tmp_path, 0, shared / "lean-data")
    done = run(path, "--dry-run")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("dry run: the session of 20")
    assert lines[0].endswith("the newest in the data; nothing is sent")
    assert lines[1].endswith("buy 1 SPY at market (in)")
    assert lines[-1] == f"{len(lines) - 2} orders would be sent"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["paced.yaml"]


def test_a_live_run_says_all_that_it_needs(tmp_path):
    done = run(DAILY, "--live", "--out", tmp_path / "out")
    assert done.returncode == 1
    assert "--live needs a feed of bars: Atreyu sends no prices" in done.stdout
    assert "ATREYU_PASSWORD is missing: put it into the environment" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_journal_of_another_kind_is_not_touched(tmp_path):
    out = tmp_path / "out"
    assert run(DAILY, "--paper", "--out", out).returncode == 0
    before = content(out / "journal.db")
    text = DAILY.read_text(encoding="utf-8").replace("1d}", "1d, live: [{csv: bars.csv}]}")
    path = tmp_path / "live.yaml"
    path.write_text(text + "\nlive: {initial: {cash: 100000}}\n", encoding="utf-8")
    keys = {"HOST": "tcp://127.0.0.1", "REQ_PORT": "1", "SUB_PORT": "2", "CLIENT_ID": "C", "USERNAME": "u", "PASSWORD": "p",
            "BROKER_MPID": "M", "LOCATE_RQD": "Y"}  # fmt: skip
    environment = {**os.environ, **{f"ATREYU_{name}": value for name, value in keys.items()}}
    done = run(path, "--live", "--out", out, env=environment)
    assert done.returncode == 3, done.stdout
    assert "is the journal of a paper run: name another folder with --out DIR" in done.stderr
    assert content(out / "journal.db") == before


def test_pauses_between_starts_double():
    restart = Restart(on_failure=True, first_pause=5.0, longest_pause=30.0, most=4)
    assert [pause(restart, failures) for failures in (1, 2, 3, 4, 5)] == [5.0, 10.0, 20.0, 30.0, 30.0]
    assert pause(Restart(), 5000) == 300.0


def test_a_paper_run_over_live_feeds_is_never_set_aside(tmp_path, shared):
    """Its document loses the feeds: the run is refused or goes on, but its journal stays where it was."""
    out = tmp_path / "out"
    path = paced(tmp_path, 0, shared / "lean-data")
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("live: [{replay: {speed: 0}}]", "live: [{csv: bars.csv}]"), encoding="utf-8")
    with subprocess.Popen(
        command(path, "--paper", "--out", out), cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        process.stdout.readline()
        time.sleep(2.0)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
    assert process.returncode == 130
    path.write_text(text, encoding="utf-8")
    done = run(path, "--paper", "--out", out)
    assert "a new replay begins" not in done.stdout
    assert not (out / "journal.previous.db").exists()
