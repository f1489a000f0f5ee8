"""An operator beside a run: real processes on both sides, a real socket between them, the journal read afterwards."""

import json
import os
import signal
import stat
from pathlib import Path

import pytest

from runner.adapters.recorded_run import live_run
from tests.engine import tiny
from tests.gateway.stand_in import THERE
from tests.gateway.test_run import Control, environment

pytestmark = pytest.mark.slow
LOUD = {"paused", "resumed", "flatten", "cancel_all", "stopped"}


def sentences(day):
    found = tiny.sentences(live_run(day.state / "journal.db"))
    return [
        " ".join(line.split()[2:]) for line in found
    ]  # without the time, which the machine's pace decides


def spoken(day):
    return [line for line in sentences(day) if line.split()[0] in LOUD]


def test_from_start_to_stop(paper_day):
    """Paused nothing is opened; flat it stays flat; every word is in the journal with who and why."""
    day = paper_day().start()
    day.until(lambda: day.status()["positions"])
    status = day.status()
    assert status["positions"][0] | {"last": 0, "value": "", "profit": ""} == {
        "symbol": "AAA", "quantity": 10, "average_price": 100.5, "last": 0, "value": "", "profit": "", "leaving": False,
    }  # fmt: skip
    assert [(o["quantity"], o["limit"], o["kind"]) for o in status["orders"]] == [(5, 50.0, "limit")]
    # 100,000 less ten shares at 100.50 and 0.0035 a share.
    assert (status["cash"], status["paused"]) == ("98994.965000", None)
    text = day.words("status").out
    for word in ("steady (paper): running", "+10 AAA at 100.50", "limit 50.00", "cash $98,994.96"):
        assert word in text

    said = day.words("flatten", "steady", "--who", "carol", "--why", "storm")
    assert "in the journal" in said.out
    status = day.status()
    assert (status["paused"], status["positions"], status["orders"]) == ("carol: storm", [], [])
    assert "PAUSED     by carol: storm" in day.words("status", "steady").out
    day.words("pause", "--who", "dave")
    assert day.status()["paused"] == "dave"
    day.words("resume", str(day.state), "--who", "erin", "--why", "sun again")
    day.until(lambda: day.status()["positions"])
    said = day.words("stop", "--who", "frank", "--why", "home", "--format", "json")
    assert json.loads(said.out)["taken"] is True
    assert day.ended() == 0
    assert spoken(day) == [
        "flatten carol: storm",
        "paused dave",
        "resumed erin: sun again",
        "stopped frank: home",
    ]
    lines = sentences(day)
    after = lines[lines.index("flatten carol: storm") : lines.index("resumed erin: sun again")]
    assert after[1:4] == ["cancelled #2", "submitted #3 -10", after[3]]
    assert after[3].startswith("filled #3 -10 @ 100.5")
    assert set(after[4:]) <= {"refused +10 paused", "paused dave"}
    assert "stopped frank: home" in day.said
    assert not (day.state / "control.json").exists()
    said = day.words("status", code=3)
    assert "no live or paper run is at work" in said.err


def test_a_kill_while_paused_stays_paused(paper_day):
    """The words are heard again from the log; the file that the killed process left does not mislead."""
    day = paper_day().start()
    day.words("pause", "--who", "alice", "--why", "lunch")
    assert day.kill() == -signal.SIGKILL
    assert (day.state / "control.json").exists()
    said = day.words("status", str(day.state), code=3)
    assert "has ended without a word" in said.err
    day.words("pause", code=3)
    before = day.address()
    day.start()
    assert day.address()["token"] != before["token"]
    assert day.status()["paused"] == "alice: lunch"
    assert "entries are paused by alice: lunch: run resume" in day.status()["notes"]
    day.words("resume", "--who", "bob")
    day.until(lambda: day.status()["positions"])
    day.words("stop", "--who", "bob")
    assert day.ended() == 0
    assert spoken(day) == ["paused alice: lunch", "resumed bob", "stopped bob"]


def test_a_signal_is_in_the_journal_and_obeys_on_stop(paper_day):
    day = paper_day("live: {on_stop: cancel}\n").start()
    day.until(lambda: day.status()["orders"])
    os.kill(day.process.pid, signal.SIGTERM)
    assert day.ended() == 143
    assert spoken(day) == ["cancel_all SIGTERM", "stopped SIGTERM"]
    assert sentences(day)[-2:] == ["cancelled #2", "stopped SIGTERM"]
    assert not (day.state / "control.json").exists()


