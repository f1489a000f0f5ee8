"""A replay on paper begins anew when the last one is over or was of another document: no money hangs on its journal."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from runner.adapters import identity
from runner.adapters.recorded_run import facts_of, held, reading
from runner.assemble import feeds
from runner.assemble.deployment import PAPER, Deployment
from runner.assemble.live import JOURNAL

PREVIOUS = "journal.previous.db"
BESIDE = ("-wal", "-shm")  # what SQLite keeps beside a database


def set_aside(deployment: Deployment) -> str:
    """Move the journal of such a replay to `journal.previous.db`; why, or empty when it stays. Raises `DataFault` when
    the journal cannot be read."""
    path = deployment.state / JOURNAL
    if deployment.mode != PAPER or feeds.replayed(deployment.program.spec) is None or not path.is_file():
        return ""
    if held(path):
        return ""
    with reading(path) as db:
        facts = facts_of(db, path)
    why = _why(facts, deployment)
    if why:
        _move(path, deployment.state / PREVIOUS)
    return why


def _why(facts: dict[str, Any], deployment: Deployment) -> str:
    manifest = facts["header"]["manifest"]
    if facts.get("mode") != PAPER or not facts.get("replay"):
        return ""  # what came over live feeds is not set aside
    if manifest["document"] != (deployment.hashes.get("") or identity.text_hash(deployment.document)):
        return "the document was edited"
    if manifest["parameters"] != dict(deployment.program.spec.parameters):
        return "the parameters are others"
    if manifest["code"] != identity.code_hash():
        return "the runner is another version"
    runs = facts.get("runs") or [{}]
    return "the last one is over" if runs[-1].get("why") == "finished" else ""


def _move(path: Path, to: Path) -> None:
    for end in BESIDE:
        Path(f"{to}{end}").unlink(missing_ok=True)
    for end in (*BESIDE, ""):
        if Path(f"{path}{end}").exists():
            os.replace(f"{path}{end}", f"{to}{end}")
