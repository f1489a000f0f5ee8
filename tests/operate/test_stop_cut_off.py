"""A stop that is in the journal, and a process that was killed before it had ended: the next start, which may be a service
manager's, does not go on trading."""

import contextlib
import os

import pytest

from runner.adapters.clocks import SimulatedClock
from runner.adapters.replay import Replay
from runner.assemble import starts
from runner.assemble.deployment import PAPER, Deployment, Rehearsed
from runner.assemble.live import LiveRun
from runner.assemble.past import history_of
from runner.engine.ports import Notice
from runner.language.source import load
from runner.language.validate import understand
from runner.market import events
from runner.operate import live as operating
from tests import made
from tests.operate.conftest import STRATEGY

BEGIN = made.at("2013-10-07", "09:30")
DAY = BEGIN // 86_400_000_000_000


class Killed(BaseException):
    """The process is gone."""


def lived(folder, who="", killed=False, monkeypatch=None):
    """One life of a paper run, stopped by `who` at its first instant; what was said, and kinds of the journal's records."""
    rows = "\n".join(f"2013-10-07 09:{30 + i},100,101,99,100.5,1000" for i in range(1, 11))
    (folder / "AAA.csv").write_text(f"time,open,high,low,close,volume\n{rows}\n")
    program, problems = understand(load(STRATEGY, "steady.yaml"))
    assert not problems
    bars = {"AAA": history_of(program.spec, folder).bars("AAA", "1m", DAY, DAY, "raw", False)}
    rehearsed = Rehearsed(SimulatedClock(BEGIN), Replay(bars, BEGIN), None, BEGIN, DAY)
    deployment = Deployment(program, STRATEGY, folder, PAPER, folder / "state", os.environ, {})
    said, records = [], []

    def ended(run, why):
        records.extend(run.journal.finished({}, []).records["kind"].tolist())
        if killed:
            raise Killed
        ends(run, why)

    ends = LiveRun.ended
    with monkeypatch.context() as patched:
        patched.setattr(LiveRun, "ended", ended)
        operation = operating.Operation(
            deployment, said.append, None, rehearsed, operating.Standing("steady", PAPER, 0)
        )
        if who:
            operation.desk.post(Notice(events.STOPPED, who=who, why="maintenance"))
        with contextlib.suppress(Killed):
            operation.last()
    return said, records, operation.stop.why


def test_it_is_finished_and_not_gone_on_from(tmp_path, monkeypatch):
    _, first, _ = lived(tmp_path, "carol", True, monkeypatch)
    assert first.count(events.STOPPED) == 1
    said, second, why = lived(tmp_path, monkeypatch=monkeypatch)
    assert second == first
    assert why == "carol: maintenance"
    assert [line for line in said if "carol: maintenance" in line and "Start again to go on" in line]
    _, third, why = lived(tmp_path, monkeypatch=monkeypatch)
    assert len(third) > len(first)
    assert why == ""


@pytest.mark.parametrize(("who", "killed"), [("SIGTERM", True), ("carol", False)])
def test_what_is_no_such_stop_goes_on(who, killed, tmp_path, monkeypatch):
    """A machine that is shut down ends runs with SIGTERM and then kills them: after its start they go on."""
    _, first, _ = lived(tmp_path, who, killed, monkeypatch)
    _, second, _ = lived(tmp_path, monkeypatch=monkeypatch)
    assert len(second) > len(first)


def test_words():
    assert starts.stop_of([Notice(events.PAUSED, who="a"), Notice(events.STOPPED, who="b")]) == "b"
    assert starts.stop_of([]) == ""
