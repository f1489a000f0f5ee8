"""LEAN's security identifiers ("SPY R735QTJ8XC9X"), from the map files of a LEAN folder.

An identifier is the first ticker of a security and a number in base 36. Of an equity in the USA the number
is days x 10^14 + 101: days from 1899-12-30 to the first date of the map file, 100 for the market, 1 for the
kind of security. Without a map file it is the ticker as given and 0 days, hence `2T`. Facts: LEAN,
Common/SecurityIdentifier.cs, Common/Data/Auxiliary/MapFile.cs and MapFileResolver.cs.
"""

from __future__ import annotations

import datetime
import re
from pathlib import Path
from typing import NamedTuple

EPOCH = datetime.date(1899, 12, 30)  # day 0 of OLE Automation dates
DAYS = 10**14  # place of the days; below them a strike and a style, 0 for equities
USA_EQUITY = 1 * 100 + 1
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
STILL_LISTED = datetime.date(2050, 12, 31)


class MapRow(NamedTuple):
    """Last day on which a security had `ticker`; of a map file's first row, the day of its listing."""

    day: datetime.date
    ticker: str


def base36(number: int) -> str:
    """A number of 0 or more in base 36, capital letters."""
    text = ""
    while number:
        number, digit = divmod(number, 36)
        text = DIGITS[digit] + text
    return text or "0"


def identifier(first_ticker: str, first_day: datetime.date) -> str:
    """The identifier of an equity in the USA."""
    return f"{first_ticker.upper()} {base36((first_day - EPOCH).days * DAYS + USA_EQUITY)}"


def map_rows(path: Path) -> list[MapRow]:
    """Rows of a map file, ascending; none when it cannot be read (the source of bars says why)."""
    try:
        lines = path.read_text("utf-8", "replace").splitlines()
    except OSError:
        return []
    rows = []
    for line in lines:
        found = re.match(r"(\d{4})(\d\d)(\d\d),([^,\s]+)", line)
        if found:
            try:
                day = datetime.date(int(found[1]), int(found[2]), int(found[3]))
            except ValueError:
                return []
            rows.append(MapRow(day, found[4].upper()))
    return sorted(rows, key=lambda row: row.day)


def held_by(folder: Path, symbol: str) -> list[MapRow]:
    """The map file of the security that has the ticker `symbol` today; empty when no file does.

    A ticker may have belonged to several securities, and the file of one is named after its newest ticker
    (uw.csv does not exist: UW became WM). Of all rows with the ticker the latest counts. Its own file
    decides alone when it holds the ticker still, because one day can have only one row of a ticker.
    """
    own = map_rows(folder / f"{symbol.lower()}.csv")
    if own and own[-1] == MapRow(STILL_LISTED, symbol):
        return own
    best = own
    newest = max((row.day for row in own if row.ticker == symbol), default=datetime.date.min)
    for path in sorted(folder.glob("*.csv")):
        rows = map_rows(path)
        day = max((row.day for row in rows if row.ticker == symbol), default=datetime.date.min)
        if day > newest:
            best, newest = rows, day
    return best


def security_id(data_folder: Path, symbol: str) -> str:
    """The identifier that LEAN gives `symbol` when its data folder is `data_folder`.

    `symbol` is a ticker of today, or one like `VXX.1`: an earlier security of the ticker, after its file.
    """
    rows = held_by(data_folder / "equity" / "usa" / "map_files", symbol.upper())
    if not rows:
        return identifier(symbol, EPOCH)
    return identifier(re.sub(r"(?<=.)\.\d+$", "", rows[0].ticker), rows[0].day)


def symbol_of(data_folder: Path, name: str) -> str | None:
    """The symbol under which `data_folder` has the security that LEAN calls `name` ("GME SC72NCBXXAHX"): its ticker of today,
    or one like `VXX.1`. None when no map file is that security's. An identifier without a listing day (`GME 2T`) is that of
    its ticker."""
    ticker, _, number = name.strip().upper().partition(" ")
    if number == base36(USA_EQUITY):
        return ticker
    for path in sorted((data_folder / "equity" / "usa" / "map_files").glob("*.csv")):
        rows = map_rows(path)
        if (
            rows
            and identifier(re.sub(r"(?<=.)\.\d+$", "", rows[0].ticker), rows[0].day) == name.strip().upper()
        ):
            return path.stem.upper()
    return None
