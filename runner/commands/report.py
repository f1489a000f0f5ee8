"""`run report DIR|JOURNAL`: the results of a run that was written down, also of a live run that is at work."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TextIO

FINE, OUTSIDE = 0, 3


def report(given: str, out: str | None = None, page: bool | None = None, stream: TextIO | None = None) -> int:
    """Show the summary and write results, tables and page as after a backtest. Returns the exit code.

    `out`: where they go; beside the journal when None. `page`: as of `run FILE`.
    """
    from runner.adapters import output
    from runner.adapters.coverage import DataFault
    from runner.adapters.recorded_run import open_run
    from runner.results import text
    from runner.results.reading import read

    stream = stream or sys.stdout
    try:
        found = open_run(given)
        if found.bars is None:
            raise DataFault(
                f"{given} kept no bars, so that its figures cannot be made again: run the strategy once more"
            )
        folder = Path(out) if out else found.folder
        output.check(str(folder))
        paged = output.page_wanted(page)
        reading = read(found.journal, found.bars)
        written = output.write(folder, reading, found.bars, paged)
    except DataFault as fault:
        print(fault, file=sys.stderr)
        return OUTSIDE
    print(text.summary(reading), file=stream)
    shown = next((p for p in written if p.name == "report.html"), None)
    print(f"Results in {folder}/" + (f", the page is {shown}" if shown else ""), file=stream)
    return FINE
