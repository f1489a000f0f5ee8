"""Reading YAML: what is text, where things stand, and what no text can do to us."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from runner.language import parse
from runner.language.parse import MOST_BYTES
from runner.language.problems import KEY
from runner.language.scalars import number_text, plain
from runner.language.source import load, place_of

DOCUMENTS = Path(__file__).parents[1] / "documents"

# YAML 1.2 core schema, section 10.3.2, less infinity, not-a-number and the capital forms of true, false, null.
PLAIN = [
    ("ON", "ON"),
    ("NO", "NO"),
    ("TRUE", "TRUE"),
    ("True", "True"),
    ("yes", "yes"),
    ("NULL", "NULL"),
    ("true", True),
    ("false", False),
    ("null", None),
    ("~", None),
    ("", None),
    ("9:30", "9:30"),
    ("2013-10-07", "2013-10-07"),
    ("1_000", "1_000"),
    ("010", 10),
    ("0o17", 15),
    ("0x1F", 31),
    ("1e5", 100000.0),
    (".5", 0.5),
    ("-3", -3),
    (".inf", ".inf"),
    (".nan", ".nan"),
    ("25%", "25%"),
    ("5m", "5m"),
    ("1.2.3", "1.2.3"),
]


@pytest.mark.parametrize(("text", "value"), PLAIN)
def test_plain_scalars(text: str, value: object):
    assert plain(text) == value
    assert type(plain(text)) is type(value)


@pytest.mark.parametrize(
    ("value", "text"), [(5, "5"), (5.0, "5"), (0.1, "0.1"), (1e-7, "0.0000001"), (1e21, "1" + "0" * 21)]
)
def test_numbers_as_expressions_write_them(value: float, text: str):
    assert number_text(value) == text


def test_every_key_and_value_has_a_place():
    source = load("# top\na: {b: [1, two]}\nc:\n  - d: 'e'\n", "f")
    assert source.data == {"a": {"b": [1, "two"]}, "c": [{"d": "e"}]}
    places = {path: (place.line, place.column) for path, place in source.places.items()}
    assert places == {
        (): (2, 1),
        ("a", KEY): (2, 1),
        ("a",): (2, 4),
        ("a", "b", KEY): (2, 5),
        ("a", "b"): (2, 8),
        ("a", "b", 0): (2, 9),
        ("a", "b", 1): (2, 12),
        ("c", KEY): (3, 1),
        ("c",): (4, 3),
        ("c", 0): (4, 5),
        ("c", 0, "d", KEY): (4, 5),
        ("c", 0, "d"): (4, 8),
    }


# text, offset of X in the value, place of X in the text
INSIDE = [
    ("a: one X", (1, 8)),
    ("a: 'it''s X'", (1, 11)),
    ('a: "\\"q\\" \\u0041 X"', (1, 18)),
    ("a: one\n  two X", (2, 7)),
    ("a: 'one\n\n  two X'", (3, 7)),
    ("a: |\n  one\n  two X", (3, 7)),
    ("a: >\n  one\n\n  two X\n", (4, 7)),
    ("a:\r\n  one X\r\n", (2, 7)),
]


@pytest.mark.parametrize(("text", "place"), INSIDE)
def test_place_inside_a_text(text: str, place: tuple[int, int]):
    source = load(text, "f")
    assert place_of(source, ("a",), source.data["a"].index("X")) == place


def test_place_of_what_is_not_written_is_its_parents():
    source = load("a:\n  b: 1\n", "f")
    assert place_of(source, ("a", "c", 5)) == (2, 3)


def test_aliases_have_values_and_places():
    source = load("a: &x {k: 1}\nb: *x\n", "f")
    assert source.data == {"a": {"k": 1}, "b": {"k": 1}}
    assert place_of(source, ("b", "k")) == place_of(source, ("a", "k")) == (1, 11)


def test_ten_megabytes_are_refused_at_once(tmp_path: Path):
    big = tmp_path / "big.yaml"
    big.write_bytes(b"x: [" + b"1, " * 3_500_000 + b"1]\n")
    start = time.perf_counter()
    source = load(big.read_bytes(), "big.yaml")
    assert time.perf_counter() - start < 0.5
    assert [p.text() for p in source.problems] == [
        "big.yaml:1:1: the file is larger than the 1 MB that a strategy may have\n"
        "    is it the right file? Data belongs in 'data.source'"
    ]


@pytest.mark.parametrize("text", ["[" * 900_000, "{a: " * 200_000, "- " * 400_000, "&a [" * 200_000])
def test_deep_and_long_texts_end_soon(text: str):
    start = time.perf_counter()
    assert load(text[:MOST_BYTES], "f").problems
    assert time.perf_counter() - start < 5


def test_the_pure_parser_reads_the_same(monkeypatch: pytest.MonkeyPatch):
    """Where pyyaml has no C parser, data and places are equal, and what is wrong is still found."""
    paths = sorted(DOCUMENTS.rglob("*.yaml"))
    fast = [load(path.read_bytes(), "f") for path in paths]
    monkeypatch.setattr(parse, "_CParser", None)
    for path, expected in zip(paths, fast, strict=True):
        source = load(path.read_bytes(), "f")
        assert source.data == expected.data, path.stem
        assert len(source.problems) == len(expected.problems), path.stem
        starts = {
            p: (a.line, a.column) for p, a in source.places.items() if a.style or a.end_column != a.column
        }
        others = {p: (a.line, a.column) for p, a in expected.places.items() if p in starts}
        assert starts == others, path.stem
