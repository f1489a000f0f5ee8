"""Dates and instants as the engine counts them, for expected values."""

from __future__ import annotations

import datetime
import zoneinfo

NEW_YORK = zoneinfo.ZoneInfo("America/New_York")


def day(text: str) -> int:
    """`2013-10-07` as days since 1970-01-01."""
    return (datetime.date.fromisoformat(text) - datetime.date(1970, 1, 1)).days


def instant(text: str) -> int:
    """`2013-10-07 09:30`, New York, as ns UTC."""
    return int(datetime.datetime.fromisoformat(text).replace(tzinfo=NEW_YORK).timestamp()) * 1_000_000_000
