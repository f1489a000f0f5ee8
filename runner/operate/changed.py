"""Before a start: whether the document is the one that the journal runs, and what becomes of the run when it is not."""

from __future__ import annotations

import getpass
from collections.abc import Callable

from runner.adapters.live_journal import LiveJournal
from runner.assemble import edited, feeds
from runner.assemble.accept import accept
from runner.assemble.deployment import PAPER, Deployment, Rehearsed
from runner.assemble.live import JOURNAL


def settle(
    deployment: Deployment,
    accepted: bool,
    said: Callable[[str], None],
    rehearsed: Rehearsed | None = None,
) -> list[str]:
    """Why the run may not go on with this document, line by line; empty when it may. With `accepted` its changes are taken
    over from a new epoch of the journal on. Raises `DataFault` when that cannot be."""
    path = deployment.state / JOURNAL
    replayed = rehearsed is None and feeds.replayed(deployment.program.spec) is not None
    if not path.is_file() or (deployment.mode == PAPER and replayed and not accepted):
        return []  # a replay on paper begins anew
    journal = LiveJournal(path)
    try:
        edited.check_mode(deployment, journal)
        found = edited.changes(deployment, journal)
        lasting = [change for change in found if not change.at_once]
        if found and not lasting:
            for change in found:
                said(f"from now on {change.text()}")
            journal.note(**edited.facts(deployment))
    finally:
        journal.close()
    if not lasting:
        return []
    if not accepted:
        return [
            f"the journal {path} runs another document than this file:",
            *(f"  {change.text()}" for change in lasting),
            "take the document as it was, or --accept-changes to go on with this one: the account, positions, orders and what "
            "rules of the same name remember go over to it",
        ]
    for change in found:
        said(f"accepted {change.text()}")
    accept(deployment, found, _user(), said, rehearsed)
    return []


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container without names
        return "somebody"
