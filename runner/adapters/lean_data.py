"""LEAN's data folder as a source of bars: `equity/usa/{second,minute,hour,daily}`, factor and map files."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from runner.adapters import cache, lean_factors, lean_files, lean_rows
from runner.adapters.adjust import NO_FACTORS, daily, keep_hours, pick, rescale
from runner.adapters.coverage import DataFault, NoRows, check_resolution, day_text, nearest, span_text
from runner.adapters.sessions import FIRST_DAY, LAST_DAY, calendar
from runner.market.bar import RESOLUTIONS, Actions, Bars, Listing, empty_bars, no_actions
from runner.market.calendar import Calendar

VERSION = 1  # of the parsers: part of every cache entry's name
FOLDERS = {"1s": "second", "1m": "minute", "1h": "hour", "1d": "daily"}


class LeanFolder:
    """Bars and corporate actions from one LEAN data folder.

    `exact_factors`: split ratios exactly as the rounded factors give them (6.9999972, LEAN's own
    arithmetic) instead of the ratio that was announced (7.0).
    """

    def __init__(self, path: Path | str, exact_factors: bool = False) -> None:
        self.root = Path(path)
        self.exact = exact_factors
        self._equity = self.root / "equity" / "usa"
        if not self._equity.is_dir():
            raise DataFault(f"{self.root}: no LEAN data folder (it has no equity/usa)")
        self._read: dict[str, str] = {}
        self._notes: list[str] = []

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
        """Bars of the sessions from `first_day` to `last_day` (days since 1970, both belong); `since` is the
        day from which `total_return` adds dividends (`first_day` if none is given).

        Raises `DataFault` for an unknown symbol, for an unreadable file and when there are no rows at all
        although the symbol was listed; no rows because it was not listed are empty bars and a note.
        """
        check_resolution(resolution)
        since = first_day if since is None else since
        spans = self._spans(symbol, first_day, last_day)
        if not spans:
            return empty_bars()
        sessions = calendar(first_day, last_day)
        if RESOLUTIONS[resolution] >= RESOLUTIONS["1h"]:
            tables = self._coarse(symbol, FOLDERS[resolution], spans)
            ranges = f"its files have {lean_rows.extents(tables)}"
            parts = [lean_rows.between(tables[t], a, b) for t, a, b in spans if t in tables]
            table = lean_rows.concatenate(parts)
        else:
            table, ranges = self._fine(symbol, resolution, spans, sessions)
        rows = self._factors(symbol, prices)
        factors = lean_factors.factors(rows, self.exact) if rows else NO_FACTORS
        if resolution == "1d":
            bars, strange = daily(sessions, table, factors, prices, np.ones(len(table["day"]), bool), since)
            if len(strange):
                first = day_text(strange[0])
                self._note(
                    f"{symbol}: {len(strange)} daily rows on days without a session left out ({first})"
                )
        else:
            step = RESOLUTIONS[resolution]
            unpack = lean_rows.hourly if resolution == "1h" else lean_rows.minutely
            columns = unpack(table, sessions, step)
            days = tuple(lean_rows.day(sessions, columns.pop(name)) for name in ("row", "trade", "quote"))
            keep = keep_hours(sessions, columns["start"], columns["end"], extended_hours)
            bars = pick(rescale(columns, factors, prices, (days[0], days[1], days[2]), since), keep)
        if not len(bars.end) and len(sessions.date):
            raise NoRows(
                f"{symbol}: no {FOLDERS[resolution]} rows from {span_text(first_day, last_day)} "
                f"in {self.root}; {ranges}"
            )
        return bars

    def actions(self, symbol: str, first_day: int, last_day: int) -> Actions:
        """Splits and dividends in force from a session of the range on; none without a factor file."""
        rows = self._factors(symbol, "actions")
        # Two weeks more in front: an ex-date's row is dated on the session before it.
        if not rows:
            return no_actions()
        found = lean_factors.actions(rows, calendar(first_day - 14, last_day), self.exact)
        return Actions(*(column[found.date >= first_day] for column in found))

    def listed(self, symbol: str) -> tuple[int, int] | None:
        """First and last day of the map file (2050-12-31 while listed); None without a map file."""
        listing = self._listing(symbol)
        return None if listing is None else (listing.first_day, listing.spans[-1][0])

    def listing(self, symbol: str) -> Listing | None:
        """Last day and changes of name by the map file; None without one."""
        found = self._listing(symbol)
        if found is None:
            return None
        ends = [end for (end, ticker), (_, after) in pairwise(found.spans) if ticker != after]
        return Listing(found.spans[-1][0], tuple(end + 1 for end in ends))

    def extent(self, symbol: str, resolution: str) -> tuple[int, int] | None:
        """First and last day with a file or row of the symbol, days since 1970; None without any."""
        check_resolution(resolution)
        folder, days = FOLDERS[resolution], []
        spans = self._spans(symbol, FIRST_DAY, LAST_DAY)
        if RESOLUTIONS[resolution] >= RESOLUTIONS["1h"]:
            tables = self._coarse(symbol, folder, spans)
            for ticker, a, b in spans:
                found = np.asarray(tables[ticker]["day"]) if ticker in tables else np.empty(0, np.int64)
                days += found[(found >= a) & (found <= b)].tolist()
        else:
            for ticker, a, b in spans:
                place = self._equity / folder / ticker
                names = [path.name[:8] for path in place.glob("*_trade.zip")] if place.is_dir() else []
                found = np.array([f"{n[:4]}-{n[4:6]}-{n[6:]}" for n in names], "M8[D]").astype(np.int64)
                days += found[(found >= a) & (found <= b)].tolist()
        return (min(days), max(days)) if days else None

    def symbols(self, resolution: str) -> list[str]:
        """Every security with a file of the resolution: by its map file, else by its ticker."""
        check_resolution(resolution)
        place = self._equity / FOLDERS[resolution]
        left = {path.stem for path in place.iterdir()} if place.is_dir() else set()
        found = set()
        for path in (self._equity / "map_files").glob("*.csv"):
            listing = self._listing(path.stem)
            tickers = {ticker for _, ticker in listing.spans} if listing else set()
            if tickers & left:
                found.add(path.stem)
        for stem in found:
            listing = self._listing(stem)
            left -= {ticker for _, ticker in listing.spans} if listing else set()
        return sorted(stem.upper() for stem in found | left)

    def files(self) -> dict[str, str]:
        """SHA-256 of every file read so far, by path inside the folder."""
        return dict(sorted(self._read.items()))

    def notes(self) -> list[str]:
        """What a reader of results must know about this data."""
        return list(self._notes)

    def _note(self, text: str) -> None:
        if text not in self._notes:
            self._notes.append(text)

    def _bytes(self, path: Path) -> bytes | None:
        """Content of a file, its hash noted; None when it does not exist."""
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise DataFault(f"{path}: {error.strerror}") from None
        self._read[path.relative_to(self.root).as_posix()] = cache.digest(data)
        return data

    def _stem(self, symbol: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9]+([.\-_][A-Za-z0-9]+)*", symbol):
            raise DataFault(f"{symbol!r} cannot be the name of a symbol")
        return symbol.lower()

    def _listing(self, symbol: str) -> lean_factors.Listing | None:
        path = self._equity / "map_files" / f"{self._stem(symbol)}.csv"
        data = self._bytes(path)
        return None if data is None else lean_factors.read_map(data, str(path))

    def _factors(self, symbol: str, purpose: str) -> list[lean_factors.FactorRow]:
        path = self._equity / "factor_files" / f"{self._stem(symbol)}.csv"
        data = self._bytes(path)
        if data is None:
            self._note(f"{symbol}: no factor file, so no split and no dividend is known")
            return []
        return lean_factors.read_factors(data, str(path))

    def _spans(self, symbol: str, first_day: int, last_day: int) -> list[tuple[str, int, int]]:
        listing = self._listing(symbol)
        if listing is None:
            return [(self._stem(symbol), first_day, last_day)]
        spans = listing.between(first_day, last_day)
        if not spans or spans[0][1] > first_day:
            self._note(f"{symbol}: listed from {day_text(listing.first_day)}")
        if listing.spans[-1][0] < last_day:
            self._note(f"{symbol}: delisted on {day_text(listing.spans[-1][0])}")
        for ticker, a, b in spans:
            if ticker != symbol.lower().partition(".")[0] and ticker != symbol.lower():
                self._note(f"{symbol}: data of {ticker.upper()} from {span_text(a, b)}")
        return spans

    def _unknown(self, symbol: str, folder: str) -> DataFault:
        place = self._equity / folder
        known = sorted({path.stem.upper() for path in place.iterdir()}) if place.is_dir() else []
        others = [name for name, other in FOLDERS.items() if other != folder and self._holds(symbol, other)]
        hint = f"; it has {' and '.join(others)} data" if others else nearest(symbol, known)
        return DataFault(f"{symbol}: no {folder} data in {self.root}{hint}")

    def _holds(self, symbol: str, folder: str) -> bool:
        stem = self._equity / folder / self._stem(symbol)
        return stem.is_dir() or stem.with_name(stem.name + ".zip").is_file()

    def _coarse(
        self, symbol: str, folder: str, spans: list[tuple[str, int, int]]
    ) -> dict[str, cache.Columns]:
        """Rows of each ticker's hour or daily file."""
        tables = {}
        for ticker in dict.fromkeys(ticker for ticker, _, _ in spans):
            path = self._equity / folder / f"{ticker}.zip"
            data = self._bytes(path)
            if data is None:
                self._note(f"{symbol}: no file {folder}/{ticker}.zip")
                continue
            name = f"lean-{folder}-{cache.digest(data)}"
            parse = partial(_parse_coarse, data, str(path))
            tables[ticker] = self._parse(name, lean_files.COARSE_TYPES, parse)
        if not tables:
            raise self._unknown(symbol, folder)
        return tables

    def _fine(
        self, symbol: str, resolution: str, spans: list[tuple[str, int, int]], sessions: Calendar
    ) -> tuple[cache.Columns, str]:
        """Trades and quotes of the day files in one table by end of bar, and what days there are."""
        folder, sources, there = FOLDERS[resolution], [], set()
        for ticker, a, b in spans:
            place = self._equity / folder / ticker
            names = {path.name for path in place.iterdir()} if place.is_dir() else set()
            there |= names
            for day in sessions.date[(sessions.date >= a) & (sessions.date <= b)].tolist():
                date = day_text(day).replace("-", "")
                for quotes, kind in enumerate(("trade", "quote")):
                    if f"{date}_{kind}.zip" in names:
                        path = place / f"{date}_{kind}.zip"
                        sources.append((day, bool(quotes), path, self._bytes(path) or b""))
        if not there:
            raise self._unknown(symbol, folder)
        hashes = "".join(f"{day}{quotes}{cache.digest(data)}" for day, quotes, _, data in sources)
        step = RESOLUTIONS[resolution]

        def parse() -> cache.Columns:
            parts: tuple[list[Any], list[Any]] = ([], [])
            for day, quotes, path, data in sources:
                table = lean_files.fine(*lean_files.unzip(data, str(path)), quotes)
                start = sessions.midnight_of(day) + table[:, 0].astype("<i8") * lean_files.MS
                parts[quotes].append((start, table[:, 1:]))
            return lean_rows.union(lean_rows.stack(parts[0], 5), lean_rows.stack(parts[1], 2), step)

        dates = sorted(name[:8] for name in there)
        ranges = f"its files are from {dates[0]} to {dates[-1]}"
        name = f"lean-{folder}-{cache.digest(hashes.encode())}"
        return self._parse(name, lean_rows.FINE_TYPES, parse), ranges

    def _parse(self, name: str, types: dict[str, str], parse: Callable[[], cache.Columns]) -> cache.Columns:
        return cache.remember(f"{name}-v{VERSION}", types, parse)


def _parse_coarse(data: bytes, path: str) -> cache.Columns:
    return lean_files.coarse(*lean_files.unzip(data, path))
