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

from runner.language.units import date_text
from runner.market import events
from runner.market.bar import DAY, HOUR
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
STOPS = (
    "when: not invested, buy: 9 shares, order: {stop: {price: close * 1.01}}",
    "when: long, sell: 9 shares, order: {stop: {price: close * 0.99}}",
    "when: close > open, buy: 8 shares, order: {stop_limit: {stop: close + 0.20, limit: close + 0.60}}",
    "when: long, sell: 6 shares, order: {trailing_stop: {by: 0.40}}",
    "when: close < open, sell: 6 shares, order: {trailing_stop: {by: 1%}, time_in_force: day}",
    "when: close > open, buy: 7 shares, order: {limit_if_touched: {trigger: close - 0.20, limit: close - 0.10}}",
)
# After the first rule, which sends orders.
FOLLOWERS = (
    "upon: {filled: r0}, sell: abs(fill_quantity)",
    "upon: {filled: r0}, sell: abs(fill_quantity), order: {limit: {price: fill_price + 0.10}}",
    "upon: {expired: r0}, buy: 4 shares",
    "upon: {rejected: r0}, exit: position",
    "upon: {cancelled: r0}, sell: 2 shares, order: market_on_close",
)
PORTFOLIOS = (
    "",
    "",
    "portfolio: {rebalance: every_bar, weight: {each: 30%}, order: market}",
    "portfolio: {rebalance: {every: 24h}, score: volume, select: {top: 1}, limits: {max_weight: 40%, min_trade: 1%}}",
    "portfolio: {weight: {each: 20%}, views: [{name: v, when: close > open, direction: up, for: 2 bars},"
    " {name: w, when: close < open, direction: WORSE, for: 1d}]}",
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
    "brokerage: {name: default, fees: {per_share: 0.0035, minimum: 0, maximum_percent_of_value: 0%}}",
    "brokerage: {name: atreyu, interest: {debit: 8%, credit: 2%}}\n"
    "short_selling: {source: {csv: borrow.csv}, fees: true}",
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


BORROW = "\n".join(
    ["date,symbol,shares,fee,rebate"]
    + [f"{day},{symbol},{shares},0.{i + 1}0,0.0{i}" for i, day in enumerate(tiny.WEEK.values())
       for symbol, shares in (("A", 1000), ("B", 12))]
)  # fmt: skip


def flow(rules):
    return "[" + ", ".join(f"{{name: r{i}, {rule}}}" for i, rule in enumerate(rules)) + "]"


@st.composite
def plans(draw):
    """The rules, what else stands in the document, and the benchmark: stops for the brokerage that takes them."""
    account = draw(st.sampled_from(ACCOUNTS))
    portfolio = draw(st.sampled_from(PORTFOLIOS))
    portfolio = portfolio.replace("WORSE", "flat" if "cash" in account else "down")
    rules = draw(st.lists(st.sampled_from(RULES), min_size=1, max_size=5, unique=True))
    if "default" in account:
        rules += draw(st.lists(st.sampled_from(STOPS), max_size=3, unique=True))
    if "cancel" not in rules[0]:
        rules += draw(st.lists(st.sampled_from(FOLLOWERS), max_size=2, unique=True))
    return flow(rules), f"{account}\n{portfolio}"


def play(plan, bars, driver="loop"):
    rules, more = plan
    with TemporaryDirectory() as folder:
        Path(folder, "borrow.csv").write_text(BORROW, encoding="utf-8")
        return tiny.run(rules, bars, Path(folder), driver, more=more, cash="20000, benchmark: none")


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
        elif kind == events.INTEREST:
            self.interest(line)
        elif kind == events.SPLIT:
            whole = self.position[symbol] * ratio
            kept = math.trunc(whole)
            self.price[symbol] /= ratio
            self.cash += (whole - kept) * self.price[symbol]
            self.position[symbol] = kept

    def interest(self, line):
        """Rate x value x nights / 360, cut or rounded to a millionth: at the prices and the rates of the evening before."""
        values = self.values()
        if line["symbol"] < 0:
            base = self.cash + sum(value for value in values if value < 0)
            rate = Fraction("0.08") if base < 0 else Fraction("0.02")
        else:
            base = values[line["symbol"]]
            evening = int((int(line["time"]) - 4 * HOUR) // DAY) - int(line["quantity"])
            row = next(
                row
                for row in BORROW.splitlines()
                if row.startswith(f"{date_text(evening)},{self.symbols[line['symbol']]},")
            )
            rate = Fraction(row.split(",")[3 if base < 0 else 4]) / 100
        paid = Fraction(int(line["amount"]), MICROS)
        assert abs(paid - base * rate * int(line["quantity"]) / 360) <= Fraction(1, MICROS)
        self.gain += paid
        self.cash += paid

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
    actions = (events.SPLIT, events.DIVIDEND, events.FRACTION, events.INTEREST)
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
    rules = run.journal.header["document"].partition("rules: ")[2].splitlines()[0].split("{name: r")[1:]
    for rule, text in zip(run.journal.header["rules"], rules, strict=False):
        if "when:" in text:
            for symbol, counts in run.journal.header["tallies"][rule].items():
                assert sum(counts.values()) == len(run.bars[symbol].end)


def check_cash_is_enough(run):
    """A cash account never owes: settled cash falls below zero by the fees of sales at most, whose cash comes later."""
    if run.journal.header["account"] != "cash":
        return
    records = run.journal.records
    sales = (records["kind"] == events.FILLED) & (records["quantity"] < 0)
    for mark in run.journal.marks:
        assert mark["cash"] >= -records["fee"][sales & (records["time"] <= mark["time"])].sum()


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
@given(histories(), plans())
def test_the_account_adds_up(bars, plan):
    run = play(plan, bars)
    check_books(run)
    check_orders(run)
    check_tallies(run)
    check_short_cash(run)
    check_cash_is_enough(run)
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
    wanted = {
        ACCOUNTS[0]: {"submitted", "filled", "queued", "cancelled", "protected"},
        ACCOUNTS[-2]: {"filled", "triggered", "view", "weight"},
        ACCOUNTS[-1]: {"filled", "interest", "invalid"},
    }
    for account, kinds in wanted.items():
        stops = STOPS if "default" in account else ()
        views = PORTFOLIOS[-1].replace("WORSE", "down") if "default" in account else ""
        run = play((flow((*RULES[3:], *stops, *FOLLOWERS[:1], RULES[5])), f"{account}\n{views}"), bars)
        assert kinds <= {tiny.KINDS[int(kind)] for kind in run.journal.records["kind"]}
        check_books(run)
        check_orders(run)
