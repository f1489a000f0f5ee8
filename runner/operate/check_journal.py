"""Whether this version of the runner can go on from a live journal: said before the open, not at it. Changes nothing."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from runner import __version__
from runner.adapters import atreyu_store, documents, identity, journal_versions, recorded_run
from runner.adapters.coverage import DataFault
from runner.adapters.dry_journal import DryJournal, Over
from runner.assemble.deployment import LIVE, Deployment
from runner.assemble.hearing import Hearing
from runner.engine.recorded import Differs, Diverged
from runner.language.program import Program
from runner.language.source import load
from runner.language.validate import understand
from runner.market.events import Journal, Mark, Record
from runner.results.tables import journal_lines
from runner.results.times import iso, moment

BROKEN = (
    LookupError,
    TypeError,
    ValueError,
    AttributeError,
    ArithmeticError,
)  # what another version's state may lead to
STORE = "atreyu.db"
SHOWN = 5  # problems and files that are shown


class Finding(NamedTuple):
    """What was looked at, and what was found; `good` is False where this version cannot go on."""

    name: str
    good: bool
    text: str


def check(given: str, strategy: str | None = None, whole: bool = False) -> list[Finding]:
    """Look at the live journal that a path means. `strategy`: the file that it would go on with; its own document when None.
    `whole`: hear it from its first input, not only what a restart hears. Raises `DataFault` when it cannot be read."""
    path = recorded_run.found_in(given)
    if path.suffix == ".npz":
        raise DataFault(f"{path} is the journal of a backtest: nothing goes on from it")
    if why := _refused(path):
        return [Finding("format", False, why)]
    journal = DryJournal(path, whole)
    try:
        if whole and journal.fact("accepted") is not None:
            raise DataFault(
                f"{path} had another document before: what one document made of all of it is not there to be compared; "
                "leave --whole out"
            )
        return _findings(journal, strategy, whole)
    finally:
        journal.close()


def _refused(path: Path) -> str:
    try:
        with closing(recorded_run.connected(path)) as db:
            return journal_versions.refusal(db, path.name)
    except sqlite3.Error as fault:
        raise DataFault(f"{path} cannot be read: {fault}") from None


def _findings(journal: DryJournal, strategy: str | None, whole: bool) -> list[Finding]:
    out = [Finding("format", True, f"version {journal_versions.VERSION}, which this runner reads")]
    wrong = journal.integrity()
    text = "; ".join(wrong[:SHOWN]) + ": take it from a backup" if wrong else "the file is sound"
    out.append(Finding("file", not wrong, text))
    header = json.loads(journal.fact("header") or "null")
    if wrong:
        return out
    if header is None:
        return [*out, Finding("run", True, "has not begun: any strategy can begin with it")]
    out.append(_version(header["manifest"]))
    program, document, folder, found = _document(journal, header, strategy)
    out.append(found)
    if program is None:
        return out
    mode = journal.fact("mode") or str(header["mode"])
    deployment = Deployment(program, document, folder, mode, journal.path.parent, {}, {})
    return [*out, *_client(journal, mode), *_heard(journal, deployment, header, whole)]


def _client(journal: DryJournal, mode: str) -> list[Finding]:
    """What the gateway's client keeps beside the journal of a live run."""
    path = journal.path.with_name(STORE)
    if mode != LIVE:
        return []
    if not path.is_file():
        fine = journal.made()[1] == 0
        return [
            Finding(
                "client",
                fine,
                f"{STORE} is not there, in which the gateway's client keeps its orders: it belongs beside {journal.path.name}",
            )
        ]
    try:
        with closing(recorded_run.connected(path)) as db:
            found = journal_versions.version_of(db)
            sound = [str(text) for (text,) in db.execute("PRAGMA integrity_check")] == ["ok"]
    except sqlite3.Error as fault:
        return [Finding("client", False, f"{STORE} cannot be read: {fault}")]
    if found != atreyu_store.VERSION:
        return [
            Finding(
                "client",
                False,
                f"{STORE} has version {found}, this runner reads version {atreyu_store.VERSION}",
            )
        ]
    return [
        Finding(
            "client", sound, f"{STORE} is sound" if sound else f"{STORE} is damaged: take it from a backup"
        )
    ]


def _version(manifest: dict[str, Any]) -> Finding:
    by = f"begun by version {manifest.get('version')}"
    if manifest.get("code") == identity.code_hash():
        return Finding("version", True, f"{by}, the same code as now")
    return Finding(
        "version",
        True,
        f"{by} with other code than now ({__version__}): the hearing shows whether it matters",
    )


