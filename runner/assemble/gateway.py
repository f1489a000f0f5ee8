"""Atreyu's gateway for a live run: its client, store and settings behind the engine's broker."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from runner.adapters.clocks import WallClock
from runner.adapters.coverage import DataFault
from runner.adapters.live_journal import LiveJournal
from runner.market.calendar import Calendar
from runner.market.settings import settings_row

if TYPE_CHECKING:
    from runner.adapters.gateway import Gateway
    from runner.assemble.deployment import Deployment

FIRST = 20  # letters and digits of an order's name


def connect(
    deployment: Deployment,
    journal: LiveJournal,
    world: Any,
    days: Calendar,
    hours: Any = None,
    late: Callable[[int], bool] = lambda number: False,
) -> tuple[Gateway, Callable[[], None]]:
    """Log on, and make a broker of the client; the second value ends it. `late`: see `adapters/gateway`. Raises `DataFault` when that cannot be."""
    from runner.adapters.atreyu import Atreyu, LogonRefused
    from runner.adapters.atreyu_settings import AtreyuSettings, CalendarHours, from_environment
    from runner.adapters.atreyu_store import SqliteStore, StoreFault
    from runner.adapters.gateway import Gateway

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
        store = SqliteStore(deployment.state / "atreyu.db")
        client = Atreyu(
            AtreyuSettings(**names), credentials, store, clock, hours or CalendarHours(days), account
        )
        client.start()
    except (StoreFault, LogonRefused) as fault:
        raise DataFault(f"the gateway: {fault}") from fault
    made = Gateway(
        world,
        spec.symbols,
        client,
        lambda number: name_of(run, number),
        lambda: clock.elapsed() / 1e9,
        set(client.snapshot().orders),
        lambda one: None,
        spec.live.fill_wait,
        late,
    )
    return made, client.stop


def name_of(run: str, number: int) -> str:
    """The name of an order: the same after a restart, and of no other run."""
    return hashlib.sha256(f"{run}/{number}".encode()).hexdigest()[:FIRST]
