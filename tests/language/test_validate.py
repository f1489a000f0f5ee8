"""Validation as a whole: no text breaks it, all problems come at once, the schema is what it says it is."""

from __future__ import annotations

import io
import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from runner.commands.validate import validate as command
from runner.language.problems import nearest
from runner.language.read_account import DURATIONS, NO_SETTINGS, PERCENTS
from runner.language.read_rules import ACTIONS, BESIDE
from runner.language.schema import schema, schema_file
from runner.language.source import load
from runner.language.validate import understand, validate
from runner.laws.indicators import INDICATORS
from runner.market.brokerages import BROKERAGES, CONVENTIONS
from runner.market.settings import WORDS

GOOD = sorted((Path(__file__).parents[1] / "documents/good").glob("*.yaml"))
TEXTS = [path.read_text("utf-8") for path in GOOD]
VALUES = [
    "5",
    "25%",
    "$x",
    "null",
    "true",
    "[]",
    "{}",
    "[1]",
    "{a: b}",
    "''",
    "-1",
    "1.5",
    "long",
    "all",
    "1m",
    "limit",
    "2013-10-07",
]
CHARACTERS = "{}[],:#&*!|>'\"%@`\t\n -5x$\\"


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A good document with a few characters, words or lines changed."""
    text = draw(st.sampled_from(TEXTS))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        how = draw(st.integers(0, 3))
        if how == 0:
            text = text[:at] + draw(st.sampled_from(CHARACTERS)) + text[at:]
        elif how == 1:
            text = text[:at] + text[at + draw(st.integers(1, 6)) :]
        elif how == 2:
            found = list(re.finditer(r": ([^\n]+)", text))
            if found:
                match = draw(st.sampled_from(found))
                text = text[: match.start(1)] + draw(st.sampled_from(VALUES)) + text[match.end(1) :]
        else:
            lines = text.split("\n")
            line = lines.pop(draw(st.integers(0, len(lines) - 1)))
            if draw(st.booleans()):
                lines.insert(draw(st.integers(0, len(lines))), line)
                lines.insert(draw(st.integers(0, len(lines))), line)
            text = "\n".join(lines)
    return text


def check(text: str | bytes) -> None:
    start = time.perf_counter()
    problems = validate(load(text, "f.yaml"))
    assert time.perf_counter() - start < 5
    assert list(problems) == sorted(problems, key=lambda p: (p.line, p.column))
    for problem in problems:
        assert problem.line >= 1
        assert problem.column >= 1
        assert problem.message
        assert problem.cure


@given(st.text() | st.binary())
@settings(max_examples=200, deadline=None)
def test_no_text_breaks_it(text: str | bytes):
    check(text)


@given(mutated())
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_slip_breaks_it(text: str):
    check(text)


def json_like() -> st.SearchStrategy[Any]:
    leaves = (
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.sampled_from(VALUES)
        | st.text(max_size=8)
    )
    return st.recursive(
        leaves,
        lambda c: st.lists(c, max_size=3) | st.dictionaries(st.sampled_from(KEYS), c, max_size=5),
        max_leaves=25,
    )


KEYS = sorted(
    set(re.findall(r'"([a-z_]+)": \{"', schema_file().read_text("utf-8")))
    | {"version", "name", "rules", "data", "universe", "x-a"}
)


@given(st.dictionaries(st.sampled_from([*schema()["properties"], "x-a", "ruls"]), json_like(), max_size=8))
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_structure_breaks_it(data: dict[str, Any]):
    check(json.dumps(data))


def test_every_cut_of_a_document_is_told_of():
    """A file that was saved half is never a traceback; the whole one is valid."""
    text = TEXTS[2]
    for end in range(0, len(text), 7):
        check(text[:end])


def test_a_document_of_two_thousand_lines_is_quick():
    rules = "".join(
        f"  - name: rule {i}\n    when: close > {i}\n    only_if: not invested\n    enter: long\n    size: {{shares: 10}}\n"
        for i in range(400)
    )
    text = (
        f"version: 1\nname: long\nuniverse: {{symbols: [IBM]}}\ndata: {{source: embedded}}\nrules:\n{rules}"
    )
    start = time.perf_counter()
    assert validate(load(text, "f")) == ()
    assert time.perf_counter() - start < 5


def test_many_problems_do_not_take_for_ever():
    text = "version: 1\nname: d\nuniverse: {symbols: [IBM]}\ndata: {source: embedded}\nrules:\n"
    text += "".join(
        f"  - {{nam: r{i}, whem: clsoe > 5, entr: lng, siz: {{share: 1.5}}}}\n" for i in range(500)
    )
    start = time.perf_counter()
    assert len(validate(load(text, "f"))) > 2000
    assert time.perf_counter() - start < 10


HEAD = "version: 1\nname: d\nuniverse: {symbols: [IBM]}\ndata: {source: embedded}\n"
RULE = "rules:\n  - {name: r, when: close > 5, exit: position}\n"
SLOW = {
    "unknown keys": HEAD + RULE + "".join(f"key_{i}: 1\n" for i in range(20_000)),
    "thousands of words against thousands": HEAD.replace(
        "[IBM]", f"[{', '.join(f'A{i}' for i in range(5000))}]"
    )
    + f"rules:\n  - {{name: r, when: close > 5, target: {{{', '.join(f'B{i}: 1%' for i in range(10_000))}}}}}\n",
    "unknown parameters": HEAD
    + f"parameters: {{{', '.join(f'p{i}: 1' for i in range(2000))}}}\n"
    + f"indicators: {{{', '.join(f'i{i}: {{ema: $q{i}}}' for i in range(2000))}}}\n"
    + RULE,
    "cut at many commas": HEAD + f"x-a: [{'(a, ' * 40_000}]\n" + RULE,
    "brackets in an expression": HEAD + RULE.replace("close > 5", f"'{'(' * 300_000}5 > 3'"),
    "a very long number": HEAD + RULE.replace("position", f"'{'5' * 300_000}'"),
    "a very long percentage": HEAD + RULE.replace("position", f"'{'5' * 300_000}%'"),
    "money of commas": HEAD + "brokerage: {fees: {per_share: '" + "1," * 200_000 + "x'}}\n" + RULE,
}


@pytest.mark.parametrize("text", SLOW.values(), ids=list(SLOW))
def test_no_text_takes_for_ever(text: str):
    check(text)


@pytest.mark.parametrize(
    "value",
    ["1.2.3%", "1e400", "'1e400'", "9" * 39, "'9999999999999999%'", "0%", "-5%", "$fast.x", "' '", "'%'"],
)
def test_odd_numbers(value: str):
    check(HEAD + RULE.replace("position", value))
    check(HEAD + RULE.replace("exit: position", f"enter: long, size: {{shares: {value}}}"))
    check(HEAD + RULE.replace("exit: position", f"target: {value}"))
    check(
        HEAD
        + f"brokerage: {{free_equity: {value}, closing_soon: {value}}}\nparameters: {{p: {value}}}\n"
        + RULE
    )


def test_long_words_are_compared_quickly():
    start = time.perf_counter()
    assert nearest("a" * 500_000, ["version", "name"]) is None
    assert time.perf_counter() - start < 0.5


def test_sets():
    path = next(p for p in GOOD if p.stem == "design_sample")
    program, problems = understand(load(path.read_bytes(), "f"), {"fast_bars": 10.0})
    assert problems == ()
    assert program is not None
    assert program.spec.parameters == {"fast_bars": 10.0}
    assert program.spec.indicators[0].parameters == {"period": 10.0}
    (problem,) = validate(load(path.read_bytes(), "f"), {"fast_bars": 100.0})
    assert (
        problem.text()
        == "f:10:14: fast_bars is set to 100, outside 5 to 60\n    set a value inside the bounds"
    )
    (problem,) = validate(load(path.read_bytes(), "f"), {"fast": 10.0})
    assert problem.text() == "f:10:3: no parameter 'fast' to set\n    did you mean 'fast_bars'?"


def test_command_prints_everything_and_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "a.yaml").write_text("version: 1\n")
    (tmp_path / "b.yml").write_bytes(GOOD[0].read_bytes())
    out = io.StringIO()
    assert command([str(tmp_path), str(tmp_path / "absent.yaml")], out=out) == 1
    lines = out.getvalue().splitlines()
    assert lines[0] == f"{tmp_path}/a.yaml:1:1: 'name' is missing"
    assert f"{tmp_path}/b.yml: valid" in lines
    assert capsys.readouterr().err == f"{tmp_path}/absent.yaml: cannot be read: No such file or directory\n"
    assert command([str(GOOD[0])], out=out) == 0


# --- the schema itself ---


def raw() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(schema_file().read_text("utf-8"))
    return found


def properties(node: Any, path: str = "") -> list[tuple[str, dict[str, Any]]]:
    """Every property of the schema with its references written out, each object visited once."""
    seen: set[int] = set()
    found: list[tuple[str, dict[str, Any]]] = []

    def walk(at: Any, name: str) -> None:
        if not isinstance(at, dict) or id(at) in seen:
            return
        seen.add(id(at))
        for key, child in at.get("properties", {}).items():
            found.append((f"{name}.{key}", child))
            walk(child, f"{name}.{key}")
        for key in ("items", "additionalProperties"):
            walk(at.get(key), f"{name}.*")

    walk(node, path)
    return found


def test_schema_is_a_schema():
    Draft7Validator.check_schema(raw())
    Draft7Validator.check_schema(schema())


def test_every_key_is_described():
    found = properties(schema())
    assert len(found) > 150
    for name, node in found:
        assert node.get("title"), name
        assert node.get("description"), name
        assert "examples" in node, name


def test_examples_and_defaults_obey_the_schema():
    for name, node in properties(schema()):
        for value in [*node["examples"], *([node["default"]] if "default" in node else [])]:
            errors = list(Draft7Validator(node).iter_errors(value))
            assert not errors, (name, value, errors[0].message)


def test_every_mapping_is_closed_and_nothing_is_a_union():
    def walk(node: Any, path: str) -> None:
        if isinstance(node, dict):
            assert not {"oneOf", "anyOf", "allOf", "not"} & set(node), path
            if "properties" in node and isinstance(node["properties"], dict) and "type" in node:
                assert node.get("additionalProperties") is False, path
            for key, child in node.items():
                walk(child, f"{path}/{key}")
        elif isinstance(node, list):
            for child in node:
                walk(child, path)

    walk(raw(), "")


def test_words_and_patterns_agree():
    def walk(node: Any) -> None:
        if isinstance(node, dict):
            if "x-words" in node:
                words = "|".join(node["x-words"])
                assert (
                    node["pattern"].startswith((f"^({words})$", f"^({words}|")) or len(node["x-words"]) == 1
                )
            for child in node.values():
                walk(child)

    walk(raw())


def test_schema_and_tables_know_the_same_words():
    top = schema()["properties"]
    rule = top["rules"]["items"]["properties"]
    indicators = top["indicators"]["additionalProperties"]["properties"]
    assert set(indicators) == set(INDICATORS)
    for kind, node in indicators.items():
        takes = {"symbol", "timeframe", *(["of"] if INDICATORS[kind].takes_of else [])}
        assert set(node["properties"]) == takes | {p.name for p in INDICATORS[kind].parameters}, kind
        required = {p.name for p in INDICATORS[kind].parameters if p.default is None}
        assert set(node.get("required", [])) == required, kind
        for parameter in INDICATORS[kind].parameters:
            assert node["properties"][parameter.name].get("default") == parameter.default, kind
    assert set(ACTIONS) | {"do", "choose"} == set(BESIDE)
    assert set(BESIDE) <= set(rule)
    assert top["brokerage"]["properties"]["name"]["enum"] == top["brokerage"]["x-words"] == list(BROKERAGES)
    assert top["brokerage"]["properties"]["conventions"]["enum"] == list(CONVENTIONS)


def test_every_brokerage_setting_is_of_the_table_and_back():
    block = schema()["properties"]["brokerage"]["properties"]
    names = set()
    for key, node in block.items():
        if key not in (
            *NO_SETTINGS,
            "settlements",
        ):  # settlements: the setting `settlement`, symbol by symbol
            names |= {f"{key}.{k}" for k in node["properties"]} if "properties" in node else {key}
    table = set(CONVENTIONS["atreyu"])
    elsewhere = {"default_time_in_force", "warm_up", "sampling", "statistics", "benchmark"}
    elsewhere |= {name for name in table if name.startswith(("data.", "short_selling.", "universe."))}
    assert names <= table
    assert table - names <= elsewhere, "a setting that no document can set"
    assert names >= DURATIONS | PERCENTS
    for name, words in WORDS.items():
        if name in names:
            group, _, key = name.rpartition(".")
            node = block[group]["properties"][key] if group else block[key]
            assert set(node["enum"]) == set(words), name


def test_the_editor_line_of_the_samples_is_a_comment():
    assert TEXTS[2].startswith("# yaml-language-server")


@pytest.mark.parametrize("path", GOOD, ids=lambda p: p.stem)
def test_good_documents_obey_the_schema_alone(path: Path):
    """What a foreign validator (an editor, CI) sees of them is right as well."""
    assert list(Draft7Validator(raw()).iter_errors(load(path.read_bytes(), "f").data)) == []
