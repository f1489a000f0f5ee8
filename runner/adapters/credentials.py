"""Credentials and connection of a live run: from the environment, the system keyring or a prompt; written nowhere."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterable, Mapping
from typing import NoReturn, Protocol

from runner.adapters import atreyu_settings, feed_alpaca

SERVICE = "strategy-runner"  # under which the keyring has them, each by the name of its variable
ABOUT = {
    "ATREYU_HOST": "where the gateway is, such as tcp://gateway.example",
    "ATREYU_REQ_PORT": "its port for requests",
    "ATREYU_SUB_PORT": "its port for subscriptions",
    "ATREYU_CLIENT_ID": "your client id",
    "ATREYU_USERNAME": "your user name",
    "ATREYU_PASSWORD": "your password",
    "ATREYU_BROKER_MPID": "the broker's MPID, for short sales",
    "ATREYU_LOCATE_RQD": "whether short sales need a locate: Y or N",
    "APCA_API_KEY_ID": "Alpaca's key id",
    "APCA_API_SECRET_KEY": "Alpaca's secret key",
}
HIDDEN = ("ATREYU_PASSWORD", *feed_alpaca.KEYS)  # not shown while they are typed
GATEWAY = tuple(atreyu_settings.NEEDED.values())
SHORTS = tuple(atreyu_settings.FOR_SHORTS.values())
ALPACA = feed_alpaca.KEYS


LEAST = 4


class Private(dict[str, str]):
    """An environment that may hold credentials; shown nowhere."""

    def __repr__(self) -> str:
        return "Private(...)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("credentials are not written anywhere")


def blanked(text: str, environment: Mapping[str, str]) -> str:
    """A text without the credentials of `environment`: the last look at what is shown, whoever wrote it. What has fewer
    than four characters would blank ordinary words."""
    for name in ("ATREYU_CLIENT_ID", "ATREYU_USERNAME", *HIDDEN):
        secret = environment.get(name, "").strip()
        if len(secret) >= LEAST:
            text = text.replace(secret, "***")
    return text


class Asker(Protocol):
    """Who is asked for what is missing."""

    def ask(self, name: str) -> str:
        """The value of a variable; empty for none."""


class Terminal:
    """The user at the terminal. Secrets are not shown while they are typed."""

    def ask(self, name: str) -> str:
        """Ask on standard error, so that the output can go to a file."""
        question = f"{name} ({ABOUT[name]}): "
        try:
            if name in HIDDEN:
                return getpass.getpass(question, stream=sys.stderr).strip()
            print(question, end="", file=sys.stderr, flush=True)
            return sys.stdin.readline().strip()
        except EOFError:
            return ""


def at_terminal() -> Asker | None:
    """The user, when standard input is a terminal."""
    return Terminal() if sys.stdin is not None and sys.stdin.isatty() else None


def gathered(names: Iterable[str], environment: Mapping[str, str], asker: Asker | None) -> Private:
    """A copy of the environment in which the variables of `names` have values, where anybody has one.

    First who has it: the environment, the system keyring (when the extra `keyring` is installed), then `asker`.
    """
    found = Private(environment)
    for name in names:
        value = found.get(name, "").strip() or _kept(name) or (asker.ask(name) if asker else "")
        if value:
            found[name] = value
    return found


def lacking(names: Iterable[str], environment: Mapping[str, str]) -> list[str]:
    """The names without a value."""
    return [name for name in names if not environment.get(name, "").strip()]


def _kept(name: str) -> str:
    """What the system keyring has."""
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return ""
    try:
        return (keyring.get_password(SERVICE, name) or "").strip()
    except KeyringError:  # there is none on this machine, or it stays locked
        return ""
