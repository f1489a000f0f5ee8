"""A document that was edited in the middle of a live day takes over through the gateway's own process: what is held and
works at the broker goes on, a removed rule's order is cancelled there, and no order is lost or sent twice.
"""

import pytest

from runner import assemble
from runner.adapters.clocks import SimulatedClock
from runner.adapters.recorded_run import open_run
from runner.adapters.replay import Replay
from runner.assemble.accept import accept
from runner.assemble.deployment import LIVE, Deployment, Rehearsed
from runner.assemble.live import LiveRun
from runner.language.source import load
from runner.language.validate import understand
from runner.market import events
from tests.conftest import ROOT
from tests.gateway.adapter import Always
from tests.gateway.test_run import DOCUMENT, Priced, agree, control, environment  # noqa: F401

pytestmark = pytest.mark.slow

HEAD, TAIL = DOCUMENT.partition("rules:\n")[0], "\n".join(DOCUMENT.splitlines()[-2:]) + "\n"
FIRST = """rules:
  - {name: hold, at: {after_open: 30m}, symbols: [SPY], buy: 10}
  - {name: kept, at: {after_open: 31m}, symbols: [SPY], buy: 3, order: {limit: {price: close - 20}}}
  - {name: gone, at: {after_open: 32m}, symbols: [IBM], buy: 4, order: {limit: {price: close - 20}}}
"""
SECOND = """rules:
  - {name: more, at: {after_open: 90m}, symbols: [IBM], buy: 2}
  - {name: kept, at: {after_open: 31m}, symbols: [SPY], buy: 3, order: {limit: {price: close - 20}}}
  - {name: hold, at: {after_open: 30m}, symbols: [SPY], buy: 10}
  - {name: out, at: {after_open: 120m}, symbols: [SPY], exit: position}
"""


class Ends(SimulatedClock):
    """Jumps no further than to `last`, as a process that ends there."""

    def __init__(self, start, last):
        super().__init__(start)
        self.last = last

    def wait_until(self, instant):
        return instant <= self.last and super().wait_until(instant)


def understood(rules):
    text = HEAD + rules + TAIL
    program, problems = understand(load(text, "minutes.yaml"))
    assert not problems, problems
    return program, text


def test_a_document_takes_over_in_the_middle_of_the_day(control, tmp_path):  # noqa: F811
    programs = [understood(rules) for rules in (FIRST, SECOND)]
    ready = assemble.backtest(*programs[0], ROOT, "loop")
    days, day = ready.calendar, ready.prepared.first_day
    begin, opening = days.midnight_of(day), int(days.open[days.session_on(day)])

    def rehearsed(minute):
        feed = Priced(Replay(ready.prepared.bars, begin), control)
        until = opening + minute * 60_000_000_000
        return Rehearsed(Ends(begin, until), feed, Always(True), begin, ready.prepared.last_day)

    def deployed(i):
        program, text = programs[i]
        return Deployment(program, text, ROOT, LIVE, tmp_path, environment(control), {}, {}, {})

    def run(i, minute):
        live = LiveRun(deployed(i), lambda line: None, rehearsed(minute))
        try:
            live.run()
        finally:
            live.close()

    run(0, 60)
    accept(deployed(1), [], "ann", lambda line: None, rehearsed(60))
    run(1, 100)
    run(1, 390)
    found = open_run(str(tmp_path)).journal
    records, rules = found.records, found.header["rules"]
    assert rules == ["hold", "kept", "gone", "more", "out"]
    sent = records[records["kind"] == events.SUBMITTED]
    assert [(int(one["order"]), rules[one["rule"]], int(one["quantity"])) for one in sent] == [
        (1, "hold", 10), (2, "kept", 3), (3, "gone", 4), (4, "more", 2), (5, "out", -10),
    ]  # fmt: skip
    ends = {
        kind: records[records["kind"] == kind]["order"].tolist()
        for kind in (events.CANCELLED, events.EXPIRED)
    }
    assert ends == {
        events.CANCELLED: [3],
        events.EXPIRED: [],
    }  # the stand-in's day is not over: order 2 works on
    cancelled = records[records["kind"] == events.CANCELLED]["time"][0]
    assert cancelled == records[records["kind"] == events.EPOCH]["time"][0]
    assert len(control.ask(do="state")["orders"]) == 5
    agree(control, records, found.header["symbols"])
