"""Exact prices of a LEAN folder, as decimals with the scale that LEAN's arithmetic gives them.

Files hold whole numbers; a price is the number x 0.0001 (4 decimals), and an adjusted one is that times
price factor x split factor with all the decimals written in the factor file: 4 + 7 = 11 of them
(lean-semantics.md, section 2). The project itself computes with floats; only the order hash needs these.
Reads the zips itself, so that it is a second reader beside `runner/adapters/lean_data.py`.
"""

from __future__ import annotations

import bisect
import datetime
import itertools
import zipfile
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

SCALE = Decimal("0.0001")
FOLDERS = {"1s": "second", "1m": "minute", "1h": "hour", "1d": "daily"}
BEFORE = datetime.timedelta(days=8)  # a run's first prices may be those of the session before it
NEW_YORK = ZoneInfo("America/New_York")


def table(path: Path) -> list[list[str]]:
    """Fields of each line of a text file or of the only file in a zip; none when there is no such file."""
    if not path.exists():
        return []
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            text = archive.read(archive.namelist()[0]).decode()
    else:
        text = path.read_text()
    return [line.split(",") for line in text.splitlines() if line.strip()]


def hour_ends(root: Path, symbol: str, first: datetime.date, last: datetime.date) -> list[int]:
    """Ends of the hourly bars of a symbol in the days of a run, ns UTC; none without a file."""
    ends, days = [], (f"{first:%Y%m%d}", f"{last:%Y%m%d}")
    for row in table(root / "equity" / "usa" / "hour" / f"{symbol.lower()}.zip"):
        if not days[0] <= row[0][:8] <= days[1]:
            continue
        start = datetime.datetime.strptime(row[0], "%Y%m%d %H:%M").replace(tzinfo=NEW_YORK)
        ends.append(int((start + datetime.timedelta(hours=1)).timestamp()) * 10**9)
    return ends


class Prices:
    """Every price of one symbol in the days of a run."""

    def __init__(
        self, root: Path, symbol: str, resolution: str, prices: str, first: datetime.date, last: datetime.date
    ) -> None:
        """`prices`: raw, adjusted or split_adjusted, as in a strategy's `data.prices`."""
        self._equity = root / "equity" / "usa"
        name = symbol.lower()
        self.tickers = [(row[0], row[1]) for row in table(self._equity / "map_files" / f"{name}.csv")]
        factors = table(self._equity / "factor_files" / f"{name}.csv")
        self._factors = factors if prices != "raw" else []
        self._split_only = prices == "split_adjusted"
        self._stem = name
        days = ((first - BEFORE).strftime("%Y%m%d"), last.strftime("%Y%m%d"))
        fine = resolution in ("1s", "1m")
        pairs = self._fine(FOLDERS[resolution], *days) if fine else self._coarse(FOLDERS[resolution], *days)
        # Raw: at a split the last price known is restated, before the first bar of the new shares.
        pairs_of_rows = itertools.pairwise(factors) if prices == "raw" else ()
        splits = {a[0]: Decimal(a[2]) / Decimal(b[2]) for a, b in pairs_of_rows if a[2] != b[2]}
        found: dict[float, Decimal] = {}
        for day, number in pairs:
            exact = Decimal(number) * SCALE
            factor = self._factor(day)
            exact = exact if factor is None else exact * factor
            found[float(exact)] = exact
            ratio = splits.get(day)
            if ratio is not None:
                found[float(exact * ratio)] = exact * ratio
        self._floats = sorted(found)
        self._exact = found

    def ticker(self, day: str) -> str:
        """The ticker on a day (YYYYMMDD), lower case."""
        return next((ticker for last, ticker in self.tickers[1:] if last >= day), self._stem)

    def _factor(self, day: str) -> Decimal | None:
        row = next((row for row in self._factors if row[0] >= day), None)
        if row is None:
            return None
        return Decimal(row[2]) if self._split_only else Decimal(row[1]) * Decimal(row[2])

    def _fine(self, folder: str, first: str, last: str) -> set[tuple[str, str]]:
        pairs = set()
        places = {self.ticker(first), self.ticker(last)}
        for place in places:
            for path in sorted((self._equity / folder / place).glob("*.zip")):
                day, _, kind = path.stem.partition("_")
                if first <= day <= last and self.ticker(day) == place:
                    columns = (1, 2, 3, 4) if kind == "trade" else (4, 9)
                    pairs |= {(day, row[i]) for row in table(path) for i in columns if row[i]}
        return pairs

    def _coarse(self, folder: str, first: str, last: str) -> set[tuple[str, str]]:
        pairs = set()
        for place in {self.ticker(first), self.ticker(last)}:
            for row in table(self._equity / folder / f"{place}.zip"):
                day = row[0][:8]
                if first <= day <= last and self.ticker(day) == place:
                    pairs |= {(day, row[i]) for i in (1, 2, 3, 4)}
        return pairs

    def exact(self, price: float) -> Decimal | None:
        """The price in the files that the float `price` stands for; None when there is none."""
        i = bisect.bisect_left(self._floats, price)
        near = self._floats[max(i - 1, 0) : i + 1]
        best = min(near, key=lambda one: abs(one - price), default=None)
        if best is None or abs(best - price) > 1e-10 * abs(price):
            return None
        return self._exact[best]
