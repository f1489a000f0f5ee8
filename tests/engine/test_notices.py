"""What is said to a live run: whole runs over hand-made bars, replayed, with notices at given times.

The expected sentences are worked out by hand from design section 6 and the brief of the commands: entries stop, exits, protections
and cancels pass; a flatten is left until flat; a silent symbol opens nothing and its exits wait. Market orders fill at the close of
the newest bar (it is no hour old), limits at a later bar that trades through them.
"""

import sqlite3
from contextlib import closing

import msgspec
import pytest

from runner.adapters.clocks import SimulatedClock
from runner.adapters.desk import MOST, Desk
from runner.adapters.live_journal import LiveJournal
from runner.adapters.replay import Replay
from runner.adapters.simulated import SimulatedBroker
from runner.assemble import header
from runner.engine import live_day, live_start
from runner.engine.compaction import Compaction
from runner.engine.live_instants import LiveInstants
from runner.engine.loop import Loop
from runner.engine.ports import Notice
from runner.engine.recorded import INSTANT
from runner.engine.world import Growth
from runner.market import events
from tests import made
from tests.engine import tiny

KINDS = {word: code for code, (word, _) in events.RECORD_KINDS.items()}


class Scripted(Desk):
    """Notices that are posted when the clock has come to their time."""

    def __init__(self, script, clock):
        super().__init__()
        self.script, self.clock = list(script), clock
        self.tickets = []

    def waiting(self):
        while self.script and self.script[0][0] <= self.clock.now():
            self.tickets.append(self.post(*self.script.pop(0)[1]))
        return super().waiting()


class Quiet(Replay):
    """A feed that finds A silent from one time to another."""

    def __init__(self, bars, since, clock, span):
        super().__init__(bars, since)
        self.clock, self.span = clock, span

    def quiet(self):
        return {"A"} if self.span and self.span[0] <= self.clock.now() < self.span[1] else set()


def at(text):
    """`Mon 10:01 paused alice: lunch`: when, and what is said."""
    day, clock, kind, *rest = text.split()
    time = made.at(tiny.date_of(day), clock)
    if kind in ("silent", "heard"):
        return time, []
    who, _, why = " ".join(rest).partition(": ")
    return time, [Notice(KINDS[kind], who=who, why=why)]


def live(ready, path, script=(), stop_after=None, most=0):
    """The run of `ready`, live: sentences, and the desk. `stop_after`: inputs after which its process is gone; `most`:
    inputs of an epoch of its journal."""
    program, prepared, days = ready.program, ready.prepared, ready.calendar
    begin = days.midnight_of(prepared.first_day)
    past = live_start.past_bars(program, ready.history, days, prepared.first_day, begin)
    first = live_day.lay_out(program, ready.history, days, prepared.first_day)
    started = live_start.start(program, days, first, past, begin)
    clock = SimulatedClock(max([begin, *(entry[1][0] for entry in logged(path))]))
    said = [at(one) for one in script]
    desk = Scripted([one for one in said if one[1]], clock)
    feed = Quiet(prepared.bars, begin, clock, [time for time, notices in said if not notices])
    journal = LiveJournal(path) if stop_after is None else Killed(path, stop_after)
    journal.use_texts(started.rules.texts)
    instants = LiveInstants(
        program, days, lambda day: live_day.lay_out(program, ready.history, days, day), feed,
        clock, started.store, lambda: False, prepared.last_day, journal, desk,
    )  # fmt: skip
    broker = SimulatedBroker(started.world)
    if most:
        parts = {"columns": started.store, "instants": instants}
        epochs = Compaction(journal, started.world, started.rules.texts, parts, days, most)
        epochs.resume()
        instants.resting = lambda world: epochs.rest(instants.latest) or True
    loop = Loop(started.world, instants, Growth(False), broker, journal, True, started.rules.texts)
    try:
        loop.run()
        found = journal.finished(header(ready, started.world), started.rules.texts)
    finally:
        journal.close()
    return tiny.sentences(type("Run", (), {"journal": found})), desk


class Stopped(Exception):  # noqa: N818
    """The process is gone."""


class Killed(LiveJournal):
    def __init__(self, path, after):
        super().__init__(path)
        self.left = after

    def write(self, entry):
        self.left -= 1
        if self.left < 0:
            raise Stopped
        super().write(entry)

    def close(self):
        self._db.close()
        self._owner.close()


UP = (
    "Mon 10:00 100 101 99 100; Mon 10:01 100 102 99 101; Mon 10:02 101 103 100 102; Mon 10:03 102 104 101 103"
)
IN_OUT = """[{name: in, when: close > 100, enter: long, size: {shares: 10}},
             {name: out, when: close > 102, exit: position}]"""

