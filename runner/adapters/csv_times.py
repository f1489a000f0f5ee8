"""Written times as instants: dates, local times of a zone, times with an offset."""

from __future__ import annotations

import datetime
import re
import zoneinfo
from typing import Any

import numpy as np

from runner.adapters.coverage import DataFault

_OFFSET = re.compile(r"(?:Z|[+-]\d\d:?\d\d)$")
_HOUR = 3_600_000_000_000
DAY_NS = 24 * _HOUR


def instants(texts: list[str], timezone: str, path: str, lines: list[int]) -> tuple[Any, Any, Any]:
    """Nanoseconds UTC of each text, the same as written (wall time), and 1 where it is a date alone.

    A date alone is its midnight as if UTC: it names a session, not an instant. A local time that a change of
    clocks repeats is its first occurrence.
    """
    try:
        zone = zoneinfo.ZoneInfo(timezone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        raise DataFault(f"data.source.csv.timezone: there is no zone {timezone!r}") from None
    texts = [text.strip() for text in texts]
    if any(_OFFSET.search(text, 10) for text in (texts[0], texts[-1])):
        pairs = np.array([_aware(t, zone, path, n) for t, n in zip(texts, lines, strict=True)], "<i8")
        return pairs[:, 0], pairs[:, 1], _dated(texts)
    try:
        local = np.array(
            [f"{t[:4]}-{t[4:6]}-{t[6:8]}{t[8:]}" if t[:8].isdigit() else t for t in texts], "M8[ns]"
        )
    except ValueError:
        for text, line in zip(texts, lines, strict=True):
            _aware(text, zone, path, line)  # raises at the line that is wrong
        raise DataFault(f"{path}: times that cannot be read; write 2013-10-07 09:30:00") from None
    dated = _dated(texts)
    wall = local.astype("<i8")
    hours, place = np.unique(wall // _HOUR, return_inverse=True)
    offset = np.array([_offset(int(hour), zone) for hour in hours], "<i8")[place]
    return np.where(dated != 0, wall, wall - offset), wall, dated


def _dated(texts: list[str]) -> Any:
    return np.array([len(text) <= 10 for text in texts], "<i8")


def _offset(hour: int, zone: zoneinfo.ZoneInfo) -> int:
    at = datetime.datetime(1970, 1, 1, tzinfo=zone) + datetime.timedelta(hours=hour)
    found = at.utcoffset()
    return 0 if found is None else int(found.total_seconds()) * 1_000_000_000


def _aware(text: str, zone: zoneinfo.ZoneInfo, path: str, line: int) -> tuple[int, int]:
    try:
        at = datetime.datetime.fromisoformat(text)
    except ValueError:
        raise DataFault(f"{path} line {line}: {text!r} is not a time; write 2013-10-07 09:30:00") from None
    at = at if at.tzinfo else at.replace(tzinfo=zone)
    return _since(at), _since(at.replace(tzinfo=datetime.UTC))


def _since(at: datetime.datetime) -> int:
    return (
        (at - datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)) // datetime.timedelta(microseconds=1) * 1000
    )
