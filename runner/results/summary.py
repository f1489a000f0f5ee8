"""The machine-readable report: `results.json`."""

from __future__ import annotations

from typing import Any

from runner.market.money import MICROS
from runner.results.reading import Reading
from runner.results.text import refusal_counts


def plain(reading: Reading) -> dict[str, Any]:
    """Plain values: LEAN's statistics by LEAN's names and formats, our session-based figures beside them."""
    header = reading.journal.header
    ledger = reading.ledger
    return {
        "strategy": header["strategy"],
        "conventions": header["conventions"],
        "driver": header["driver"],
        "statistics": reading.statistics,
        "figures": _figures(reading),
        "positions": {
            header["symbols"][symbol]: held.quantity
            for symbol, held in sorted(ledger.holdings.items())
            if held.quantity
        },
        "cash": ledger.cash / MICROS,
        "tallies": header["tallies"],
        "refusals": [
            {"count": count, "rule": rule, "reason": reason}
            for count, rule, reason in refusal_counts(reading.journal)
        ],
        "data": header["data"],
        "settings": header["spec"],
        "manifest": header["manifest"],
    }


def _figures(reading: Reading) -> dict[str, Any]:
    return {name: _plain(item) for name, item in reading.measures._asdict().items()}


def _plain(value: Any) -> Any:
    if hasattr(value, "_asdict"):
        return {name: _plain(item) for name, item in value._asdict().items()}
    if isinstance(value, dict):
        return {
            " ".join(map(str, key)) if isinstance(key, tuple) else str(key): _plain(v)
            for key, v in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
