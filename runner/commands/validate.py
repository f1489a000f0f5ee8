"""`run validate FILE...`: every problem of every file, in the order of the text. Reads no prices."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from typing import TextIO

from runner.adapters import documents
from runner.language.problems import Problem

FINE, MISTAKES, MISNAMED, OUTSIDE = 0, 1, 2, 3


def validate(
    files: Iterable[str],
    sets: dict[str, float] | None = None,
    out: TextIO | None = None,
    form: str = "text",
) -> int:
    """Print the problems of the files (a folder means the YAML files in it, `-` the standard input); what cannot be
    read is said on standard error. `form`: text, json (one object: every file with its problems) or github (lines that
    GitHub shows beside the code).

    Returns 0 when all are valid, 1 when one has a mistake; when none has, 2 for a name that no file has and
    3 for a file that cannot be read.
    """
    from runner.language.parse import MOST_BYTES
    from runner.language.validate import validate as problems_of

    out = out or sys.stdout
    codes = {FINE}
    told = []
    for name in expand(files):
        content = sys.stdin.buffer.read(MOST_BYTES + 1) if name == "-" else documents.read(name)
        if isinstance(content, documents.Unread):
            print(content.text(), file=sys.stderr)
            codes.add(MISNAMED if content.misnamed else OUTSIDE)
            continue
        shown = "<stdin>" if name == "-" else name
        found = problems_of(documents.document(content, shown).source, sets)
        told.append({"file": shown, "valid": not found, "problems": [problem._asdict() for problem in found]})
        for problem in found if form != "json" else ():
            print(problem.text() if form == "text" else annotation(problem), file=out)
        if found:
            codes.add(MISTAKES)
        elif form == "text":
            print(f"{shown}: valid", file=out)
    if form == "json":
        print(json.dumps({"files": told}, indent=1, ensure_ascii=False), file=out)
    return MISTAKES if MISTAKES in codes else max(codes)


def annotation(problem: Problem) -> str:
    """A workflow command of GitHub: what would end or cut it is written as percent and code."""

    def safe(text: str, more: str = "") -> str:
        for character in f"%\r\n{more}":
            text = text.replace(character, f"%{ord(character):02X}")
        return text

    message = problem.message + (f"\n{problem.cure}" if problem.cure else "")
    place = f"file={safe(problem.file, ':,')},line={problem.line},col={problem.column}"
    return f"::error {place}::{safe(message)}"


def expand(files: Iterable[str]) -> list[str]:
    """Folders replaced by the YAML files under them; a folder without any stays and is complained of."""
    out: list[str] = []
    for name in files:
        inside = documents.inside(name) if name and name != "-" and os.path.isdir(name) else []
        out += inside or [name]
    return out
