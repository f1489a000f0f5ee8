"""New York time as text. Instants are ns UTC; days are days since 1970-01-01."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

SECOND = 1_000_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR
_EPOCH = date(1970, 1, 1)
_NEW_YORK = ZoneInfo("America/New_York")


def new_york() -> ZoneInfo:
    """The zone of every written time that names none."""
    return _NEW_YORK


@lru_cache(maxsize=65536)
def _offset(hour: int) -> int:
    """New York minus UTC in seconds during the UTC hour `hour` (clocks change on a full UTC hour)."""
    moment = datetime.fromtimestamp(hour * 3600, UTC).astimezone(_NEW_YORK)
    offset = moment.utcoffset()
    assert offset is not None
    return int(offset.total_seconds())


@lru_cache(maxsize=65536)
def date_text(day: int) -> str:
    """`15985` -> `2013-10-07`."""
    return (_EPOCH + timedelta(days=int(day))).isoformat()


def day_number(text: str) -> int:
    """`2013-10-07` -> `15985`."""
    return (date.fromisoformat(text) - _EPOCH).days


def local(instant: int) -> int:
    """Wall-clock ns in New York: a count whose days and hours are New York's."""
    return int(instant) + _offset(int(instant) // HOUR) * SECOND


def day_of(instant: int) -> int:
    """Calendar day in New York."""
    return local(instant) // DAY


def moment(instant: int) -> str:
    """`2013-10-07 09:31:00`, New York, with the fraction only when there is one."""
    day, rest = divmod(local(instant), DAY)
    seconds, fraction = divmod(rest, SECOND)
    text = f"{date_text(day)} {seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return f"{text}.{fraction:09d}".rstrip("0") if fraction else text


def iso(instant: int) -> str:
    """`2013-10-07T09:31:00-04:00`: New York with its offset, so that no hour is ambiguous."""
    hours = -_offset(int(instant) // HOUR) // 3600
    return f"{moment(instant).replace(' ', 'T')}-{hours:02d}:00"
