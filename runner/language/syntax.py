"""The parser's complaints in words, for both of pyyaml's parsers (they word the same fault differently)."""

from __future__ import annotations

import re
from typing import Any

QUOTES = "put the text in quotes"
_ALIGN = "align it with the keys above it"


def explain(error: Any, lines: tuple[str, ...]) -> tuple[int, int, str, str]:
    """(line, column, fault, cure) of a `yaml.MarkedYAMLError`; line and column from 1."""
    problem, context = str(error.problem or ""), str(error.context or "")
    mark = error.problem_mark or error.context_mark
    start = error.context_mark or mark
    message, cure, from_start = _words(problem, context, mark, start, lines)
    place = start if from_start else mark
    return place.line + 1, place.column + 1, message, cure


def _words(
    problem: str, context: str, mark: Any, start: Any, lines: tuple[str, ...]
) -> tuple[str, str, bool]:
    """(fault, cure, whether its place is where the construct starts rather than where the parser gave up)."""
    line = lines[mark.line] if mark.line < len(lines) else ""
    here, before = line[mark.column :], line[: mark.column]
    if "tab character" in problem or here.startswith("\t"):
        return "a tab where spaces are expected", "indent with spaces", False
    if "cannot start any token" in problem:
        return f"a text cannot start with '{here[:1]}'", f"{QUOTES}: {_in_quotes(here)}", False
    if "block scalar" in context:
        text = lines[start.line][start.column :]
        return f"YAML takes '{text[:1]}' for the start of a text block", f"{QUOTES}: {_in_quotes(text)}", True
    if "flow sequence" in context or "flow mapping" in context:
        return _brackets("sequence" in context, here, mark, start)
    if re.search(r"mapping values are not allowed", problem):
        if ":" in before:
            return "a second colon in one line", f"{QUOTES}: it contains a colon", False
        return "this line is indented deeper than the lines above it", _ALIGN, False
    if "quoted scalar" in context:
        if "escape" in problem:
            return (
                f"'{here[:2]}' means nothing inside double quotes",
                "use single quotes, or write the backslash twice",
                False,
            )
        return "the quote that opens here is not closed", "close it at the end of the text", True
    if "simple key" in context or "could not find expected ':'" in problem:
        word = lines[start.line][start.column :].strip()
        return (
            f"'{word[:40]}' is neither a key nor the value of one",
            "write a colon and a space after a key",
            True,
        )
    if "block mapping" in context or "block collection" in context or "block sequence" in context:
        return _block("mapping" in context, here, before)
    if "entries are not allowed" in problem:
        return (
            "a list item on the line of its key",
            "start the list on the next line; a text that starts with - needs quotes",
            False,
        )
    if "keys are not allowed" in problem:
        return "a text cannot start with '? '", f"{QUOTES}: {_in_quotes(here)}", False
    if "content" in problem:
        return (
            f"'{here[:1]}' where a value is expected",
            "write a value; a text that starts with it needs quotes",
            False,
        )
    if "tag" in problem or "tag" in context:
        return "tags are not allowed", "delete it; a text that starts with ! needs quotes", True
    if "directive" in context or "YAML document" in problem:
        return "a line that starts with %", "delete it: a strategy needs no directives", True
    return f"not YAML: {problem}", "check brackets, quotes and indentation near here", False


def _brackets(sequence: bool, here: str, mark: Any, start: Any) -> tuple[str, str, bool]:
    opening, closing, what = ("[", "]", "list") if sequence else ("{", "}", "mapping")
    if mark.line > start.line or not here.strip():
        cure = f"write '{closing}' where the {what} ends"
        return f"the '{opening}' that opens here is not closed", cure, True
    cure = f"a text with brackets or commas needs quotes inside {opening} {closing}"
    return f"'{here[:1]}' where ',' or '{closing}' is expected", cure, False


def _block(mapping: bool, here: str, before: str) -> tuple[str, str, bool]:
    if before.strip().endswith(('"', "'", "]", "}")) and not before.strip().startswith(("- {", "{")):
        value = before.split(":", 1)[-1].strip() + here
        last = before.strip()[-1]
        if last in "\"'":
            cure = f"{QUOTES}, all of it: {_in_quotes(value)}"
            return "text goes on after the closing quote", cure, False
        return f"text goes on after the closing '{last}'", f"{QUOTES}: {_in_quotes(value)}", False
    if not before.strip():
        return (
            "this line is not aligned with the lines above it",
            _ALIGN if mapping else "align it with the '-' above it",
            False,
        )
    return (
        f"'{here[:1]}' where a key is expected",
        "check brackets, quotes and indentation in this line",
        False,
    )


def _in_quotes(text: str) -> str:
    """The text as YAML should have it; single quotes around double ones."""
    text = text.strip()
    if len(text) > 60:
        return '"..."'
    return f"'{text}'" if '"' in text else f'"{text}"'
