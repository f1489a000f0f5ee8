"""What is to be run live, and what a rehearsal puts in the place of the world."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from runner.engine.ports import BarFeed, Clock
from runner.language.program import Program

PAPER, LIVE = "paper", "live"


def nobody(text: str) -> None:
    """Nobody is told."""


class Deployment(NamedTuple):
    """What is to be run: `mode` paper or live; `folder` the strategy's own, `state` where its journal is. `resolved`: the
    document as language/difference keeps it (None: it is not held against the journal's), `sets`: values of parameters.
    `alarm` is told what somebody should know soon."""

    program: Program
    document: str
    folder: Path
    mode: str
    state: Path
    environment: Mapping[str, str]
    hashes: dict[str, str]
    resolved: dict[str, Any] | None = None
    sets: dict[str, float] | None = None
    alarm: Callable[[str], None] = nobody


class Rehearsed(NamedTuple):
    """What a rehearsal puts in the place of the world outside: another clock of the engine, another feed, other
    hours of the gateway. `begin`: instant of the first start; `until`: the last day, 0 for no end."""

    clock: Clock
    feed: BarFeed
    hours: Any
    begin: int
    until: int = 0
