"""`run diff A B`: two runs compared: where they part, why, and what it cost."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from runner.results.sides import Side

ALIKE, DIFFERENT, OUTSIDE = 0, 1, 3


def diff(first: str, second: str, form: str = "text", stream: TextIO | None = None) -> int:
    """Compare two runs, folders or journals. Returns the exit code: alike, different, or not to be read."""
    from runner.adapters.coverage import DataFault
    from runner.results.compare import compare
    from runner.results.compare_text import comparison_text, plain

    stream = stream or sys.stdout
    try:
        a, b = _side(first), _side(second)
        found = compare(a, b)
        if found is None:
            raise DataFault(f"{first} and {second} have no time in common: nothing can be compared")
    except DataFault as fault:
        print(fault, file=sys.stderr)
        return OUTSIDE
    if form == "json":
        print(json.dumps(plain(found, a, b), indent=1, ensure_ascii=False, allow_nan=False), file=stream)
    else:
        print(comparison_text(found, a, b), end="", file=stream)
    return ALIKE if found.alike else DIFFERENT


def _side(given: str) -> Side:
    from runner.adapters.recorded_run import open_run
    from runner.results.sides import Side

    run = open_run(given)
    return Side(run.journal, run.bars, run.digests, run.instants, run.taken, given)
