"""Moments and windows of time: `at` and `between`."""

from __future__ import annotations

import zoneinfo
from typing import Any

from runner.language import units
from runner.language.hints import nearest_or
from runner.language.problems import KEY, Path, quoted
from runner.language.reading import Reading
from runner.language.spec import NEW_YORK, Days, Moment, Window

EDGES = ("after_open", "before_open", "after_close", "before_close", "time")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = 24 * 3600 * units.SECOND


def read_moments(value: Any, path: Path, out: Reading) -> tuple[Moment, ...]:
    """The moments of `at`: one mapping or a list of them."""
    if value is None:
        return ()
    if isinstance(value, dict):
        moment = _moment(value, path, out)
        return (moment,) if moment else ()
    found = [_moment(item, (*path, i), out) for i, item in enumerate(value) if item is not None]
    return tuple(moment for moment in found if moment)


def _moment(block: dict[str, Any], path: Path, out: Reading) -> Moment | None:
    zone = _zone(block, path, out)
    kind = out.one_of(block, path, EDGES, "'at'", (*path, KEY) if isinstance(path[-1], str) else path)
    days = _days(block.get("on"), (*path, "on"), out)
    if kind is None:
        return None
    if kind == "time":
        return Moment(kind, units.clock_time(block[kind]), days, (*path, kind), zone)
    offset = out.duration(block[kind], (*path, kind), 0)
    if offset >= _DAY:
        out.fault(
            (*path, kind),
            f"{kind} of {block[kind]} is a day or more",
            "write less than 24h; 'on' says the day",
        )
        offset = 0
    return Moment(kind, offset, days, (*path, kind))


def _zone(block: dict[str, Any], path: Path, out: Reading) -> str:
    """The zone of a time of day; New York's when none is written or the written one is wrong."""
    zone = block.get("zone")
    if zone is None:
        return NEW_YORK
    if block.get("time") is None:
        out.fault(
            (*path, "zone", KEY),
            "'zone' says where a time of day is, and there is none",
            'write at: {time: "15:45", zone: Europe/London}',
        )
        return NEW_YORK
    known = zoneinfo.available_timezones()
    if zone not in known:
        cure = nearest_or(zone, sorted(known), "write a name such as Europe/London")
        out.fault((*path, "zone"), f"there is no time zone {quoted(zone)}", cure)
        return NEW_YORK
    return str(zone)


def _days(value: Any, path: Path, out: Reading) -> Days:
    if value is None:
        return Days()
    if isinstance(value, str):
        return Days(value)
    weekdays = {WEEKDAYS.index(item) for item in value if item in WEEKDAYS}
    dates = {
        out.date(item, (*path, i))
        for i, item in enumerate(value)
        if item is not None and item not in WEEKDAYS
    }
    known = sorted(day for day in dates if day is not None)
    if weekdays and dates:
        out.fault(path, "weekdays and dates in one list", "write two moments: at: [{...}, {...}]")
    return Days("dates" if known else "weekdays", tuple(sorted(weekdays)), tuple(known))


def read_window(block: dict[str, Any] | None, path: Path, out: Reading) -> Window | None:
    """The window of `between`."""
    if not block:
        return None
    relative = [key for key in ("after_open", "before_close") if block.get(key) is not None]
    clock = [key for key in ("from", "to") if block.get(key) is not None]
    if relative and clock:
        out.fault(
            (*path, clock[0], KEY),
            f"'{relative[0]}' and '{clock[0]}' stand beside each other in 'between'",
            "use after_open and before_close, or from and to",
        )
    times = {key: units.clock_time(block[key]) for key in clock}
    if len(times) == 2 and times["from"] > times["to"]:
        out.fault(
            (*path, "to"),
            f"'between' ends at {block['to']}, before it starts at {block['from']}",
            "exchange them",
        )
    return Window(
        after_open=out.duration(block.get("after_open"), (*path, "after_open")),
        before_close=out.duration(block.get("before_close"), (*path, "before_close")),
        from_time=times.get("from", -1),
        to_time=times.get("to", -1),
    )
