"""How a strategy runs live, as frozen values. Durations are seconds, money is US dollars, prices are dollars a share."""

from __future__ import annotations

from typing import Any

import msgspec


class Held(msgspec.Struct, frozen=True):
    """Shares in the account at the first start: `quantity` signed, `id` LEAN's identifier of the security or empty."""

    symbol: str
    quantity: int
    average_price: float
    id: str = ""


class CashSync(msgspec.Struct, frozen=True):
    """Who says the account's cash once a day: `source` book, file (at `path`) or command (named by the environment).

    `at`: HH:MM in New York. `quiet`: without a fill. `failures`: attempts after which entries stop.
    """

    source: str = "book"
    path: str = ""
    at: str = "07:45"
    quiet: float = 10.0
    failures: int = 5


class Restart(msgspec.Struct, frozen=True):
    """Whether a run that fails starts again, after a pause that doubles from `first_pause` to `longest_pause`, at
    `most` so many times in a row."""

    on_failure: bool = False
    first_pause: float = 5.0
    longest_pause: float = 300.0
    most: int = 10


class Feed(msgspec.Struct, frozen=True):
    """A source of live bars: `kind` replay, zeromq, csv or alpaca; `settings`: what the document says, by the names of
    the adapter's settings."""

    kind: str
    settings: dict[str, Any] = {}


class LiveSpec(msgspec.Struct, frozen=True):
    """The block `live`. `cash`: None when it is not said. `currencies`: code, amount, dollars for one or None.
    `empty`: the document says that the account holds nothing.

    `account` exclusive or shared; `max_equity` 0 for none; `on_mismatch` refuse, adopt or flatten; `on_stop` leave or
    cancel. `gateway`: what the document sets of the client's settings, by their names.
    """

    cash: float | None = None
    currencies: tuple[tuple[str, float, float | None], ...] = ()
    holdings: tuple[Held, ...] = ()
    empty: bool = False
    account: str = "exclusive"
    max_equity: float = 0.0
    on_mismatch: str = "refuse"
    fill_wait: float = 5.0
    bar_wait: float = 2.0
    stale_after: int = 3
    divergence: float = 0.001
    late_after: float = 60.0
    clock_warn: float = 2.0
    clock_stop: float = 30.0
    cash_sync: CashSync = CashSync()
    restart: Restart = Restart()
    on_stop: str = "leave"
    gateway: dict[str, Any] = {}
