"""Strategies and bars made in a test: typed values without a document or a file."""

import datetime
from zoneinfo import ZoneInfo

import numpy as np

from runner.language.spec import Backtest, DataPlan, Indicator, OrderPlan, Rule, Size, Spec, Step, Text
from runner.market.bar import MINUTE, Bars

NEW_YORK = ZoneInfo("America/New_York")
NOTE = Step("note", note="x")


def indicator(name, kind, *, of=None, symbol="", timeframe=0, **parameters):
    path = ("indicators", name, kind)
    return Indicator(
        name, kind, {k: float(v) for k, v in parameters.items()},
        Text(of, (*path, "of")) if of else None, symbol, timeframe, path,
    )  # fmt: skip


def rule(i, when=None, *, steps=(NOTE,)):
    return Rule(
        f"rule {i}", tuple(steps), Text(when, ("rules", i, "when")) if when else None, path=("rules", i)
    )


def sized(unit, text, *, stop=None, limit=None):
    order = OrderPlan("limit", Text(limit, ("limit",))) if limit else OrderPlan()
    return Step(
        "enter",
        side="long",
        size=Size(unit, Text(text, ("size",)), Text(stop, ("stop",)) if stop else None),
        order=order,
    )


def strategy(*conditions, indicators=(), symbols=("SPY", "QQQ"), orders=(), steps=(), **data):
    """A strategy with one rule per condition (path: rules, i, when), one that names `orders`, one of `steps`."""
    rules = [rule(i, condition) for i, condition in enumerate(conditions)]
    if orders:
        rules.append(rule(len(rules), steps=[Step("buy", name=name) for name in orders]))
    if steps:
        rules.append(rule(len(rules), steps=steps))
    return Spec(
        version=1, name="made", description="", brokerage="atreyu", account="margin", resident="us",
        conventions="atreyu", settings={}, origins={}, symbols=tuple(symbols),
        data=DataPlan("embedded", **{"resolution": "1m", **data}), parameters={"fast_bars": 20.0, "share": 0.25},
        indicators=tuple(indicators), rules=tuple(rules), default_order=OrderPlan(), backtest=Backtest(),
    )  # fmt: skip


def at(day, clock):
    """Nanoseconds UTC of "2013-10-07", "09:31" in New York."""
    moment = datetime.datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=NEW_YORK)
    return int(moment.timestamp()) * 1_000_000_000


def bars(start, close, *, step=MINUTE, open=None, high=None, low=None, volume=None, bid=None, split=None):
    """Bars from their starts (ns) and columns; what is not given is made from `close`."""
    close = np.asarray(close, dtype=float)
    n, start = len(close), np.asarray(start, dtype=np.int64)

    def or_else(column, other):
        return np.asarray(other if column is None else column, dtype=float)

    nothing = np.full(n, np.nan)
    return Bars(
        start, start + step, or_else(open, close), or_else(high, close), or_else(low, close), close,
        or_else(volume, np.full(n, 100.0)), or_else(bid, nothing), nothing, np.zeros(n, np.int64),
        np.ones(n, bool), or_else(split, np.ones(n)),
    )  # fmt: skip


def row(table, i):
    """One bar: one number for each field."""
    return Bars(*(column[i] for column in table))
