"""`run FILE`: validate, compile, execute, report."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from runner.adapters import documents
from runner.commands.understood import understood

if TYPE_CHECKING:
    from runner.language.program import Program

FINE, OUTSIDE, STOPPED = 0, 3, 130
STOPPED_TEXT = "\nstopped: no results were written"


def run(
    file: str,
    sets: dict[str, float],
    out: str | None = None,
    driver: str = "auto",
    page: bool | None = None,
    stream: TextIO | None = None,
) -> int:
    """Run one strategy as a backtest and write its results. Returns the exit code.

    Problems of the document go to `stream` like the results, failures of files and data to standard error.

    `page`: whether to write report.html; None is yes if the extra `report` is installed.
    """
    stream = stream or sys.stdout
    read = understood(file, sets, stream)
    if isinstance(read, int):
        return read
    program, document = read
    from runner.adapters.coverage import DataFault

    try:
        return _execute(program, document, Path(file), out, driver, page, stream)
    except DataFault as fault:
        print(f"{file}: {fault}", file=sys.stderr)
        return OUTSIDE


def _execute(
    program: Program,
    document: documents.Document,
    path: Path,
    out: str | None,
    driver: str,
    page: bool | None,
    stream: TextIO,
) -> int:
    from runner import assemble
    from runner.adapters import output
    from runner.adapters.terminal import progress
    from runner.commands import opening
    from runner.results import text
    from runner.results.reading import read

    output.check(out)
    paged = output.page_wanted(page)
    try:
        ready = assemble.backtest(program, document.text, path.resolve().parent, driver, document.hashes())
        for line in [*opening.said(ready), *_patience(ready.driver)]:
            print(line, file=stream)
        stream.flush()
        with _ending_at_once() if ready.driver == "kernel" else nullcontext():
            done = assemble.run_backtest(ready, progress(stream))
        reading = read(done.journal, done.bars)
        folder = output.folder_of(ready.program.spec.name, done.journal.header["manifest"], out)
        # Written before anything is shown: who reads only the first lines (`| head`) has the results too.
        written = output.write(folder, reading, done.bars, paged)
    except KeyboardInterrupt:
        print(STOPPED_TEXT, file=sys.stderr)
        return STOPPED
    print(text.summary(reading), file=stream)
    shown = next((p for p in written if p.name == "report.html"), None)
    print(f"Results in {folder}/" + (f", the page is {shown}" if shown else ""), file=stream)
    if page is None and not paged:
        print("No report.html: it needs the extra `report` (pip install '.[report]')", file=stream)
    return FINE


@contextmanager
def _ending_at_once() -> Iterator[None]:
    """Ctrl-C ends the process: the compiler's callbacks swallow the usual exception and go on for a minute."""

    def end(*_: object) -> None:
        os.write(2, f"{STOPPED_TEXT}\n".encode())
        os._exit(STOPPED)

    before = signal.signal(signal.SIGINT, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _patience(driver: str) -> list[str]:
    """A word before the minute of silence in which the kernel is compiled."""
    if driver != "kernel":
        return []
    from runner.adapters.identity import kernel_folder
    from runner.engine.kernel import compiled_before

    if compiled_before(kernel_folder()):
        return []
    return ["compiling the kernel, once for this version of the runner: up to a minute"]
