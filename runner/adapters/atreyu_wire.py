"""Messages of Atreyu's gateway: requests made, answers and reports read. Pure; a malformed message is named.

Requests are JSON objects whose keys are FIX tag numbers, besides `sessionid` and `MsgSeqNum`. What comes back
has field names, matched without regard to case, and the reason of a refusal under `Text` or `58`. Sources:
sections 3, 6, 7, 8 and 9 of the protocol sheet; FIX 4.2 for the codes that only appear as words there.
"""

from __future__ import annotations

import hashlib
import math
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import msgspec

NO_REPLAY = 2147483647  # the number of a logon that asks for nothing to be published again
MOST_ID = 20  # letters and digits of a ClOrdID

BUY, SELL, SELL_SHORT = "1", "2", "5"
NEW_ORDER, CANCEL, REPLACE = "D", "F", "G"

# FIX codes and the gateway's words, as one word each (ExecType and OrdStatus use different words for the same).
_WORDS = {
    "0": "NEW", "1": "PARTIALLY_FILLED", "2": "FILLED", "3": "DONE_FOR_DAY", "4": "CANCELED", "5": "REPLACED",
    "6": "PENDING_CANCEL", "7": "STOPPED", "8": "REJECTED", "9": "SUSPENDED", "A": "PENDING_NEW",
    "B": "CALCULATED", "C": "EXPIRED", "D": "RESTATED", "E": "PENDING_REPLACE",
    "F": "PARTIALLY_FILLED", "TRADE": "PARTIALLY_FILLED", "PARTIAL_FILL": "PARTIALLY_FILLED", "FILL": "FILLED", "REPLACE": "REPLACED", "CANCELLED": "CANCELED",
}  # fmt: skip
_TRANS = {
    "0": "NEW",
    "1": "CANCEL",
    "2": "CORRECT",
    "3": "STATUS",
    "CANCELED": "CANCEL",
    "CORRECTED": "CORRECT",
}
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ENVELOPE = ("msgseqnum", "sendingtime", "possdupflag")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Malformed(ValueError):  # noqa: N818
    """A message that cannot be read; the text says why and holds nothing of its content."""


