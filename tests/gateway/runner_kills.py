"""Kills the runner with SIGKILL at random instants of busy sessions with faults, and compares the books.

    python -m tests.gateway.runner_kills --kills 100 --seed 1

Each life is a process of `runner_killed.py`: the real live run of `busy.yaml` on the same journal and the same store, on
a clock that goes on while it is dead. After each kill the bars pause, the next life comes up under the same faults, and
must agree with the broker: every order's shares and costs, what is open, every position, and the cash to the millionth
of a dollar. Then it trades until it is killed. (A life that is killed while it comes up is compared by the one after.)
Needs `../shared/gateway`.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.conftest import ROOT
from tests.gateway.runner_books import Books
from tests.gateway.runner_killed import (
    ARMED,
    ASKED,
    CASH,
    COMMITTING,
    EARLY,
    HEARING,
    IN_FLIGHT,
    READING,
    RECORDED,
    SENDING,
    SIZE,
    STARTING,
    UP,
)  # fmt: skip
from tests.gateway.runner_market import BEGIN, SPEED, SYMBOLS, Market
from tests.gateway.stand_in import free_port, parts

# All but `restart-every`: numbers that begin anew while the client is dead lose for good what was published meanwhile.
FAULTS = (
    "drop-request:0.02,drop-reply:0.04,late-reply:0.01,early:0.05,refuse:0.02,reject:0.02,cancel-reject:0.05,"
    "refuse-logon:0.05,gap:0.05,dup:0.05,swap:0.05,noise:0.05,bounce-every:23s,expire-every:29s"
)
# How lives end, out of a hundred; the rest by a timer from outside.
DECK = {"in_flight": 40, "recorded": 10, "asked": 10, "commit": 2, "committed": 2, "journal": 2, "journaled": 2,
        "news": 2, "acknowledged": 2, "epoch": 2, "starting": 5, "hearing": 5, "replay": 10, "timer": 6}  # fmt: skip
PASSINGS = {"in_flight": 12, "recorded": 12, "asked": 12, "commit": 60, "committed": 60, "journal": 60, "journaled": 60,
            "news": 40, "acknowledged": 20, "epoch": 4, "starting": 8, "replay": 3}  # fmt: skip
ENVIRONMENT = {"ATREYU_USERNAME": "KILL", "ATREYU_PASSWORD": "kill-secret", "ATREYU_CLIENT_ID": "KILL1",
               "ATREYU_BROKER_MPID": "ABCD", "ATREYU_LOCATE_RQD": "N", "ATREYU_HOST": "tcp://127.0.0.1"}  # fmt: skip


KEEP = os.environ.get("KEEP_STATE", "")  # a folder for the state of a session that failed


class Sessions:
    """One session: the gateway, the market, and the lives of the runner."""

    def __init__(self, seed, faults=FAULTS):
        harness, hub, _, _ = parts()
        from gateway.free import Broker, Options, parse_faults

        self.seed, self.rng = seed, random.Random(seed)
        self.temporary = tempfile.TemporaryDirectory(prefix="runner-kills-")
        self.folder = Path(self.temporary.name)
        self.simulator = harness.Simulator(hub.Settings(
            username="KILL", password="kill-secret", client_id="KILL1", heartbeat=0.3, req_port=free_port(), sub_port=free_port(),
        ))  # fmt: skip

        async def broker():
            made = Broker(self.simulator.hub, Options(seed=seed, faults=parse_faults(faults), delay=0.01))
            made.start()
            return made

        self.broker = self.simulator.call(broker())
        self.market = Market(self.folder / "bars.csv", self.broker.prices)
        self.prepare()
        self.market.start()
        self.books = Books(self.broker, self.folder, SYMBOLS)
        self.deaths, self.problems = Counter(), []
        self.checks = 0
        self.slowest = 0.0

    def prepare(self):
        """The strategy, the bars before the start, the marks."""
        text = (ROOT / "tests" / "gateway" / "busy.yaml").read_text(encoding="utf-8")
        text = text.replace("THROUGH", ("split", "short")[self.seed % 2])
        (self.folder / "strategy.yaml").write_text(text, encoding="utf-8")
        (self.folder / "marks").write_bytes(bytes(SIZE))
        self.market.history(self.folder / "history")

    def begin(self, plan):
        hub = self.simulator.hub
        ports = {"ATREYU_REQ_PORT": str(hub.req_port), "ATREYU_SUB_PORT": str(hub.sub_port)}
        most = self.books.inputs() if plan == "hearing" else PASSINGS.get(plan, 1)
        self.set(UP, 0)
        self.set(ARMED, 0)
        work = {"folder": str(self.folder), "environment": ENVIRONMENT | ports, "plan": plan,
                "count": self.rng.randint(1, max(most, 1)), "begin": BEGIN, "wall": self.market.wall,
                "speed": SPEED}  # fmt: skip
        with (self.folder / "errors").open("w") as errors:
            return subprocess.Popen([sys.executable, "-m", "tests.gateway.runner_killed", json.dumps(work)], cwd=ROOT,
                                    stdout=errors, stderr=errors)  # fmt: skip

    def marks(self):
        return (self.folder / "marks").read_bytes()

    def set(self, place, value):
        with (self.folder / "marks").open("r+b") as file:
            os.pwrite(file.fileno(), bytes([value]), place)

    def up(self, process, patience=30.0):
        """Wait until the life is at the end of the past; whether it came so far."""
        until = time.monotonic() + patience
        while process.poll() is None and time.monotonic() < until:
            if self.marks()[UP]:
                return True
            time.sleep(0.02)
        return False

    def kill(self, plan):
        """One life. Whether it died as it should."""
        self.market.quiet.set()
        process = self.begin(plan)
        if plan not in EARLY:
            if not self.up(process):
                return self.over(process, plan)
            self.check(process)
            self.market.quiet.clear()
            time.sleep(self.rng.uniform(0.5, 2.5))
            self.set(ARMED, 1)
            if plan == "timer":
                time.sleep(self.rng.uniform(0.1, 2.0))
                process.kill()
        try:
            process.wait(timeout=12)
        except subprocess.TimeoutExpired:  # the point was not passed so often: from outside, then
            process.kill()
        return self.over(process, plan)

    def over(self, process, plan):
        """Count a death, or say why it was none."""
        process.wait()
        self.market.quiet.set()
        if process.returncode != -9:
            errors = (self.folder / "errors").read_text(encoding="utf-8")
            if ("DataFault: the gateway:" in errors and "FLIRT" in errors) or "no answer" in errors:
                self.deaths["(logon refused: started again)"] += 1
            else:
                self.problems.append(f"the runner ended by itself ({plan}): {errors[-3000:]}")
            return False
        marks = self.marks()
        self.deaths["killed"] += 1
        in_flight = marks[SENDING] == IN_FLIGHT
        for name, true in (
            ("request in flight", in_flight),
            ("between record and send", not in_flight and (marks[SENDING] == RECORDED or marks[ASKED])),
            ("during a replay of the gateway's", marks[READING] == 1),
            ("hearing the journal", marks[HEARING] == 1 and not marks[UP]),
            ("in start-up", marks[STARTING] == 1),
            ("in a transaction", marks[COMMITTING] == 1),
        ):
            self.deaths[name] += bool(true)
        self.deaths["elsewhere"] += not any(
            marks[i] for i in (SENDING, ASKED, READING, HEARING, STARTING, COMMITTING)
        )
        return True

    def check(self, process, patience=45.0):
        """Wait for the books to agree; what differs is a problem."""
        began = time.monotonic()
        while True:
            cash = struct.unpack("<q", self.marks()[CASH:])[0]
            found = self.books.differences(cash)
            if not found or process.poll() is not None or time.monotonic() - began > patience:
                break
            time.sleep(0.1)
        self.checks += 1
        self.slowest = max(self.slowest, time.monotonic() - began)
        if found and process.poll() is None:
            self.problems += [f"after {self.deaths['killed']} kills: {text}" for text in found]
            process.send_signal(signal.SIGUSR1)
            time.sleep(0.5)
            self.problems.append((self.folder / "errors").read_text(encoding="utf-8")[-4000:])
            if KEEP:
                shutil.copytree(self.folder, KEEP, dirs_exist_ok=True)

    def settle(self):
        """The faults stop; a last life, and its end by a signal."""
        self.broker.options.faults = {}
        self.broker.stop_troubles()
        self.market.quiet.set()
        for _ in range(10):
            process = self.begin("none")
            if self.up(process):
                self.check(process)
                process.terminate()
                process.wait(20)
                break
            self.over(process, "none")
        else:
            self.problems.append("the last life did not come up")

    def close(self):
        self.market.ended.set()
        self.market.join()
        self.simulator.call(self.broker.stop())
        self.simulator.close()
        self.simulator.loop.close()
        self.temporary.cleanup()


def deck(kills, rng):
    """The ways to die, in the deck's parts, shuffled."""
    plans = [plan for plan, parts in DECK.items() for _ in range(round(parts * kills / 100))]
    plans += rng.choices(list(DECK), list(DECK.values()), k=max(0, kills - len(plans)))
    rng.shuffle(plans)
    return plans[:kills]