def _document(
    journal: DryJournal, header: dict[str, Any], strategy: str | None
) -> tuple[Program | None, str, Path, Finding]:
    """The document that it would go on with, understood by this version."""
    parameters = header["manifest"].get("parameters") or {}
    if strategy is None:
        text, name = str(header["document"]), "the journal's document"
        folder = Path(json.loads(journal.fact("folder") or '"."'))
        source = load(text, name)
    else:
        content = documents.read(strategy)
        if isinstance(content, documents.Unread):
            raise DataFault(content.text())
        found = documents.document(content, strategy)
        text, name, folder, source = found.text, strategy, Path(strategy).resolve().parent, found.source
    program, problems = understand(source, parameters)
    if program is None:
        said = "; ".join(problem.text() for problem in problems[:SHOWN])
        return None, text, folder, Finding("document", False, f"this version does not accept {name}: {said}")
    edited = "" if text == header["document"] else ", edited since the run began"
    return program, text, folder, Finding("document", True, f"{name} is understood{edited}")


def _heard(journal: DryJournal, deployment: Deployment, header: dict[str, Any], whole: bool) -> list[Finding]:
    """What the engine makes of the journal's inputs."""
    if whole and journal.fact("accepted"):
        text = "the run went on with another document since its beginning: without --whole it is heard from there on"
        return [Finding("hearing", False, text)]
    before, inputs = journal.inputs()
    where = f"the newest epoch, {inputs - before:,} of {inputs:,} inputs" if before else f"{inputs:,} inputs"
    hearing = None
    try:
        hearing = Hearing(deployment, journal, _newest(journal, header))
        hearing.hear()
        good, text = True, f"{where}: {journal.made()[1]:,} records, made again row for row"
    except Over:
        good, text = True, "nothing has come in yet"
    except Differs as fault:
        good, text = False, f"{where}: {_rows(fault, header, journal)}"
    except Diverged as fault:
        good, text = False, f"{where}: {fault}"
    except DataFault as fault:
        good, text = (
            False,
            f"it cannot be heard: {fault}; name the strategy's file with --strategy if it has moved",
        )
    except BROKEN as fault:
        good, text = False, f"{where}: this version cannot hear it ({type(fault).__name__}: {fault})"
    out = [Finding("hearing", good, text)]
    if hearing is not None:
        out = [*_data(hearing.history.files(), header), *out]
        hearing.close()
    return out


def _newest(journal: DryJournal, header: dict[str, Any]) -> int:
    return max(int(header["start"]), journal.newest())


def _data(files: dict[str, str], header: dict[str, Any]) -> list[Finding]:
    """The files of the past that this hearing read, against those of the start."""
    kept = header["manifest"].get("data") or {}
    shared = sorted(set(files) & set(kept))
    other = [name for name in shared if files[name] != kept[name]]
    if other:
        more = f" and {len(other) - SHOWN} more" if len(other) > SHOWN else ""
        return [
            Finding(
                "data",
                True,
                f"not as at the start: {', '.join(other[:SHOWN])}{more}; the hearing shows whether it matters",
            )
        ]
    return [
        Finding(
            "data",
            True,
            f"{len(shared):,} {'file' if len(shared) == 1 else 'files'} as at the start"
            if shared
            else "none is read again",
        )
    ]


def _rows(fault: Differs, header: dict[str, Any], journal: DryJournal) -> str:
    """Both forms of the first row that differs, as a person reads it."""
    cls: Any = Record if fault.table == "records" else Mark
    kept, made = (np.frombuffer(row, cls.dtype) for row in (fault.kept, fault.made))
    when = moment(int(kept["time"][0]))
    head = f"row {fault.number:,} of {fault.table} ({when}) is another"
    if cls is Mark:
        names = [name for name in Mark.dtype.names if kept[name][0] != made[name][0]]  # type: ignore[attr-defined]
        values = [f"{name} {_plain(name, kept)} there, {_plain(name, made)} now" for name in names]
        return f"{head}: {'; '.join(values)}"
    marks = np.empty(0, Mark.dtype)  # type: ignore[attr-defined]
    lines = [
        next(iter(journal_lines(Journal(header, row, marks, texts))))
        for row, texts in ((kept, journal.texts()), (made, journal.texts_now()))
    ]
    return f"{head}\n    there: {lines[0]}\n    now:   {lines[1]}"


def _plain(name: str, row: np.ndarray) -> str:
    value = row[name][0].item()
    return iso(value) if name == "time" else str(value)


def findings_text(found: list[Finding]) -> str:
    """A line for each thing that was looked at, and the verdict."""
    width = max(len(one.name) for one in found)
    lines = [f"{'fine' if one.good else 'BAD ':<4}  {one.name:<{width}}  {one.text}" for one in found]
    good = all(one.good for one in found)
    verdict = "This version can go on from this journal." if good else (
        "This version cannot go on from this journal: go on with the runner, the document and the data that wrote it, or begin "
        "anew with --out DIR."
    )  # fmt: skip
    return "\n".join([*lines, verdict]) + "\n"
