"""Sessions of the New York Stock Exchange, from pandas_market_calendars through the cache.

The calendar package (with pandas) is imported only when the cache has no entry for its version. It
knows the odd days: the late opens of 2001-09-17 and 2002-09-11, the early close of 2005-06-01.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from runner.adapters import cache
from runner.adapters.coverage import DataFault, day_text
from runner.adapters.packages import installed
from runner.market.calendar import Calendar

FIRST_DAY = -2922  # 1962-01-01
LAST_DAY = 25932  # 2040-12-31
NEW_YORK = "America/New_York"

_SESSIONS = {"date": "<i8", "open": "<i8", "close": "<i8", "pre": "<i8", "post": "<i8"}
_MIDNIGHTS = {"midnight": "<i8"}


def calendar(first_day: int, last_day: int) -> Calendar:
    """Sessions from `first_day` to `last_day` (days since 1970, both belong).

    `midnight` has one entry more than there are days: the midnight that ends `last_day`. Raises
    `DataFault` outside 1962 to 2040, or when the calendar package is missing.
    """
    if first_day < FIRST_DAY or last_day >= LAST_DAY or first_day > last_day:
        raise DataFault(
            f"no sessions from {day_text(first_day)} to {day_text(last_day)}: the calendar covers "
            f"{day_text(FIRST_DAY)} to {day_text(LAST_DAY - 1)}"
        )
    sessions, midnight = _all(str(cache.folder()))
    a = int(np.searchsorted(sessions["date"], first_day, "left"))
    b = int(np.searchsorted(sessions["date"], last_day, "right"))
    return Calendar(
        **{name: sessions[name][a:b] for name in _SESSIONS},
        first_day=first_day,
        midnight=midnight[first_day - FIRST_DAY : last_day - FIRST_DAY + 2],
    )


@lru_cache(maxsize=4)
def _all(place: str) -> tuple[cache.Columns, np.ndarray]:
    """Every session and midnight; `place` (the cache folder) keeps tests with their own folder apart."""
    found = installed("pandas_market_calendars")
    if found is None:
        raise DataFault("pandas_market_calendars is not installed: pip install pandas_market_calendars")
    key = f"{found[1]}-{FIRST_DAY}-{LAST_DAY}"
    sessions = cache.remember(f"sessions-{key}", _SESSIONS, _schedule)
    midnights = cache.remember(f"midnights-{key}", _MIDNIGHTS, _midnights)
    return sessions, midnights["midnight"]


def _schedule() -> cache.Columns:
    import warnings

    import pandas_market_calendars

    names = ["pre", "market_open", "market_close", "post"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package's own use of what pandas deprecates
        exchange = pandas_market_calendars.get_calendar("NYSE")
        table = exchange.schedule(day_text(FIRST_DAY), day_text(LAST_DAY), market_times=names)
    out = {"date": table.index.to_numpy().astype("datetime64[D]").astype("<i8")}
    theirs = {"open": "market_open", "close": "market_close", "pre": "pre", "post": "post"}
    for name, column in theirs.items():
        out[name] = table[column].dt.tz_convert(None).to_numpy().astype("datetime64[ns]").astype("<i8")
    return out


def _midnights() -> cache.Columns:
    import pandas

    days = pandas.date_range(day_text(FIRST_DAY), day_text(LAST_DAY), freq="D", tz=NEW_YORK)
    return {"midnight": days.tz_convert(None).to_numpy().astype("datetime64[ns]").astype("<i8")}
