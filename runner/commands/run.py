"""`run FILE`: validate, compile, execute, report."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TextIO

from runner.language.parse import MOST_BYTES
from runner.language.source import load
from runner.language.validate import understand

FINE, MISTAKES, OUTSIDE = 0, 1, 3


def run(
    file: str,
    sets: dict[str, float],
    out: str | None = None,
    driver: str = "auto",
    page: bool = True,
    stream: TextIO | None = None,
) -> int:
    """Run one strategy as a backtest and write its results. Returns the exit code."""
    stream = stream or sys.stdout
    path = Path(file)
    try:
        with path.open("rb") as opened:
            content = opened.read(MOST_BYTES + 1)
    except OSError as fault:
        print(f"{file}: cannot be read: {fault.strerror}", file=stream)
        return MISTAKES
    program, problems = understand(load(content, file), sets)
    for problem in problems:
        print(problem.text(), file=stream)
    if program is None:
        return MISTAKES
    from runner.adapters.coverage import DataFault

    try:
        return _execute(program, content.decode("utf-8-sig"), path, out, driver, page, stream)
    except DataFault as fault:
        print(f"{file}: {fault}", file=stream)
        return OUTSIDE


def _execute(
    program: object, document: str, path: Path, out: str | None, driver: str, page: bool, stream: TextIO
) -> int:
    from runner import assemble
    from runner.adapters import output
    from runner.adapters.terminal import progress
    from runner.results import text
    from runner.results.reading import read

    ready = assemble.backtest(program, document, path.resolve().parent, driver)  # type: ignore[arg-type]
    for line in assemble.said(ready):
        print(line, file=stream)
    done = assemble.run_backtest(ready, progress(stream))
    reading = read(done.journal, done.bars)
    print(text.summary(reading), file=stream)
    folder = output.folder_of(ready.program.spec.name, done.journal.header["manifest"], out)
    try:
        written = output.write(folder, reading, done.bars, page)
    except OSError as fault:
        print(f"{folder}: the results cannot be written: {fault.strerror}", file=stream)
        return OUTSIDE
    shown = next((p for p in written if p.name == "report.html"), folder)
    print(f"\nResults in {folder}/, the page is {shown}" if page else f"\nResults in {folder}/", file=stream)
    return FINE
