"""How to reach Atreyu's gateway and what to assume of it: settings with their defaults, credentials, hours.

Whatever the protocol sheet marks as inferred is a setting here, with the sheet's section beside it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, Protocol

import msgspec

from runner.market.calendar import Calendar


class AtreyuSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Addresses, waiting times (seconds) and assumptions. None of it is secret."""

    host: str  # with its scheme, without a port: tcp://gateway.example (section 2)
    request_port: int
    subscription_port: int
    client_id: str  # tag 109; marks this client's orders
    broker_mpid: str | None = None  # tag 5700; short sales need it
    locate_required: str | None = None  # tag 114, Y or N; short sales need it
    destination: str | None = None  # tag 100; left out when None (section 6)
    namespace: str = ""  # account and strategy: part of every ClOrdID's hash

    request_timeout: float = 20.0  # to send, and then for the reply (section 2)
    heartbeat_timeout: float = (
        330.0  # silence before connecting anew: the C# client's five to six minutes (section 5)
    )
    check_interval: float = 60.0  # between looks at session and heartbeats (section 5)
    connect_timeout: float = 5.0  # for the subscription, before the logon that follows it
    reconnect_pause: float = 0.1  # between closing a subscription and opening the next (section 5)

    gap_patience: float = 0.25  # how long a missing number may still come by itself (inferred: section 4)
    replay_wait: float = 2.0  # for a replay, before it is asked for again (inferred: section 4)
    replay_attempts: int = 3  # then the hole is given up, and said
    numbers_begin_daily: bool = True  # the day's first logon asks for no replay (inferred: section 4)

    late_reply: float = 60.0  # how long an answer that missed its time may still come (inferred)
    resolve_after: float = 30.0  # how old an unknown outcome is when a logon is made to look at it (inferred)
    settle: float = 5.0  # after a logon, until the list in its answer and the replay tell all (inferred)
    trust_totals: bool = (
        True  # a CumQty above our own sum proves an execution whose report was lost (section 17, 5)
    )
    trust_positions: bool = (
        True  # a logon's answer and position reports tell all that the account has (inferred: sections 7, 8)
    )
    trust_list: bool = True  # what a logon's answer does not list is not open (inferred: section 13)
    session_words: tuple[str, ...] = (
        "SESSION",
    )  # a refusal with one of these needs a new logon (inferred: section 3)
    through_zero: Literal["split", "short"] = (
        "split"  # a sale beyond the shares held: two orders, or one short sale
    )


LONG = 6  # letters of a name that is hardly part of another word


class Credentials:
    """User name and password; shown nowhere. `names`: what else is not written down, such as the client id."""

    __slots__ = ("_names", "_password", "_username")

    def __init__(self, username: str, password: str, names: tuple[str, ...] = ()) -> None:
        self._username, self._password, self._names = username, password, names

    def __repr__(self) -> str:
        return "Credentials(...)"

    def __reduce__(self) -> str:
        raise TypeError("credentials are not written anywhere")

    def reveal(self) -> tuple[str, str]:
        """For the logon, and nothing else."""
        return self._username, self._password

    def scrub(self, text: str) -> str:
        """A text of the gateway's without what must not be written down."""
        if self._password:
            text = text.replace(self._password, "***")
        for name in (self._username, *self._names):
            if len(name) >= LONG:
                text = text.replace(name, "***")
            elif name:  # a short one may be part of many other words
                text = re.sub(rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])", "***", text)
        return text


NEEDED = {
    "host": "ATREYU_HOST",
    "request_port": "ATREYU_REQ_PORT",
    "subscription_port": "ATREYU_SUB_PORT",
    "client_id": "ATREYU_CLIENT_ID",
    "username": "ATREYU_USERNAME",
    "password": "ATREYU_PASSWORD",
}
FOR_SHORTS = {"broker_mpid": "ATREYU_BROKER_MPID", "locate_required": "ATREYU_LOCATE_RQD"}


def from_environment(
    environment: Mapping[str, str],
) -> tuple[dict[str, str | int], Credentials | None, list[str]]:
    """Connection settings, credentials, and what is wrong with them: one sentence for each, all at once.

    The names are LEAN's (`atreyu-host` is `ATREYU_HOST`: section 14). No sentence holds a value of a credential.
    """
    found: dict[str, str | int] = {}
    problems = []
    for field, name in {**NEEDED, **FOR_SHORTS}.items():
        value = environment.get(name, "").strip()
        if value:
            found[field] = value
        elif field in NEEDED:
            problems.append(f"{name} is missing: put it into the environment")
    for field in ("request_port", "subscription_port"):
        text = str(found.get(field, ""))
        if text and not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
            problems.append(f"{NEEDED[field]} is {text!r}, no port: write a whole number from 1 to 65535")
        elif text:
            found[field] = int(text)
    if "host" in found and "://" not in str(found["host"]):
        problems.append(f"ATREYU_HOST is {found['host']!r}, without a scheme: write tcp://{found['host']}")
    if found.get("locate_required", "Y") not in ("Y", "N"):
        problems.append("ATREYU_LOCATE_RQD is neither Y nor N")
    username, password = found.pop("username", None), found.pop("password", None)
    if username is None or password is None:
        return found, None, problems
    names = (str(found["client_id"]),) if "client_id" in found else ()
    return found, Credentials(str(username), str(password), names), problems


class Hours(Protocol):
    """When the gateway is expected to be there. Instants are ns UTC."""

    def regular(self, instant: int) -> bool:
        """Regular hours: a refused first logon is fatal."""

    def extended(self, instant: int) -> bool:
        """Extended hours: a session is kept, and a lost connection is mended."""

    def day(self, instant: int) -> int:
        """The trading day, as days since 1970."""


class CalendarHours:
    """The exchange's hours: 04:00 to 20:00 New York on trading days are extended (section 5)."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar

    def regular(self, instant: int) -> bool:
        """In a session."""
        return self._calendar.is_open(instant)

    def extended(self, instant: int) -> bool:
        """Between the beginning of early and the end of late trading."""
        index = self._calendar.session_on(self.day(instant))
        return index >= 0 and int(self._calendar.pre[index]) <= instant < int(self._calendar.post[index])

    def day(self, instant: int) -> int:
        """The calendar day in New York."""
        return self._calendar.day_of(instant)
