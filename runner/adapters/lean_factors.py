"""LEAN's factor files (splits and dividends) and map files (the ticker of the day).

Factor rows: date, price factor, split factor, last close of that date. Map rows: last date, ticker.
`AAA.1` names an earlier security of the ticker AAA: its files are `aaa.1.csv`, its map says where the
prices are.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from runner.adapters.adjust import NEVER, Factors, written_ratio
from runner.adapters.coverage import DataFault
from runner.adapters.lean_files import days_of
from runner.market.bar import Actions
from runner.market.calendar import Calendar


class FactorRow(NamedTuple):
    """One row of a factor file; `day` in days since 1970, `reference` in dollars."""

    day: int
    price: Decimal
    split: Decimal
    reference: Decimal


class Listing(NamedTuple):
    """Tickers of one security: `spans` of (last day, ticker), the first of them from `first_day` on."""

    first_day: int
    spans: tuple[tuple[int, str], ...]

    def between(self, first_day: int, last_day: int) -> list[tuple[str, int, int]]:
        """(ticker, first day, last day) of each ticker in the range, clipped to it."""
        out, start = [], self.first_day
        for end, ticker in self.spans:
            a, b = max(start, first_day), min(end, last_day)
            if a <= b:
                out.append((ticker, a, b))
            start = end + 1
        return out


def _fields(data: bytes, place: str, least: int) -> list[tuple[int, list[str]]]:
    rows = []
    for line, text in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
        fields = [field.strip() for field in text.split(",")]
        if fields == [""]:
            continue
        if len(fields) < least:
            raise DataFault(f"{place} line {line}: {len(fields)} fields, expected {least}")
        if not fields[0].isdigit():
            raise DataFault(f"{place} line {line}: {fields[0]!r} is not a date")
        rows.append((line, fields))
    if not rows:
        raise DataFault(f"{place}: the file is empty")
    return rows


def _days(rows: list[tuple[int, list[str]]], place: str) -> list[int]:
    days = [int(days_of([int(fields[0])], f"{place} (from line {line})")[0]) for line, fields in rows]
    for (line, _), before, after in zip(rows[1:], days, days[1:], strict=False):
        if after < before:
            raise DataFault(f"{place} line {line}: earlier than the line before it")
    return days


def read_map(data: bytes, place: str) -> Listing:
    """A map file; its first row is the day on which the security is listed."""
    rows = _fields(data, place, 2)
    days = _days(rows, place)
    spans = [(day, fields[1].lower()) for day, (_, fields) in zip(days, rows, strict=True)]
    return Listing(days[0], tuple(spans[1:] or spans))


def read_factors(data: bytes, place: str) -> list[FactorRow]:
    """A factor file, exact."""
    rows = _fields(data, place, 3)
    out = []
    for day, (line, fields) in zip(_days(rows, place), rows, strict=True):
        try:
            price, split = Decimal(fields[1]), Decimal(fields[2])
            reference = Decimal(fields[3]) if len(fields) > 3 and fields[3] else Decimal(0)
        except InvalidOperation:
            raise DataFault(f"{place} line {line}: a factor is not a number") from None
        if not (price > 0 and split > 0):
            raise DataFault(f"{place} line {line}: a factor of zero or less")
        out.append(FactorRow(day, price, split, reference))
    return out


def _shares(a: FactorRow, b: FactorRow, exact: bool) -> float:
    """New shares per old share between two rows."""
    ratio = float(b.split / a.split)
    return ratio if exact or ratio == 1.0 else written_ratio(ratio)


def _dividend(a: FactorRow, b: FactorRow) -> Decimal:
    """Dollars a share between two rows: round(reference x (1 - this price factor / the next), 2), section 12."""
    return (a.reference * (1 - a.price / b.price)).quantize(Decimal("0.01"), ROUND_HALF_EVEN)


def factors(rows: list[FactorRow], exact: bool) -> Factors:
    """Rows as arrays; `exact` keeps split ratios as the file's rounded factors give them."""
    shares = [1.0]
    for a, b in pairwise(rows):
        shares.append(shares[-1] * _shares(a, b, exact))
    day = np.array([row.day for row in rows[:-1]] + [NEVER], "<i8")
    price = np.array([float(row.price) for row in rows])
    split = np.array([float(row.split) for row in rows])
    # LEAN adds what was paid, whatever splits came later (DividendEventProvider.cs); else it is per share of the last day.
    dividends = [float(_dividend(a, b)) * (1.0 if exact else float(a.split)) for a, b in pairwise(rows)]
    return Factors(day, price, split, np.array(shares), np.append(0.0, np.cumsum(dividends)))


def actions(rows: list[FactorRow], calendar: Calendar, exact: bool) -> Actions:
    """Splits and dividends in the range of `calendar`, each on the session after its row's date.

    With a split on the same day a dividend comes first, because it is paid on the old shares.
    """
    out: list[tuple[int, float, float, float]] = []
    for a, b in pairwise(rows):
        if (a.price, a.split) == (b.price, b.split):
            continue
        i = int(np.searchsorted(calendar.date, a.day, "right"))
        if i >= len(calendar.date) or a.day < calendar.first_day:
            continue
        date, reference = int(calendar.date[i]), float(a.reference)
        cents = _dividend(a, b)
        if a.price != b.price and cents:
            out.append((date, 1.0, float(cents), reference))
        if a.split != b.split:
            out.append((date, _shares(a, b, exact), 0.0, reference))
    # Symbol changes and delistings (map files) join here when the engine knows them.
    columns = list(zip(*out, strict=True)) or [(), (), (), ()]
    return Actions(np.array(columns[0], "<i4"), *(np.array(column, "<f8") for column in columns[1:]))
