"""Journals that an earlier version left (tests/renew_journals.py): read as they were, heard again row for row, gone on from."""

import io
import shutil
import sqlite3
from contextlib import closing

import pytest

from runner.adapters import journal_versions
from runner.adapters.recorded_run import open_run
from runner.assemble.deployment import PAPER, Deployment
from runner.assemble.live import LiveRun
from runner.commands.diff import diff
from runner.language.source import load
from runner.language.validate import understand
from runner.operate.check_journal import check
from runner.results.tables import journal_text
from tests.renew_journals import FROZEN

KEPT = sorted(path.name for path in FROZEN.iterdir())


@pytest.fixture(params=KEPT)
def kept(request, tmp_path):
    """A copy: readers may leave SQLite's files beside a journal."""
    return shutil.copytree(FROZEN / request.param, tmp_path / request.param)


def test_both_are_there():
    assert KEPT == ["live", "paper"]


def test_it_reads_as_it_was(kept):
    assert journal_text(open_run(str(kept)).journal) == (kept / "records.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("whole", [False, True])
def test_this_version_can_go_on_from_it(kept, whole):
    found = check(str(kept), strategy=str(kept / "kept.yaml"), whole=whole)
    assert [one.text for one in found if not one.good] == []


def test_a_client_that_has_lost_its_orders(tmp_path):
    """A live run's journal without the client's file beside it, with one of another version, with a damaged one."""
    kept = shutil.copytree(FROZEN / "live", tmp_path / "live")
    store = kept / "atreyu.db"

    def said():
        return {one.name: one for one in check(str(kept), strategy=str(kept / "kept.yaml"))}["client"]

    assert said().good
    content = store.read_bytes()
    store.unlink()
    assert (said().good, "is not there" in said().text) == (False, True)
    with closing(sqlite3.connect(store)) as db:
        db.execute("PRAGMA user_version=99")
    assert (said().good, "has version 99" in said().text) == (False, True)
    store.write_bytes(content[:2000] + b"\xff" * 3000 + content[5000:])
    assert not said().good


def test_the_paper_run_goes_on(tmp_path):
    """It is over: it hears its past, and makes nothing new."""
    kept = shutil.copytree(FROZEN / "paper", tmp_path / "paper")
    text = (kept / "kept.yaml").read_text(encoding="utf-8")
    program, problems = understand(load(text, "kept.yaml"))
    assert program is not None, problems
    run = LiveRun(Deployment(program, text, kept, PAPER, kept, {}, {}), lambda line: None)
    try:
        run.run()
        run.ended("finished")
    finally:
        run.close()
    assert journal_text(open_run(str(kept)).journal) == (kept / "records.txt").read_text(encoding="utf-8")
    with closing(sqlite3.connect(kept / "journal.db")) as db:
        assert journal_versions.is_current(db)


def test_what_the_gateway_filled_is_what_was_simulated(tmp_path):
    """The stand-in's price is each bar's close: the same orders, filled in pieces."""
    for name in KEPT:
        shutil.copytree(FROZEN / name, tmp_path / name)
    said = io.StringIO()
    assert diff(str(tmp_path / "paper"), str(tmp_path / "live"), stream=said) == 0
    assert "160 bars alike" in said.getvalue()
    assert "0 only in A, 0 only in B" in said.getvalue()
