"""results.json is what its schema says, for every kind of run: the schema is the contract of those who read it."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft7Validator

from runner.results.reading import read
from runner.results.summary import plain
from tests.engine import tiny
from tests.results.made_runs import made_run
from tests.sources import ROOT

SCHEMA = json.loads((ROOT / "schemas/results.schema.json").read_text(encoding="utf-8"))


def faults(written: object) -> list[str]:
    whole = json.loads(json.dumps(written, allow_nan=False))
    return [f"{list(e.absolute_path)}: {e.message}" for e in Draft7Validator(SCHEMA).iter_errors(whole)]


def test_it_is_a_schema():
    Draft7Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("length", [400, 3900, 39_000])
def test_runs_of_every_length(length: int):
    run, prices = made_run(fills=30, mark_count=200, length=length)
    assert faults(plain(read(run, prices))) == []


def test_a_run_without_anything():
    run, _ = made_run(fills=2, mark_count=4, length=400)
    assert faults(plain(read(run._replace(records=run.records[:0], marks=run.marks[:0]), {}))) == []


@pytest.mark.parametrize("conventions", ["atreyu", "lean", "lean_2023"])
def test_a_real_run(tmp_path, conventions: str):
    run = tiny.run(
        "[{name: in, when: close > 100, enter: long, size: {percent_of_equity: 50%}}, {name: out, when: close < 100, exit: position}]",
        "Mon 10:00 100 101 99 101; Mon 16:00 102 103 101 102; Tue 10:00 99 99 98 98; Tue 16:00 99 104 98 103",
        tmp_path,
        more=f"brokerage: {{name: default, conventions: {conventions}}}",
    )
    written = plain(read(run.journal, run.bars))
    assert faults(written) == []
    assert written["figures"]["trades"]["number"] >= 1


def test_an_unknown_field_is_a_fault():
    """The contract is closed: a new field belongs into the schema and onto the page."""
    run, prices = made_run(fills=4, mark_count=20, length=400)
    assert len(faults({**plain(read(run, prices)), "novel": 1})) == 1
