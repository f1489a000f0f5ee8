"""What a live run has outside: what time it is, and where its bars come from."""

from __future__ import annotations

from contextlib import ExitStack

from runner.adapters.clocks import WallClock, replay_clock
from runner.adapters.coverage import DataFault, day_text
from runner.adapters.feed_past import PastBars
from runner.adapters.live_feed import LiveFeed
from runner.adapters.replay import Replay
from runner.assemble import feeds
from runner.assemble.deployment import Deployment
from runner.assemble.span import Span
from runner.engine import prepare
from runner.engine.ports import BarFeed, Clock, History
from runner.language.spec import Spec
from runner.market.bar import Bars


def replaying(spec: Spec, history: History, span: Span) -> tuple[Clock, BarFeed]:
    """The bars of the past, each when its end has come. Raises `DataFault` when there are none."""
    assert span.replay is not None
    plan = spec.data
    rows = {}
    for symbol in spec.symbols:
        resolution = prepare.resolution_of(spec, symbol)
        rows[symbol] = history.bars(
            symbol, resolution, span.first, span.last, plan.prices, plan.extended_hours
        )
    if not any(len(bars.end) for bars in rows.values()):
        raise DataFault(
            f"no bars of {', '.join(spec.symbols)} from {day_text(span.first)} to {day_text(span.last)}"
        )
    clock = replay_clock(
        span.begin,
        span.replay.speed,
        lambda instant: span.calendar.trading_from(instant, plan.extended_hours),
    )
    return clock, Replay(rows, span.begin)


def listening(
    deployment: Deployment,
    history: History,
    span: Span,
    past: dict[str, Bars],
    shares: dict[str, float],
    parts: ExitStack,
) -> tuple[WallClock, LiveFeed]:
    """The wall clock and the feeds of the document, behind what the history knows of the time in which nobody listened."""
    clock = WallClock()
    program, days = deployment.program, span.calendar
    before = PastBars(program, history, days, span.day)
    feed = feeds.merged(
        program,
        days,
        clock,
        span.begin,
        past,
        deployment.folder,
        deployment.environment,
        shares,
        before,
        parts,
    )
    return clock, feed
