"""The block `risk` as frozen values: pre-trade controls, and limits of loss and gain."""

from __future__ import annotations

from typing import Any

import msgspec

from runner.market.limits import THENS


class Risk(msgspec.Struct, frozen=True):
    """Pre-trade controls; zero is none. `max_dollars` millionths; `collar`, `gross`, `net`, `daily_loss` ratios;
    `duplicates` ns; `then` stop_entries or flatten."""

    max_shares: int = 0
    max_dollars: int = 0
    collar: float = 0.0
    duplicates: int = 0
    per_minute: int = 0
    gross: float = 0.0
    net: float = 0.0
    positions: int = 0
    daily_loss: float = 0.0
    then: str = "stop_entries"

    def numbers(self) -> dict[str, Any]:
        """The fields of `market/limits.Limits`."""
        found = {name: getattr(self, name) for name in self.__struct_fields__ if name != "then"}
        return {**found, "active": any(found.values()), "then": THENS[self.then]}

    def written(self) -> dict[str, Any]:
        """The controls that are set."""
        found = {name: getattr(self, name) for name in self.__struct_fields__ if name != "then"}
        return {name: value for name, value in found.items() if value} | (
            {"then": self.then} if self.daily_loss else {}
        )


class Drawdowns(msgspec.Struct, frozen=True):
    """Limits of loss and gain as ratios, 0 for none: of a position, and of the whole account (`account_*`)."""

    loss: float = 0.0
    profit: float = 0.0
    trailing: float = 0.0
    account_loss: float = 0.0
    account_trailing: float = 0.0

    def any(self) -> bool:
        """Whether there is one."""
        return any(getattr(self, name) for name in self.__struct_fields__)
