"""The block `risk`: the controls that every order passes before it is sent."""

from __future__ import annotations

from typing import Any

from runner.language import units
from runner.language.problems import Path, quoted
from runner.language.reading import Reading
from runner.language.risk import Risk

_MICROS = 1_000_000
MOST_SHARES = 100_000_000


def read_risk(data: dict[str, Any], out: Reading) -> Risk:
    """The pre-trade controls of a document."""
    block: dict[str, Any] = data.get("risk") or {}
    order, day = block.get("max_order") or {}, block.get("max_daily_loss") or {}
    path: Path = ("risk",)

    def number(holder: dict[str, Any], at: Path, key: str, unit: str = units.NUMBER) -> float:
        if holder.get(key) is None:
            return 0.0
        value = out.number(holder[key], (*at, key), unit, 1.0)
        if value <= 0:
            out.fault((*at, key), f"{quoted(key)} is zero", "write a number above zero, or delete the key")
        return value

    def count(holder: dict[str, Any], at: Path, key: str) -> int:
        if holder.get(key) is None:
            return 0
        return out.whole(holder[key], (*at, key), 1, 1, MOST_SHARES)

    return Risk(
        max_shares=count(order, (*path, "max_order"), "shares"),
        max_dollars=round(number(order, (*path, "max_order"), "dollars") * _MICROS),
        collar=number(block, path, "price_collar", units.PERCENT),
        duplicates=round(number(block, path, "duplicates", units.DURATION)),
        per_minute=count(block, path, "max_orders_per_minute"),
        gross=number(block, path, "max_gross_exposure", units.PERCENT),
        net=number(block, path, "max_net_exposure", units.PERCENT),
        positions=count(block, path, "max_positions"),
        daily_loss=number(day, (*path, "max_daily_loss"), "limit", units.PERCENT),
        then=day.get("then") or "stop_entries",
    )
