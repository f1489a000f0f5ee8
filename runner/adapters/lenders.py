"""Who says what can be borrowed: a broker's folder in LEAN's layout, or a user's CSV file.

LEAN's layout: `symbols/<ticker>.csv` with lines of date, shares, rebate in percent, fee in percent (the last two may
be missing); for a ticker without such a file `dates/<date>.csv` with lines of ticker, shares. CSV: a header line,
then one row for each date and symbol.
"""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import numpy as np

from runner.adapters import cache
from runner.adapters.coverage import DataFault, nearest, span_text
from runner.market.borrow import UNKNOWN, Loans, no_loans

COLUMNS = {"date": ("date",), "symbol": ("symbol", "ticker"), "shares": ("shares", "quantity"), "fee": ("fee",),
           "rebate": ("rebate",)}  # fmt: skip
Row = tuple[int, int, float, float]


class LeanLender:
    """One broker's folder, such as `equity/usa/shortable/axos`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        if not (folder / "symbols").is_dir() and not (folder / "dates").is_dir():
            raise DataFault(
                f"{folder}: no folder of shares to borrow (it has neither symbols nor dates); name the broker's own "
                "folder, such as equity/usa/shortable/axos"
            )
        self._read: dict[str, str] = {}
        self._notes: list[str] = []
        self._dates: dict[str, list[Row]] | None = None

    def loans(self, symbol: str, first_day: int, last_day: int) -> Loans:
        """What the files say of a symbol."""
        path = self.folder / "symbols" / f"{symbol.lower()}.csv"
        data = self._bytes(path)
        if data is not None:
            rows = [_lean_row(fields, f"{path} line {line}") for line, fields in _lines(data)]
        else:
            if self._dates is None:
                self._dates = self._by_date()
            rows = self._dates.get(symbol.upper(), [])
        return _table(rows, symbol, str(path), first_day, last_day, self._notes)

    def files(self) -> dict[str, str]:
        """SHA-256 of every file read so far."""
        return dict(sorted(self._read.items()))

    def notes(self) -> list[str]:
        """Which symbols nothing is said of."""
        return list(self._notes)

    def _by_date(self) -> dict[str, list[Row]]:
        out: dict[str, list[Row]] = {}
        for path in sorted((self.folder / "dates").glob("*.csv")):
            day = _day(path.stem, str(path))
            for line, fields in _lines(self._bytes(path) or b""):
                place = f"{path} line {line}"
                if len(fields) < 2:
                    raise DataFault(f"{place}: 1 field, expected a ticker and shares")
                out.setdefault(fields[0].upper(), []).append((day, _shares(fields[1], place), 0.0, 0.0))
        return out

    def _bytes(self, path: Path) -> bytes | None:
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise DataFault(f"{path}: {error.strerror}") from None
        self._read[f"{self.folder.name}/{path.relative_to(self.folder).as_posix()}"] = cache.digest(data)
        return data


class CsvLender:
    """A CSV file of columns date, symbol, shares, fee, rebate (the last two in percent a year, and optional); or one
    file for each symbol, with `{symbol}` in the path and no column of symbols."""

    def __init__(self, path: str, shown: str = "") -> None:
        self.path = path
        self.shown = shown or path
        self._read: dict[str, str] = {}
        self._notes: list[str] = []
        self._rows: dict[str, dict[str, list[Row]]] = {}

    def loans(self, symbol: str, first_day: int, last_day: int) -> Loans:
        """What the file says of a symbol."""
        name = self.path.replace("{symbol}", symbol)
        if name not in self._rows:
            self._rows[name] = self._parse(Path(name), symbol if "{symbol}" in self.path else "")
        rows = self._rows[name].get(symbol, [])
        return _table(rows, symbol, name, first_day, last_day, self._notes)

    def files(self) -> dict[str, str]:
        """SHA-256 of every file read so far."""
        return dict(sorted(self._read.items()))

    def notes(self) -> list[str]:
        """Which symbols nothing is said of."""
        return list(self._notes)

    def _parse(self, path: Path, symbol: str) -> dict[str, list[Row]]:
        try:
            data = path.read_bytes()
            text = data.decode("utf-8-sig")
        except FileNotFoundError:
            raise DataFault(f"{path}: there is no such file of shares to borrow") from None
        except UnicodeDecodeError:
            raise DataFault(f"{path}: not UTF-8 text") from None
        except OSError as error:
            raise DataFault(f"{path}: {error.strerror}") from None
        self._read[self.shown.replace("{symbol}", symbol)] = cache.digest(data)
        reader = csv.reader(io.StringIO(text))
        header = [name.strip().lower() for name in next(reader, [])]
        places = {
            ours: header.index(word) for ours, words in COLUMNS.items() for word in words if word in header
        }
        for needed in ("date", "shares", *(() if symbol else ("symbol",))):
            if needed not in places:
                raise DataFault(f"{path}: no column {needed!r}{nearest(needed, header)}")
        out: dict[str, list[Row]] = {}
        for fields in reader:
            if not fields:
                continue
            place = f"{path} line {reader.line_num}"
            if len(fields) != len(header):
                raise DataFault(f"{place}: {len(fields)} fields, expected {len(header)}")
            of = {name: fields[i].strip() for name, i in places.items()}
            fee, rebate = (_rate(of.get(name, ""), name, place) for name in ("fee", "rebate"))
            day = _day(of["date"], place)
            out.setdefault(symbol or of["symbol"], []).append(
                (day, _shares(of["shares"], place), fee, rebate)
            )
        return out


def named(source: str, folder: Path, path: str) -> LeanLender | CsvLender | None:
    """The lender that a document names (`source` lean or csv, `path` in the strategy's folder); None for nobody."""
    if not source:
        return None
    return LeanLender(folder / path) if source == "lean" else CsvLender(str(folder / path), path)


def _table(
    rows: Iterable[Row], symbol: str, place: str, first_day: int, last_day: int, notes: list[str]
) -> Loans:
    """The rows in the range, ascending; a note when there are none."""
    chosen = sorted(row for row in rows if first_day <= row[0] <= last_day)
    for before, after in pairwise(chosen):
        if before[0] == after[0]:
            raise DataFault(f"{place}: two rows of {symbol} on {span_text(before[0], before[0])}")
    if not chosen:
        note = f"{symbol}: nothing says what can be borrowed from {span_text(first_day, last_day)}"
        if note not in notes:
            notes.append(note)
        return no_loans()
    columns = list(zip(*chosen, strict=True))
    return Loans(
        np.array(columns[0], "<i4"), np.array(columns[1], "<i8"), *(np.array(c, "<f8") for c in columns[2:])
    )


def _lines(data: bytes) -> list[tuple[int, list[str]]]:
    """Fields of each line that is neither empty nor a comment, with its number."""
    found = []
    for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            found.append((number, [field.strip() for field in line.split(",")]))
    return found


def _lean_row(fields: list[str], place: str) -> Row:
    if len(fields) < 2:
        raise DataFault(f"{place}: 1 field, expected date, shares, rebate, fee")
    rebate, fee = (
        _rate(fields[i] if len(fields) > i else "", name, place) for i, name in ((2, "rebate"), (3, "fee"))
    )
    return _day(fields[0], place), _shares(fields[1], place), fee, rebate


def _day(text: str, place: str) -> int:
    """Days since 1970 of `20131007` or `2013-10-07`."""
    try:
        return (datetime.date.fromisoformat(text) - datetime.date(1970, 1, 1)).days
    except ValueError:
        raise DataFault(f"{place}: {text!r} is not a date") from None


def _shares(text: str, place: str) -> int:
    """A number of shares; nothing written is nothing said."""
    return UNKNOWN if not text else round(_number(text, "shares", place, -0.5))


def _rate(text: str, name: str, place: str) -> float:
    """A yearly rate from a number of percent; nothing written is none."""
    return _number(text, name, place, -1000.0) / 100.0 if text else 0.0


def _number(text: str, name: str, place: str, least: float) -> float:
    try:
        value = float(text.removesuffix("%"))
    except ValueError:
        value = float("nan")
    if not least < value < 1e15:
        raise DataFault(f"{place}: {name} {text!r} is not a number that can be")
    return value
