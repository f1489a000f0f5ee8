"""Writes a finished run to its folder: figures, tables, journal, page, manifest. The same run, the same bytes."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from runner.adapters import bars_file
from runner.adapters.coverage import DataFault
from runner.adapters.journal import to_bytes
from runner.adapters.packages import installed
from runner.market.bar import Bars
from runner.results import figure_tables, tables
from runner.results.reading import Reading
from runner.results.summary import plain

ROOT = "runs"
UNFINISHED = ".unfinished"  # end of the name of a file that is not whole yet


def folder_of(name: str, manifest: dict[str, Any], asked: str | None) -> Path:
    """`--out DIR`, or `runs/NAME/` and the first letters of the manifest's hash."""
    if asked:
        return Path(asked)
    from runner.adapters.identity import text_hash

    return Path(ROOT) / name / text_hash(json.dumps(manifest, sort_keys=True))[:12]


def check(asked: str | None) -> None:
    """A `DataFault` when the results could not be written: said before a long run rather than after it."""
    folder = Path(asked or ROOT)
    nearest = folder
    while not os.path.lexists(nearest) and nearest != nearest.parent:
        nearest = nearest.parent
    if not nearest.is_dir():
        raise _unwritable(folder, f"{nearest} is no folder")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise _unwritable(folder, f"no permission to write in {nearest.resolve()}")


def page_wanted(asked: bool | None) -> bool:
    """Whether report.html is written: as asked, else when it can be. A `DataFault` when asked in vain."""
    able = installed("jinja2") is not None
    if asked and not able:
        raise DataFault("--report needs the extra `report`: pip install '.[report]'")
    return able if asked is None else asked


def write(folder: Path, reading: Reading, bars: dict[str, Bars], page: bool) -> list[Path]:
    """Write every file of a run; returns their paths. No file is ever half written.

    All are made beside their places and moved there at the end. Raises `DataFault` when the folder cannot be written.
    """
    journal = reading.journal
    texts: dict[str, str | bytes] = {
        "results.json": json.dumps(plain(reading), indent=1, sort_keys=False, allow_nan=False) + "\n",
        "orders.csv": tables.orders_csv(journal, reading.orders),
        "fills.csv": tables.fills_csv(journal, reading.ledger),
        "trades.csv": tables.trades_csv(journal, reading.ledger, reading.excursions),
        "equity.csv": tables.equity_csv(journal),
        "months.csv": figure_tables.months_csv(reading),
        "symbols.csv": figure_tables.symbols_csv(reading),
        "drawdowns.csv": figure_tables.drawdowns_csv(reading),
        "rolling.csv": figure_tables.rolling_csv(reading),
        "manifest.json": json.dumps(journal.header["manifest"], indent=1, sort_keys=True) + "\n",
        "journal.npz": to_bytes(journal),
        "bars.npz": bars_file.to_bytes(bars, journal.header["resolution"]),
    }
    if page:
        from runner.results.page import page as render

        texts["report.html"] = render(reading, bars)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _unfinished(folder, list(texts)) as beside:
            for name, content in texts.items():
                beside[name].write_bytes(content.encode() if isinstance(content, str) else content)
            for name, path in beside.items():
                os.replace(path, folder / name)
            if not page:  # a page of an earlier run would contradict the figures beside it
                (folder / "report.html").unlink(missing_ok=True)
    except OSError as fault:
        raise _unwritable(folder, str(fault.strerror)) from None
    return [folder / name for name in texts]


@contextmanager
def _unfinished(folder: Path, names: list[str]) -> Iterator[dict[str, Path]]:
    """Names beside the real ones, and nothing left of them afterwards."""
    beside = {name: folder / f".{name}{UNFINISHED}" for name in names}
    try:
        yield beside
    finally:
        for path in beside.values():
            path.unlink(missing_ok=True)


def _unwritable(folder: Path, why: str) -> DataFault:
    return DataFault(f"the results cannot be written to {folder}: {why}; name another folder with --out")
