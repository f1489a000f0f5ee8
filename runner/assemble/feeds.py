"""The feeds that a strategy names under `data.live`, put together as one."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from runner.adapters.bar_grid import BarGrid
from runner.adapters.feed_settings import AlpacaFeed, FeedSettings, FileFeed, ReplayFeed, ZeromqFeed
from runner.adapters.live_feed import LiveFeed, Source
from runner.engine import live_day
from runner.engine.ports import Clock, LiveBar
from runner.language.program import Program
from runner.language.spec import Spec
from runner.language.spec_live import Feed
from runner.market.bar import Bars
from runner.market.calendar import Calendar


def replayed(spec: Spec) -> ReplayFeed | None:
    """How the history is replayed, when that is where the bars come from: the feed `replay`, or none at all."""
    kinds = [feed.kind for feed in spec.data.live]
    if not kinds:
        return ReplayFeed()
    if kinds != ["replay"]:  # it stands alone: language/read_live.py
        return None
    return msgspec.convert(spec.data.live[0].settings, ReplayFeed)


def merged(
    program: Program,
    days: Calendar,
    clock: Clock,
    since: int,
    past: Mapping[str, Bars],
    folder: Path,
    environment: Mapping[str, str],
    shares: dict[str, float],
    before: Source,
    parts: ExitStack,
) -> LiveFeed:
    """The feeds that the document names as one, after `before`, which knows the past. `shares`: split factor of each
    symbol, moved by others; `parts` closes what is opened. Raises `DataFault` when one cannot be had."""
    spec = program.spec
    steps = live_day.steps(program)
    grid = BarGrid(days, steps, spec.data.extended_hours, spec.settings["data.daily_end"] == "midnight")
    made = [before]
    for feed in spec.data.live:
        source = _source(feed, steps, clock, folder, environment)
        parts.callback(source.close)
        made.append(source)
    live = spec.live
    settings = FeedSettings(bar_wait=live.bar_wait, stale_after=live.stale_after, divergence=live.divergence)
    newest = {symbol: bar for symbol, bars in past.items() if (bar := _newest(symbol, bars)) is not None}
    return LiveFeed(made, grid, clock, settings, since, newest, spec.data.fill_forward, shares)


def _source(
    feed: Feed, steps: dict[str, int], clock: Clock, folder: Path, environment: Mapping[str, str]
) -> Source:
    if feed.kind == "zeromq":
        from runner.adapters.feed_zeromq import ZeromqSource

        return ZeromqSource(msgspec.convert(feed.settings, ZeromqFeed))
    if feed.kind == "csv":
        from runner.adapters.feed_file import FileSource

        return FileSource(msgspec.convert(feed.settings, FileFeed), clock, folder)
    from runner.adapters.feed_alpaca import AlpacaSource

    return AlpacaSource(msgspec.convert(feed.settings, AlpacaFeed), steps, environment)


def _newest(symbol: str, bars: Bars) -> LiveBar | None:
    """The newest real bar of the past."""
    real = np.flatnonzero(np.asarray(bars.real))
    if not len(real):
        return None
    row: list[Any] = [np.asarray(column)[real[-1]].item() for column in bars]
    return LiveBar(symbol, *row)
