"""The pre-trade controls of a strategy as frozen values."""

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
