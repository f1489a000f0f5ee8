"""Atreyu's gateway for a live run: its client, store and settings behind the engine's broker."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from typing import Any, NamedTuple

from runner.adapters.account_check import AccountCheck
from runner.adapters.atreyu import Atreyu, LogonRefused
from runner.adapters.atreyu_news import News
from runner.adapters.atreyu_settings import AtreyuSettings, CalendarHours, Hours, from_environment
from runner.adapters.atreyu_store import SqliteStore, StoreFault
from runner.adapters.clocks import WallClock
from runner.adapters.coverage import DataFault, Refused
from runner.adapters.desk import Desk
from runner.adapters.gateway import Gateway
from runner.adapters.live_journal import LiveJournal
from runner.assemble.deployment import Deployment
from runner.engine.ports import Clock, Notice
from runner.engine.recorded import RecordedBroker
from runner.engine.state import World
from runner.language.spec import Spec
from runner.market import events
from runner.market.calendar import Calendar
from runner.market.settings import settings_row

STORE = "atreyu.db"
CURE = "look at ATREYU_HOST and its ports, ATREYU_USERNAME and ATREYU_PASSWORD; else ask the broker"
FIRST = 20  # letters and digits of an order's name


class Link(NamedTuple):
    """The client, logged on. `run`: what its orders' names are made of."""

    settings: AtreyuSettings

    client: Atreyu
    clock: WallClock
    run: str

    def sleep(self, seconds: float) -> None:
        """Wait."""
        self.clock.wait_until(self.clock.now() + int(seconds * 1e9))


def connect(deployment: Deployment, journal: LiveJournal, days: Calendar, hours: Hours | None = None) -> Link:
    """Log on. Raises `DataFault` when that cannot be."""
    spec = deployment.program.spec
    found, credentials, problems = from_environment(deployment.environment)
    if problems or credentials is None:
        raise DataFault("a live run cannot start:\n" + "\n".join(f"  {one}" for one in problems))
    run = journal.fact("run")
    if run is None:
        run = os.urandom(8).hex()
        journal.note(run=run)
    names: Any = {**found, **spec.live.gateway, "namespace": f"{spec.name}/{run}"}
    account = settings_row(spec.settings, spec.account, spec.data.prices, spec.resident)
    clock = WallClock()
    try:
        store = SqliteStore(deployment.state / STORE)
        settings = AtreyuSettings(**names)
        client = Atreyu(settings, credentials, store, clock, hours or CalendarHours(days), account)
        client.start()
    except LogonRefused as fault:
        raise (Refused if fault.answered else DataFault)(f"the gateway: {fault}; {CURE}") from fault
    except StoreFault as fault:
        raise DataFault(f"the gateway: {fault}") from fault
    return Link(settings, client, clock, run)


def broker(link: Link, spec: Spec, world: World, late: Callable[[int], bool], desk: Desk) -> Gateway:
    """The engine's broker over the client. `late`: whether an order that a stop cut off is too old to be sent; `desk`: where
    news go that are about no order of the run."""

    def tell(one: News) -> None:
        what = " ".join(word for word in (one.kind.replace("_", " "), one.order, one.symbol) if word)
        desk.post(Notice(events.TOLD, who="gateway", why=f"{what}: {one.text}" if one.text else what))

    return Gateway(
        world,
        spec.symbols,
        link.client,
        lambda number: name_of(link.run, number),
        lambda: link.clock.elapsed() / 1e9,
        set(link.client.snapshot().orders),
        tell,
        spec.live.fill_wait,
        late,
    )


def compared(
    link: Link,
    deployment: Deployment,
    world: World,
    broker: RecordedBroker,
    name: Callable[[int], str],
    clock: Clock,
    days: Calendar,
    price: Callable[[str], float],
    desk: Desk,
    said: Callable[[str], None],
    splits: Callable[[str], float],
) -> AccountCheck:
    """What compares the run with its account. `name` of an order by its number; `clock`: the engine's; `price`: the
    newest of a symbol; `splits`: of the days that the run has yet to work on."""
    spec = deployment.program.spec
    return AccountCheck(
        world, spec.symbols, link.client, broker.heard, name, spec.live.on_mismatch, spec.live.account == "exclusive",
        link.settings.trust_positions, clock.now, lambda: link.clock.elapsed() / 1e9, days, link.settings.settle,
        price, desk.post, said, splits,
    )  # fmt: skip


def name_of(run: str, number: int) -> str:
    """The name of an order: the same after a restart, and of no other run."""
    return hashlib.sha256(f"{run}/{number}".encode()).hexdigest()[:FIRST]
