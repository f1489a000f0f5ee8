"""Writes a finished run to its folder: figures, tables, journal, page, manifest. The same run, the same bytes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from runner.adapters.journal import to_bytes
from runner.market.bar import Bars
from runner.results import tables
from runner.results.reading import Reading
from runner.results.summary import plain


def folder_of(name: str, manifest: dict[str, Any], asked: str | None) -> Path:
    """`--out DIR`, or `runs/NAME/` and the first letters of the manifest's hash."""
    if asked:
        return Path(asked)
    from runner.adapters.identity import text_hash

    return Path("runs") / name / text_hash(json.dumps(manifest, sort_keys=True))[:12]


def write(folder: Path, reading: Reading, bars: dict[str, Bars], page: bool) -> list[Path]:
    """Write every file of a run; returns their paths. Raises `OSError` when the folder cannot be written."""
    folder.mkdir(parents=True, exist_ok=True)
    journal = reading.journal
    texts: dict[str, str | bytes] = {
        "results.json": json.dumps(plain(reading), indent=1, sort_keys=False, allow_nan=False) + "\n",
        "orders.csv": tables.orders_csv(journal, reading.orders),
        "fills.csv": tables.fills_csv(journal, reading.ledger),
        "trades.csv": tables.trades_csv(journal, reading.ledger),
        "equity.csv": tables.equity_csv(journal),
        "manifest.json": json.dumps(journal.header["manifest"], indent=1, sort_keys=True) + "\n",
        "journal.npz": to_bytes(journal),
    }
    if page:
        from runner.results.page import page as render

        texts["report.html"] = render(reading, bars)
    paths = []
    for name, content in texts.items():
        path = folder / name
        data = content.encode() if isinstance(content, str) else content
        path.write_bytes(data)
        paths.append(path)
    return paths
