"""Every law against numbers from a rule book, a fact sheet or a hand calculation: `worked/*.csv`.

A row: `case` says what, `law` which function, `account` the settings that are not Atreyu's margin account,
`given` the law's arguments, `expected` what must come out, `source` where that is from. Money is dollars,
times are minutes. The numbers are worked out by hand; no code wrote them.
"""

import csv
from pathlib import Path

import pytest

from runner.engine.state import Quote
from runner.laws import (
    account,
    admission,
    calls,
    corporate,
    fees,
    fills,
    interest,
    margin,
    refusals,
    shorts,
    sizing,
    stops,
    ticks,
)
from runner.laws import day_trades as law_of_days
from runner.laws import good_faith as law_of_faith
from runner.market import order as kinds
from runner.market.bar import MINUTE
from runner.market.borrow import UNKNOWN, UNLIMITED
from runner.market.brokerages import resolve
from runner.market.money import MICROS, amount
from runner.market.order import Order
from runner.market.settings import WORDS, requirement_row, settings_row

WORKED = Path(__file__).parents[1] / "worked"
TABLES = (
    "fills",
    "fees",
    "margin",
    "calls",
    "day_trades",
    "good_faith",
    "sizing",
    "account",
    "corporate",
    "ticks",
    "admission",
    "shorts",
    "stops",
    "interest",
)


def rows(table):
    return list(csv.DictReader((WORKED / f"{table}.csv").read_text(encoding="utf-8").splitlines()))


def pairs(text):
    return dict(word.split("=", 1) for word in text.split())


def value(text):
    return {"true": True, "false": False}[text] if text in ("true", "false") else float(text)


def resolved(text):
    """The settings and the account of `brokerage=default conventions=lean account=cash model=leverage:value=4 fees.minimum=1`."""
    words = pairs(text)
    head = {name: words.pop(name, default) for name, default in (("brokerage", "atreyu"), ("conventions", "atreyu"), ("account", "margin"))}  # fmt: skip
    model, _, numbers = words.pop("model", "").partition(":")
    given = dict(part.split("=") for part in numbers.replace(":", "=").split(",") if part)
    chosen = (model, {name: float(x) for name, x in given.items()}) if model else None
    overrides = {name: x if name in WORDS else value(x) for name, x in words.items()}
    values, _ = resolve(head["brokerage"], head["conventions"], head["account"], chosen, overrides)
    return values, head["account"]


def settings(text):
    return settings_row(*resolved(text), "raw")


class Given:
    """The arguments of a row: dollars, shares, plain numbers, minutes."""

    def __init__(self, text, account=""):
        self.words = pairs(text)
        self.required = requirement_row(resolved(account)[0])

    def number(self, name, default=None):
        return float(self.words[name]) if name in self.words or default is None else default

    def shares(self, name="quantity", default=None):
        return int(self.words[name]) if name in self.words or default is None else default

    def micros(self, name, default=None):
        """Dollars, read digit by digit: what a person writes is exact."""
        text = self.words.get(name, default)
        whole, _, part = text.lstrip("-").partition(".")
        micros = int(whole) * MICROS + int(part.ljust(6, "0"))
        return -micros if text.startswith("-") else micros

    def time(self, name, default=None):
        return round(self.number(name, default) * MINUTE)

    def borrowable(self):
        """Shares that can be borrowed: a number, `unknown`, or nobody to ask."""
        words = {"": UNLIMITED, "unknown": UNKNOWN}
        text = self.words.get("borrowable", "")
        return words[text] if text in words else int(text)

    def truth(self, name):
        return self.words.get(name) == "true"

    def quote(self):
        """`bar=start,end,open,high,low,close` and `quote=bid,ask,end` (times in minutes)."""
        start, end, *prices = (float(x) for x in self.words["bar"].split(","))
        names = dict(zip(("open", "high", "low", "close"), prices, strict=True))
        out = Quote(
            start=round(start * MINUTE), end=round(end * MINUTE), last=prices[-1], fresh=True, **names
        )
        if "quote" in self.words:
            bid, ask, known = (float(x) for x in self.words["quote"].split(","))
            out.bid, out.ask, out.quote_end = bid, ask, round(known * MINUTE)
        return out


