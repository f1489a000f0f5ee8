"""What LEAN's framework algorithms assert of their own runs, shown on our records (see `test_facts.py`)."""

from __future__ import annotations

import datetime

import pytest

from runner.market import events
from tests.golden.playing import play

pytestmark = [pytest.mark.golden, pytest.mark.usefixtures("shared")]


def held(name: str) -> float:
    """Value of the positions at the end, as a share of equity."""
    last = play(name).run.journal.marks[-1]
    return float(last["long_value"] - abs(last["short_value"])) / float(last["equity"])


def test_one_view_of_each_symbol():
    views = play("framework_one_time_down_alphas").records(events.VIEW)
    assert sorted(int(one["symbol"]) for one in views) == [0, 1, 2]
    assert all(one["quantity"] == -1 for one in views)


@pytest.mark.parametrize("name", ["framework_confidence_weighted", "framework_insight_weighted"])
def test_a_quarter_is_held(name: str):
    assert 0.23 < held(name) < 0.28


def test_a_few_percent_are_held():
    assert 0.01 < held("framework_accumulative") < 0.06


def test_orders_are_sent_on_wednesdays_only():
    sent = play("framework_rebalance_wednesdays").records(events.SUBMITTED)
    days = {
        datetime.datetime.fromtimestamp(int(one["time"]) // 10**9, datetime.UTC).weekday() for one in sent
    }
    assert days == {2}


def test_the_free_part_of_equity():
    """LEAN: free value = total portfolio value x 0.0025. Never more than the rest is bought."""
    played = play("free_portfolio_value_default")
    assert played.run.journal.header["spec"]["free_equity"] == 0.0025
    bought = played.fills()[0]
    assert 0.99 < bought["amount"] / 1e12 <= 1.0025 * 0.9975 + 0.01


@pytest.mark.parametrize(
    "name",
    ["framework_max_unrealized_profit", "framework_max_drawdown_portfolio", "framework_trailing_stop_risk"],
)
def test_no_view_holds_at_the_end(name: str):
    """The one view of 31 days is cancelled when the limit is reached, and nothing is held from then on."""
    played = play(name)
    (view,), cancelled = played.records(events.VIEW), played.records(events.VIEWS_CANCELLED)
    assert len(cancelled) == 1
    assert view["time"] < cancelled[0]["time"] < view["good_till"]
    assert held(name) == 0.0


def test_three_symbols_belong_at_the_end():
    played = play("coarse_three_universes_framework")
    assert len(played.records(events.JOINED)) == 3
    assert not played.records(events.LEFT)
    assert len(played.program.spec.universe.selections) == 3
