"""Who looks at a live run's surroundings while it waits: its feeds, and the account's cash once a day."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from runner.adapters.cash_sync import CashSync, source_of
from runner.adapters.clock_skew import ClockWatch
from runner.adapters.clocks import WallClock
from runner.adapters.desk import Desk
from runner.adapters.live_feed import LiveFeed
from runner.adapters.watch import Watch
from runner.assemble.deployment import Deployment
from runner.engine.ports import Clock
from runner.engine.state import World
from runner.market.calendar import Calendar


def looks(
    deployment: Deployment,
    world: World,
    days: Calendar,
    feed: Any,
    desk: Desk,
    clock: Clock,
    said: Callable[[str], None],
) -> list[Callable[[], None]]:
    """Functions that the loop's thread calls while it waits; what they find goes to the desk."""
    spec = deployment.program.spec
    found: list[Callable[[], None]] = []
    if isinstance(feed, LiveFeed):
        found.append(Watch(feed.notes, desk, WallClock().elapsed).look)
    sync = CashSync(
        spec.live,
        spec.account == "cash",
        world,
        days,
        source_of(spec.live, deployment.folder, deployment.environment),
        desk.post,
        said,
        inline=clock.jumps,
    )
    found.append(lambda: sync.look(clock.now()))
    return found


def clock_watch(client: Any, deployment: Deployment, desk: Desk) -> Callable[[], None]:
    """How far the machine's clock is from that of the gateway's client."""
    live = deployment.program.spec.live
    return ClockWatch(lambda: client.health().skew, desk.post, live.clock_warn, live.clock_stop).look
