"""`run FILE --live`, `--paper` and `--dry-run`: the strategy on the clock, its journal on the disk."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from runner.adapters import documents
from runner.commands.understood import understood

if TYPE_CHECKING:
    from runner.language.program import Program

FINE, MISTAKES, OUTSIDE = 0, 1, 3
STOPPED = {"SIGINT": 130, "SIGTERM": 143}
DRY_RUN = "dry-run"


def live(
    file: str,
    mode: str,
    sets: dict[str, float],
    out: str | None,
    page: bool | None,
    stream: TextIO | None = None,
    accept: bool = False,
) -> int:
    """Run one strategy live or on paper until it ends or is stopped. Returns the exit code. `accept`: a document that was
    edited since the run began goes on with it."""
    stream = stream or sys.stdout
    read = understood(file, sets, stream)
    if isinstance(read, int):
        return read
    program, document = read
    from runner.adapters.coverage import DataFault
    from runner.adapters.credentials import at_terminal, blanked
    from runner.commands.access import access

    given = access(program, document.source, mode, os.environ, at_terminal())
    for problem in given.problems:
        print(problem.text(), file=stream)
    for sentence in given.missing:
        print(f"{file}: {sentence}", file=sys.stderr)
    if given.problems or given.missing:
        return MISTAKES if given.problems else OUTSIDE
    try:
        return _operate(
            program, document, sets, Path(file), mode, out, page, stream, given.environment, accept
        )
    except DataFault as fault:
        print(f"{file}: {blanked(str(fault), given.environment)}", file=sys.stderr)
        return OUTSIDE


def _operate(
    program: Program,
    document: documents.Document,
    sets: dict[str, float],
    path: Path,
    mode: str,
    out: str | None,
    page: bool | None,
    stream: TextIO,
    environment: Mapping[str, str],
    accept: bool,
) -> int:
    from runner.adapters import output
    from runner.adapters.credentials import blanked
    from runner.adapters.notify import Notifier
    from runner.adapters.terminal import Lines, progress
    from runner.assemble.deployment import Deployment
    from runner.commands.report import report
    from runner.language.difference import resolved
    from runner.operate import changed, dry
    from runner.operate import live as operating

    said = Lines(stream, lambda line: blanked(line, environment))
    state = Path(out) if out else Path(output.ROOT) / program.spec.name / mode
    folder = path.resolve().parent
    plain = resolved(document.source, program.spec, sets)
    deployment = Deployment(
        program, document.text, folder, mode, state, environment, document.hashes(), plain, sets
    )
    if mode == DRY_RUN:
        for line in dry.told(dry.play(deployment, lambda _: None)):
            said(line)
        return FINE
    output.check(out)
    output.page_wanted(page)
    refused = changed.settle(deployment, accept, said)
    for line in refused:
        print(line, file=sys.stderr)
    if refused:
        return MISTAKES
    with Notifier(environment, f"{program.spec.name} ({mode})", said) as notifier:
        stop = operating.operate(deployment._replace(alarm=notifier.tell), said, progress(stream))
    said(f"stopped by {stop.why}" if stop.why else "the run is over")
    report(str(state), page=page, stream=stream)
    return STOPPED.get(stop.why, FINE) if stop.signalled else FINE
