"""`run validate FILE...`: every problem of every file, in the order of the text. Reads no prices."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

FOUND, FINE = 1, 0


def validate(files: Iterable[str], sets: dict[str, float] | None = None, out: TextIO | None = None) -> int:
    """Print the problems of the files (a folder means the YAML files in it, `-` the standard input).

    Returns 0 when all are valid, 1 when there is a problem or a file cannot be read.
    """
    from runner.language.parse import MOST_BYTES
    from runner.language.source import load
    from runner.language.validate import validate as problems_of

    out = out or sys.stdout
    count = 0
    for name in expand(files):
        try:
            if name == "-":
                content = sys.stdin.buffer.read(MOST_BYTES + 1)
            else:
                with open(name, "rb") as file:
                    content = file.read(MOST_BYTES + 1)
        except OSError as error:
            print(f"{name}: cannot be read: {error.strerror}", file=out)
            count += 1
            continue
        found = problems_of(load(content, "<stdin>" if name == "-" else name), sets)
        for problem in found:
            print(problem.text(), file=out)
        if not found:
            print(f"{name}: valid", file=out)
        count += len(found)
    return FOUND if count else FINE


def expand(files: Iterable[str]) -> list[str]:
    """Folders replaced by the YAML files under them."""
    out: list[str] = []
    for name in files:
        if name != "-" and Path(name).is_dir():
            out += sorted(str(path) for path in Path(name).rglob("*") if path.suffix in (".yaml", ".yml"))
        else:
            out.append(name)
    return out