RUNS = {
    "entries stop": (
        IN_OUT, UP, ["Mon 10:00 paused alice: lunch"],
        "Mon 10:00 paused alice: lunch; Mon 10:01 refused +10 paused; Mon 10:03 skipped nothing_to_exit",
    ),
    "exits pass": (
        IN_OUT, UP, ["Mon 10:02 paused bob"],
        """Mon 10:01 submitted #1 +10; Mon 10:01 filled #1 +10 @ 101; Mon 10:02 paused bob;
           Mon 10:03 submitted #2 -10; Mon 10:03 filled #2 -10 @ 103""",
    ),
    "entries go on": (
        "[{name: in, when: close > 100, every_bar: true, enter: long, size: {shares: 10}}]", UP,
        ["Mon 10:00 paused alice: lunch", "Mon 10:02 resumed bob: back"],
        """Mon 10:00 paused alice: lunch; Mon 10:01 refused +10 paused; Mon 10:02 resumed bob: back;
           Mon 10:02 submitted #1 +10; Mon 10:02 filled #1 +10 @ 102""",
    ),
    "a plain purchase is stopped, a plain sale of what is held is not": (
        """[{name: b, when: close > 0, buy: 10 shares}, {name: s, when: close > 101, sell: 4 shares},
            {name: t, when: close > 102, sell: 7 shares}]""", UP, ["Mon 10:01 paused alice"],
        """Mon 10:00 submitted #1 +10; Mon 10:00 filled #1 +10 @ 100; Mon 10:01 paused alice;
           Mon 10:02 submitted #2 -4; Mon 10:02 filled #2 -4 @ 102; Mon 10:03 refused -7 paused""",
    ),
    "the portfolio is stopped": (
        "", UP, ["Mon 10:01 paused alice"],
        "Mon 10:00 gated; Mon 10:01 paused alice; Mon 10:02 weight 0.5; Mon 10:02 refused +488 paused",
    ),
    "a protection passes": (
        "[{name: in, when: close > 100, enter: long, size: {shares: 10}, protect: {target: 0.5}}]", UP, ["Mon 10:02 paused alice"],
        """Mon 10:01 submitted #1 +10; Mon 10:01 filled #1 +10 @ 101; Mon 10:02 paused alice;
           Mon 10:02 protected target +10 @ 102 level 101.5; Mon 10:02 submitted #2 -10; Mon 10:02 filled #2 -10 @ 102""",
    ),
    "an update may not enlarge an entry, a cancel passes": (
        """[{name: in, when: close > 99, buy: 10 shares, order: {limit: {price: 90}}, as: low},
            {name: more, when: close > 101, update: low, quantity: 20},
            {name: off, when: close > 102, cancel: low}]""", UP, ["Mon 10:01 paused alice"],
        """Mon 10:00 submitted #1 +10 limit 90; Mon 10:01 paused alice; Mon 10:02 refused +20 paused; Mon 10:03 cancelled #1""",
    ),
    # Two positions' worth: ten shares held and a limit that waits; both are gone at once, at the newest close.
    "flatten acts at once": (
        """[{name: in, when: close > 100, enter: long, size: {shares: 10}},
            {name: low, when: close > 100, buy: 10 shares, order: {limit: {price: 90}}},
            {name: again, when: close > 102, buy: 1 shares}]""", UP, ["Mon 10:02 flatten carol: storm"],
        """Mon 10:01 submitted #1 +10; Mon 10:01 filled #1 +10 @ 101; Mon 10:01 submitted #2 +10 limit 90;
           Mon 10:02 flatten carol: storm; Mon 10:02 cancelled #2; Mon 10:02 submitted #3 -10; Mon 10:02 filled #3 -10 @ 102;
           Mon 10:03 refused +1 paused""",
    ),
    "flatten out of session waits for the session": (
        "[{name: in, when: close > 100, enter: long, size: {shares: 10}}]", UP + "; Tue 09:31 90 91 89 90; Tue 09:32 91 92 90 91",
        ["Mon 16:00 flatten carol"],
        """Mon 10:01 submitted #1 +10; Mon 10:01 filled #1 +10 @ 101; Mon 16:00 flatten carol; Mon 16:00 queued #2 -10;
           Tue 09:30 submitted #2 -10; Tue 09:31 filled #2 -10 @ 90""",
    ),
    "everything is withdrawn, then it ends": (
        "[{name: low, when: close > 100, buy: 10 shares, order: {limit: {price: 90}}}, {name: n, when: close > 102, note: late}]", UP,
        ["Mon 10:02 cancel_all dave", "Mon 10:02 stopped dave: home"],
        "Mon 10:01 submitted #1 +10 limit 90; Mon 10:02 cancel_all dave; Mon 10:02 cancelled #1; Mon 10:02 stopped dave: home",
    ),
    "a silent symbol opens nothing": (
        """[{name: in, at: {after_open: 31m}, enter: long, size: {shares: 10}},
            {name: again, at: {after_open: 33m}, enter: long, size: {shares: 10}}]""",
        "Mon 10:00 100 101 99 100; Mon 10:02 101 103 100 102; Mon 10:03 102 104 101 103", ["Mon 10:01 silent", "Mon 10:02 heard"],
        """Mon 10:01 silent feed; Mon 10:01 refused +10 silent; Mon 10:02 heard feed; Mon 10:03 submitted #1 +10;
           Mon 10:03 filled #1 +10 @ 103""",
    ),
    "the exits of a silent symbol wait until it is heard": (
        """[{name: in, when: close > 100, enter: long, size: {shares: 10}}, {name: out, at: {after_open: 33m}, exit: position}]""",
        "Mon 10:00 100 101 99 100; Mon 10:01 100 102 99 101; Mon 10:05 101 103 100 102; Mon 10:06 102 104 101 103",
        ["Mon 10:02 silent", "Mon 10:05 heard"],
        """Mon 10:01 submitted #1 +10; Mon 10:01 filled #1 +10 @ 101; Mon 10:02 silent feed; Mon 10:03 queued #2 -10;
           Mon 10:05 heard feed; Mon 10:05 submitted #2 -10; Mon 10:05 filled #2 -10 @ 102""",
    ),
}  # fmt: skip
MORE = {
    "the portfolio is stopped": "portfolio: {rebalance: {every: 2m}, only_if: close > 101, weight: {fixed: {A: 50%}}}",
}