def dollars(micros):
    """Exact dollars as one writes them: 2500, -33.335."""
    whole, part = divmod(abs(micros), MICROS)
    text = f"{whole}.{part:06d}".rstrip("0").rstrip(".")
    return f"-{text}" if micros < 0 else text


def plain(x):
    return repr(float(x)).removesuffix(".0")


def reason(code):
    names = {
        getattr(refusals, name): name.lower()
        for name in dir(refusals)
        if name.isupper() and name != "REFUSALS"
    }
    return names[code]


def market(s, g):
    return plain(fills.market_now(s, g.quote(), g.shares(), g.time("at")))


def waiting(s, g):
    return plain(fills.market_waiting(s, g.quote(), g.shares(), g.time("sent")))


def limit(s, g):
    order = Order(kind=kinds.LIMIT, quantity=g.shares(), limit=g.number("limit"), sent=g.time("sent"))
    order.since = g.time("since") if "since" in g.words else order.sent
    order.post_only = g.truth("post_only")
    return plain(fills.bar_fill(s, g.quote(), order))


def span(g):
    quote = g.quote()
    return stops.Span(quote.high, quote.low, quote.close)


def stop(s, g):
    return plain(stops.stop_fill(g.quote(), g.shares(), g.number("stop")))


def stop_reached(s, g):
    return str(bool(stops.stop_reached(span(g), g.shares(), g.number("stop")))).lower()


def stop_limit(s, g):
    return plain(stops.stop_limit_fill(span(g), g.shares(), g.number("limit")))


def trailing(s, g):
    return plain(stops.trailing_fill(span(g), g.shares(), g.number("stop")))


def trailed(s, g):
    by = g.words["by"]
    ratio = by.endswith("%")
    by = float(by.rstrip("%")) / 100 if ratio else float(by)
    return plain(stops.trailed(span(g), g.shares(), g.number("stop"), by, ratio))


def beside(s, g):
    by = g.words["by"]
    ratio = by.endswith("%")
    by = float(by.rstrip("%")) / 100 if ratio else float(by)
    return plain(stops.beside(g.shares(), g.number("price"), by, ratio))


def touched(s, g):
    return str(bool(stops.touched(g.quote(), g.shares(), g.number("trigger")))).lower()


def touched_fill(s, g):
    return plain(stops.touched_fill(g.shares(), g.number("limit"), g.number("other")))


def on_open(s, g):
    return plain(
        fills.bar_fill(
            s, g.quote(), Order(kind=kinds.MARKET_ON_OPEN, quantity=g.shares(), sent=g.time("sent"))
        )
    )


def on_close(s, g):
    order = Order(
        kind=kinds.MARKET_ON_CLOSE, quantity=g.shares(), close=g.time("close"), opened=g.time("opened")
    )
    return plain(fills.closing_fill(g.quote(), order, g.time("now")))


def would_take(s, g):
    return str(bool(fills.would_take(g.quote(), g.shares(), g.number("limit")))).lower()


def fee(s, g):
    return dollars(fees.fee(s, g.shares(), g.number("price")))


def state_factor(s, g):
    return plain(margin.state_factor(g.required, margin.is_closed(s, g.truth("open"), g.time("to_close"))))


def initial(s, g):
    return dollars(margin.initial(g.required, g.micros("value"), g.number("factor", 1.0)))


def maintenance(s, g):
    return dollars(
        margin.maintenance(g.required, g.micros("long", "0"), g.micros("short", "0"), g.number("factor", 1.0))
    )


