"""Members of a universe from files: a CSV file of symbols with days, and LEAN's files of constituents."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np

from runner.adapters import cache
from runner.adapters.coverage import DataFault, nearest

ALWAYS = 1 << 30  # a day after every day
NOBODY = "NONE"  # LEAN's row in a file of constituents without any
COLUMNS = ("symbol", "from", "to")
SYMBOL = re.compile(r"[A-Z][A-Z0-9]*([./-][A-Z0-9]+)*")


class Stay(NamedTuple):
    """A symbol belongs from `first_day` to `last_day` (days since 1970, both belong)."""

    symbol: str
    first_day: int
    last_day: int


def read_bytes(path: Path) -> bytes:
    """Content of a file that the strategy names."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        there = [other.name for other in path.parent.glob(f"*{path.suffix}")] if path.parent.is_dir() else []
        raise DataFault(f"{path}: there is no such file{nearest(path.name, there)}") from None
    except OSError as error:
        raise DataFault(f"{path}: {error.strerror}") from None


def read_members(path: Path) -> tuple[list[Stay], str]:
    """The rows of a file of members and its hash. `from` and `to` may be absent or empty: for ever."""
    data = read_bytes(path)
    try:
        lines = csv.reader(data.decode("utf-8-sig").splitlines())
    except UnicodeDecodeError:
        raise DataFault(f"{path}: not UTF-8 text") from None
    header = [name.strip().lower() for name in next(lines, [])]
    strange = [name for name in header if name not in COLUMNS]
    if "symbol" not in header or strange or len(set(header)) < len(header):
        raise DataFault(f"{path}: the first line names the columns: symbol, and from and to if there are any")
    stays = []
    for cells in lines:
        if not cells:
            continue
        place = f"{path} line {lines.line_num}"
        if len(cells) != len(header):
            raise DataFault(f"{place}: {len(cells)} fields, expected {len(header)}")
        row = dict(zip(header, (cell.strip() for cell in cells), strict=True))
        if not SYMBOL.fullmatch(row["symbol"]):
            raise DataFault(f"{place}: {row['symbol']!r} is no symbol; write capital letters, such as BRK.B")
        first = day_of(row.get("from", ""), place, -ALWAYS)
        last = day_of(row.get("to", ""), place, ALWAYS)
        if last < first:
            raise DataFault(f"{place}: {row['symbol']} leaves before it joins")
        stays.append(Stay(row["symbol"], first, last))
    if not stays:
        raise DataFault(f"{path}: the file names no symbol")
    return stays, cache.digest(data)


def day_of(text: str, place: str, default: int) -> int:
    """A date as days since 1970."""
    if not text:
        return default
    try:
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            raise ValueError
        return int(np.datetime64(text, "D").astype(np.int64))
    except ValueError:
        raise DataFault(f"{place}: {text!r} is no date; write it as 2013-10-07") from None


def dated_files(folder: Path) -> list[tuple[int, Path]]:
    """Files called YYYYMMDD.csv with their days, ascending."""
    found = []
    for path in folder.glob("*.csv"):
        if re.fullmatch(r"\d{8}", path.stem):
            text = f"{path.stem[:4]}-{path.stem[4:6]}-{path.stem[6:]}"
            found.append((day_of(text, str(path), 0), path))
    return sorted(found)


def constituents(root: Path, name: str) -> list[tuple[int, Path]]:
    """LEAN's files of constituents of one list, by day."""
    folder = root / "equity" / "usa" / "universes" / "daily" / name
    if not folder.is_dir():
        there = [other.name for other in folder.parent.iterdir()] if folder.parent.is_dir() else []
        raise DataFault(f"{folder}: there is no such folder{nearest(name, there)}")
    return dated_files(folder)


def read_constituents(path: Path) -> tuple[list[tuple[str, str]], str]:
    """(Security identifier, ticker) of each row, and the file's hash."""
    data = read_bytes(path)
    rows = []
    for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
        cells = [cell.strip() for cell in line.split(",")]
        if cells == [""] or cells[0] == NOBODY:
            continue
        if len(cells) < 2 or not cells[0]:
            raise DataFault(f"{path} line {number}: expected ticker,identifier")
        rows.append((cells[1], cells[0]))
    return rows, cache.digest(data)
