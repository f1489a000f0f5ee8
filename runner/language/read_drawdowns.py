"""Limits of loss and gain under `risk`: of single positions, and of the whole account."""

from __future__ import annotations

from typing import Any

from runner.language import units
from runner.language.problems import Path, quoted
from runner.language.reading import Reading
from runner.language.spec import Drawdowns

_KEYS = {
    "position": {"max_drawdown": "loss", "max_profit": "profit", "trailing": "trailing"},
    "portfolio": {"max_drawdown": "account_loss", "trailing": "account_trailing"},
}


def read_drawdowns(data: dict[str, Any], out: Reading) -> Drawdowns:
    """The limits of a document; zero is none."""
    block: dict[str, Any] = data.get("risk") or {}
    found: dict[str, float] = {}
    for holder, keys in _KEYS.items():
        for key, field in keys.items():
            written = (block.get(holder) or {}).get(key)
            path: Path = ("risk", holder, key)
            if written is None:
                continue
            found[field] = float(out.number(written, path, units.PERCENT))
            if found[field] <= 0.0:
                out.fault(
                    path, f"{quoted(key)} is {written}", "write a percentage above zero, or delete the key"
                )
            elif found[field] >= 1.0 and key != "max_profit":
                out.fault(path, f"{quoted(key)} is {written}, more than can be lost", "write less than 100%")
    return Drawdowns(**found)
