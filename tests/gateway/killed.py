"""A process that trades through the client until it is killed; `kills.py` starts it again and again.

It marks in a shared file what its threads are doing, so that the distribution of the moments of death is known, and kills
itself with SIGKILL where a plan says so: a moment of microseconds is not hit from outside. Its consumer is an engine in
small: it writes each news to its own file, durably, before it acknowledges it, and drops what it has written before.
"""

from __future__ import annotations

import contextlib
import json
import mmap
import os
import random
import signal
import sys
import threading
import time
from pathlib import Path

import zmq

STARTING, SENDING, READING, COMMITTING = 0, 1, 2, 3  # bytes of the shared file
RECORDED, IN_FLIGHT = 1, 2  # of SENDING
PLANS = ("timer", "recorded", "in_flight", "replay", "commit", "committed", "starting")


class Marks:
    """The shared bytes, and the plan of this life."""

    def __init__(self, path, plan, count):
        self.file = path.open("r+b")
        self.bytes = mmap.mmap(self.file.fileno(), 8)
        self.bytes[:] = b"\x01" + bytes(7)
        self.plan, self.left = plan, count

    def set(self, place, value):
        self.bytes[place] = value

    def reached(self, plan):
        """Die here when the plan says so, at the given time of passing."""
        if plan == self.plan:
            self.left -= 1
            if self.left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)


def instrument(marks):
    """Marks and points of death, put around the client's own parts; none of them changes what it does."""
    from runner.adapters.atreyu_reader import Reader
    from runner.adapters.atreyu_sender import Sender
    from runner.adapters.atreyu_sockets import Line
    from runner.adapters.atreyu_store import SqliteStore

    ask, ready, batch, commit = Sender._ask, Line._ready, Reader._batch, SqliteStore.commit

    def marked_ask(self, request, frame):
        marks.set(SENDING, RECORDED)
        marks.reached("recorded")
        try:
            return ask(self, request, frame)
        finally:
            marks.set(SENDING, 0)

    def marked_ready(self, socket, event, timeout, hurry):
        mine = threading.current_thread().name == "atreyu-requests" and event == zmq.POLLIN
        if mine:
            marks.set(SENDING, IN_FLIGHT)
            if marks.plan == "in_flight":
                time.sleep(random.random() * 0.004)
            marks.reached("in_flight")
        return ready(self, socket, event, timeout, hurry)

    def marked_batch(self, frames):
        replay = any(b'"PossDupFlag"' in frame for frame in frames)
        marks.set(READING, replay)
        if replay and random.random() < 0.5:
            marks.reached("replay")
        batch(self, frames)
        if replay:
            marks.reached("replay")
        marks.set(READING, 0)

    def marked_commit(self, changes):
        marks.set(COMMITTING, 1)
        marks.reached("commit")
        commit(self, changes)
        marks.reached("committed")
        marks.set(COMMITTING, 0)

    Sender._ask, Line._ready, Reader._batch, SqliteStore.commit = (
        marked_ask,
        marked_ready,
        marked_batch,
        marked_commit,
    )


class Consumer:
    """Takes news once: written, synced, acknowledged."""

    def __init__(self, client, path):
        self.client = client
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        whole = text[: text.rfind("\n") + 1]  # a line that was being written at death is not there
        self.last = json.loads(whole.splitlines()[-1])["serial"] if whole else 0
        self.file = path.open("r+" if path.exists() else "w+", encoding="utf-8")
        self.file.truncate(len(whole.encode()))
        self.file.seek(0, os.SEEK_END)

    def take(self):
        """All that has come."""
        newest = 0
        while (one := self.client.next_news()) is not None:
            if one.serial:
                newest = one.serial
            if one.serial > self.last:
                self.last = one.serial
                row = {"serial": one.serial, "kind": one.kind, "order": one.order, "symbol": one.symbol,
                       "shares": one.shares, "amount": one.amount, "fee": one.fee}  # fmt: skip
                self.file.write(json.dumps(row) + "\n")
        if newest:
            self.file.flush()
            os.fsync(self.file.fileno())
            self.client.acknowledge(newest)


def act(client, rng, name, symbols, price):
    """One thing that a strategy might do."""
    orders = client.snapshot().orders
    live = [one.ref for one in orders.values() if one.state == "working" and not one.doubtful]
    choice = rng.random()
    if live and choice < 0.2:
        client.cancel(rng.choice(live))
    elif live and choice < 0.45:
        client.replace(rng.choice(live), rng.randint(1, 30) * 10)
    else:
        symbol = rng.choice(symbols)
        quantity = rng.randint(1, 30) * 10 * rng.choice((1, 1, -1))
        if rng.random() < 0.3:
            client.place(name, symbol, quantity, 0)
        else:
            client.place(name, symbol, quantity, 1, round(price(symbol) * rng.uniform(0.99, 1.01), 2))


def main(words):
    work = json.loads(words[0])
    folder = Path(work["config"]["state_dir"])
    marks = Marks(folder / "marks", work["plan"], work["count"])
    rng = random.Random(work["seed"])
    instrument(marks)
    marks.reached("starting")
    from runner.adapters.atreyu_orders import OrderRefused
    from tests.gateway.adapter import client as made

    client = made(work["config"], **work["settings"])
    marks.reached("starting")
    consumer = Consumer(client, folder / "ledger.jsonl")
    client.start()
    marks.reached("starting")
    marks.set(STARTING, 0)
    prices = work["prices"]
    until = time.monotonic() + work["seconds"]
    number = 0
    while time.monotonic() < until:
        number += 1
        if work["trade"]:
            with contextlib.suppress(OrderRefused):
                act(client, rng, f"{work['life']}-{number}", sorted(prices), prices.get)
        consumer.take()
        time.sleep(rng.expovariate(work["rate"]))
    seen = client.snapshot()
    consumer.take()
    orders = {
        ref: [one.ids, one.filled, one.average_price, one.fees, one.state] for ref, one in seen.orders.items()
    }
    print(
        json.dumps({"orders": orders, "positions": seen.positions, "theirs": seen.gateway_positions}),
        flush=True,
    )
    client.stop()


if __name__ == "__main__":
    main(sys.argv[1:])
