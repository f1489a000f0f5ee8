"""Who belongs to the universe when, and which rules look at whom: whole runs over hand-made bars.

The rows of `worked/universe.csv` are strategies in flow YAML; `members` are the rows of a file of members, cut at
semicolons; `tiny.py` says how the rest is written. What is expected was worked out by hand from docs/language.md,
section Universes.
"""

import csv
from pathlib import Path

import pytest

from runner.adapters.coverage import DataFault
from tests.engine import tiny

TABLE = Path(__file__).parents[1] / "worked" / "universe.csv"
ROWS = list(csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines()))


def played(row, folder, driver="loop"):
    """The run of a row."""
    lines = ["symbol,from,to", *(row["members"].split(";") if row["members"] else [])]
    lists = folder / "lists"  # beside the bars a file of members would be one of them
    lists.mkdir(exist_ok=True)
    (lists / "members.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    plan = {"resolution": row["resolution"], "more": row["account"]}
    universe = row["universe"].replace("members.csv", "lists/members.csv")
    return tiny.run(row["rules"], row["bars"], folder, driver, universe=universe, **plan)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["case"])
def test_worked(row, tmp_path):
    assert tiny.sentences(played(row, tmp_path)) == tiny.told(row["expected"])


def test_the_table():
    assert len(ROWS) >= 8
    assert all(row["source"] for row in ROWS)
    assert len({row["case"] for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("symbol,from\nA,2013-13-01", "line 2: '2013-13-01' is no date"),
        ("symbol,from,to\nA,2013-10-09,2013-10-08", "line 2: A leaves before it joins"),
        ("symbol\na", "line 2: 'a' is no symbol"),
        ("ticker\nA", "the first line names the columns: symbol"),
        ("symbol\n", "the file names no symbol"),
        ("symbol,to\nA", "line 2: 1 fields, expected 2"),
    ],
)
def test_a_bad_file_of_members(lines, told, tmp_path):
    (tmp_path / "members.txt").write_text(lines, encoding="utf-8")
    with pytest.raises(DataFault, match=told.replace("[", r"\[")):
        tiny.run(
            "[{name: n, when: close > 0, note: x}]",
            "Mon 1 1 1 1",
            tmp_path,
            resolution="1d",
            universe="{file: members.txt}",
        )


def test_no_file_of_members(tmp_path):
    with pytest.raises(DataFault, match="there is no such file"):
        tiny.run(
            "[{name: n, when: close > 0, note: x}]",
            "Mon 1 1 1 1",
            tmp_path,
            resolution="1d",
            universe="{file: none.csv}",
        )


def test_nobody_ever_joins(tmp_path):
    with pytest.raises(DataFault, match="no member in the whole run"):
        tiny.run(
            "[{name: n, when: close > 0, note: x}]",
            "Mon 1 1 1 1",
            tmp_path,
            resolution="1d",
            universe="{dynamic: {where: close > 2}}",
        )