def ready_for(case, folder):
    rules, bars = RUNS[case][:2]
    return tiny.ready(rules, bars, folder, more=MORE.get(case, ""))


@pytest.mark.parametrize("case", RUNS)
def test_worked(case, tmp_path):
    script, expected = RUNS[case][2:]
    found, desk = live(ready_for(case, tmp_path), tmp_path / "j.db", script)
    assert found == tiny.told(expected)
    assert not desk.waiting()
    assert all(ticket.obeyed and ticket.at for ticket in desk.tickets)


@pytest.mark.parametrize("most", [0, 4])
@pytest.mark.parametrize("case", RUNS)
def test_killed_and_heard_again(case, most, tmp_path):
    """After each input in turn: what was said before is heard from the log, what was not taken is said again."""
    script, expected = RUNS[case][2:]
    ready, path = ready_for(case, tmp_path), tmp_path / "j.db"
    for _ in range(100):
        left = script if "silent" in script[0] else script[len(taken(path)) :]
        try:
            found, _ = live(ready, path, left, stop_after=3, most=most)
            break
        except Stopped:
            continue
    else:
        pytest.fail("it never comes to its end")
    expected = tiny.told(expected)
    assert found[: len(expected)] == expected  # after a stop it goes on when it is started again


def logged(path):
    """The instants that are in the log for good, of all its epochs."""
    if not path.exists():
        return []
    with closing(sqlite3.connect(path)) as db:
        found = [
            msgspec.msgpack.decode(body) for (body,) in db.execute("SELECT body FROM inputs ORDER BY serial")
        ]
    return [entry for entry in found if entry[0] == INSTANT]


def taken(path):
    """The notices that are in the log for good."""
    return [notice for entry in logged(path) for notice in entry[3]]


def test_yesterdays_log_has_no_notices(tmp_path):
    """Entries of three parts are heard as before."""
    ready, path = ready_for("exits pass", tmp_path), tmp_path / "j.db"
    before, _ = live(ready, path)
    journal = LiveJournal(path)
    old = []
    while (entry := journal.recall()) is not None:
        old.append(entry[:3])
    journal.close()
    path.unlink()
    journal = LiveJournal(path)
    for entry in old:
        journal.write(entry)
    journal.close()
    assert live(ready, path)[0] == before


def test_no_more_than_an_instant_holds():
    desk = Desk()
    for i in range(MOST + 1):
        ticket = desk.post(Notice(events.TOLD, why=str(i)))
    assert [notice.why for notice in desk.take(7)] == [str(i) for i in range(MOST)]
    desk.done()
    assert desk.waiting()
    assert (ticket.settled(), ticket.at) == (False, 0)
    assert [notice.why for notice in desk.take(8)] == [str(MOST)]
    desk.done()
    assert (ticket.obeyed, ticket.at) == (True, 8)
    assert not desk.waiting()


def test_texts_are_in_the_file(tmp_path):
    """Who reads the journal alone has the words."""
    live(ready_for("entries stop", tmp_path), tmp_path / "j.db", ["Mon 10:00 paused alice: lunch"])
    journal = LiveJournal(tmp_path / "j.db")
    number = int(journal.finished({}, []).records[0]["text"])
    journal.close()
    with sqlite3.connect(tmp_path / "j.db") as db:
        assert db.execute("SELECT text FROM texts WHERE serial = ?", (number + 1,)).fetchall() == [
            ("alice: lunch",)
        ]
