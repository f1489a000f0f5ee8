"""A process that runs a strategy live until it is killed; `runner_kills.py` starts it again and again.

It is the product's own live run: YAML, clock, feed of lines, gateway's client, both stores. Put around its functions are
marks in a shared file, which say what it is doing, and points at which it kills itself with SIGKILL when a plan says so:
a moment of microseconds is not hit from outside. None of them changes what the product does.
"""

from __future__ import annotations

import faulthandler
import json
import mmap
import os
import random
import signal
import struct
import sys
import threading
import time
from pathlib import Path

import zmq

# Bytes of the shared file: what the process is doing. After them the engine's cash, eight bytes.
STARTING, SENDING, READING, HEARING, COMMITTING, UP, ARMED, ASKED, CASH = range(9)
SIZE = 16
EPOCH = 500  # inputs, not 20,000: so that there are epochs in a session of minutes
RECORDED, IN_FLIGHT = 1, 2  # of SENDING
EARLY = ("starting", "hearing", "replay")  # plans that need no trading
PLANS = ("timer", "in_flight", "recorded", "asked", "commit", "committed", "journal", "journaled", "news",
         "acknowledged", "epoch", *EARLY)  # fmt: skip


class Marks:
    """The shared bytes, and the plan of this life: a way to die and how many times its point is passed before."""

    def __init__(self, path, plan, count):
        self.file = path.open("r+b")
        self.bytes = mmap.mmap(self.file.fileno(), SIZE)
        self.bytes[:CASH] = bytes([1]) + bytes(CASH - 1)
        self.plan, self.left = plan, count

    def set(self, place, value):
        self.bytes[place] = value

    def cash(self, millionths):
        self.bytes[CASH:] = struct.pack("<q", millionths)

    def reached(self, plan):
        """Die here when the plan says so, at the given time of passing."""
        if plan == self.plan and (plan in EARLY or self.bytes[ARMED]):
            self.left -= 1
            if self.left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)


def around(cls, name, before=None, after=None):
    """Call `before` and `after` with the arguments of each call of a method."""
    inner = getattr(cls, name)

    def outer(self, *values, **named):
        if before is not None:
            before(self, *values)
        result = inner(self, *values, **named)
        if after is not None:
            after(self, *values)
        return result

    setattr(cls, name, outer)


def of_client(marks):
    """The gateway's client: its store, its requests, its stream."""
    from runner.adapters.atreyu import Atreyu
    from runner.adapters.atreyu_logons import Logons
    from runner.adapters.atreyu_reader import Reader
    from runner.adapters.atreyu_sender import Sender
    from runner.adapters.atreyu_sockets import Line
    from runner.adapters.atreyu_store import SqliteStore

    def recorded(*_):
        marks.set(SENDING, RECORDED)
        marks.reached("recorded")

    def in_flight(_, socket, event, *__):
        if threading.current_thread().name == "atreyu-requests" and event == zmq.POLLIN:
            marks.set(ASKED, 0)
            marks.set(SENDING, IN_FLIGHT)
            if marks.plan == "in_flight" and marks.bytes[ARMED]:
                time.sleep(random.random() * 0.004)
            marks.reached("in_flight")

    def replayed(_, frames):
        marks.set(READING, any(b'"PossDupFlag"' in frame for frame in frames))
        if marks.bytes[READING] and random.random() < 0.5:
            marks.reached("replay")

    def taken(*_):
        if marks.bytes[READING]:
            marks.reached("replay")
        marks.set(READING, 0)

    def committing(*_):
        marks.set(COMMITTING, 1)
        marks.reached("commit")

    def committed(*_):
        marks.reached("committed")
        marks.set(COMMITTING, 0)

    around(Sender, "_ask", recorded, lambda *_: marks.set(SENDING, 0))
    around(Line, "_ready", in_flight)
    around(Reader, "_batch", replayed, taken)
    around(SqliteStore, "commit", committing, committed)
    around(Atreyu, "acknowledge", None, lambda *_: marks.reached("acknowledged"))
    for cls, name in ((SqliteStore, "__init__"), (Atreyu, "start"), (Logons, "log_on")):
        point = lambda *_: marks.reached("starting")  # noqa: E731
        around(cls, name, point, point)


