"""What must hold in every run, over random strategies and random bars.

The account is kept a second time in the test, from the raw bars and the journal's records, in exact
fractions: equity moves by position x change of price, by what a fill's price differs from the last one, by fees and
dividends, and by nothing else, to the last millionth. Prices are in cents, so nothing is rounded.
"""

import math
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.market import events
from runner.market.bar import DAY
from runner.market.money import MICROS
from tests.engine import tiny

RULES = (
    "when: 'close > close[1]', enter: long, size: {percent_of_equity: 40%}",
    "when: 'close < close[1]', exit: position",
    "when: close > 0, every_bar: true, target: 30%",
    "when: close < open, sell: 7 shares",
    "when: close > open, buy: 13 shares, order: {limit: {price: close - 0.05}}",
    "when: 'close < close[1]', enter: short, size: {dollars: 3000}",
    "when: invested, exit: position, order: {limit: {price: close + 0.10, post_only: true}}",
    "when: close > 0, every_bar: true, only_if: position < 50, buy: 2 shares",
    "when: close > open, enter: long, size: {shares: 20}, protect: {stop: 1%, target: 2%, after: 3 bars}",
    "when: close < open, enter: short, size: {shares: 15}, protect: {trail: 0.30, target: 1}",
    "when: close < open, buy: 5 shares, order: {limit: {price: close - 0.05}, reprice: {every: 1m, for: 3m, then: market}}",
    "at: {before_close: 20m}, exit: 50%, order: market_on_close",
    "at: {after_open: 35m}, buy: 3 shares, order: market_on_close",
    "at: {time: '12:30'}, cancel: all",
    "at: {after_close: 10m}, target: {A: 50%, B: -20%}",
)
CLOCKS = ("10:00", "10:01", "12:00", "15:40", "15:59", "16:00")
ACCOUNTS = (
    "brokerage: {name: atreyu}",
    "brokerage: {name: axos}",
    "brokerage: {name: atreyu, account: cash}",
    "brokerage: {name: atreyu, fills: {participation: 10%}}",
    "brokerage: {name: atreyu, fills: {participation: 10%, market: next_open}}\n"
    "risk: {max_order: {shares: 40}, duplicates: 2m, max_gross_exposure: 90%, max_positions: 1,"
    " max_daily_loss: {limit: 1%, then: flatten}}",
)


def cents(value):
    return f"{value // 100}.{value % 100:02d}"


