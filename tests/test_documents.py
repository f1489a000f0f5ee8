"""The corpus: documents that are right, and documents that are wrong with the exact words about them.

A new case is two files: `bad/NAME.yaml`, and `bad/NAME.txt` written by hand from what the user should read.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.language.source import load
from runner.language.validate import understand, validate

DOCUMENTS = Path(__file__).parent / "documents"
BAD = sorted((DOCUMENTS / "bad").glob("*.yaml"))
GOOD = sorted((DOCUMENTS / "good").glob("*.yaml"))


@pytest.mark.parametrize("path", BAD, ids=lambda p: p.stem)
def test_bad_document(path: Path):
    problems = validate(load(path.read_bytes(), path.name))
    assert "".join(problem.text() + "\n" for problem in problems) == path.with_suffix(".txt").read_text(
        "utf-8"
    )


@pytest.mark.parametrize("path", GOOD, ids=lambda p: p.stem)
def test_good_document(path: Path):
    program, problems = understand(load(path.read_bytes(), path.name))
    assert problems == ()
    assert program is not None


def test_corpus_is_whole():
    assert len(BAD) >= 50
    assert {p.stem for p in BAD} == {p.stem for p in (DOCUMENTS / "bad").glob("*.txt")}


def test_secrets_are_never_shown():
    for path in BAD:
        assert "hunter2" not in path.with_suffix(".txt").read_text("utf-8")
        assert "k-123456" not in path.with_suffix(".txt").read_text("utf-8")
