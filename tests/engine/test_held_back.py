"""A broker that owes an answer: an exit waits until the order that it takes the place of has ended, so that the same
shares are never sold twice. Journals worked out by hand."""

from collections.abc import Iterator

import pytest

from runner import assemble
from runner.adapters.clocks import SimulatedClock
from runner.adapters.journal import MemoryJournal
from runner.adapters.simulated import SimulatedBroker
from runner.engine.loop import Loop
from runner.engine.ports import News
from runner.engine.world import Growth, KnownInstants, build_world, law_of
from runner.market import events
from runner.market.order import WORKING
from tests.engine import tiny

RULES = (
    "[{name: r, when: close > 0, once_per: run, enter: long, size: {shares: 10}, protect: {stop: 5%}}, "
    "{name: l, at: {time: '10:01'}, exit: position, order: {limit: {price: 110}}}, "
    "{name: n, at: {time: '10:03'}, note: three}]"
)
BARS = "Mon 10:00 100 100 100 100; Mon 10:01 100 100 100 100; Mon 10:02 94 94 94 94; "
BEGUN = (
    "Mon 10:00 submitted #1 +10; Mon 10:00 filled #1 +10 @ 100; Mon 10:01 submitted #2 -10 limit 110; "
    "Mon 10:02 protected stop +10 @ 94 level 95; "
)


class LateBroker(SimulatedBroker):
    """It grants a cancellation at the next instant, after what the bars of that instant fill."""

    def __init__(self, world):
        super().__init__(world)
        self.asked = []

    def withdraw(self, order: int) -> Iterator[News]:
        self.asked.append(order)
        yield from ()

    def news(self, instant: int) -> Iterator[News]:
        yield from super().news(instant)
        for order in self.asked:
            if self._world.orders[order].state == WORKING:
                yield News(events.CANCELLED, order)
        self.asked.clear()


def late(rules, bars, folder, **plan):
    ready = tiny.ready(rules, bars, folder, **plan)
    spec, market = ready.program.spec, ready.prepared.market
    world = build_world(
        ready.prepared.rules, market, law_of(spec), spec.backtest.cash, len(ready.program.names), False
    )
    journal = MemoryJournal()
    broker = LateBroker(world)
    Loop(world, KnownInstants(market, SimulatedClock()), Growth(False), broker, journal).run(None)
    made = journal.finished(assemble.header(ready, world), ready.prepared.rules.texts)
    return tiny.sentences(assemble.Run(made, ready.prepared.bars))


@pytest.mark.parametrize(
    ("bars", "expected"),
    [
        (  # the answer comes with a bar
            "Mon 10:03 95 95 95 95",
            "Mon 10:03 cancelled #2; Mon 10:03 submitted #3 -10; Mon 10:03 filled #3 -10 @ 95; Mon 10:03 noted three",
        ),
        (  # the answer comes between bars: the exit does not wait for the next one
            "Mon 10:04 95 95 95 95",
            "Mon 10:03 cancelled #2; Mon 10:03 submitted #3 -10; Mon 10:03 filled #3 -10 @ 94; Mon 10:03 noted three",
        ),
        (  # it fills before it is cancelled: nothing is left to sell
            "Mon 10:03 111 111 111 111",
            "Mon 10:03 filled #2 -10 @ 111; Mon 10:03 noted three",
        ),
    ],
)
def test_a_protection_waits_for_the_end_of_a_limit(bars, expected, tmp_path):
    assert late(RULES, BARS + bars, tmp_path) == tiny.told(BEGUN + expected)


def test_an_exit_of_a_part_is_refused(tmp_path):
    """A sale of twenty that would turn the position is cancelled and not answered: half of ten is not sold beside it."""
    rules = (
        "[{name: r, when: close > 0, once_per: run, buy: 10 shares}, "
        "{name: s, at: {time: '10:01'}, enter: short, size: {shares: 10}, order: {limit: {price: 110}}}, "
        "{name: h, at: {time: '10:02'}, exit: 50%}]"
    )
    found = late(rules, BARS + "Mon 10:03 95 95 95 95", tmp_path)
    assert found == tiny.told(
        "Mon 10:00 submitted #1 +10; Mon 10:00 filled #1 +10 @ 100; Mon 10:01 submitted #2 -20 limit 110; "
        "Mon 10:02 refused -5 unanswered; Mon 10:03 cancelled #2"
    )
