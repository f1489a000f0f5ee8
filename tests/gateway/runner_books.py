"""The engine's journal against the broker's books, read from outside: nothing of the engine is asked."""

from __future__ import annotations

import hashlib
import sqlite3
from collections import Counter, defaultdict
from decimal import Decimal

import numpy as np

from runner.market import events

FEE = Decimal("0.0035")  # dollars a share, every fill, no minimum: the broker's published rule
MICROS = 1_000_000
OPENING = 1_000_000 * MICROS
ENDED = ("FILLED", "CANCELED", "REJECTED", "DONE_FOR_DAY")
CLOSING = (events.CANCELLED, events.EXPIRED, events.REJECTED)


class Line:
    """An order as the journal tells it."""

    def __init__(self, symbol, quantity):
        self.symbol, self.quantity = symbol, quantity
        self.fills, self.ended = [], 0

    @property
    def filled(self):
        return sum(shares for shares, _ in self.fills)

    @property
    def open(self):
        return not self.ended and self.filled != self.quantity


class Books:
    """Both sides of one session."""

    def __init__(self, broker, folder, symbols):
        self.broker, self.symbols = broker, symbols
        self.journal = folder / "state" / "journal.db"
        self.store = folder / "state" / "atreyu.db"

    def _read(self, path, text):
        db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            return db.execute(text).fetchall()
        finally:
            db.close()

    def inputs(self):
        """How many inputs the journal holds."""
        try:
            return self._read(self.journal, "SELECT COUNT(*) FROM inputs")[0][0]
        except sqlite3.OperationalError:
            return 0

    def records(self):
        rows = self._read(self.journal, "SELECT row FROM records ORDER BY serial")
        return np.frombuffer(b"".join(row for (row,) in rows), events.Record.dtype)

    def orders(self, records):
        """The journal's orders by number; what is wrong in itself is said."""
        found, orders = [], {}
        for line in records:
            kind, number = int(line["kind"]), int(line["order"])
            if kind == events.SUBMITTED:
                if number in orders:
                    found.append(f"order {number} was submitted twice")
                orders[number] = Line(self.symbols[line["symbol"]], int(line["quantity"]))
            elif kind in (events.UPDATED, events.AMENDED):
                orders[number].quantity = int(line["quantity"])
            elif kind == events.FILLED:
                orders[number].fills.append((int(line["quantity"]), float(line["price"])))
                if int(line["fee"]) != int(abs(int(line["quantity"])) * FEE * MICROS):
                    found.append(f"order {number}: a fee of {line['fee']} for {line['quantity']} shares")
            elif kind in CLOSING and number in orders:
                if orders[number].ended:
                    found.append(f"order {number} ended twice")
                orders[number].ended = kind
        return orders, found

    def numbers(self, count):
        """ClOrdID to the number of the engine's order: by the run's name for each, and the client's list of requests."""
        rows = self._read(self.journal, "SELECT value FROM facts WHERE name = 'run'")
        if not rows:
            return {}
        names = {
            hashlib.sha256(f"{rows[0][0]}/{n}".encode()).hexdigest()[:20]: n for n in range(1, count + 1)
        }
        return {one: names.get(ref, 0) for one, ref in self._read(self.store, "SELECT id, ref FROM requests")}

    def differences(self, cash):
        """Sentences; none when journal and broker agree, and `cash` is what the broker's executions leave."""
        try:
            records = self.records()
            orders, found = self.orders(records)
            numbers = self.numbers(max(orders, default=0))
        except sqlite3.OperationalError as fault:
            return [str(fault)]
        truth = self.broker.state()
        theirs = defaultdict(list)
        for one in truth["orders"]:
            number = numbers.get(one["ids"][0], 0)
            if number not in orders:
                found.append(f"the broker has {one['ids'][0]} of {one['symbol']}, the journal has not")
            theirs[number].append(one)
        expected, positions = Decimal(OPENING), Counter()
        for one in truth["orders"]:
            sign = 1 if one["side"] == "BUY" else -1
            for shares, price in one["executions"].values():
                expected -= (sign * shares * Decimal(str(price)) + shares * FEE) * MICROS
        for number, order in orders.items():
            found += self._order(number, order, theirs.get(number, []))
            positions[order.symbol] += order.filled
        for symbol in self.symbols:
            if positions[symbol] != truth["positions"].get(symbol, 0):
                found.append(f"{positions[symbol]} {symbol} here, {truth['positions'].get(symbol, 0)} there")
        lines = records[records["kind"] == events.FILLED]
        booked = OPENING - int(lines["amount"].sum()) - int(lines["fee"].sum())
        if booked != expected or cash != expected:
            found.append(
                f"cash: {expected} by the broker's executions, {booked} in the journal, {cash} in the engine"
            )
        return found + [f"violation: {text}" for text in truth["violations"]]

    def _order(self, number, order, theirs):
        """One order here and there."""
        name = f"order {number} ({order.symbol} {order.quantity})"
        if len(theirs) > 1 and not (
            order.quantity < 0 and len(theirs) == 2 and theirs[0]["side"] != theirs[1]["side"]
        ):
            return [f"{name} went out {len(theirs)} times"]
        sign = 1 if order.quantity > 0 else -1
        executed = [(sign * q, float(p)) for one in theirs for q, p in one["executions"].values()]
        if sorted(executed) != sorted(order.fills):
            return [f"{name}: fills {sorted(order.fills)} here, {sorted(executed)} there"]
        going = [one for one in theirs if one["status"] not in ENDED]
        if order.open != bool(going):
            return [
                f"{name} is {'open' if order.open else 'over'} here, {[one['status'] for one in theirs]} there"
            ]
        total = sum(one["quantity"] if one in going else one["filled"] for one in theirs)
        if going and total != abs(order.quantity):
            return [f"{name}: {order.quantity} shares here, {total} there"]
        return []

    def figures(self):
        """Orders, executions and shares at the broker."""
        orders = self.broker.state()["orders"]
        return (
            len(orders),
            sum(len(one["executions"]) for one in orders),
            sum(one["filled"] for one in orders),
        )
