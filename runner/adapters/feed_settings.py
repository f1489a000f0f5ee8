"""Where live bars come from and how long they are waited for: settings with their defaults. None of it is secret."""

from __future__ import annotations

from typing import Literal

import msgspec


class FeedSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for all feeds together."""

    bar_wait: float = 2.0  # seconds after an instant for which the bars that are due are waited for
    stale_after: int = 3  # bars in a row that did not come, until a symbol counts as silent
    divergence: float = 0.001  # by which part of a price two feeds may differ before it is said


class ReplayFeed(msgspec.Struct, frozen=True, kw_only=True):
    """A history, played."""

    speed: float = 0.0  # times as fast as the bars came; 0 is as fast as they can be worked on


class ZeromqFeed(msgspec.Struct, frozen=True, kw_only=True):
    """Lines over a ZeroMQ socket: docs/live.md says their form."""

    address: str  # tcp://127.0.0.1:5560, ipc:///run/bars
    socket: Literal["sub", "pull"] = "sub"
    bind: bool = False  # the run binds, and who sends connects
    topic: str = ""  # of a sub socket: only messages that begin with it


class FileFeed(msgspec.Struct, frozen=True, kw_only=True):
    """Lines that are appended to a file."""

    path: str  # `{date}` in it is the day in New York, 2026-11-20: a file a day


class AlpacaFeed(msgspec.Struct, frozen=True, kw_only=True):
    """Minute bars of Alpaca's stream. Its keys come from the environment: APCA_API_KEY_ID, APCA_API_SECRET_KEY."""

    feed: Literal["iex", "sip"] = "iex"
    url: str | None = None  # of another server that speaks its protocol
    quiet_after: float | None = None  # seconds without any bar, after which it connects anew