def fix_time(instant: int) -> str:
    """Nanoseconds UTC as FIX writes them: `20210128-21:36:17.638`."""
    moment = _EPOCH + timedelta(milliseconds=instant // 1_000_000)
    return moment.strftime("%Y%m%d-%H:%M:%S.") + f"{moment.microsecond // 1000:03d}"


def read_time(text: str) -> int | None:
    """A FIX time, with or without milliseconds, as nanoseconds UTC; None when it is none."""
    form = "%Y%m%d-%H:%M:%S.%f" if "." in text else "%Y%m%d-%H:%M:%S"
    try:
        moment = datetime.strptime(text, form).replace(tzinfo=UTC)
    except ValueError:
        return None
    return (moment - _EPOCH) // timedelta(microseconds=1) * 1000


def request_id(*parts: str | int) -> str:
    """The ClOrdID of a request: 20 capital letters and digits, a hash of what the request is."""
    number = int.from_bytes(hashlib.sha256("|".join(map(str, parts)).encode()).digest(), "big")
    digits = []
    for _ in range(MOST_ID):
        number, digit = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return "".join(digits)


def logon(username: str, password: str, since: int) -> dict[str, Any]:
    """A logon that asks for everything after number `since` again."""
    return {"35": "A", "553": username, "554": password, "MsgSeqNum": since}


def new_order(
    client: str,
    request: str,
    instant: int,
    symbol: str,
    side: str,
    kind: str,
    quantity: int,
    limit: float,
    post_only: bool,
    located: tuple[str, str] | None,
) -> dict[str, Any]:
    """A new day order. `kind` is the OrdType's code; `located` holds the broker's MPID and the locate flag."""
    body: dict[str, Any] = {
        "35": NEW_ORDER, "109": client, "11": request, "60": fix_time(instant), "1": "DEFAULT", "54": side,
        "55": symbol, "38": quantity, "40": kind, "44": limit if kind == "2" else 0.0, "59": "0", "99": 0.0,
    }  # fmt: skip
    if kind == "2":
        body["7552"] = "P" if post_only else None
    if side == SELL_SHORT and located is not None:
        body["5700"], body["114"] = located
    return body


def change(kind: str, client: str, request: str, instant: int, original: str) -> dict[str, Any]:
    """A cancel, or the beginning of a replace."""
    return {"35": kind, "109": client, "11": request, "41": original, "60": fix_time(instant)}


def encode(body: dict[str, Any]) -> bytes:
    """One frame."""
    return msgspec.json.encode(body)


# -- what comes back -------------------------------------------------------------------------------------------


class Fields:
    """A JSON object's fields by lower-case name; what is no text, no number, is None."""

    def __init__(self, plain: dict[str, Any]) -> None:
        self._plain = {str(key).lower(): value for key, value in plain.items()}

    def __contains__(self, name: str) -> bool:
        return name in self._plain

    def raw(self, name: str) -> Any:
        """The value as it is."""
        return self._plain.get(name)

    def text(self, name: str) -> str:
        """A text, or a whole number as one; empty for anything else."""
        value = self._plain.get(name)
        if isinstance(value, str):
            return value.strip()
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""

    def number(self, name: str) -> float | None:
        """A finite number, also when it came as text."""
        value = self._plain.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            return None
        try:
            found = float(value)
        except (ValueError, OverflowError):
            return None
        return found if math.isfinite(found) else None

    def whole(self, name: str) -> int | None:
        """A whole number, also when it came as text or with a point; below 2^53."""
        found = self.number(name)
        return int(found) if found is not None and found == int(found) and abs(found) < 2**53 else None

    def content(self) -> str:
        """A mark of what is said, whatever number and time it is said under: the same report told twice has it twice."""
        said = {name: value for name, value in self._plain.items() if name not in _ENVELOPE}
        return hashlib.blake2b(msgspec.json.encode(said, order="sorted"), digest_size=8).hexdigest()

    def reason(self) -> str:
        """Why not: `Text` and `58` alike."""
        return self.text("text") or self.text("58")


def _object(raw: bytes) -> dict[str, Any]:
    try:
        plain = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise Malformed(f"no JSON: {type(fault).__name__}") from None
    if not isinstance(plain, dict):
        raise Malformed(f"no JSON object but a {type(plain).__name__}")
    return plain


class Reply(NamedTuple):
    """The answer to a request: status 0 means that the gateway has taken it, no more."""

    status: int
    text: str
    session: str
    orders: list[Fields]
    positions: list[Fields]


def read_reply(raw: bytes) -> Reply:
    """Read a reply. Raises `Malformed`."""
    fields = Fields(_object(raw))
    status = fields.whole("status")
    if status is None:
        raise Malformed("a reply without a status")
    lists = []
    for name in ("orders", "positions"):
        rows = fields.raw(name)
        lists.append([Fields(row) for row in rows if isinstance(row, dict)] if isinstance(rows, list) else [])
    return Reply(status, fields.reason(), fields.text("sessionid"), lists[0], lists[1])


class Message(NamedTuple):
    """Something published. `number` is None when it has none; `repeated` when it is a replay; `sent` in ns UTC."""

    kind: str
    number: int | None
    repeated: bool
    sent: int | None
    mark: bytes
    fields: Fields


def read_message(raw: bytes) -> Message:
    """Read a published message. Raises `Malformed`."""
    plain = _object(raw)
    fields = Fields(plain)
    if not isinstance(fields.raw("msgtype"), str):
        raise Malformed("no MsgType")
    number = fields.whole("msgseqnum")
    if "msgseqnum" in fields and (number is None or number < 0):
        raise Malformed("MsgSeqNum is no number")
    body = {key: value for key, value in plain.items() if str(key).lower() != "possdupflag"}
    mark = hashlib.blake2b(msgspec.json.encode(body, order="sorted"), digest_size=8).digest()
    repeated = fields.raw("possdupflag") in (True, "Y", "y", "true")
    return Message(
        fields.text("msgtype").lower(), number, repeated, read_time(fields.text("sendingtime")), mark, fields
    )


class Report(NamedTuple):
    """An execution report. Numbers that it lacks are None, texts empty; `what` and `status` are FIX words."""

    what: str
    status: str
    trans: str
    ids: tuple[str, ...]  # ClOrdID, OrigClOrdID, SecondaryOrderID, as far as they are there
    request: str
    broker: str
    symbol: str
    exec_id: str
    refers: str
    quantity: int | None
    total: int | None
    leaves: int | None
    shares: int | None
    price: float | None
    limit: float | None
    average: float | None
    text: str


def word(text: str) -> str:
    """A code or word of ExecType or OrdStatus as the word of OrdStatus."""
    text = text.upper()
    return _WORDS.get(text, text)


def read_report(fields: Fields) -> Report:
    """Read an execution report, tolerant of what is missing: what is there counts."""
    status = word(fields.text("ordstatus"))
    what = word(fields.text("exectype"))
    if not what:  # what it is says what happened
        what = "PARTIALLY_FILLED" if (fields.whole("lastshares") or 0) > 0 else status
    trans = fields.text("exectranstype").upper() or "NEW"
    broker = fields.text("orderid")
    return Report(
        what, status, _TRANS.get(trans, trans), _ids(fields), fields.text("clordid"),
        "" if broker.upper() == "NONE" else broker, fields.text("symbol"), fields.text("execid"),
        fields.text("execrefid"), fields.whole("orderqty"), fields.whole("cumqty"), fields.whole("leavesqty"),
        fields.whole("lastshares"), fields.number("lastpx"), fields.number("price"), fields.number("avgpx"),
        fields.reason(),
    )  # fmt: skip


def _ids(fields: Fields) -> tuple[str, ...]:
    found = (fields.text(name) for name in ("clordid", "origclordid", "secondaryorderid"))
    return tuple(dict.fromkeys(name for name in found if name))


class Turned(NamedTuple):
    """An OrderCancelReject: a cancel or replace that was turned down."""

    ids: tuple[str, ...]
    request: str
    broker: str
    status: str
    replaces: bool
    text: str


def read_turned(fields: Fields) -> Turned:
    """Read an OrderCancelReject."""
    to = fields.text("cxlrejresponseto").upper()
    return Turned(
        _ids(fields), fields.text("clordid"), fields.text("orderid"), word(fields.text("ordstatus")),
        "REPLACE" in to or to == "2", fields.reason(),
    )  # fmt: skip


def shares_of(position: Fields) -> int | None:
    """Signed shares of a position report or a position in a logon's answer."""
    bought, sold = position.whole("longqty"), position.whole("shortqty")
    if bought is None and sold is None:
        return None
    return (bought or 0) - abs(sold or 0)
