"""A document that was edited while its run has a journal: what it does otherwise, and what the journal keeps of the old."""

from __future__ import annotations

import json

from runner.adapters import identity
from runner.adapters.coverage import DataFault
from runner.adapters.live_journal import LiveJournal
from runner.assemble.deployment import Deployment
from runner.language.difference import Change, difference, meaning
from runner.language.program import Program
from runner.language.source import load
from runner.language.spec import Spec
from runner.language.validate import understand


def facts(deployment: Deployment) -> dict[str, str]:
    """What the journal keeps of the document besides its text."""
    if deployment.resolved is None:
        return {}
    return {"resolved": json.dumps(deployment.resolved), "sets": json.dumps(deployment.sets)}


def check_mode(deployment: Deployment, journal: LiveJournal) -> None:
    """A `DataFault` when the journal is of another kind of run."""
    found = journal.fact("mode") or deployment.mode
    if found != deployment.mode:
        raise DataFault(f"{journal.path} is the journal of a {found} run: name another folder with --out DIR")


def use_numbers(journal: LiveJournal, spec: Spec) -> None:
    """Let the journal number symbols and rules as its header does, which has those of earlier documents too."""
    found = journal.fact("header")
    if found is not None:
        header = json.loads(found)
        symbols = [header["symbols"].index(symbol) for symbol in spec.symbols if symbol in header["symbols"]]
        rules = [header["rules"].index(rule.name) for rule in spec.rules if rule.name in header["rules"]]
        if len(symbols) == len(spec.symbols) and len(rules) == len(spec.rules):  # else it will not go on
            journal.use_numbers(symbols, rules)


def changes(deployment: Deployment, journal: LiveJournal) -> list[Change]:
    """What the document of `deployment` does otherwise than the one that the journal runs; empty when they mean the same,
    however they are written."""
    kept = journal.fact("resolved")
    if kept is None or deployment.resolved is None:
        return []
    found = difference(json.loads(kept), deployment.resolved)
    lasting = [change for change in found if not change.at_once]
    if lasting and _same_code(journal):
        old = program_of(journal)
        if old is not None and meaning(old.spec) == meaning(deployment.program.spec):
            return [
                change for change in found if change.at_once and change.path.startswith(("live", "data.live"))
            ]
    return found


def program_of(journal: LiveJournal) -> Program | None:
    """The program of the journal's document; None when this version of the runner does not read it."""
    header = json.loads(journal.fact("header") or "{}")
    sets = json.loads(journal.fact("sets") or "{}")
    return understand(load(header.get("document", ""), "the document of the journal"), sets)[0]


def _same_code(journal: LiveJournal) -> bool:
    header = json.loads(journal.fact("header") or "{}")
    return bool(header.get("manifest", {}).get("code") == identity.code_hash())