def of_engine(marks):
    """The run: its journal, what it asks, what it hears."""
    from runner.adapters.live_journal import LiveJournal
    from runner.assemble.live import LiveRun
    from runner.engine.compaction import Compaction
    from runner.engine.loop import Loop
    from runner.engine.recorded import ASKED as ASKING
    from runner.engine.recorded import LISTEN, NEWS

    last = []
    heard = LiveJournal.recall

    def recall(self):
        entry = heard(self)
        marks.set(HEARING, entry is not None)
        if entry is not None:
            marks.reached("hearing")
        elif not marks.bytes[UP] and marks.bytes[STARTING] == 0:
            marks.set(UP, 1)
        return entry

    def wrote(_, entry):
        last[:] = entry[:2]
        if entry[0] == NEWS:
            marks.reached("news")

    def committing(*_):
        marks.set(COMMITTING, 1)
        marks.reached("journal")

    def committed(*_):
        if last and last[0] == ASKING and last[1] != LISTEN:
            marks.set(ASKED, 1)
            marks.reached("asked")
        marks.reached("journaled")
        marks.set(COMMITTING, 0)

    LiveJournal.recall = recall

    def opened(run, *_):
        marks.reached("starting")
        marks.set(STARTING, 0)
        marks.cash(run.started.world.account[0].cash)

    def epoch(*_):
        marks.reached("epoch")

    around(Compaction, "begin", epoch, epoch)
    around(LiveJournal, "begin", epoch, epoch)
    Compaction.__init__.__defaults__ = (EPOCH,)
    around(LiveRun, "run", opened)
    around(LiveJournal, "write", None, wrote)
    around(LiveJournal, "commit", committing, committed)
    around(Loop, "_instant", None, lambda self, _: marks.cash(self._world.account[0].cash))


def main(words):
    faulthandler.register(signal.SIGUSR1)  # where it is when it does not come to agree
    work = json.loads(words[0])
    folder = Path(work["folder"])
    marks = Marks(folder / "marks", work["plan"], work["count"])
    marks.reached("starting")
    of_client(marks)
    of_engine(marks)
    from runner.adapters.bar_grid import BarGrid
    from runner.adapters.clocks import ReplayClock
    from runner.adapters.feed_file import FileSource
    from runner.adapters.feed_settings import FeedSettings, FileFeed
    from runner.adapters.live_feed import LiveFeed
    from runner.adapters.sessions import calendar
    from runner.assemble.deployment import Deployment, Rehearsed
    from runner.engine import live_day
    from runner.language.source import load
    from runner.language.validate import understand
    from runner.operate import live as operating
    from tests.gateway.adapter import Always

    text = (folder / "strategy.yaml").read_text(encoding="utf-8")
    program, problems = understand(load(text, "strategy.yaml"))
    assert not problems, problems
    begin = work["begin"]
    day = begin // 86_400_000_000_000
    # Where the session is now, not where it was when the process before died.
    clock = ReplayClock(begin + int((time.time() - work["wall"]) * work["speed"] * 1e9), work["speed"])
    grid = BarGrid(calendar(day - 5, day + 5), live_day.steps(program), False)
    source = FileSource(FileFeed(path="bars.csv"), clock, folder)
    feed = LiveFeed([source], grid, clock, FeedSettings(bar_wait=0.4), begin)
    rehearsed = Rehearsed(clock, feed, Always(True), begin)
    deployment = Deployment(program, text, folder, "live", folder / "state", work["environment"], {})
    marks.reached("starting")
    operating.operate(deployment, lambda line: None, rehearsed=rehearsed)


if __name__ == "__main__":
    main(sys.argv[1:])
