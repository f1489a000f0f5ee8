"""The built-in real data: daily bars of five US stocks, 2000-03-01 to 2013-03-01, from `bokeh_sampledata`.

Public domain (the package's own `datasets.json` says so for `stocks`): raw prices and volumes with the
source's adjusted close, from which every split and dividend is recovered to the cent. The file is read
where the package lies; neither the package nor pandas is imported.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from typing import Any

import numpy as np

from runner.adapters import cache
from runner.adapters.adjust import daily, factors_of, written_ratio
from runner.adapters.coverage import DataFault, NoRows, day_text, nearest, span_text
from runner.adapters.packages import installed
from runner.adapters.sessions import FIRST_DAY, calendar
from runner.market.bar import Actions, Bars, Listing, empty_bars

VERSION = 1  # of the parser: part of every cache entry's name
FLOOR = (2026, 1)  # older releases hold other values (a Yahoo export) under other terms
SYMBOLS = ("AAPL", "FB", "GOOG", "IBM", "MSFT")
IPO = {"GOOG": 12649, "FB": 15478}  # 2004-08-19, 2012-05-18; the others traded long before the data begin
STILL_LISTED = 29584  # 2050-12-31

_COLUMNS = ("open", "high", "low", "close", "volume", "factor")
_TYPES = {"day": "<i8"} | dict.fromkeys(_COLUMNS, "<f8")

# Faults of the source; found by comparing it with the sessions and with two other sources.
GOOG_VOLUME = 1.998  # the class-C factor of 2014 was applied to volume, not to price
MSFT_HALVED = 12101  # 2003-02-18: volume halved on the split day
AAPL_STALE = 12081  # 2003-01-29: the whole bar repeats 2003-01-28
CORRECTIONS = {
    "GOOG": ("volume divided by 1.998 on every day (the source scaled it for a split of 2014)",),
    "MSFT": ("volume of 2003-02-18 doubled (the source halved it on the split day)",),
    "AAPL": ("bar of 2003-01-29 is stale (it repeats 2003-01-28): no trade on that day",),
    "IBM": ("volume of 2009-11-17 is about a fifth of its neighbours; left as it is",),
}
TODAY = {"FB": "META", "GOOG": "GOOGL"}


class Embedded:
    """Bars and corporate actions from the packaged file; `corrections` applies the list above."""

    def __init__(self, corrections: bool = True) -> None:
        self.corrections = corrections
        found = installed("bokeh_sampledata")
        if found is None:
            raise DataFault(
                "the embedded data is not installed: install the extra `demo` (pip install '.[demo]'), "
                "or name another data.source"
            )
        folder, self._version = found
        # The release's number: 2026.1 or 2026.1.post1, compared by its first two numbers.
        release = tuple(int(part) for part in re.findall(r"\d+", self._version)[:2])
        if release < FLOOR:
            raise DataFault(
                f"bokeh_sampledata {self._version} holds other data under other terms: "
                "install the extra `demo` (bokeh_sampledata 2026.1 or newer)"
            )
        self._path = folder / "_data" / "stocks.csv.gz"
        try:
            self._packed = self._path.read_bytes()
        except OSError as error:
            raise DataFault(f"{self._path}: {error.strerror}; reinstall the extra `demo`") from None
        self._digest = cache.digest(self._packed)
        self._notes: list[str] = []
        self._tables: dict[str, cache.Columns] = {}

    def bars(
        self,
        symbol: str,
        resolution: str,
        first_day: int,
        last_day: int,
        prices: str = "raw",
        extended_hours: bool = False,
        since: int | None = None,
    ) -> Bars:
        """Daily bars of the sessions from `first_day` to `last_day` (days since 1970, both belong); `since` is the
        day from which `total_return` adds dividends (`first_day` if none is given).

        `extended_hours` changes nothing: a daily bar is the regular session. Raises `DataFault` for another
        resolution, an unknown symbol, and a range in which the symbol was listed but the data has no rows.
        """
        if resolution != "1d":
            raise DataFault(f"{symbol}: the embedded data has daily bars only; say data.resolution: 1d")
        table = self._table(symbol)
        rows = slice(*np.searchsorted(table["day"], (first_day, last_day + 1)).tolist())
        part = {name: np.array(column[rows]) for name, column in table.items()}
        if not len(part["day"]):
            listed = self.listed(symbol)[0]
            if last_day < listed:
                self._note(f"{symbol}: listed from {day_text(listed)}")
                return empty_bars()
            extent = span_text(int(table["day"][0]), int(table["day"][-1]))
            raise NoRows(f"{symbol}: no rows from {span_text(first_day, last_day)}; the data covers {extent}")
        real = np.ones(len(part["day"]), bool)
        if self.corrections:
            self._correct(symbol, part, real)
        actions = self.actions(symbol, int(table["day"][0]), int(table["day"][-1]))
        bars, strange = daily(
            calendar(first_day, last_day),
            part,
            factors_of(actions),
            prices,
            real,
            first_day if since is None else since,
        )
        if len(strange):
            raise DataFault(f"{self._path}: {symbol} has a row on {day_text(strange[0])}, no session")
        return bars

    def actions(self, symbol: str, first_day: int, last_day: int) -> Actions:
        """Splits and dividends recovered from the adjusted closes.

        With f = adjusted close / close and k = f / f of the day before: k = 1 is nothing, k > 1.3 is a split
        of ratio k, any other k a dividend of (k - 1) x close, the source's own rule, which gives whole cents.
        """
        table = self._table(symbol)
        day, close = np.asarray(table["day"]), np.asarray(table["close"])
        k = np.ones(len(day))
        k[1:] = table["factor"][1:] / table["factor"][:-1]
        rows = np.flatnonzero((np.abs(k - 1.0) > 1e-9) & (day >= first_day) & (day <= last_day))
        split = np.array([written_ratio(float(k[i])) if k[i] > 1.3 else 1.0 for i in rows])
        dividend = np.array([0.0 if k[i] > 1.3 else round(float((k[i] - 1.0) * close[i]), 2) for i in rows])
        if (dividend < 0).any():
            raise DataFault(f"{self._path}: {symbol}: adjusted closes that no split or dividend explains")
        return Actions(day[rows].astype("<i4"), split.astype("<f8"), dividend.astype("<f8"), close[rows - 1])

    def listed(self, symbol: str) -> tuple[int, int]:
        """First and last day on which the symbol could be traded (not: on which there is data)."""
        self._known(symbol)
        return IPO.get(symbol, FIRST_DAY), STILL_LISTED

    def listing(self, symbol: str) -> Listing | None:
        """None: the files know no delisting and no change of name."""
        return None

    def extent(self, symbol: str, resolution: str) -> tuple[int, int] | None:
        """First and last day of the symbol's rows, days since 1970."""
        day = self._table(symbol)["day"]
        return int(day[0]), int(day[-1])

    def symbols(self, resolution: str) -> list[str]:
        """The five symbols, for daily bars."""
        return sorted(SYMBOLS) if resolution == "1d" else []

    def files(self) -> dict[str, str]:
        """SHA-256 of the packaged file."""
        return {f"bokeh_sampledata-{self._version}/stocks.csv.gz": self._digest}

    def notes(self) -> list[str]:
        """Corrections applied so far and names that changed since."""
        return list(self._notes)

    def _note(self, text: str) -> None:
        if text not in self._notes:
            self._notes.append(text)

    def _known(self, symbol: str) -> None:
        if symbol not in SYMBOLS:
            old = {new: was for was, new in TODAY.items()}.get(symbol)
            hint = f"; the data has it as {old}" if old else nearest(symbol, list(SYMBOLS))
            raise DataFault(f"{symbol}: not in the embedded data{hint}")

    def _correct(self, symbol: str, part: dict[str, Any], real: Any) -> None:
        volume, day = part["volume"], part["day"]
        if symbol == "GOOG":
            volume[:] = np.rint(volume / GOOG_VOLUME)
        elif symbol == "MSFT":
            volume[day == MSFT_HALVED] *= 2.0
        elif symbol == "AAPL":
            real[day == AAPL_STALE] = False
            volume[day == AAPL_STALE] = 0.0

    def _table(self, symbol: str) -> cache.Columns:
        """Rows of one symbol as in the file, with `factor` = adjusted close / close."""
        self._known(symbol)
        if symbol not in self._tables:
            name = f"embedded-{self._digest}-{symbol}-v{VERSION}"
            self._tables[symbol] = cache.load(name, _TYPES) or self._parse()[symbol]
        for text in CORRECTIONS.get(symbol, ()) if self.corrections else ():
            self._note(f"{symbol}: {text}")
        if symbol in TODAY:
            self._note(f"{symbol}: this is the stock that trades as {TODAY[symbol]} today")
        return self._tables[symbol]

    def _parse(self) -> dict[str, cache.Columns]:
        """Every symbol of the file, each kept in the cache."""
        try:
            text = gzip.decompress(self._packed).decode("ascii")
        except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
            raise DataFault(f"{self._path}: cannot be read ({error}); reinstall the extra `demo`") from None
        rows = list(csv.reader(io.StringIO(text)))
        if rows[:1] != [["Ticker", "Date", "Open", "High", "Low", "Close", "Volume", "Adj Close"]]:
            raise DataFault(f"{self._path}: the columns are not those of release 2026.1")
        out: dict[str, cache.Columns] = {}
        for symbol in SYMBOLS:
            columns = list(zip(*(row[1:] for row in rows[1:] if row[0] == symbol), strict=True))
            if not columns:
                raise DataFault(f"{self._path}: {symbol} is missing; reinstall the extra `demo`")
            try:
                day = np.array(columns[0], "M8[D]").astype("<i8")
                values = [np.array(column).astype("<f8") for column in columns[1:]]
            except ValueError as error:
                raise DataFault(f"{self._path}: {symbol}: {error}") from None
            values[5] = values[5] / values[3]
            out[symbol] = {"day": day, **dict(zip(_COLUMNS, values, strict=True))}
            cache.store(f"embedded-{self._digest}-{symbol}-v{VERSION}", out[symbol], _TYPES)
        return out
