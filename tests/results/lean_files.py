"""LEAN's sample files read directly, apart from the project's own reader, and journals laid by hand."""

from __future__ import annotations

import csv
import json
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from runner.market.bar import HOUR, MINUTE, SECOND, Bars
from runner.market.events import FILLED, SUBMITTED, Journal, Mark, Record
from runner.market.money import amount
from runner.market.rows import blank

NEW_YORK = ZoneInfo("America/New_York")


def ns(text: str) -> int:
    """`2013-10-07 09:31` in New York, ns UTC."""
    return round(datetime.fromisoformat(text).replace(tzinfo=NEW_YORK).timestamp()) * SECOND


def day(text: str) -> int:
    return (date.fromisoformat(text) - date(1970, 1, 1)).days


def case(shared: Path, name: str) -> dict[str, Any]:
    cases = json.loads((shared / "golden/cases.json").read_text())["cases"]
    return next(c for c in cases if c["id"] == name)


def rows(path: Path) -> list[list[str]]:
    with zipfile.ZipFile(path) as archive:
        return list(csv.reader(archive.read(archive.namelist()[0]).decode().splitlines()))


def factor(shared: Path, symbol: str, on: str) -> float:
    """Price factor of the earliest row dated on or after the day."""
    lines = csv.reader((shared / f"lean-data/equity/usa/factor_files/{symbol}.csv").read_text().splitlines())
    return next(float(line[1]) for line in lines if line[0] >= on.replace("-", ""))


def bars(rows: list[tuple[int, int, float, float]]) -> Bars:
    """Bars from (start, end, close, volume)."""
    start, end, close, volume = (np.array(c) for c in zip(*rows, strict=True))
    none = np.zeros(len(start))
    return Bars(start, end, close, close, close, close, volume, none * np.nan, none * np.nan,
                none.astype("<i8"), np.ones(len(start), bool), none + 1.0)  # fmt: skip


def minute_bars(shared: Path, symbol: str, days: list[str]) -> Bars:
    """Regular minute bars, prices adjusted and volumes divided by the factor (fact sheet 2)."""
    out = []
    for text in days:
        k = factor(shared, symbol, text)
        name = f"lean-data/equity/usa/minute/{symbol}/{text.replace('-', '')}_trade.zip"
        for line in rows(shared / name):
            since = int(line[0])
            if 34_200_000 <= since < 57_600_000:
                start = ns(text + " 00:00") + since * 1_000_000
                out.append((start, start + MINUTE, int(line[4]) / 1e4 * k, float(round(int(line[5]) / k))))
    return bars(out)


def long_bars(shared: Path, symbol: str, kind: str, first: str, last: str) -> Bars:
    """Hour or daily bars; a daily bar runs from 09:30 to 16:00 (fact sheet 1, HEAD)."""
    out = []
    for line in rows(shared / f"lean-data/equity/usa/{kind}/{symbol}.zip"):
        text = f"{line[0][:4]}-{line[0][4:6]}-{line[0][6:8]}"
        if not first <= text <= last:
            continue
        k = factor(shared, symbol, text)
        start = ns(text + " 09:30") if kind == "daily" else ns(f"{text} {line[0][9:14]}")
        end = ns(text + " 16:00") if kind == "daily" else start + HOUR
        out.append((start, end, int(line[4]) / 1e4 * k, float(round(int(line[5]) / k))))
    return bars(out)


def price_at(bars: Bars, instant: int) -> float:
    i = int(np.searchsorted(bars.end, instant, "right")) - 1
    return float(bars.close[i]) if i >= 0 else 0.0


def risk_free(shared: Path) -> list[list[float]]:
    lines = csv.reader(
        (shared / "lean-data/alternative/interest-rate/usa/interest-rate.csv").read_text().splitlines()
    )
    return [[day(d), float(rate) / 100.0] for d, rate in list(lines)[1:]]


def records(items: list[dict[str, Any]]) -> np.ndarray:
    out = blank(Record, len(items))
    for i, item in enumerate(items):
        for name, value in item.items():
            out[i][name] = value
    return out


def bought(
    order: int, at: int, quantity: int, price: float, fee: int, symbol: int = 0, rule: int = 0
) -> list[dict[str, Any]]:
    """The records of an order that fills when it is sent."""
    common = {"time": at, "order": order, "symbol": symbol, "rule": rule, "quantity": quantity}
    return [
        {**common, "kind": SUBMITTED, "price": price},
        {**common, "kind": FILLED, "price": price, "amount": amount(quantity, price), "fee": fee},
    ]


def marks(items: list[tuple[int, int, int, int, float]]) -> np.ndarray:
    """Marks from (time, flags, equity, long value, benchmark)."""
    out = blank(Mark, len(items))
    for i, (time, flags, equity, value, benchmark) in enumerate(items):
        out[i]["time"], out[i]["flags"], out[i]["equity"] = time, flags, equity
        out[i]["cash"], out[i]["long_value"], out[i]["benchmark"] = equity - value, value, benchmark
    return out


def journal(
    header: dict[str, Any], items: list[dict[str, Any]], mark_rows: np.ndarray, texts: list[str] | None = None
) -> Journal:
    return Journal(header, records(items), mark_rows, texts or [])
