"""A strategy's file to its program, or the exit code after its problems were shown: the beginning of every run."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NamedTuple, TextIO

from runner.adapters import documents

if TYPE_CHECKING:
    from runner.language.program import Program

MISTAKES, MISNAMED, OUTSIDE = 1, 2, 3


class Understood(NamedTuple):
    """A document without problems."""

    program: Program
    document: documents.Document


def understood(file: str, sets: dict[str, float], stream: TextIO) -> Understood | int:
    """Read and compile `file`. Problems of the document go to `stream` like results, failures of files to standard
    error."""
    content = documents.read(file)
    if isinstance(content, documents.Unread):
        print(content.text(), file=sys.stderr)
        return MISNAMED if content.misnamed else OUTSIDE
    from runner.language.validate import understand

    document = documents.document(content, file)
    program, problems = understand(document.source, sets)
    for problem in problems:
        print(problem.text(), file=stream)
    return MISTAKES if program is None else Understood(program, document)
