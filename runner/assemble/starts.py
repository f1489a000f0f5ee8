"""Each start of a live run, and how it ended, as the fact `runs` of its journal: the readers tell a crash from an end by it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from runner import __version__
from runner.adapters import identity
from runner.adapters.clocks import WallClock
from runner.adapters.live_journal import LiveJournal
from runner.engine.ports import Notice
from runner.market.events import STOPPED

SIGNAL = "SIG"  # how who told it begins, when it was a signal


def started(journal: LiveJournal) -> bool:
    """Note that a runner begins, or begins again, on the journal; whether the one before did not end in order."""
    runs = _runs(journal)
    cut = bool(runs) and runs[-1]["ended"] is None
    runs.append(
        {
            "started": WallClock().now(),
            "ended": None,
            "why": "",
            "version": __version__,
            "code": identity.code_hash(),
        }
    )
    journal.note(runs=json.dumps(runs))
    return cut


def stop_of(said: Sequence[Notice]) -> str:
    """Who asked for the end among the notices of an instant, and why; empty when nobody did. A signal is no such wish: it
    comes with every restart of the machine, after which the run is to go on."""
    found = (one for one in said if one.kind == STOPPED and not one.who.startswith(SIGNAL))
    return next((": ".join(word for word in (one.who, one.why) if word) or "somebody" for one in found), "")


def ended(journal: LiveJournal, why: str) -> None:
    """Note that the newest start has come to its end in order."""
    runs = _runs(journal)
    if runs:
        runs[-1] |= {"ended": WallClock().now(), "why": why}
        journal.note(runs=json.dumps(runs))


def _runs(journal: LiveJournal) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(journal.fact("runs") or "[]")
    return found
