"""A document read into a Spec: the values are worked out by hand from the documents beside this file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from runner.language import units
from runner.language.read import read
from runner.language.source import load
from runner.language.spec import Days, Moment, OrderPlan, Size, Spec, Step, Text, Window

GOOD = Path(__file__).parents[1] / "documents/good"
MINUTE = 60_000_000_000
HOUR = 60 * MINUTE


def spec_of(name: str) -> Spec:
    source = load((GOOD / f"{name}.yaml").read_bytes(), name)
    spec, faults = read(source.data)
    assert faults == []
    return spec


def small(**more: Any) -> dict[str, Any]:
    rule = {"name": "r", "when": "close > 0", "exit": "position"}
    base = {
        "version": 1,
        "name": "s",
        "universe": {"symbols": ["IBM"]},
        "data": {"source": "embedded"},
        "rules": [rule],
    }
    return {**base, **more}


def test_smallest_has_every_default():
    spec = spec_of("smallest")
    assert (spec.brokerage, spec.account, spec.resident, spec.conventions) == (
        "atreyu",
        "margin",
        "us",
        "atreyu",
    )
    assert spec.settings["fees.per_share"] == 0.0035  # the Atreyu page, fact 10
    assert spec.settings["margin.model"] == "regulation_t"  # fact 12
    assert spec.settings["margin.initial"] == 0.5
    assert spec.origins["margin.initial"] == "account margin"
    assert (spec.data.source, spec.data.resolution, spec.data.prices, spec.data.label) == (
        "embedded",
        "1d",
        "raw",
        "start",
    )
    assert spec.data.corrections
    assert not spec.data.fill_forward
    assert spec.default_order == OrderPlan()
    assert spec.backtest.cash == 100_000_000_000
    assert (spec.backtest.start, spec.backtest.end, spec.backtest.benchmark, spec.backtest.risk_free) == (
        None,
        None,
        "",
        None,
    )
    (rule,) = spec.rules
    assert rule.when == Text("close > 0", ("rules", 0, "when"))
    assert rule.steps == (
        Step(action="buy", size=Size("shares", Text("1", ("rules", 0, "buy"))), path=("rules", 0)),
    )
    assert rule.symbols is None
    assert rule.between is None


def test_account_settings():
    spec = spec_of("every_action")
    expected = {
        "fees.per_share": 0.0035,
        "fees.minimum": 1.0,
        "fees.percent_of_value": 0.0001,
        "fees.maximum_percent_of_value": 0.005,
        "fills.market": "next_open",
        "fills.stale_after": HOUR,  # $wait
        "fills.stale": "use",
        "fills.first_bar": "starts_after",
        "when_closed": "queue",
        "daily_market": "market",
        "closing_cutoff": 15 * MINUTE + 30_000_000_000,
        "closing_soon": 10 * MINUTE,
        "expiry": "before_fills",
        "post_only": "simulate",
        "free_equity": 0.0025,
        "minimum_order_margin": 0.0,
        "buying_power": "cut",
        "check_fills": False,
        "limit_rounding": "none",
        "moments": "before_bars",
        "corporate_actions_wake": True,
        "data.prices": "raw",
        "data.fill_forward": False,
        "default_time_in_force": "good_till_date",
    }
    assert {name: spec.settings[name] for name in expected} == expected
    assert {spec.origins[name] for name in expected} == {"document"}
    assert spec.settings["margin.initial"] == 0.6
    assert spec.settings["margin.maintenance_long"] == 0.3
    assert spec.settings["margin.maintenance_short"] == 0.35
    assert (spec.brokerage, spec.resident, spec.conventions) == ("default", "de", "lean_2023")
    # 2014-01-31 is 16,101 days after 1970-01-01: 44 years x 365 + 11 leap days (1972 to 2012) + 30
    assert spec.default_order == OrderPlan(post_only=True, time_in_force="good_till_date", good_till=16101)


def test_data_plan():
    plan = spec_of("every_action").data
    assert (plan.source, plan.path) == ("csv", "prices/{symbol}.csv")
    assert plan.columns == (("time", "Date"), ("close", "Last"), ("bid", "Bid"), ("ask", "Ask"))
    assert (plan.timezone, plan.label, plan.resolution) == ("UTC", "end", "1m")
    assert plan.resolutions == (("IBM", "1m"),)


def test_parameters_carry_their_units():
    spec = spec_of("every_action")
    assert spec.parameters == {
        "fast_bars": 20.0,
        "keep": 0.35,
        "wait": float(HOUR),
        "share": 0.25,
        "width": 2.5,
    }
    assert spec.parameter_units == {
        "fast_bars": "number",
        "keep": "percent",
        "wait": "duration",
        "share": "percent",
        "width": "number",
    }


def test_indicators():
    found = {i.name: i for i in spec_of("every_action").indicators}
    assert found["fast"].parameters == {"period": 20.0}
    assert found["slow"].of == Text("(high + low) / 2", ("indicators", "slow", "sma", "of"))
    assert (found["slow"].symbol, found["slow"].timeframe) == ("SPY", 5 * MINUTE)
    assert found["trend"].parameters == {"fast": 12.0, "slow": 26.0, "signal": 9.0}
    assert found["band"].parameters == {"period": 20.0, "deviations": 2.5}
    assert found["fair"].parameters == {}
    assert list(found)[:2] == ["fast", "slow"]


def steps() -> dict[str, Step]:
    return {rule.name: rule.steps[0] for rule in spec_of("every_action").rules}


def test_steps():
    step = steps()
    join = step["join"]
    assert (join.action, join.side, join.add, join.name) == ("enter", "long", True, "low")
    assert join.size == Size("percent_of_equity", Text("$share", ("rules", 0, "size", "percent_of_equity")))
    assert join.order == OrderPlan(
        kind="limit",
        limit=Text("min(bid, close - 0.02)", ("rules", 0, "order", "limit", "price")),
        post_only=True,
        time_in_force="day",
        tag="#1",
    )
    assert step["every bar"].size == Size(
        "risk", Text("1%", ("rules", 1, "size", "risk")), Text("2 * range", ("rules", 1, "size", "stop"))
    )
    assert step["every bar"].side == "short"
    assert step["every bar"].order.kind == "market"
    assert step["every bar"].order.time_in_force == "good_till_date"  # the document's default
    assert step["every bar"].order.post_only is False  # post-only is for limit orders
    assert step["dollars"].order.kind == "market_on_open"
    assert (step["part"].scope, step["part"].size) == (
        "position",
        Size("percent_of_position", Text("50%", ("rules", 3, "exit"))),
    )
    assert step["some"].size == Size("shares", Text("100", ("rules", 4, "exit")))
    assert (step["out"].scope, step["out"].size, step["out"].order.kind) == (
        "everything",
        None,
        "market_on_close",
    )
    assert [(s, t.text) for s, t in step["weights"].weights] == [("SPY", "80%"), ("IBM", "20%")]
    assert step["weights"].others == "exit"
    assert [(s, t.text) for s, t in step["weight"].weights] == [("", "25%")]
    assert step["plain"].size == Size("shares", Text("100", ("rules", 9, "buy")))
    assert step["computed"].size == Size("shares", Text("max(1, floor(1000 / close))", ("rules", 10, "sell")))
    nearer = step["nearer"]
    assert (nearer.action, nearer.refers, nearer.retag) == ("update", "low", "nearer")
    assert nearer.size == Size("shares", Text("50", ("rules", 11, "quantity")))
    assert nearer.order.limit == Text("close - 0.01", ("rules", 11, "limit"))
    assert (step["forget"].action, step["forget"].refers) == ("cancel", "extra")


def test_rules_with_several_steps():
    rules = {rule.name: rule for rule in spec_of("every_action").rules}
    several, branches = rules["several"], rules["branches"]
    assert [s.action for s in several.steps] == ["cancel", "exit"]
    assert several.steps[1].path == ("rules", 13, "do", 1)
    assert not several.choose
    assert branches.choose
    assert [s.action for s in branches.steps] == ["exit", "buy", "note"]
    assert [s.when and s.when.text for s in branches.steps] == ["close > 100", "close > 50", None]
    assert branches.steps[2].path == ("rules", 14, "choose", 2, "else")


def test_when_rules_fire():
    rules = {rule.name: rule for rule in spec_of("every_action").rules}
    assert rules["join"].between == Window(after_open=5 * MINUTE, before_close=25 * MINUTE)
    assert (rules["join"].once_per, rules["every bar"].every_bar) == ("session", True)
    assert rules["every bar"].symbols == ("IBM",)
    assert rules["weights"].at == (
        Moment("before_close", 20 * MINUTE, Days("month_end"), ("rules", 6, "at", "before_close")),
    )
    assert rules["weight"].at[0].offset == 12 * HOUR
    assert rules["weight"].at[0].days == Days("weekdays", (0, 3))
    # 2013-10-07 is day 15,985: 43 years x 365 + 11 leap days + 279 days of 2013
    assert rules["days"].at[0].days == Days("dates", (), (15985, 15989))
    assert rules["days"].at[1].kind == "after_close"
    clock = spec_of("tickers_that_yaml_eats").rules[0].between
    assert clock == Window(from_time=9 * HOUR + 30 * MINUTE, to_time=15 * HOUR + 45 * MINUTE)


def test_backtest():
    backtest = spec_of("every_action").backtest
    assert (backtest.start, backtest.end) == (15985, 15989)
    assert backtest.cash == 250_000_500_000
    assert (backtest.benchmark, backtest.benchmark_constant, backtest.risk_free) == ("SPY", None, 0.015)
    assert spec_of("anchors").backtest.risk_free == "rates.csv"
    constant = spec_of("moments_of_daily_data").backtest
    assert (constant.benchmark, constant.benchmark_constant) == ("", 100.0)


def test_benchmark_of_the_brokerage():
    spec, _ = read(small(brokerage="default"))
    assert spec.backtest.benchmark == "SPY"
    assert spec.default_order.time_in_force == "good_till_cancelled"
    spec, _ = read(small(brokerage="default", backtest={"benchmark": "none"}))
    assert spec.backtest.benchmark == ""


MARGINS = [
    # model, initial, maintenance long, maintenance short, what the closed market multiplies by
    ("regulation_t", 0.5, 0.25, 0.3, 1.0),
    ("pattern_day_trading", 0.25, 0.25, 0.25, 2.0),
    ({"pattern_day_trading": {"open": "3x"}}, 1 / 3, 1 / 3, 1 / 3, 1.5),
    ({"leverage": "2x"}, 0.5, 0.5, 0.5, 1.0),
    ({"none": {}}, 0.0, 0.0, 0.0, 1.0),
    ("cash", 1.0, 1.0, 1.0, 1.0),
]


@pytest.mark.parametrize(("model", "initial", "long", "short", "closed"), MARGINS)
def test_margin_models(model: Any, initial: float, long: float, short: float, closed: float):
    spec, faults = read(small(margin_model=model))
    assert faults == []
    names = ("initial", "maintenance_long", "maintenance_short", "closed_factor")
    assert tuple(spec.settings[f"margin.{name}"] for name in names) == (initial, long, short, closed)
    assert spec.origins["margin.model"] in ("margin_model", "account margin")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7%", (0.07, "percent")),
        ("0.25%", (0.0025, "percent")),
        ("4x", (4.0, "leverage")),
        ("30s", (3e10, "duration")),
        ("-2.5", (-2.5, "number")),
    ],
)
def test_quantities(text: str, value: tuple[float, str]):
    assert units.quantity(text) == value


def test_dates():
    assert units.date("1970-01-02") == 1
    assert units.date("2013-10-07") == 15985
    assert units.date_text(15985) == "2013-10-07"
    with pytest.raises(ValueError, match="day is out of range"):
        units.date("2013-02-30")


def test_a_spec_is_plain_data():
    """It can be written and read back: manifests and restarts need that."""
    spec = spec_of("every_action")
    again = msgspec.json.decode(msgspec.json.encode(spec), type=Spec)
    assert again == spec