def free(s, g):
    equity, unsettled, gross, reserved, opposite = (
        g.micros(name, "0") for name in ("equity", "unsettled", "gross", "reserved", "opposite")
    )
    used = margin.initial(g.required, gross + reserved, g.number("factor", 1.0))
    against = margin.initial(g.required, opposite, g.number("factor", 1.0))
    return dollars(margin.free_margin(equity, unsettled, used, against))


def required(s, g):
    """Initial margin of shares at a price."""
    measure = margin.measured(g.required, g.shares(), g.number("price"))
    return dollars(margin.initial(g.required, measure, g.number("factor", 1.0)))


def kept_share(s, g):
    return plain(
        margin.maintenance_share(g.required, g.shares("position"), g.number("price"), g.number("factor", 1.0))
    )


def affordable(s, g):
    return str(margin.affordable(s, g.required, g.micros("free"), g.number("price"), g.number("factor", 1.0)))


def percent(s, g):
    share, position, price = g.number("share"), g.shares("position", 0), g.number("price")
    return str(sizing.position_for_percent(s, g.micros("equity"), share, position, price, price))


def below_minimum(s, g):
    equity, held, left = (g.micros(name) for name in ("equity", "value", "free"))
    unit = margin.initial_share(g.required, 100.0, 1.0)
    return str(bool(sizing.below_minimum(s, equity, g.number("share"), held, left, unit))).lower()


def for_dollars(s, g):
    return str(sizing.shares_for_dollars(s, g.number("dollars"), g.number("price")))


def for_risk(s, g):
    return str(sizing.shares_for_risk(g.micros("equity"), g.number("share"), g.number("distance")))


def call_verdict(s, g):
    found = calls.verdict(s, g.micros("equity"), g.micros("unsettled", "0"), g.micros("used"))
    return ("fine", "warning", "call")[found]


def call_shares(s, g):
    return str(
        calls.shares_to_close(
            s, g.micros("left"), g.shares("available"), g.number("price"), g.number("requirement")
        )
    )


def call_kept(s, g):
    numbers = (g.micros("equity"), g.micros("used"), g.shares("position"), g.micros("own"))
    return str(calls.kept_by_lean(s, *numbers, g.number("price"), g.number("margin")))


def whole(s, g):
    return str(sizing.whole(g.number("shares")))


def after_fill(s, g):
    out = account.after_fill(g.shares("position"), g.micros("cost"), g.shares(), g.micros("value"))
    return f"{out.position} {dollars(out.cost)} {dollars(out.realized)}"


def amounts(s, g):
    return dollars(amount(g.shares(), g.number("price")))


def split(s, g):
    out = corporate.split_position(g.shares("position"), g.number("ratio"), g.number("price"))
    return f"{out.position} {dollars(out.cash)}"


def split_order(s, g):
    return str(corporate.split_quantity(g.shares(), g.number("ratio")))


def dividend(s, g):
    return dollars(corporate.dividend_cash(g.shares("position"), g.number("dividend")))


def tick(s, g):
    return plain(ticks.rounded_limit(s, g.shares(), g.number("price")))


def admit(s, g):
    means = admission.Means(
        g.shares("position", 0),
        g.shares("open", 0),
        g.micros("free"),
        g.number("factor", 1.0),
        g.borrowable(),
        g.shares("ahead", g.shares("position", 0)),
    )
    price = g.number("price")
    out = admission.admit(s, g.required, 7, g.shares(), price, price, g.truth("may_cut"), means)
    assert out.admitted.order == 7
    return f"{reason(out.code)} {out.admitted.quantity}"


def short(s, g):
    before = shorts.ahead(s, g.shares("position", 0), g.shares("sales", 0), g.shares("purchases", 0))
    return reason(shorts.verdict(s, g.borrowable(), before, g.shares()))


def shortable(s, g):
    before = shorts.ahead(s, g.shares("position", 0), g.shares("sales", 0), g.shares("purchases", 0))
    return str(shorts.left(g.borrowable(), before))


def night(s, g):
    rates = g.number("fee", 0.0), g.number("rebate", 0.0)
    return dollars(interest.of_position(g.micros("value"), *rates, g.shares("nights")))


