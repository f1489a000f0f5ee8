"""`run validate FILE...`: every problem of every file, in the order of the text. Reads no prices."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import TextIO

from runner.adapters import documents

FINE, MISTAKES, MISNAMED, OUTSIDE = 0, 1, 2, 3


def validate(files: Iterable[str], sets: dict[str, float] | None = None, out: TextIO | None = None) -> int:
    """Print the problems of the files (a folder means the YAML files in it, `-` the standard input); what cannot be
    read is said on standard error.

    Returns 0 when all are valid, 1 when one has a mistake; when none has, 2 for a name that no file has and
    3 for a file that cannot be read.
    """
    from runner.language.parse import MOST_BYTES
    from runner.language.validate import validate as problems_of

    out = out or sys.stdout
    codes = {FINE}
    for name in expand(files):
        content = sys.stdin.buffer.read(MOST_BYTES + 1) if name == "-" else documents.read(name)
        if isinstance(content, documents.Unread):
            print(content.text(), file=sys.stderr)
            codes.add(MISNAMED if content.misnamed else OUTSIDE)
            continue
        shown = "<stdin>" if name == "-" else name
        found = problems_of(documents.document(content, shown).source, sets)
        for problem in found:
            print(problem.text(), file=out)
        if found:
            codes.add(MISTAKES)
        else:
            print(f"{shown}: valid", file=out)
    return MISTAKES if MISTAKES in codes else max(codes)


def expand(files: Iterable[str]) -> list[str]:
    """Folders replaced by the YAML files under them; a folder without any stays and is complained of."""
    out: list[str] = []
    for name in files:
        inside = documents.inside(name) if name and name != "-" and os.path.isdir(name) else []
        out += inside or [name]
    return out