def test_stop_goes_on_when_it_is_started_again(paper_day):
    """A stop that was obeyed is history: the next start runs."""
    day = paper_day().start()
    day.words("stop", "--who", "a", "--cancel-orders")
    assert day.ended() == 0
    day.start()
    day.words("stop", "--who", "b", "--leave-orders")
    assert day.ended() == 0
    assert spoken(day) == ["cancel_all a", "stopped a", "stopped b"]


def test_one_runner_for_one_folder(paper_day):
    day = paper_day().start()
    token = day.address()["token"]
    second = paper_day()
    with pytest.raises(AssertionError, match="belongs to a runner that is at work"):
        second.start()
    assert day.address()["token"] == token
    assert day.status()["state"] == "running"


def test_the_token_is_nowhere_else(paper_day):
    """Not in the journal, not in what is said, not in arguments or environments of processes; the file is its owner's."""
    day = paper_day().start()
    path = day.state / "control.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    token = day.address()["token"]
    assert len(token) >= 40
    for name in ("cmdline", "environ"):
        assert token.encode() not in Path(f"/proc/{day.process.pid}/{name}").read_bytes()
    shown = day.words("status", "--format", "json").text + day.words("status").text
    shown += day.words("pause", "--who", "alice").text + day.words("stop").text
    day.ended()
    assert token not in shown + day.said
    files = [one for one in day.folder.rglob("*") if one.is_file()]
    assert len(files) > 3
    assert not [one for one in files if token.encode() in one.read_bytes()]


def test_a_stop_ends_the_pause_between_two_starts(paper_day):
    """The journal cannot be used: it is tried again after a minute. The socket is there all the time."""
    day = paper_day("live: {restart: {on_failure: {first_pause: 60s}}}\n")
    day.state.mkdir(parents=True)
    (day.state / "journal.db").write_bytes(b"no database" * 1000)
    day.launch()
    day.until(lambda: day.status()["state"] == "restarting")
    assert "start 2 in 60 s" in day.status()["notes"][-1]
    assert "steady (paper): restarting" in day.words("status").out
    assert "has ended" in day.words("stop", "--who", "gina").out
    assert day.ended() == 0


def test_two_runs_at_work_are_told_apart(paper_day, tmp_path):
    first = paper_day().start()
    other = tmp_path / "runs" / "other" / "paper"
    other.mkdir(parents=True)
    (other / "control.json").write_text((first.state / "control.json").read_text())
    said = first.words("pause", code=3)
    assert "several runs are at work: runs/other/paper, runs/steady/paper" in said.err
    assert (
        json.loads(first.words("status", "steady", "--format", "json").out)["folder"] == "runs/steady/paper"
    )
    first.words("stop", "runs/steady")
    assert first.ended() == 0
    first.words("status", "nothere", code=3)
    assert "is no folder" in first.words("status", "./nothere", code=3).err


def test_flatten_through_a_gateway(paper_day):
    """What works there is withdrawn there, what is held is sold there; the gateway's own books say so."""
    if not THERE:
        pytest.skip("needs ../shared/gateway")
    control = Control()
    try:
        control.ask(do="price", symbol="AAA", price=100.5)
        day = paper_day("live: {initial: {cash: 100000}}\n", mode="live", **environment(control)).start()
        day.until(lambda: day.status()["positions"] and day.status()["orders"])
        status = day.status()
        assert status["connection"]["connected"] is True
        assert [len(one["id"]) for one in status["orders"]] == [20]
        assert "gateway    connected" in day.words("status").out
        day.words("flatten", "--who", "carol")
        day.until(lambda: not day.status()["flattening"])
        status = day.status()
        assert (status["positions"], status["orders"], status["paused"]) == ([], [], "carol")
        books = control.ask(do="state")
        assert not any(books["positions"].values())
        assert not books["violations"]
        assert {(o["quantity"], o["filled"], o["status"]) for o in books["orders"]} == {
            (10, 10, "FILLED"),
            (5, 0, "CANCELED"),
        }
        day.words("stop", "--who", "carol")
        assert day.ended() == 0
    finally:
        control.close()
