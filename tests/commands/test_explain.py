"""`run explain` as a user meets it."""

import json

from tests.commands.console import run

CHILD = """\
version: 1
name: child
extends: small.yaml
brokerage: {name: atreyu, account: cash, free_equity: 1%}
"""


def test_in_a_terminal(folder):
    said = run("explain", "small.yaml", cwd=folder, code=0)
    lines = {" ".join(line.split()) for line in said.out.splitlines()}
    assert said.out.startswith("small: small.yaml\n")
    assert "symbols [AAA] line 3" in lines
    assert "closing_cutoff 10m conventions atreyu" in lines
    assert "share.default 50% line 6" in lines
    assert "in (line 9, looks back 2 bars)" in lines
    assert "when close > sma(close, $bars) becomes true: enter long with $share of equity." in lines
    assert any(line.startswith("AAA: 5 bars of 1d, 2013-10-07 to 2013-10-11") for line in lines)
    # The first bar of five is the only one without a mean of two.
    assert "AAA: all rules are ready from 2013-10-08T16:00:00-04:00" in lines
    assert not (folder / "runs").exists()


def test_for_machines(folder):
    said = run("explain", "small.yaml", "--set", "share=20%", "--format", "json", cwd=folder, code=0)
    told = json.loads(said.out)
    rows = {row["key"]: row for row in told["settings"]}
    assert rows["parameters.share.default"] == {
        "key": "parameters.share.default", "value": "20% (written 50%)", "origin": "--set", "file": "small.yaml",
        "line": 6,
    }  # fmt: skip
    assert rows["margin_model"]["origin"] == "account margin"
    assert told["rules"][1]["line"] == 10
    assert told["data"]["ready"] == {"AAA": "2013-10-08T16:00:00-04:00"}
    assert told["data"]["files"] == ["AAA.csv"]


def test_the_origin_of_what_a_base_says(folder):
    (folder / "child.yaml").write_text(CHILD, encoding="utf-8")
    told = json.loads(run("explain", "child.yaml", "--format", "json", cwd=folder, code=0).out)
    rows = {row["key"]: (row["value"], row["origin"], row["file"], row["line"]) for row in told["settings"]}
    assert told["bases"] == ["small.yaml"]
    assert rows["brokerage.free_equity"] == ("1%", "document", "child.yaml", 4)
    assert rows["brokerage.settlement"] == ("t+3", "account cash", "", 0)
    assert rows["data.resolution"] == ("1d", "document", "small.yaml", 4)
    assert rows["universe.symbols"] == ("[AAA]", "document", "small.yaml", 3)
    assert told["rules"][0]["file"] == "small.yaml"
    said = run("explain", "child.yaml", cwd=folder, code=0).out
    assert said.startswith("child: child.yaml over small.yaml\n")
    assert "small.yaml:4" in said


def test_mistakes_are_shown_and_nothing_else(edited):
    folder = edited(("enter: long", "enter: up"))
    said = run("explain", "small.yaml", cwd=folder, code=1)
    assert said.out.startswith("small.yaml:9:")
    assert "conventions" not in said.out


def test_data_that_is_not_there(edited):
    """Settings and rules are explained all the same; the failure is said and ends with its code."""
    folder = edited(("[AAA]", "[AAB]"))
    said = run("explain", "small.yaml", cwd=folder, code=3)
    assert "closing_cutoff" in said.out
    assert "AAB.csv: there is no such file" in said.err
    assert "rules" in run("explain", "small.yaml", "--no-data", cwd=folder, code=0).out


def test_no_such_file(folder):
    assert "cannot be read" in run("explain", "none.yaml", cwd=folder, code=2).err
