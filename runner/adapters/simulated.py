"""A broker that answers by `laws/fills` from the bars of the run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from runner.engine import offers, step
from runner.engine.ports import News
from runner.engine.state import World
from runner.laws.admission import Admitted
from runner.market import events


class SimulatedBroker:
    """Fills orders against the world's own quotes: the same laws as the kernel, one call deeper."""

    def __init__(self, world: World) -> None:
        self._world = world

    def submit(self, admitted: Admitted) -> Iterator[News]:
        """A market order fills at once when a fresh price is known."""
        price = offers.price_now(self._world, admitted.order)
        shares = offers.take(self._world, admitted.order) if price > 0.0 else 0
        if shares:
            yield News(events.FILLED, admitted.order, shares, price)

    def replace(self, order: int) -> Iterator[News]:
        """Every change is granted."""
        yield News(events.UPDATED, order)

    def withdraw(self, order: int) -> Iterator[News]:
        """Every order that works can be cancelled."""
        yield News(events.CANCELLED, order)

    def news(self, instant: int) -> Iterable[News]:
        """What the bars of the instant give to the working orders."""
        for order, quantity, price in step.news_at(self._world, instant):
            yield News(events.FILLED, order, quantity, price)