def cash_night(s, g):
    return dollars(interest.of_cash(s, g.micros("balance"), g.shares("nights")))


def balance(s, g):
    return dollars(interest.cash_balance(*(g.micros(name, "0") for name in ("cash", "unsettled", "short"))))


def route(s, g):
    kind = kinds.ORDER_KINDS[g.words["kind"]]
    out = admission.route(s, kind, g.truth("open"), g.time("to_close", 0), g.truth("daily"))
    way = ("send", "queue", "refuse")[out.way]
    return f"{way} {next(name for name, code in kinds.ORDER_KINDS.items() if code == out.kind)} {reason(out.code)}"


def day_trades(s, g):
    """How many day trades the fills of one day make; `held`: the position from the day before."""
    position, opened, made = g.shares("held", 0), law_of_days.NEVER, 0
    for quantity in (int(word) for word in g.words["fills"].split("/")):
        made += law_of_days.is_day_trade(position, quantity, opened, 7)
        opened = law_of_days.opened_after(position, quantity, 7)
        position += quantity
    return str(made)


def pattern(s, g):
    return str(bool(law_of_days.is_pattern(g.shares("day_trades"), g.shares("trades")))).lower()


def below_equity(s, g):
    return str(bool(law_of_days.below_minimum(g.micros("equity")))).lower()


def lacking(s, g):
    return dollars(law_of_faith.lacking(g.micros("cash"), g.micros("unsettled")))


def unpaid_sold(s, g):
    return str(law_of_faith.unpaid_sold(g.shares("position"), g.shares("unpaid"), g.shares()))


def within_a_year(s, g):
    return str(bool(law_of_faith.within_a_year(g.shares("then"), g.shares("now")))).lower()


def restricts(s, g):
    return str(bool(law_of_faith.restricts(g.shares("violations")))).lower()


def free_again(s, g):
    return str(law_of_faith.free_again(g.shares("day")))


LAWS = {
    "lacking": lacking, "unpaid_sold": unpaid_sold, "within_a_year": within_a_year, "restricts": restricts, "free_again": free_again,
    "day_trades": day_trades, "pattern": pattern, "below_equity": below_equity,
    "market": market, "waiting": waiting, "limit": limit, "on_open": on_open, "on_close": on_close,
    "maintenance": maintenance, "free": free, "required": required, "kept_share": kept_share, "affordable": affordable, "percent": percent,
    "stop": stop, "stop_reached": stop_reached, "stop_limit": stop_limit, "trailing": trailing, "trailed": trailed,
    "beside": beside, "touched": touched, "touched_fill": touched_fill, "would_take": would_take, "fee": fee, "state_factor": state_factor, "initial": initial,
    "below_minimum": below_minimum, "for_dollars": for_dollars, "for_risk": for_risk, "whole": whole,
    "after_fill": after_fill, "amount": amounts, "split": split, "split_order": split_order,
    "call_verdict": call_verdict, "call_shares": call_shares, "call_kept": call_kept,
    "dividend": dividend, "tick": tick, "admit": admit, "route": route,
    "short": short, "shortable": shortable, "night": night, "cash_night": cash_night, "balance": balance,
}  # fmt: skip

EVERY = [(table, row) for table in TABLES for row in rows(table)]


@pytest.mark.parametrize(("table", "row"), EVERY, ids=[f"{table}-{row['case']}" for table, row in EVERY])
def test_worked(table, row):
    assert LAWS[row["law"]](settings(row["account"]), Given(row["given"], row["account"])) == row["expected"]


@pytest.mark.parametrize("table", TABLES)
def test_every_row_has_a_source(table):
    found = rows(table)
    assert len(found) >= 10
    assert all(row["source"] for row in found)
    assert len({row["case"] for row in found}) == len(found)


def test_every_law_is_worked():
    assert {row["law"] for _, row in EVERY} == set(LAWS)
