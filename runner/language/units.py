"""Units in values: `25%`, `5m`, `30s`, `2d`, `4x`, dates and clock times. Everything is read to plain numbers."""

from __future__ import annotations

import datetime
import re

SECOND = 1_000_000_000
_UNITS = {"s": SECOND, "m": 60 * SECOND, "h": 3600 * SECOND, "d": 86_400 * SECOND}
_NUMBER = r"-?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)"
_QUANTITY = re.compile(rf"({_NUMBER})(%|x|s|m|h|d)?")
_EPOCH = datetime.date(1970, 1, 1)

NUMBER, PERCENT, LEVERAGE, DURATION = "number", "percent", "leverage", "duration"


def quantity(text: str) -> tuple[float, str]:
    """`25%` -> (0.25, percent), `4x` -> (4.0, leverage), `5m` -> (3e11 ns, duration), `7` -> (7.0, number).

    ValueError when it is none of them.
    """
    found = _QUANTITY.fullmatch(text.strip())
    if not found:
        raise ValueError(f"{text!r} is no number")
    number, unit = found.groups()
    if unit is None:
        return float(number), NUMBER
    if unit == "%":
        # Through the decimal point of the text, not by a division: 0.07 and not 0.07000000000000001.
        return float(f"{number}e-2"), PERCENT
    if unit == "x":
        return float(number), LEVERAGE
    return float(number) * _UNITS[unit], DURATION


def percent(text: str) -> float:
    """`25%` -> 0.25."""
    return float(text.removesuffix("%") + "e-2")


def leverage(text: str) -> float:
    """`4x` -> 4.0."""
    return float(text.removesuffix("x"))


def duration(text: str) -> int:
    """`5m` -> nanoseconds; `1d` is 24 hours here, what it means in sessions is its reader's business."""
    return round(float(text[:-1]) * _UNITS[text[-1]])


def duration_text(ns: int) -> str:
    """Nanoseconds -> `5m`, in the largest unit of which it is a whole number (`90s`)."""
    for unit in ("h", "m"):
        if ns and ns % _UNITS[unit] == 0:
            return f"{ns // _UNITS[unit]}{unit}"
    return f"{ns / SECOND:g}s"


def clock_time(text: str) -> int:
    """`9:30` or `09:30` -> nanoseconds since midnight."""
    hours, minutes = text.split(":")
    return (int(hours) * 60 + int(minutes)) * 60 * SECOND


def date(text: str) -> int:
    """`2013-10-07` -> days since 1970-01-01. ValueError when there is no such day."""
    return (datetime.date.fromisoformat(text) - _EPOCH).days


def date_text(day: int) -> str:
    """Days since 1970-01-01 -> `2013-10-07`."""
    return (_EPOCH + datetime.timedelta(days=day)).isoformat()
