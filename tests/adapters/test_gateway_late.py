"""An order that was decided, written down and never sent: after a stop it is sent in time, or an exit, or not at all."""

import pytest

from runner.adapters.gateway import Gateway
from runner.engine import live_start
from runner.engine.late import too_late
from runner.engine.live_day import lay_out, row_at
from runner.laws.admission import proof
from runner.market import events
from runner.market.bar import SECOND
from runner.market.order import ENTRY, EXIT, MARKET, WORKING
from tests.engine import tiny
from tests.live_runs import Scripted, minutes
from tests.made import at


class Placed:
    """A client of the gateway that keeps what it is asked to place."""

    def __init__(self):
        self.refs = []

    def place(self, ref, *rest):
        self.refs.append(ref)

    def next_news(self, timeout=0.0):
        return None


def world_with(folder, purpose, quantity):
    """A world at 10:00 in which order 1 has just been decided, beside a position of 10 shares."""
    ready = tiny.ready("[{name: x, when: close > 1000, note: x}]", minutes("09:31", [100.0] * 3), folder)
    program, days, day = ready.program, ready.calendar, ready.prepared.first_day
    begin = at("2013-10-07", "00:00")
    past = live_start.past_bars(program, ready.history, days, day, begin)
    world = live_start.start(program, days, lay_out(program, ready.history, days, day), past, begin).world
    world.instants[0] = row_at(program, days, at("2013-10-07", "10:00"))
    world.holdings[0].position = 10
    order = world.orders[1]
    order.symbol, order.kind, order.state = 0, MARKET, WORKING
    order.purpose, order.quantity = purpose, quantity
    return world, order


@pytest.mark.parametrize(
    ("purpose", "quantity", "seconds", "sent"),
    [(ENTRY, 5, 59, True), (ENTRY, 5, 61, False), (EXIT, -10, 5 * 3600, True), (ENTRY, 5, 5 * 3600, False)],
)
def test_what_a_stop_kept_from_being_sent(purpose, quantity, seconds, sent, tmp_path):
    world, order = world_with(tmp_path, purpose, quantity)
    clock = Scripted(at("2013-10-07", "10:00") + seconds * SECOND)
    clock.speed = 1.0
    client = Placed()
    gateway = Gateway(
        world, ("A",), client, str, lambda: 0.0, set(), print, 0.0, too_late(world, clock, 60.0)
    )
    told = list(gateway.submit(proof(1, order)))
    assert client.refs == (["1"] if sent else [])
    assert [one.kind for one in told] == ([] if sent else [events.NOT_SENT])
