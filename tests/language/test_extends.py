"""One document over another: what merges, what replaces, where problems stand. Expected texts are written by hand."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from runner.language.extends import Missing, extended
from runner.language.schema import schema
from runner.language.source import load
from runner.language.validate import understand
from runner.language.written import document_text
from tests.sources import ROOT

BASE = """\
version: 1
name: base
brokerage: {name: atreyu, free_equity: 1%}
margin_model: {leverage: 2x}
universe: {symbols: [SPY, QQQ]}
data: {source: {lean: ../data}, resolution: 1m}
parameters: {bars: {default: 20, min: 5, max: 60}}
rules:
  - {name: in, when: "close > sma(close, $bars)", enter: long, size: {percent_of_equity: 25%}}
"""
CHILD = """\
version: 1
extends: shared/base.yaml
name: child
"""


def put_together(files: dict[str, str], name: str = "child.yaml") -> Any:
    def read(path: str) -> bytes | Missing:
        if path in files:
            return files[path].encode()
        return Missing(f"{path}: cannot be read: No such file or directory", "")

    return extended(load(files[name], name), read)


def problems_of(files: dict[str, str], name: str = "child.yaml") -> list[str]:
    return [problem.text() for problem in understand(put_together(files, name))[1]]


def test_a_child_has_what_its_base_has():
    program, problems = understand(put_together({"child.yaml": CHILD, "shared/base.yaml": BASE}))
    assert problems == ()
    assert program is not None
    assert program.spec.name == "child"
    assert program.spec.symbols == ("SPY", "QQQ")
    assert program.spec.data.path == "data"  # ../data from the folder `shared`


def test_mappings_merge_and_the_rest_is_replaced():
    child = (
        CHILD
        + "brokerage: {closing_cutoff: 5m}\nuniverse: {symbols: [IBM]}\nparameters: {bars: {default: 30}}\n"
    )
    spec = understand(put_together({"child.yaml": child, "shared/base.yaml": BASE}))[0].spec
    assert spec.settings["closing_cutoff"] == 5 * 60 * 10**9
    assert spec.settings["free_equity"] == 0.01
    assert spec.symbols == ("IBM",)
    assert spec.parameters == {"bars": 30.0}
    assert len(spec.rules) == 1


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("margin_model: {pattern_day_trading: {}}", "pattern_day_trading"),
        ("margin_model: regulation_t", "regulation_t"),
    ],
)
def test_a_variant_is_replaced_not_merged(written: str, found: str):
    spec = understand(put_together({"child.yaml": CHILD + written, "shared/base.yaml": BASE}))[0].spec
    assert spec.settings["margin.model"] == found


def test_another_source_of_data_replaces_the_bases():
    child = CHILD + "data: {source: embedded, resolution: 1d}\nuniverse: {symbols: [IBM]}\n"
    spec = understand(put_together({"child.yaml": child, "shared/base.yaml": BASE}))[0].spec
    assert (spec.data.source, spec.data.path, spec.data.resolution) == ("embedded", "", "1d")


def test_bases_of_bases():
    middle = "version: 1\nextends: ../deep/base.yaml\nuniverse: {symbols: [IBM]}\n"
    files = {"child.yaml": CHILD, "shared/base.yaml": middle, "deep/base.yaml": BASE}
    whole = put_together(files)
    spec = understand(whole)[0].spec
    assert spec.symbols == ("IBM",)
    assert spec.data.path == "data"
    assert [base.name for base in whole.bases] == ["shared/base.yaml", "deep/base.yaml"]


def test_version_and_name_are_the_childs_own():
    assert problems_of({"child.yaml": "extends: base.yaml\n", "base.yaml": BASE}) == [
        "child.yaml:1:1: 'version' is missing\n    write version: 1",
        "child.yaml:1:1: 'name' is missing\n    write name: ema-cross",
    ]


def test_problems_stand_in_the_file_that_has_them():
    base = BASE.replace("resolution: 1m", "resolution: 3m").replace("close > sma", "clsoe > sma")
    child = CHILD + "backtest: {cash: -5}\n"
    assert problems_of({"child.yaml": child, "shared/base.yaml": base}) == [
        "child.yaml:4:18: 'cash' is -5, not more than 0\n    write a plain number of dollars, such as 100000",
        "shared/base.yaml:6:45: 'resolution' cannot be '3m'\n    write 1s, 1m, 1h or 1d",
        "shared/base.yaml:9:22: unknown name 'clsoe'\n    did you mean 'close'?",
    ]


def test_what_yaml_does_to_a_base():
    base = BASE.replace("name: base", "name: base\nname: twice")
    assert problems_of({"child.yaml": CHILD, "shared/base.yaml": base}) == [
        "shared/base.yaml:3:1: 'name' is written twice, first in line 2\n    keep one of the two"
    ]


def test_a_base_holds_no_credentials():
    base = BASE + "meta: {desk: 4, password: hunter2}\n"
    child = CHILD + "meta: {desk: 5}\n"
    assert problems_of({"child.yaml": child, "shared/base.yaml": base}) == [
        "shared/base.yaml:10:17: 'password' is a credential, and a strategy cannot hold one\n"
        "    delete it: credentials come from the environment, a prompt or the system keyring"
    ]


def test_a_base_that_is_not_there():
    """What the base should have is not missed as well, and the child's own mistakes are shown."""
    child = CHILD + "backtst: {cash: 1}\nindicators: {fast: {emaa: 3}}\n"
    assert problems_of({"child.yaml": child}) == [
        "child.yaml:2:10: shared/base.yaml: cannot be read: No such file or directory",
        "child.yaml:4:1: unknown key 'backtst'\n    did you mean 'backtest'?",
        "child.yaml:5:21: unknown key 'emaa' in 'fast'\n    did you mean 'ema'?",
    ]


