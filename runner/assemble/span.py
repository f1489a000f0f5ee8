"""When a live run begins, on which calendar, and how far it goes: read from its journal once it has begun."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from runner.adapters.clocks import WallClock
from runner.adapters.coverage import DataFault
from runner.adapters.feed_settings import ReplayFeed
from runner.adapters.live_journal import LiveJournal
from runner.adapters.sessions import calendar
from runner.assemble import feeds
from runner.assemble.deployment import LIVE, Deployment, Rehearsed
from runner.assemble.past import span_of
from runner.engine import prepare
from runner.engine.ports import History
from runner.market.calendar import Calendar

AROUND = 800  # days of the calendar on both sides


class Span(NamedTuple):
    """`begin`: instant (ns UTC) up to which the past warms the run; `day`: its first day; `until`: the last day that it
    may have. `replay`: how the history is played, from `first` to `last`; None when bars come from elsewhere."""

    begin: int
    day: int
    until: int
    calendar: Calendar
    replay: ReplayFeed | None
    first: int
    last: int


def span(deployment: Deployment, history: History, journal: LiveJournal, rehearsed: Rehearsed | None) -> Span:
    """Of a run that begins now, or of the one in the journal. Raises `DataFault`."""
    spec = deployment.program.spec
    replay = None if rehearsed is not None else feeds.replayed(spec)
    if replay is not None and deployment.mode == LIVE:
        raise DataFault(
            "a live run needs live bars: name their feeds under data.live, for example live: [alpaca] (docs/live.md, "
            "Feeds); --paper replays the data"
        )
    begun, kept = journal.fact("begin"), journal.fact("calendar")
    now = rehearsed.clock.now() if rehearsed is not None else WallClock().now()
    first, last = span_of(spec, history) if replay is not None else (_day(now), _day(now))
    start = int(kept) if kept is not None else (first if begun is None else _day(int(begun))) - AROUND
    # Its first day stays, since rows of sessions stand in the journal; its last day moves on.
    days = calendar(start, last + (prepare.MARGIN if replay is not None else AROUND))
    if begun is not None:
        begin = int(begun)
    elif rehearsed is not None:
        begin = rehearsed.begin
    else:
        begin = days.midnight_of(first) if replay is not None else now
    until = last if replay is not None else last + AROUND // 2
    if rehearsed is not None and rehearsed.until:
        until = rehearsed.until
    return Span(begin, days.day_of(begin), until, days, replay, first, last)


def _day(instant: int) -> int:
    return int(np.datetime64(instant, "ns").astype("datetime64[D]").astype(int))
