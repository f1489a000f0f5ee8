"""What is wrong with a document: faults at a path, problems at a place.

A `Fault` is found by one who knows the document's data (its place is a path); a `Problem` is a fault
with its line and column. Each has a fault (what was found) and a cure (what to write instead).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import NamedTuple

KEY = "\0key"  # the last element of a path that means the key itself, not its value
Path = tuple[str | int, ...]


class Fault(NamedTuple):
    """A mistake at `path`; `column` counts characters inside the value's text, from 0."""

    path: Path
    message: str
    cure: str = ""
    column: int = 0


class Problem(NamedTuple):
    """A mistake at a place of a file; line and column count from 1."""

    file: str
    line: int
    column: int
    message: str
    cure: str = ""

    def text(self) -> str:
        """`file:line:column: fault`, and the cure on a line of its own."""
        head = f"{self.file}:{self.line}:{self.column}: {self.message}"
        return f"{head}\n    {self.cure}" if self.cure else head


def nearest(word: object, known: Iterable[str]) -> str | None:
    """The known word that `word` was probably meant to be, or None. Case is forgiven first."""
    text, options = str(word), list(known)
    folded = text.casefold().replace("-", "_").replace(" ", "_")
    for option in options:
        if option.casefold().replace("-", "_").replace(" ", "_") == folded:
            return option
    # Long words are cut: the matcher is quadratic and a typo is never that long.
    found = difflib.get_close_matches(text[:60], options, n=1, cutoff=0.6)
    return found[0] if found else None


def choices(known: Iterable[str]) -> str:
    """`a, b or c`, in the order given; of many, the first."""
    words = list(known)
    if len(words) > 25:
        return f"{', '.join(words[:20])} or another of the {len(words)}"
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def did_you_mean(word: object, known: Iterable[str], label: str = "write") -> str:
    """The cure for an unknown word: the nearest known one, else all of them."""
    options = list(known)
    near = nearest(word, options)
    return f"did you mean {near!r}?" if near is not None else f"{label} {choices(options)}"


def quoted(value: object, most: int = 40) -> str:
    """The value as a message shows it: in quotes, one line, cut when long."""
    text = " ".join(value.split()) if isinstance(value, str) else str(value)
    return "'" + (text if len(text) <= most else text[: most - 1] + "…") + "'"
