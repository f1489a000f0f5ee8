"""Columns of a CSV file: which is which, and their numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from runner.adapters.coverage import DataFault, nearest

NAMES = {
    "time": ("time", "date", "datetime", "timestamp"),
    "symbol": ("symbol", "ticker"),
    "open": ("open",),
    "high": ("high",),
    "low": ("low",),
    "close": ("close",),
    "volume": ("volume",),
    "bid": ("bid",),
    "ask": ("ask",),
    "split": ("split",),
    "dividend": ("dividend",),
}
NEEDED = ("time", "open", "high", "low", "close")
EMPTY = {"volume": 0.0, "bid": np.nan, "ask": np.nan, "split": 1.0, "dividend": 0.0}


def places_of(header: list[str], columns: dict[str, str], path: Path) -> dict[str, int]:
    """Index in `header` of each of our columns that the file has; `columns` maps our names to the file's."""
    lower = [name.lower() for name in header]
    out = {}
    for name, usual in NAMES.items():
        if name in columns:
            if columns[name] not in header:
                raise DataFault(f"{path}: no column {columns[name]!r}{nearest(columns[name], header)}")
            out[name] = header.index(columns[name])
            continue
        found = [lower.index(word) for word in usual if word in lower]
        if found:
            out[name] = found[0]
    lacking = [name for name in NEEDED if name not in out]
    if lacking:
        shown = ", ".join(header) or "none"
        raise DataFault(
            f"{path}: no column for {lacking[0]} (columns: {shown}); name it in data.source.csv.columns"
        )
    return out


def floats(texts: tuple[str, ...], empty: float | None, where: tuple[str, str, list[int]]) -> np.ndarray:
    """Numbers of one column; an empty field is `empty`, or a fault where that is None."""
    if empty is not None:
        texts = tuple(text if text.strip() else str(empty) for text in texts)
    try:
        values = np.array(texts).astype("<f8")
    except ValueError:
        values = np.array([_number(text) for text in texts])
    optional = empty is not None and np.isnan(empty)
    bad = ~(np.isfinite(values) | (optional & np.isin(texts, ("nan",))))
    if empty is None:
        bad |= values <= 0.0
    if bad.any():
        path, column, lines = where
        i = int(np.flatnonzero(bad)[0])
        fault = "is not a number" if not np.isfinite(values[i]) else "is a price of zero or less"
        raise DataFault(f"{path} line {lines[i]}: {column} {texts[i]!r} {fault}")
    return values


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")
