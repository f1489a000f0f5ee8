"""How a run stands, for those who ask from outside: made by the loop's own thread, read by any.

Nobody else touches the world. A picture is made after an instant when somebody asks for one, or the last is old, and
while the run waits for its next instant.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from runner.adapters.clocks import WallClock
from runner.assemble.live import LiveRun
from runner.engine.buying_power import equity
from runner.engine.notices import paused_by
from runner.engine.state import World
from runner.market.order import CANCEL, CHANGE, ORDER_STATES, PURPOSES
from runner.results.orders import KIND_WORDS
from runner.results.tables import dollars
from runner.results.times import date_text, day_of, iso

NOTES = 20  # lines that are kept
OLD = 1_000_000_000  # ns after which a picture is made anew without being asked for
PATIENCE = 0.5  # s that somebody who asks waits for a new one
_MICRO = 1_000_000


class Standing:
    """The newest picture of a run and its last notes. `state`: starting, running, restarting, stopping or ended."""

    def __init__(self, strategy: str, mode: str, pid: int) -> None:
        self.state = "starting"
        self._known = {"strategy": strategy, "mode": mode, "pid": pid}
        self._picture: dict[str, Any] = {}
        self._notes: deque[str] = deque(maxlen=NOTES)
        self._asked = threading.Event()
        self._made = threading.Condition()
        self._clock = WallClock()
        self._at = 0
        self._stale = False
        self._run: LiveRun | None = None

    def note(self, line: str) -> None:
        """Keep a line that was said."""
        self._notes.append(line)

    def follow(self, run: LiveRun) -> None:
        """Look at `run` from now on; its thread calls what is put into it here."""
        self._run = run
        run.loop.watch = self._after
        run.idles.append(self._idle)

    def leave(self) -> None:
        """The run is closed; what was seen last stays."""
        self._run = None

    def _after(self, world: World, k: int) -> None:
        self._stale = True
        if self._asked.is_set() or self._clock.elapsed() - self._at > OLD:
            self._make()

    def _idle(self) -> None:
        if self._stale or self._asked.is_set():
            self._make()

    def _make(self) -> None:
        run = self._run
        if run is None:
            return
        found = picture(run)
        self._at, self._stale = self._clock.elapsed(), False
        self._asked.clear()
        with self._made:
            self._picture = found
            self._made.notify_all()

    def finish(self) -> None:
        """Make the last picture, in the loop's thread."""
        self._make()

    def latest(self) -> dict[str, Any]:
        """What is known now, with the state and the last notes; from any thread."""
        if self.state == "running":
            with self._made:
                self._asked.set()
                self._made.wait(PATIENCE)
        run = self._run
        clock = {"clock": iso(run.clock.now())} if run is not None else {}
        return {"state": self.state, **self._known, **clock, **self._picture, "notes": list(self._notes)}


def picture(run: LiveRun) -> dict[str, Any]:
    """A run between two instants, as plain values. Amounts are exact dollars in text, prices numbers."""
    world = run.started.world
    symbols = run.deployment.program.spec.symbols
    account, control = world.account[0], world.controls[0]
    texts = run.started.rules.texts
    time = run.instants.latest
    return {
        "time": iso(time) if time else None,
        "day": date_text(day_of(time)) if time else None,
        "connection": run.connection(),
        "paused": paused_by(world, texts) if control.paused or control.unsure else None,
        "flattening": bool(control.flattening),
        "silent": [symbol for s, symbol in enumerate(symbols) if world.quotes[s].silent],
        "equity": dollars(equity(world)),
        "cash": dollars(account.cash),
        "unsettled": dollars(account.unsettled),
        "positions": [
            position(world, s, symbol) for s, symbol in enumerate(symbols) if world.holdings[s].position
        ],
        "orders": [
            order(world, o, symbols, run.order_id) for o in world.working[: world.counters[0].working]
        ],
        "bars": {
            symbol: {"end": iso(world.quotes[s].end), "close": world.quotes[s].last}
            for s, symbol in enumerate(symbols)
            if world.quotes[s].end
        },
    }


def position(world: World, s: int, symbol: str) -> dict[str, Any]:
    """One position. `profit` is not realised."""
    holding = world.holdings[s]
    return {
        "symbol": symbol,
        "quantity": holding.position,
        "average_price": holding.cost / holding.position / _MICRO,
        "last": world.quotes[s].last,
        "value": dollars(holding.value),
        "profit": dollars(holding.value - holding.cost),
        "leaving": holding.exiting > 0,
    }


def order(world: World, o: int, symbols: tuple[str, ...], order_id: Callable[[int], str]) -> dict[str, Any]:
    """One open order. `asked`: what the broker has not answered yet."""
    row = world.orders[o]
    return {
        "number": o,
        "id": order_id(o),
        "symbol": symbols[row.symbol],
        "kind": KIND_WORDS.get(row.kind, str(row.kind)),
        "purpose": PURPOSES[row.purpose],
        "quantity": row.quantity,
        "filled": row.filled,
        "limit": row.limit or None,
        "stop": row.stop or None,
        "state": ORDER_STATES[row.state],
        "asked": {CANCEL: "cancel", CHANGE: "change"}.get(row.pending),
        "sent": iso(row.sent) if row.sent else None,
    }
