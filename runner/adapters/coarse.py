"""LEAN's coarse files: one line a security and day, known at the midnight after it.

A line: identifier, ticker of the day, close, volume, dollar volume, whether there are fundamentals, price
factor, split factor (fact sheet 17). Prices are raw.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from runner.adapters import cache
from runner.adapters.coverage import DataFault
from runner.adapters.member_files import dated_files, read_bytes
from runner.adapters.security_id import identifier, map_rows

VERSION = 1
WIDTH = 32  # bytes of an identifier or a ticker in the cache
NUMBERS = ("close", "volume", "dollar_volume", "has_fundamentals", "price_factor", "split_factor")
_TEXTS = tuple(f"{name}{i}" for name in ("sid", "ticker") for i in range(WIDTH // 8))
_TYPES = dict.fromkeys(_TEXTS, "<i8") | dict.fromkeys(NUMBERS, "<f8")


class CoarseDay(NamedTuple):
    """One file: `sid` and `ticker` as bytes, the others float64 (an array each, of one length)."""

    sid: Any
    ticker: Any
    close: Any
    volume: Any
    dollar_volume: Any
    has_fundamentals: Any
    price_factor: Any
    split_factor: Any


def coarse_files(root: Path) -> list[tuple[int, Path]]:
    """The coarse files of a LEAN folder, by day."""
    folder = root / "equity" / "usa" / "fundamental" / "coarse"
    if not folder.is_dir():
        raise DataFault(f"{root}: it has no equity/usa/fundamental/coarse; write source: bars, say")
    found = dated_files(folder)
    if not found:
        raise DataFault(f"{folder}: it has no file such as 20140324.csv")
    return found


def read_coarse(path: Path) -> tuple[CoarseDay, str]:
    """One coarse file and its hash."""
    data = read_bytes(path)
    digest = cache.digest(data)
    cells = cache.remember(f"coarse-{digest}-v{VERSION}", _TYPES, lambda: _parse(data, path))
    texts = [
        np.ascontiguousarray(np.stack([cells[f"{name}{i}"] for i in range(WIDTH // 8)], axis=1))
        .view(f"S{WIDTH}")
        .ravel()
        for name in ("sid", "ticker")
    ]
    return CoarseDay(*texts, *(np.asarray(cells[name]) for name in NUMBERS)), digest


def _parse(data: bytes, path: Path) -> cache.Columns:
    rows = [line.split(",") for line in data.decode("utf-8", "replace").splitlines() if line]
    wrong = next((i for i, row in enumerate(rows, 1) if len(row) < 5), 0)
    if wrong or not rows:
        raise DataFault(
            f"{path} line {max(wrong, 1)}: expected identifier,ticker,close,volume,dollar volume,..."
        )
    defaults = ("0", "1", "1")  # the last three came later to LEAN's format
    filled = [row[:8] + list(defaults[len(row[:8]) - 5 :]) for row in rows]
    sid, ticker, close, volume, dollars, fundamentals, price, split = zip(*filled, strict=True)
    out: cache.Columns = {}
    for name, words in (("sid", sid), ("ticker", ticker)):
        text = np.array(words, f"S{WIDTH}").view("<i8").reshape(len(rows), -1)
        out |= {f"{name}{i}": text[:, i] for i in range(text.shape[1])}
    truth = ["1" if word.strip().lower() in ("true", "1") else "0" for word in fundamentals]
    for name, column in zip(NUMBERS, (close, volume, dollars, truth, price, split), strict=True):
        try:
            out[name] = np.array(column, "<f8")
        except ValueError:
            raise DataFault(f"{path}: a {name.replace('_', ' ')} is not a number") from None
    return out


class Identifiers:
    """Symbols of LEAN's identifiers: the name of the map file of the security, else the ticker as given."""

    def __init__(self, root: Path) -> None:
        self.of_map: dict[str, str] = {}
        self.found: dict[bytes, str] = {}
        for path in sorted((root / "equity" / "usa" / "map_files").glob("*.csv")):
            rows = map_rows(path)
            if rows:
                first = rows[0].ticker.partition(".")[0] if _earlier(rows[0].ticker) else rows[0].ticker
                self.of_map[identifier(first, rows[0].day)] = path.stem.upper()

    def symbol(self, sid: bytes, ticker: bytes) -> str:
        """The symbol of one security."""
        if sid not in self.found:
            self.found[sid] = self.of_map.get(sid.decode(), ticker.decode())
        return self.found[sid]


def _earlier(ticker: str) -> bool:
    """Whether a ticker is of the form AAA.1: an earlier security of its name."""
    return ticker.rpartition(".")[2].isdigit()
