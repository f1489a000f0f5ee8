"""Each start of a live run, and how it ended, as the fact `runs` of its journal: the readers tell a crash from an end by it."""

from __future__ import annotations

import json
from typing import Any

from runner import __version__
from runner.adapters import identity
from runner.adapters.clocks import WallClock
from runner.adapters.live_journal import LiveJournal


def started(journal: LiveJournal) -> None:
    """Note that a runner begins, or begins again, on the journal."""
    runs = _runs(journal)
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


def ended(journal: LiveJournal, why: str) -> None:
    """Note that the newest start has come to its end in order."""
    runs = _runs(journal)
    if runs:
        runs[-1] |= {"ended": WallClock().now(), "why": why}
        journal.note(runs=json.dumps(runs))


def _runs(journal: LiveJournal) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(journal.fact("runs") or "[]")
    return found