@st.composite
def histories(draw):
    """Bars of A and B over the week: a walk in cents, some bars missing, a split or a dividend at times."""
    lines = []
    for symbol in "AB":
        price = draw(st.integers(2_000, 20_000))
        for day in tiny.WEEK:
            clocks = draw(st.sets(st.sampled_from(CLOCKS), min_size=1))
            action = draw(st.sampled_from(["", "", "", "split", "half", "dividend"])) if day != "Mon" else ""
            price = {"split": price // 2, "half": price * 2}.get(action, price)
            extra = {"split": " split 2", "half": " split 0.5", "dividend": " dividend 0.25", "": ""}[action]
            for clock in sorted(clocks):
                moves = draw(st.tuples(*[st.integers(-120, 120)] * 3))
                opened = max(100, price + moves[0])
                price = max(100, opened + moves[1])
                high, low = max(opened, price) + abs(moves[2]), max(50, min(opened, price) - abs(moves[2]))
                lines.append(
                    f"{symbol}@{day} {clock} "
                    + " ".join(map(cents, (opened, high, low, price)))
                    + f" volume {draw(st.sampled_from((30, 200, 5000)))}{extra}"
                )
                extra = ""
    return "; ".join(lines)


strategies = st.lists(st.sampled_from(RULES), min_size=1, max_size=5, unique=True).map(
    lambda rules: "[" + ", ".join(f"{{name: r{i}, {rule}}}" for i, rule in enumerate(rules)) + "]"
)


def exact(price):
    """A price as it was written: cents, or half a cent after a split."""
    return Fraction(repr(float(price)))


class Books:
    """The account a second time: positions, last prices and what they did to equity."""

    def __init__(self, run):
        self.symbols = run.journal.header["symbols"]
        self.position = dict.fromkeys(self.symbols, 0)
        self.price = dict.fromkeys(self.symbols, Fraction(0))
        self.gain = Fraction(0)
        self.cash = Fraction(run.journal.header["start_cash"], MICROS)

    def bar(self, symbol, close):
        self.gain += self.position[symbol] * (exact(close) - self.price[symbol])
        self.price[symbol] = exact(close)

    def record(self, line, ratio):
        kind, symbol = int(line["kind"]), self.symbols[line["symbol"]]
        if kind == events.FILLED:
            quantity, price = int(line["quantity"]), exact(line["price"])
            fee = abs(quantity) * Fraction("0.0035")
            self.gain += quantity * (self.price[symbol] - price) - fee
            self.cash -= quantity * price + fee
            self.position[symbol] += quantity
        elif kind == events.DIVIDEND:
            paid = self.position[symbol] * exact(line["price"])
            self.gain += paid
            self.cash += paid
        elif kind == events.SPLIT:
            whole = self.position[symbol] * ratio
            kept = math.trunc(whole)
            self.price[symbol] /= ratio
            self.cash += (whole - kept) * self.price[symbol]
            self.position[symbol] = kept

    def values(self):
        return [self.position[symbol] * self.price[symbol] for symbol in self.symbols]


def by_time(run):
    """Bars, records and marks in the order in which the account meets them: of one instant, the day's corporate
    actions, then bars, then orders, then marks."""
    out = []
    for symbol, bars in run.bars.items():
        out += [
            (int(end), 1, i, ("bar", symbol, close))
            for i, (end, close) in enumerate(zip(bars.end, bars.close, strict=True))
        ]
    actions = (events.SPLIT, events.DIVIDEND, events.FRACTION)
    for i, line in enumerate(run.journal.records):
        out.append((int(line["time"]), 0 if line["kind"] in actions else 2, i, ("record", line)))
    out += [(int(mark["time"]), 3, i, ("mark", mark)) for i, mark in enumerate(run.journal.marks)]
    return [what for *_, what in sorted(out, key=lambda one: one[:3])]


def check_books(run):
    books, before, seen = Books(run), None, 0
    for what, *its in by_time(run):
        if what == "bar":
            books.bar(*its)
        elif what == "record":
            books.record(its[0], exact(its[0]["price"] or 1))
        else:
            mark = its[0]
            values = books.values()
            assert mark["long_value"] == MICROS * sum(v for v in values if v > 0)
            assert mark["short_value"] == MICROS * sum(v for v in values if v < 0)
            assert mark["cash"] + mark["unsettled"] == MICROS * books.cash
            if before is not None:
                assert mark["equity"] - before == MICROS * books.gain
            before, books.gain, seen = int(mark["equity"]), Fraction(0), seen + 1
    assert seen > 1


def check_orders(run):
    """Every order that was sent fills whole, in one part or several, or ends once, or still works; fills have its sign
    and never come to more than its quantity."""
    wanted, filled, ended = {}, {}, set()
    for line in run.journal.records:
        kind, order = int(line["kind"]), int(line["order"])
        if kind in (events.SUBMITTED, events.UPDATED):
            wanted[order] = int(line["quantity"])
        if kind in (events.FILLED, events.CANCELLED, events.EXPIRED, events.REJECTED, events.INVALID):
            assert order not in ended
        if kind == events.FILLED:
            filled[order] = filled.get(order, 0) + int(line["quantity"])
            assert line["quantity"] * wanted[order] > 0
            assert abs(filled[order]) <= abs(wanted[order])
            assert line["price"] > 0.0
            assert "participation" in run.journal.header["document"] or filled[order] == wanted[order]
        if kind != events.FILLED or filled[order] == wanted[order]:
            if kind in (events.FILLED, events.CANCELLED, events.EXPIRED, events.REJECTED, events.INVALID):
                ended.add(order)


def check_tallies(run):
    """Bars x rules: not ready + false + gated + skipped + refused + sent (design, section 5)."""
    for rule, text in zip(
        run.journal.header["rules"], run.journal.header["document"].split("{name: r")[1:], strict=True
    ):
        if "when:" in text:
            for symbol, counts in run.journal.header["tallies"][rule].items():
                assert sum(counts.values()) == len(run.bars[symbol].end)


def check_short_cash(run):
    """A cash account is never short, whatever the rules want."""
    if run.journal.header["account"] == "cash":
        position = dict.fromkeys(range(2), 0)
        for line in run.journal.records:
            if line["kind"] == events.FILLED:
                position[int(line["symbol"])] += int(line["quantity"])
            if line["kind"] == events.SPLIT:
                position[int(line["symbol"])] = int(line["quantity"])
            assert min(position.values()) >= 0


@settings(max_examples=60, deadline=None)
@given(histories(), strategies, st.sampled_from(ACCOUNTS))
def test_the_account_adds_up(bars, rules, account):
    with TemporaryDirectory() as folder:
        run = tiny.run(rules, bars, Path(folder), more=account, cash=20_000)
    check_books(run)
    check_orders(run)
    check_tallies(run)
    check_short_cash(run)
    assert np.all(np.diff(run.journal.records["time"]) >= 0)
    assert np.all(run.journal.marks["time"] <= run.journal.header["start"] + 5 * DAY)


def test_the_strategies_do_something():
    """The property above is not about empty journals: one fixed history with all the rules at once trades."""
    bars = "; ".join(
        f"{symbol}@{day} {clock} 50.00 51.00 49.00 {50 + i}.{i}0"
        for symbol in "AB"
        for day in tiny.WEEK
        for i, clock in enumerate(CLOCKS)
    )
    rules = "[" + ", ".join(f"{{name: r{i}, {rule}}}" for i, rule in enumerate(RULES)) + "]"
    with TemporaryDirectory() as folder:
        run = tiny.run(rules, bars, Path(folder), more=ACCOUNTS[0], cash=20_000)
    kinds = {tiny.KINDS[int(kind)] for kind in run.journal.records["kind"]}
    assert {"submitted", "filled", "queued", "cancelled"} <= kinds
    check_books(run)
    check_orders(run)
