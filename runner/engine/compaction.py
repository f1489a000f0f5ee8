"""New epochs of a live journal: at a rest the whole world is written down, and a restart hears only what came after.

So the cost of a restart is that of a day, however old the run is. What comes after is the same as without.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Protocol

import msgspec

from runner.engine.exact import packed, unpacked
from runner.engine.ports import Epochs
from runner.engine.recorded import Diverged
from runner.engine.snapshot import put_world, world_state
from runner.engine.state import World
from runner.market.calendar import Calendar
from runner.market.order import Order

MOST_INPUTS = 20_000  # of one epoch


class Part(Protocol):
    """Something beside the world that remembers: the columns, the timeline, the recorded broker."""

    def state(self) -> Any:
        """What it remembers, as plain values."""

    def restore(self, kept: Any) -> None:
        """Remember that."""


class Compaction:
    """Begins a new epoch at the first rest of a new day, and after `most` inputs.

    `texts`: the run's text table, which may grow. `parts`: whatever remembers beside the world, by a name that stays.
    """

    def __init__(
        self,
        journal: Epochs,
        world: World,
        texts: list[str],
        parts: dict[str, Part],
        calendar: Calendar,
        most: int = MOST_INPUTS,
    ) -> None:
        self._journal = journal
        self._world = world
        self._texts = texts
        self.parts = parts
        self._calendar = calendar
        self._most = most
        self._day = -1

    def resume(self) -> bool:
        """Put the state with which the newest epoch began into the world and its parts; False when it is the first, which
        begins with nothing. Call it once, before the loop runs. Raises `Diverged` when it cannot be put back."""
        content = self._journal.opening()
        if content is None:
            return False
        kept = unpacked(content)
        if set(kept["parts"]) != set(self.parts):
            raise Diverged(f"the journal was left with {', '.join(kept['parts'])}")
        orders: Any = self._world.orders
        orders.put_away(kept["orders"], self._fetch)
        put_world(self._world, kept["world"])
        self._texts[:] = kept["texts"]
        for name, part in self.parts.items():
            part.restore(kept["parts"][name])
        self._day = kept["day"]
        return True

    def rest(self, time: int) -> None:
        """The world is at rest; the newest instant was at `time` (ns): begin a new epoch when it is time to."""
        day = self._calendar.day_of(time) if time else -1
        if self._day < 0:
            self._day = day
        if day != self._day or self._journal.heard() >= self._most:
            self.begin(day)

    def begin(
        self,
        day: int,
        moved: Mapping[int, Order] = MappingProxyType({}),
        facts: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Begin a new epoch with the world as it stands. `moved`: orders that are other rows than before, `facts`: what
        holds from then on."""
        orders: Any = self._world.orders
        last = int(self._world.counters[0].orders)
        kept = {
            "world": world_state(self._world),
            "orders": last,
            "texts": list(self._texts),
            "parts": {name: part.state() for name, part in self.parts.items()},
            "day": day,
        }
        changed = {**moved, **orders.changed(last)}
        self._journal.begin(packed(kept), {number: order_row(row) for number, row in changed.items()}, facts)
        orders.put_away(last, self._fetch)
        self._day = day

    def _fetch(self, number: int) -> Order:
        return order_of(self._journal.order(number))


def order_row(order: Order) -> bytes:
    """An order as bytes: the fields that are not at their defaults, by name."""
    defaults = Order.defaults  # type: ignore[attr-defined]
    found = {name: getattr(order, name) for name in defaults}
    return msgspec.msgpack.encode({k: v for k, v in found.items() if v != defaults[k]})


def order_of(content: bytes) -> Order:
    """The order of `order_row`. Raises `Diverged` when another version wrote it, with fields that are no more."""
    try:
        return Order(**msgspec.msgpack.decode(content))
    except TypeError as fault:
        raise Diverged(f"another version of the runner wrote the journal's orders: {fault}") from fault
