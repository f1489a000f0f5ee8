"""LEAN's zipped tables of numbers, read fast and checked cell by cell.

Minute and second files: one zip a day, milliseconds since New York midnight. Hour and daily files: one
zip a symbol, `YYYYMMDD HH:mm`. All times are starts of bars; prices are integers of 1/10000 dollar. Trade
rows: time, open, high, low, close, volume. Quote rows: time, bid open, high, low, close, size, ask the
same; a side without quotes is left empty (lean-semantics, section 1).
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from typing import Any

import numpy as np

from runner.adapters.cache import Columns
from runner.adapters.coverage import DataFault

DAY_MS = 86_400_000
MS = 1_000_000  # nanoseconds
COARSE_TYPES = {"day": "<i8", "ms": "<i8"} | dict.fromkeys(("open", "high", "low", "close", "volume"), "<f8")


def unzip(packed: bytes, place: str) -> tuple[bytes, str]:
    """The only file in a zip, and `zip#name` for messages; a `DataFault` when it cannot be read."""
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            names = archive.namelist()
            if len(names) != 1:
                raise DataFault(f"{place}: {len(names)} files in the zip, expected one")
            return archive.read(names[0]), f"{place}#{names[0]}"
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise DataFault(f"{place}: the zip cannot be read ({error}); fetch the file again") from None


def numbers(data: bytes, columns: int, place: str, empty: bool = False, dated: bool = False) -> np.ndarray:
    """Comma-separated numbers as float64 of shape (lines, `columns`); empty fields are NaN if `empty`.

    `dated`: the first field is `YYYYMMDD HH:mm`, which becomes three columns.

    Raises `DataFault` with the line of the first wrong field count or non-number.
    """
    data = data.replace(b"\r\n", b"\n").rstrip(b"\n")
    if not data:
        return np.empty((0, columns + 2 * dated))
    cells = np.frombuffer(data, np.uint8)
    commas = np.cumsum(cells == ord(","), dtype=np.int64)
    at_ends = np.append(commas[cells == ord("\n")], commas[-1])
    fields = np.diff(at_ends, prepend=0) + 1
    wrong = np.flatnonzero(fields != columns)
    if len(wrong):
        line = int(wrong[0])
        raise DataFault(f"{place} line {line + 1}: {fields[line]} fields, expected {columns}")
    text = data.replace(b"\n", b",")
    if dated:
        text, columns = text.replace(b" ", b",").replace(b":", b","), columns + 2
    if empty and (b",," in text or text[:1] == b"," or text[-1:] == b","):
        text = text.replace(b",,", b",nan,").replace(b",,", b",nan,")
        text = (b"nan" if text[:1] == b"," else b"") + text + (b"nan" if text[-1:] == b"," else b"")
    try:
        flat = np.fromstring(text, sep=",")
    except ValueError:
        flat = np.empty(0)
    if len(flat) != len(fields) * columns or not (empty or np.isfinite(flat).all()):
        raise _bad_number(data, place, empty, dated)
    table: np.ndarray = flat.reshape(-1, columns)
    return table


def _bad_number(data: bytes, place: str, empty: bool, dated: bool) -> DataFault:
    for line, text in enumerate(data.split(b"\n"), 1):
        for column, field in enumerate(text.split(b","), 1):
            if dated and column == 1:
                if not re.fullmatch(rb"\d{8} \d\d:\d\d", field):
                    return DataFault(f"{place} line {line}: the time is not YYYYMMDD HH:mm")
                continue
            try:
                good = np.isfinite(float(field)) if field.strip() else empty
            except ValueError:
                good = False
            if not good:
                shown = field.decode("utf-8", "replace")
                return DataFault(f"{place} line {line}: field {column} {shown!r} is not a number")
    return DataFault(f"{place}: not a table of numbers")


def _ascending(keys: Any, place: str) -> None:
    late = np.flatnonzero(np.diff(keys) <= 0)
    if len(late):
        raise DataFault(f"{place} line {int(late[0]) + 2}: not later than the line before it")


def _positive(prices: Any, place: str) -> None:
    bad = np.flatnonzero((prices <= 0).any(axis=1))
    if len(bad):
        raise DataFault(f"{place} line {int(bad[0]) + 1}: a price of zero or less")


def days_of(written: Any, place: str) -> Any:
    """`YYYYMMDD` numbers as days since 1970-01-01; a `DataFault` for a date that does not exist."""
    whole = np.asarray(written).astype("<i8")
    year, month, day = whole // 10_000, whole // 100 % 100, whole % 100
    months = (np.clip(year, 1, 9999) - 1970).astype("M8[Y]").astype("M8[M]") + (month - 1)
    days = months.astype("M8[D]") + (day - 1)
    bad = np.flatnonzero((month < 1) | (month > 12) | (days.astype("M8[M]") != months) | (year < 1900))
    if len(bad):
        line = int(bad[0])
        raise DataFault(f"{place} line {line + 1}: there is no date {whole[line]}")
    return days.astype("<i8")


def coarse(data: bytes, place: str) -> Columns:
    """Rows of an hour or daily file: `COARSE_TYPES`, prices in dollars, `ms` since midnight."""
    table = numbers(data, 6, place, dated=True)
    day = days_of(table[:, 0], place)
    ms = ((table[:, 1] * 60 + table[:, 2]) * 60_000).astype("<i8")
    _ascending(day * DAY_MS + ms, place)
    _positive(table[:, 3:7], place)
    prices = {name: table[:, 3 + i] / 10000.0 for i, name in enumerate(("open", "high", "low", "close"))}
    return {"day": day, "ms": ms, **prices, "volume": table[:, 7]}


def fine(data: bytes, place: str, quotes: bool) -> np.ndarray:
    """Rows of a minute or second file: ms, then open high low close volume; or ms, bid and ask close."""
    table = numbers(data, 11 if quotes else 6, place, empty=quotes)
    bad = np.flatnonzero(~((table[:, 0] >= 0) & (table[:, 0] < DAY_MS)))
    if len(bad):
        raise DataFault(f"{place} line {int(bad[0]) + 1}: the time is not within a day")
    _ascending(table[:, 0], place)
    if quotes:
        return np.column_stack((table[:, 0], table[:, 4] / 10000.0, table[:, 9] / 10000.0))
    _positive(table[:, 1:5], place)
    return np.column_stack((table[:, 0], table[:, 1:5] / 10000.0, table[:, 5]))
