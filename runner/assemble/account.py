"""The account with which a live or paper run begins, put into its world: from the document, the gateway, or the journal."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from runner.adapters import opening
from runner.adapters.live_journal import LiveJournal
from runner.adapters.security_id import symbol_of
from runner.assemble.deployment import Deployment
from runner.engine import opening_account
from runner.engine.opening_account import Opening
from runner.engine.state import World

if TYPE_CHECKING:
    from runner.adapters.atreyu import Atreyu


def limit(deployment: Deployment, world: World) -> None:
    """A shared account's strategy uses so much of it."""
    live = deployment.program.spec.live
    opening_account.limit(world, live.max_equity if live.account == "shared" else 0.0)


def begin(
    deployment: Deployment, journal: LiveJournal, world: World, time: int, client: Atreyu | None
) -> list[str]:
    """Give the world its account: the journal's, or at the very first start (ns `time`) what is found now. What a reader of the run
    should know of it. Raises `DataFault` when it cannot be had."""
    spec = deployment.program.spec
    notes: list[str] = []
    figures = opening.Figures(
        spec.symbols,
        {symbol: world.quotes[s].last for s, symbol in enumerate(spec.symbols)},
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


def _identify(deployment: Deployment) -> Callable[[str], str | None]:
    """Symbols of LEAN's identifiers, where the data know them."""
    data = deployment.program.spec.data
    if data.source != "lean":
        return lambda name: None
    return lambda name: symbol_of(deployment.folder / data.path, name)
