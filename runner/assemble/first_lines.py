"""What a live run says before its first instant beside its journal: when the market opens."""

from __future__ import annotations

from runner.market.calendar import Calendar
from runner.results.times import moment


def hours(days: Calendar, now: int, extended: bool) -> list[str]:
    """A line when the market is closed."""
    opening = days.trading_from(now, extended)
    return [f"the market is closed until {moment(opening)} New York"] if opening > now else []
