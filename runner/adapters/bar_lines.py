"""The line protocol: one line of text is one bar, as JSON or as CSV. It is described in docs/live.md.

What a line does not say is 0 in the bar and is filled in by the feed: `start` from the length of the symbol's bars,
`split` from the run.
"""

from __future__ import annotations

import csv
import datetime
import math
import re
from typing import NamedTuple

import msgspec

from runner.engine.ports import LiveBar

COLUMNS: tuple[str, ...] = ("symbol", "end", "open", "high", "low", "close", "volume", "bid", "ask", "start")
NEEDED = COLUMNS[:6]
LONGEST = 4096  # characters of a line: more is no bar
_ZONED = re.compile(r"(Z|[+-]\d\d:?\d\d)$")
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_FIRST = 10**17  # 1973: a smaller number of nanoseconds is one of seconds, milliseconds or microseconds


class Unread(NamedTuple):
    """Something that came and was no bar: `kind` for counting, `text` for the operator."""

    kind: str
    text: str


class _Line(msgspec.Struct, forbid_unknown_fields=True):
    symbol: str
    end: int | str
    open: float
    high: float
    low: float
    close: float
    volume: float = 0.0
    bid: float | None = None
    ask: float | None = None
    start: int | str = 0


_JSON = msgspec.json.Decoder(_Line)


class Lines:
    """Reads lines one after the other. A CSV line that begins with `symbol` names the columns of those after it."""

    def __init__(self) -> None:
        self._columns = COLUMNS

    def read(self, raw: bytes) -> LiveBar | Unread | None:
        """The bar of a line, or what is wrong with it; None for an empty line and for names of columns."""
        if len(raw) > LONGEST:
            return Unread("malformed", f"a line of {len(raw)} bytes; a bar has at most {LONGEST}")
        try:
            text = raw.decode("utf-8-sig").strip()
        except UnicodeDecodeError:
            return Unread("malformed", f"{_shown(repr(raw))} is not UTF-8 text")
        if not text:
            return None
        try:
            line = _JSON.decode(text) if text.startswith("{") else self._csv(text)
            return None if line is None else _bar(line)
        except (msgspec.MsgspecError, ValueError, csv.Error) as error:
            return Unread("malformed", f"{_shown(text)}: {error}")

    def _csv(self, text: str) -> _Line | None:
        cells = [cell.strip() for cell in next(csv.reader([text], strict=True))]
        if cells[0].lower() == "symbol":
            names = tuple(cell.lower() for cell in cells)
            wrong = [name for name in names if name not in COLUMNS]
            lacking = [name for name in NEEDED if name not in names]
            if wrong or lacking or len(set(names)) < len(names):
                fault = (
                    f"there is no column {wrong[0]}"
                    if wrong
                    else f"no column {lacking[0]}"
                    if lacking
                    else "a column is there twice"
                )
                raise ValueError(f"{fault}; the columns are {', '.join(COLUMNS)}")
            self._columns = names
            return None
        named = self._columns is not COLUMNS
        if len(cells) > len(self._columns) or len(cells) < (len(self._columns) if named else len(NEEDED)):
            fields = "1 field" if len(cells) == 1 else f"{len(cells)} fields"
            raise ValueError(f"{fields}; the columns are {', '.join(self._columns)}")
        found = dict(zip(self._columns, cells, strict=False))
        numbers = {
            name: float(text)
            for name, text in found.items()
            if text and name not in ("symbol", "end", "start")
        }
        empty = [name for name in NEEDED if not found[name]]
        if empty:
            raise ValueError(f"{empty[0]} is empty")
        start = found.get("start") or 0
        return _Line(symbol=found["symbol"], end=found["end"], start=start, **numbers)


def instant_of(said: int | str) -> int:
    """Nanoseconds UTC of a written time: ISO 8601 with its offset, or the number itself."""
    if isinstance(said, str) and not said.lstrip("-").isdigit():
        if not _ZONED.search(said):
            raise ValueError(f"the time {said!r} has no offset from UTC; write 2026-11-20T09:31:00-05:00")
        at = datetime.datetime.fromisoformat(said)
        return (at - _EPOCH) // datetime.timedelta(microseconds=1) * 1000
    number = int(said)
    if not _FIRST <= number < 2**62:
        raise ValueError(f"the time {number} is no number of nanoseconds since 1970")
    return number


def _bar(line: _Line) -> LiveBar:
    end = instant_of(line.end)
    bid = math.nan if line.bid is None else line.bid
    ask = math.nan if line.ask is None else line.ask
    return LiveBar(
        symbol=line.symbol,
        start=instant_of(line.start) if line.start else 0,
        end=end,
        open=line.open,
        high=line.high,
        low=line.low,
        close=line.close,
        volume=line.volume,
        bid=bid,
        ask=ask,
        quote_end=0 if math.isnan(bid) and math.isnan(ask) else end,
        split=0.0,
    )


def _shown(text: str) -> str:
    return repr(text[:80] + "..." if len(text) > 80 else text)
