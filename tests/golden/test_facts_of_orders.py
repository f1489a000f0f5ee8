"""What LEAN's algorithms assert of orders sent late, at night, or upon a fill, shown on our records."""

from __future__ import annotations

import pytest

from runner.laws import refusals
from runner.market import events
from tests.golden.playing import new_york, play

pytestmark = [pytest.mark.golden, pytest.mark.usefixtures("shared")]


def test_moc_buffer_london():
    """The first order fills, the second is refused as too late."""
    played = play("moc_buffer_london")
    assert [order.state for order in played.orders] == ["filled"]
    (refused,) = played.records(events.REFUSED)
    assert refused["code"] == refusals.CLOSING_TOO_LATE


@pytest.mark.parametrize("name", ["no_fill_outside_hours_minute", "no_fill_outside_hours_hour"])
def test_no_fill_outside_hours(name: str):
    """Not filled at submission."""
    played = play(name)
    (sent,), (fill,) = played.records(events.SUBMITTED), played.fills()
    assert new_york(int(sent["time"])) == "2013-10-07 23:00:00"
    assert new_york(int(fill["time"]))[:10] == "2013-10-08"


def test_order_events_of_a_stop_loss():
    """The stop is sent at the instant of the entry's fill and fills at the next bar."""
    played = play("stop_loss_on_order_event")
    first, second = played.fills()
    sent = played.records(events.SUBMITTED)[1]
    assert sent["time"] == first["time"] < second["time"]
    assert sent["stop"] == pytest.approx(first["price"] - 2)
