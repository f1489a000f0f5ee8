"""The account with which a live or paper run begins, put into its world: from the document, the gateway, or the journal."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from runner.adapters import opening
from runner.adapters.coverage import DataFault
from runner.adapters.live_journal import LiveJournal
from runner.adapters.security_id import symbol_of
from runner.assemble.deployment import Deployment
from runner.engine import opening_account, prepare
from runner.engine.opening_account import Opening
from runner.engine.ports import History
from runner.engine.state import World
from runner.market.calendar import Calendar

if TYPE_CHECKING:
    from runner.adapters.atreyu import Atreyu

LOOK_BACK = 14  # days in which a price is looked for


def limit(deployment: Deployment, world: World) -> None:
    """A shared account's strategy uses so much of it."""
    live = deployment.program.spec.live
    opening_account.limit(world, live.max_equity if live.account == "shared" else 0.0)


def begin(
    deployment: Deployment,
    journal: LiveJournal,
    world: World,
    time: int,
    client: Atreyu | None,
    history: History,
    day: int,
) -> list[str]:
    """Give the world its account: the journal's, or at the very first start (ns `time`, on `day`) what is found now. What a reader of the run
    should know of it. Raises `DataFault` when it cannot be had."""
    spec = deployment.program.spec
    notes: list[str] = []
    figures = opening.Figures(
        spec.symbols,
        Prices(deployment, world, history, day, time),
        spec.account == "cash",
        _identify(deployment),
    )

    def found() -> Opening:
        if client is None:
            now = opening.paper(spec.live, figures, spec.backtest.cash, time)
        else:
            told = client.snapshot().gateway_positions if client.health().logons else None
            now = opening.live(spec.live, figures, told, time)
            client.adopt(opening.held(now))
        notes.extend(now.notes)
        return now.opening

    opening_account.put(world, spec.symbols, opening_account.heard(journal, found))
    return notes


def splits(world: World, history: History, symbol: str, days: Calendar, since: int, now: int) -> float:
    """New shares per old one of the splits of the days after instant `since`, up to that of `now`."""
    first, last = days.day_of(since) + 1, days.day_of(now)
    if not since or first > last or not world.settings[0].raw_prices:
        return 1.0
    return float(math.prod(history.actions(symbol, first, last).split.tolist()))


class Prices(Mapping[str, float]):
    """The newest price of each symbol before an instant: the world's, or where it has seen no bar yet the history's; 0
    where there is none."""

    def __init__(self, deployment: Deployment, world: World, history: History, day: int, until: int) -> None:
        self._spec = deployment.program.spec
        self._world, self._history, self._day, self._until = world, history, day, until

    def __getitem__(self, symbol: str) -> float:
        last = float(self._world.quotes[self._spec.symbols.index(symbol)].last)
        if last > 0.0:
            return last
        plan, resolution = self._spec.data, prepare.resolution_of(self._spec, symbol)
        try:
            bars = self._history.bars(
                symbol,
                resolution,
                self._day - LOOK_BACK,
                self._day,
                plan.prices,
                plan.extended_hours,
                self._day,
            )
        except DataFault:
            return 0.0
        known = bars.close[(bars.end <= self._until) & bars.real]
        return float(known[-1]) if len(known) else 0.0

    def __iter__(self) -> Iterator[str]:
        return iter(self._spec.symbols)

    def __len__(self) -> int:
        return len(self._spec.symbols)


def _identify(deployment: Deployment) -> Callable[[str], str | None]:
    """Symbols of LEAN's identifiers, where the data know them."""
    data = deployment.program.spec.data
    if data.source != "lean":
        return lambda name: None
    return lambda name: symbol_of(deployment.folder / data.path, name)
