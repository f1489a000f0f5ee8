"""What is typed wrong: exit code 2, one sentence of fault, one of cure; and help that a new user finds."""

import json
import os

import pytest

from tests.commands.conftest import STRATEGY
from tests.commands.console import run


def test_no_words_at_all(tmp_path):
    said = run(cwd=tmp_path, code=2)
    assert "run STRATEGY.yaml" in said.err
    assert "run validate FILE..." in said.err


def test_help(folder):
    said = run("--help", cwd=folder, code=0)
    for word in ("run STRATEGY.yaml", "run validate FILE...", "--set", "Exit codes", "70"):
        assert word in said.out
    assert said.err == ""


def test_help_of_a_strategy_names_no_command_that_nobody_writes(folder):
    said = run("small.yaml", "--help", cwd=folder, code=0)
    assert said.out.startswith("Usage: run [OPTIONS] FILE\n")
    for word in ("--set", "--out", "--driver", "--report"):
        assert word in said.out


def test_version(tmp_path):
    said = run("--version", cwd=tmp_path, code=0)
    assert said.out.strip().replace(".", "").isdigit()


@pytest.mark.parametrize(
    ("words", "fault", "cure"),
    [
        (["validat"], "no command or file 'validat'", "Did you mean 'run validate'?"),
        (["valdate", "small.yaml"], "no command or file 'valdate'", "Did you mean 'run validate'?"),
        (["Validate", "small.yaml"], "no command or file 'Validate'", "Did you mean 'run validate'?"),
        (["frobnicate"], "no command or file 'frobnicate'", "named by the path of its file"),
        ([""], "no command or file ''", "named by the path of its file"),
        (["validate"], "Missing argument 'FILES...'", "run validate --help"),
        (["small.yaml", "other.yaml"], "unexpected extra argument (other.yaml)", "run --help"),
        (["small.yaml", "--outt", "x"], "No such option '--outt'", "Did you mean '--out'?"),
        (["small.yaml", "--driver", "karnel"], "'karnel' is not one of", "'auto', 'loop', 'kernel'"),
        (["small.yaml", "--live", "--paper"], "--live and --paper exclude each other", "write one of them"),
        (
            ["small.yaml", "--dry-run", "--live"],
            "--live and --dry-run exclude each other",
            "write one of them",
        ),
        (["small.yaml", "--accept-changes"], "--accept-changes goes with --live or --paper", ""),
        (
            ["small.yaml", "--paper", "--driver", "kernel"],
            "--driver does not go with --paper",
            "Leave it out",
        ),
        (["small.yaml", "--dry-run", "--out", "x"], "--dry-run writes no results", "leave --out out"),
        (["small.yaml", "--dry-run", "--report"], "--dry-run writes no results", "leave --report out"),
        (["small.yaml", "--set"], "Option '--set' requires an argument", ""),
        (["small.yaml", "--set", "share"], "'share' is not NAME=NUMBER", "--set fast_bars=10"),
        (["small.yaml", "--set", "=5"], "'=5' is not NAME=NUMBER", "--set fast_bars=10"),
        (["small.yaml", "--set", "share=much"], "'share=much' is not NAME=NUMBER", "--set fast_bars=10"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_words(folder, words, fault, cure):
    said = run(*words, cwd=folder, code=2)
    assert fault in said.err
    assert cure in said.err
    assert "backtest" not in said.err  # a word of ours, which no user writes
    assert said.out == ""


def test_a_file_that_is_not_there(folder):
    said = run("smal.yaml", cwd=folder, code=2)
    assert said.out == ""
    assert said.err == "smal.yaml: cannot be read: No such file or directory\n    did you mean small.yaml?\n"
    said = run("nowhere/small.yaml", cwd=folder, code=2)
    assert "there is no folder nowhere" in said.err


def test_a_folder_is_no_strategy(folder):
    said = run(".", cwd=folder, code=2)
    assert said.err.startswith(".: is a folder, not a strategy\n")
    assert "small.yaml" in said.err
    assert "run validate ." in said.err


def test_a_file_that_cannot_be_read(folder):
    """The name is right and the system refuses: a failure outside."""
    (folder / "circle.yaml").symlink_to(folder / "circle.yaml")
    assert run("circle.yaml", cwd=folder, code=3).err.startswith("circle.yaml: cannot be read: Too many")
    assert "Not a directory" in run("small.yaml/x.yaml", cwd=folder, code=3).err
    run("x" * 5000 + ".yaml", cwd=folder, code=3)
    if os.geteuid():  # the administrator may read everything
        (folder / "small.yaml").chmod(0)
        assert "Permission denied" in run("small.yaml", cwd=folder, code=3).err


def test_files_that_are_no_strategy(folder):
    (folder / "binary.yaml").write_bytes(bytes(range(256)) * 20)
    (folder / "empty.yaml").write_bytes(b"")
    assert run("binary.yaml", cwd=folder, code=1).out.startswith("binary.yaml:1:1: ")
    assert run("empty.yaml", cwd=folder, code=1).out.startswith("empty.yaml:1:1: the file is empty")


def test_a_mistake_has_a_place_and_a_cure(edited):
    folder = edited(("enter: long", "entr: long"))
    said = run("small.yaml", cwd=folder, code=1)
    assert said.out == "small.yaml:9:51: unknown key 'entr' in rule 'in'\n    did you mean 'enter'?\n"
    assert not (folder / "runs").exists()


@pytest.mark.parametrize(
    ("given", "fault", "cure"),
    [
        ("shar=20%", "no parameter 'shar' to set", "did you mean 'share'?"),
        ("share=95%", "outside 10% to 90%", "inside the bounds"),
        ("share=nan", "outside 10% to 90%", "inside the bounds"),
        ("bars=2.5", "the period of sma is 2.5, no whole number", "write 2"),
    ],
)
def test_set_to_what_the_document_does_not_allow(folder, given, fault, cure):
    for words in (["small.yaml"], ["validate", "small.yaml"]):
        said = run(*words, "--set", given, cwd=folder, code=1)
        assert said.out.startswith("small.yaml:")
        assert fault in said.out
        assert cure in said.out


def test_validate_of_several_files(folder):
    """Every file is looked at; the code is that of the worst mistake in a document, else of a name."""
    (folder / "bad.yaml").write_text("version: 1\n", encoding="utf-8")
    (folder / "deep").mkdir()
    (folder / "deep" / "small.yml").write_bytes((folder / "small.yaml").read_bytes())
    said = run("validate", "absent.yaml", "bad.yaml", "small.yaml", cwd=folder, code=1)
    assert said.err == "absent.yaml: cannot be read: No such file or directory\n"
    assert "bad.yaml:1:1: 'name' is missing" in said.out
    assert said.out.endswith("small.yaml: valid\n")
    assert run("validate", "small.yaml", "deep", cwd=folder, code=0).out.count(": valid") == 2
    run("validate", "small.yaml", "absent.yaml", cwd=folder, code=2)
    (folder / "circle.yaml").symlink_to(folder / "circle.yaml")
    run("validate", "small.yaml", "circle.yaml", cwd=folder, code=3)


def test_validate_of_a_folder_without_strategies(tmp_path):
    (tmp_path / "none").mkdir()
    assert "is a folder" in run("validate", "none", cwd=tmp_path, code=2).err


def test_a_terminal_that_knows_few_characters(edited):
    """Names and texts of a document are shown wherever they are shown, if only as numbers."""
    folder = edited(("name: in,", 'name: "naïve …",'), ("2013-10-07, end", "2013-10-07, fin"))
    said = run("validate", "small.yaml", cwd=folder, code=1, PYTHONIOENCODING="ascii")
    assert "unknown key 'fin'" in said.out
    folder = edited(("name: in,", 'name: "naïve …",'), ("close > sma", "close > 99 + sma"))
    said = run("small.yaml", "--no-report", cwd=folder, code=0, PYTHONIOENCODING="ascii")
    assert "na\\xefve" in said.out


def test_a_name_that_is_no_text(folder):
    """File names are bytes: one that is not UTF-8 is a file as others."""
    name = os.fsdecode(b"s\xff.yaml")
    (folder / name).write_bytes((folder / "small.yaml").read_bytes())
    assert ": valid" in run("validate", name, cwd=folder, code=0, PYTHONIOENCODING="utf-8").out


def test_problems_for_machines(edited):
    folder = edited(("enter: long", "entr: long"))
    (folder / "fine.yaml").write_text(STRATEGY, encoding="utf-8")
    said = run("validate", "--format", "json", "small.yaml", "fine.yaml", "absent.yaml", cwd=folder, code=1)
    assert json.loads(said.out) == {
        "files": [
            {
                "file": "small.yaml",
                "valid": False,
                "problems": [
                    {
                        "file": "small.yaml",
                        "line": 9,
                        "column": 51,
                        "message": "unknown key 'entr' in rule 'in'",
                        "cure": "did you mean 'enter'?",
                    }
                ],
            },
            {"file": "fine.yaml", "valid": True, "problems": []},
        ]
    }
    assert said.err.startswith("absent.yaml: cannot be read")


def test_problems_beside_the_code(edited):
    """GitHub's workflow commands: a percent sign and an end of line are written as codes."""
    folder = edited(("share: {default: 50%", "share: {default: 5%"))
    said = run("validate", "--format", "github", "small.yaml", cwd=folder, code=1)
    assert said.out == (
        "::error file=small.yaml,line=6,col=20::the default of 'share' is 5%25, outside 10%25 to 90%25"
        "%0Amove it, or the bounds\n"
    )
    assert run("validate", "--format", "github", "small.yaml", "--set", "share=20%", cwd=folder, code=1).out
