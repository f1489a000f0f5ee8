"""`run FILE --live` and `--paper`: the strategy on the clock, its journal on the disk."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from runner.adapters import documents

if TYPE_CHECKING:
    from runner.language.program import Program

FINE, MISTAKES, MISNAMED, OUTSIDE, STOPPED = 0, 1, 2, 3, 130


def live(
    file: str,
    mode: str,
    sets: dict[str, float],
    out: str | None,
    page: bool | None,
    stream: TextIO | None = None,
) -> int:
    """Run one strategy live or on paper until it ends or is stopped. Returns the exit code."""
    stream = stream or sys.stdout
    content = documents.read(file)
    if isinstance(content, documents.Unread):
        print(content.text(), file=sys.stderr)
        return MISNAMED if content.misnamed else OUTSIDE
    from runner.language.validate import understand

    document = documents.document(content, file)
    program, problems = understand(document.source, sets)
    for problem in problems:
        print(problem.text(), file=stream)
    if program is None:
        return MISTAKES
    from runner.adapters.coverage import DataFault

    try:
        return _operate(program, document, Path(file), mode, out, page, stream)
    except DataFault as fault:
        print(f"{file}: {fault}", file=sys.stderr)
        return OUTSIDE


def _operate(
    program: Program,
    document: documents.Document,
    path: Path,
    mode: str,
    out: str | None,
    page: bool | None,
    stream: TextIO,
) -> int:
    from runner.adapters import output
    from runner.adapters.terminal import progress
    from runner.assemble.live import Deployment
    from runner.operate import live as operating
    from runner.results import text
    from runner.results.reading import read

    output.check(out)
    paged = output.page_wanted(page)
    state = Path(out) if out else Path(output.ROOT) / program.spec.name / mode
    folder = path.resolve().parent
    deployment = Deployment(program, document.text, folder, mode, state, os.environ, document.hashes())
    with operating.opened(deployment) as run:
        print(f"{mode}: the journal is {state / 'journal.db'}", file=stream)
        ended = operating.run(run, progress(stream))
        journal = run.finished()
        reading = read(journal, run.rows)
        written = output.write(state, reading, run.rows, paged)
    print(text.summary(reading), file=stream)
    shown = next((p for p in written if p.name == "report.html"), None)
    print(f"Results in {state}/" + (f", the page is {shown}" if shown else ""), file=stream)
    return FINE if ended else STOPPED