@pytest.mark.parametrize("named", ["/etc/base.yaml", "https://example.org/base.yaml", "~/base.yaml"])
def test_a_base_is_named_from_the_file(named: str):
    assert problems_of({"child.yaml": f"version: 1\nname: c\nextends: {named}\n"}) == [
        f"child.yaml:3:10: a base is named by its path from this file, not by '{named}'\n"
        "    write a relative path, such as ../base.yaml"
    ]


def test_circles():
    itself = {"child.yaml": "version: 1\nname: c\nextends: child.yaml\n"}
    assert problems_of(itself) == ["child.yaml:3:10: the file extends itself\n    delete 'extends'"]
    files = {"child.yaml": CHILD, "shared/base.yaml": "version: 1\nextends: ../child.yaml\n"}
    assert problems_of(files) == [
        "shared/base.yaml:2:10: the files extend each other in a circle: child.yaml -> shared/base.yaml -> child.yaml\n"
        "    delete one 'extends'"
    ]


def test_a_base_that_is_no_document():
    assert problems_of({"child.yaml": CHILD, "shared/base.yaml": "- a\n- b\n"}) == [
        "shared/base.yaml:1:1: child.yaml extends this file, and it has no keys and values\n"
        "    a base has the keys of a strategy"
    ]
    assert problems_of({"child.yaml": CHILD, "shared/base.yaml": ""}) == [
        "shared/base.yaml:1:1: the file is empty\n    a strategy starts with 'version: 1'"
    ]


def test_a_base_of_another_version():
    assert problems_of(
        {"child.yaml": CHILD, "shared/base.yaml": BASE.replace("version: 1", "version: 2")}
    ) == [
        "shared/base.yaml:1:10: child.yaml extends this file and has another version\n"
        "    write both in the same version of the language"
    ]


@pytest.mark.parametrize("wrong", ["[a.yaml]", "5", '""'])
def test_extends_is_a_path(wrong: str):
    shown = problems_of({"child.yaml": BASE.replace("name: base", f"name: base\nextends: {wrong}")})
    assert len(shown) == 1
    assert shown[0].startswith("child.yaml:3:10: 'extends' ")


def test_every_path_of_the_schema_is_known_as_one():
    """A key that says it is relative to the strategy's file must be moved with its base."""
    lacking = []

    def look(node: Any, path: str) -> None:
        if isinstance(node, dict):
            described = str(node.get("description", ""))
            if "relative to the strategy's file" in described and node.get("format") != "path":
                lacking.append(path)
            for key, child in node.items():
                look(child, f"{path}.{key}")
        elif isinstance(node, list):
            for child in node:
                look(child, path)

    look(schema(), "")
    assert not lacking, 'add "format": "path"'


def test_the_whole_reads_back():
    odd = {
        "version": 1,
        "name": "odd",
        "x-notes": [
            "9:30",
            "2013-10-07",
            "ON",
            "NO",
            "null",
            "~",
            "12",
            "0x1F",
            "1e3",
            "#1",
            ">5",
            "a: b",
            "é",
            "",
        ],
        "meta": {"text": "two\nlines\n", "max(bid, close - 0.02)": "max(bid, close - 0.02)", "n": 0.25},
    }
    assert load(document_text(odd, "odd"), "odd.yaml").data == odd


BAD = sorted((ROOT / "tests/documents/bad").glob("*.yaml"))
GOOD = sorted((ROOT / "tests/documents/good").glob("*.yaml"))


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_bad_base_and_a_bad_child(path: Any):
    """Whatever is wrong with either: problems with a place in one of the two files, never an exception."""
    for child, base in ((CHILD.encode(), path.read_bytes()), (path.read_bytes(), BASE.encode())):
        content = {"child.yaml": child, "shared/base.yaml": base}
        upper = load(content["child.yaml"], "child.yaml")
        if isinstance(upper.data, dict):
            upper = upper._replace(data={**upper.data, "extends": "shared/base.yaml"})
        _, problems = understand(extended(upper, lambda name, content=content: content[name]))
        for problem in problems:
            assert problem.file in content
            lines = content[problem.file].decode("utf-8", "replace").splitlines() or [""]
            assert 1 <= problem.line <= len(lines) + 1


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_a_child_that_adds_nothing_is_its_base(path: Any):
    """Every good document as a base: the child means the same, but for its name."""
    alone, _ = understand(load(path.read_bytes(), path.name))
    child = load("version: 1\nname: child\nextends: base.yaml\n", "child.yaml")
    program, problems = understand(extended(child, lambda name: path.read_bytes()))
    assert problems == ()
    assert alone is not None
    assert program is not None
    assert msgspec.structs.replace(alone.spec, name="child") == program.spec
    assert load(document_text(child.data, "x"), "x").data == child.data
