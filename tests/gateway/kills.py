"""Kills the client with SIGKILL at random instants of busy sessions with faults, and compares the books.

    python -m tests.gateway.kills --kills 100

Each life is a process of `killed.py` with the same store. After the last, the faults stop, one more life looks on until
its books are the broker's: every order's shares and cost, every position, and the cash that an engine would have booked
from the news, each once. Needs `../shared/gateway`.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from decimal import Decimal
from pathlib import Path

from tests.conftest import ROOT
from tests.gateway.killed import COMMITTING, IN_FLIGHT, READING, RECORDED, SENDING, STARTING
from tests.gateway.stand_in import free_port, parts

# All but `restart-every`: numbers that begin anew while the client is dead lose for good what was published meanwhile.
FAULTS = (
    "drop-request:0.02,drop-reply:0.05,early:0.05,refuse:0.02,reject:0.02,cancel-reject:0.05,refuse-logon:0.05,gap:0.05,"
    "dup:0.05,swap:0.05,noise:0.05,bounce-every:23s,expire-every:29s"
)
LOGIN = {
    "username": "KILL",
    "password": "kill-secret",
    "client_id": "KILL1",
    "broker_mpid": "ABCD",
    "locate_rqd": "N",
}
SETTINGS = {"resolve_after": 1.5, "settle": 0.6, "through_zero": "split"}
# How a life ends: in these parts, and after how many passings at most.
WAYS = {"timer": 3, "recorded": 6, "in_flight": 6, "replay": 3, "commit": 1, "committed": 1, "starting": 1}
PASSINGS = {"recorded": 8, "in_flight": 8, "replay": 3, "commit": 30, "committed": 30, "starting": 3}


class Lives:
    """The gateway of one session, and the lives of its client."""

    def __init__(self, seed, faults=FAULTS, waits=None):
        harness, hub, _, _ = parts()
        from gateway.free import Broker, Options, parse_faults

        self.rng = random.Random(seed)
        self.folder = tempfile.TemporaryDirectory(prefix="kills-")
        self.simulator = harness.Simulator(hub.Settings(
            username=LOGIN["username"], password=LOGIN["password"], client_id=LOGIN["client_id"], heartbeat=0.3, req_port=free_port(), sub_port=free_port(),
        ))  # fmt: skip

        async def broker():
            made = Broker(self.simulator.hub, Options(seed=seed, faults=parse_faults(faults), delay=0.01))
            made.start()
            return made

        self.broker = self.simulator.call(broker())
        self.symbols = {f"K{number}": float(self.broker.prices.of(f"K{number}")) for number in range(4)}
        (Path(self.folder.name) / "marks").write_bytes(bytes(8))
        self.deaths = Counter()
        self.life = 0
        self.waits = waits or {"request_timeout": 0.8, "heartbeat_timeout": 1.2, "check_interval": 0.15}

    def begin(self, plan, count, seconds, trade=True):
        self.life += 1
        hub = self.simulator.hub
        config = {"host": f"tcp://{hub.settings.host}", "req_port": hub.req_port, "sub_port": hub.sub_port, **LOGIN,
                  "market": "open", "holdings": {}, "state_dir": self.folder.name, "settings": self.waits}  # fmt: skip
        work = {"config": config, "settings": SETTINGS, "plan": plan, "count": count, "seed": self.rng.random(),
                "prices": self.symbols, "trade": trade, "seconds": seconds, "life": self.life, "rate": 40.0}  # fmt: skip
        return subprocess.Popen(
            [sys.executable, "-m", "tests.gateway.killed", json.dumps(work)],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def kill(self):
        """One life: begun, traded, killed."""
        plan = self.rng.choices(list(WAYS), list(WAYS.values()))[0]
        process = self.begin(plan, self.rng.randint(1, PASSINGS.get(plan, 1)), 60.0)
        if plan == "timer":
            time.sleep(self.rng.uniform(0.2, 3.0))
            process.kill()
        try:
            _, errors = process.communicate(timeout=6)
        except subprocess.TimeoutExpired:  # the point was not passed so often: from outside, then
            process.kill()
            _, errors = process.communicate()
        if process.returncode != -9:  # refused while the market is open: the supervisor would try again
            assert "LogonRefused" in errors, errors
            self.deaths["logon refused"] += 1
            return False
        marks = (Path(self.folder.name) / "marks").read_bytes()
        self.deaths["killed"] += 1
        for name, true in (
            ("starting", marks[STARTING] == 1),
            ("recorded, not sent", marks[SENDING] == RECORDED),
            ("request in flight", marks[SENDING] == IN_FLIGHT),
            ("taking a replay", marks[READING] == 1),
            ("in a transaction", marks[COMMITTING] == 1),
        ):
            self.deaths[name] += true
        return True

    def settle(self, patience=40.0):
        """Stop the faults; what differs between the books when all has been told."""
        self.broker.options.faults = {}
        self.broker.stop_troubles()
        until = time.monotonic() + patience
        while True:
            process = self.begin("none", 0, 5.0, trade=False)
            out, errors = process.communicate(timeout=60)
            if process.returncode == 0:
                differences = self.differences(json.loads(out))
                if not differences or time.monotonic() > until:
                    return differences
            else:
                assert "LogonRefused" in errors, errors

    def differences(self, mine):
        """Sentences; none when the books agree."""
        truth = self.broker.state()
        owner = {name: ref for ref, (ids, *_) in mine["orders"].items() for name in ids}
        found = []
        shares, worth, ended = Counter(), Counter(), {}
        fees, cash = Decimal(0), Decimal(0)
        for order in truth["orders"]:
            ref = owner.get(order["ids"][0])
            if ref is None:
                found.append(f"the broker has order {order['ids'][0]}, the client never heard of it")
                continue
            shares[ref] += order["filled"]
            ended[ref] = ended.get(ref, True) and order["status"] in ("FILLED", "CANCELED", "REJECTED")
            for quantity, price in order["executions"].values():
                worth[ref] += quantity * Decimal(str(price))
                fees += Decimal(str(quantity)) * Decimal("0.0035")
                cash -= quantity * Decimal(str(price)) * (1 if order["side"] == "BUY" else -1)
        heads = Counter(owner[order["ids"][0]] for order in truth["orders"] if order["ids"][0] in owner)
        found += [f"order {ref} went out {count} times" for ref, count in heads.items() if count > 2]
        for ref, (_, filled, average, _, state) in mine["orders"].items():
            open_here = state not in ("filled", "cancelled", "rejected", "expired", "done_for_day")
            if filled != shares[ref] or abs(float(worth[ref]) - filled * average) > 1e-6:
                found.append(
                    f"order {ref}: {filled} shares for {filled * average} here, {shares[ref]} for {worth[ref]} there"
                )
            if open_here != (ref in ended and not ended[ref]):
                found.append(
                    f"order {ref} is {state} here, {'ended' if ended.get(ref, True) else 'open'} there"
                )
        for symbol in self.symbols:
            here, there = mine["positions"].get(symbol, 0), truth["positions"].get(symbol, 0)
            if here != there:
                found.append(f"{here} shares of {symbol} here, {there} there")
        return found + self.ledger(cash, fees, truth) + [f"violation: {text}" for text in truth["violations"]]

    def ledger(self, cash, fees, truth):
        """The engine's side: what it booked from the news, each once."""
        text = (Path(self.folder.name) / "ledger.jsonl").read_text(encoding="utf-8")
        rows = [json.loads(line) for line in text.splitlines()]
        found = (
            []
            if [row["serial"] for row in rows] == sorted({row["serial"] for row in rows})
            else ["news twice"]
        )
        positions = Counter()
        for row in rows:
            positions[row["symbol"]] += row["shares"]
        booked = -sum(row["amount"] for row in rows), sum(row["fee"] for row in rows)
        expected = int(cash * 1_000_000), int(fees * 1_000_000)
        if booked != expected:
            found.append(f"cash and fees booked {booked}, at the broker {expected}")
        wrong = {one for one in self.symbols if positions[one] != truth["positions"].get(one, 0)}
        return found + [f"positions booked differ in {sorted(wrong)}"] * bool(wrong)

    def close(self):
        self.simulator.call(self.broker.stop())
        self.simulator.close()
        self.simulator.loop.close()
        self.folder.cleanup()


def main(words=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--fault", default=FAULTS)
    options = parser.parse_args(words)
    lives = Lives(options.seed, options.fault)
    try:
        while lives.deaths["killed"] < options.kills:
            lives.kill()
        differences = lives.settle()
        state = lives.broker.state()
    finally:
        lives.close()
    print(f"{len(state['orders'])} orders, {sum(order['filled'] for order in state['orders'])} shares, "
          f"{len(state['logons'])} logons, faults {state['faults']}")  # fmt: skip
    for name, count in lives.deaths.items():
        print(f"{count:4d} {name}")
    for text in differences:
        print("  -", text)
    print("FAILED" if differences else "books agree")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