def session(plans, seed, faults=FAULTS, say=lambda text: None):
    """One session with these deaths: its figures, deaths, problems, faults, and the longest wait for agreement."""
    one = Sessions(seed, faults)
    try:
        plans = list(plans)
        while plans and not one.problems:
            if one.kill(plans[-1]):
                say(f"{one.deaths['killed']:3d} {plans.pop()}")
        if not one.problems:
            one.settle()
        state = one.broker.state()
        orders, fills, shares = one.books.figures()
        figures = Counter(
            orders=orders, fills=fills, shares=shares, logons=len(state["logons"]), checks=one.checks
        )
        return figures, one.deaths, one.problems, Counter(state["faults"]), one.slowest
    finally:
        one.close()


def main(words=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--sessions", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--fault", default=FAULTS)
    options = parser.parse_args(words)
    figures, deaths, faults, problems, slowest = Counter(), Counter(), Counter(), [], 0.0
    plans = deck(options.kills, random.Random(options.seed))
    for number in range(options.sessions):
        dealt = plans[number :: options.sessions]
        print(f"session {number + 1}: {len(dealt)} kills", flush=True)
        found = session(dealt, options.seed + number, options.fault, lambda text: print(text, flush=True))
        figures, deaths, problems, faults = (
            figures + found[0],
            deaths + found[1],
            problems + found[2],
            faults + found[3],
        )
        slowest = max(slowest, found[4])
    print(", ".join(f"{count} {name}" for name, count in figures.items()))
    print("faults:", ", ".join(f"{count} {name}" for name, count in sorted(faults.items())))
    for name, count in deaths.items():
        print(f"{count:4d} {name}")
    print(f"books agreed within {slowest:.1f} s of the runner's coming up")
    for text in problems:
        print("  -", text)
    print("FAILED" if problems else "books agree")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
