"""A broker that answers by `laws/fills` from the bars of the run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from runner.engine import step
from runner.engine.ports import Fill
from runner.engine.state import World
from runner.laws.admission import Admitted


class SimulatedBroker:
    """Fills orders against the world's own quotes: the same laws as the kernel, one call deeper."""

    def __init__(self, world: World) -> None:
        self._world = world

    def submit(self, admitted: Admitted) -> Iterator[Fill]:
        """A market order fills at once when a fresh price is known."""
        price = step.price_now(self._world, admitted.order)
        if price > 0.0:
            yield Fill(admitted.order, admitted.quantity, price)

    def replace(self, admitted: Admitted) -> None:
        """Nothing to do: the order is the world's own."""

    def withdraw(self, order: int) -> None:
        """Nothing to do: the order is gone from the world already."""

    def news(self, instant: int) -> Iterable[Fill]:
        """What the bars of the instant give to the working orders."""
        for order, quantity, price in step.news_at(self._world, instant):
            yield Fill(order, quantity, price)
