"""What the account lets happen: whole runs over hand-made bars, record by record.

The rows of `worked/runs_*.csv` are strategies in flow YAML over a few bars and the journal that a rule book, the
fact sheets or a hand calculation ask for; `tiny.py` says how they are written.
"""

import csv
from pathlib import Path

import pytest

from tests.engine import tiny

TABLES = sorted((Path(__file__).parents[1] / "worked").glob("runs_*.csv"))
ROWS = [
    (table.stem, row)
    for table in TABLES
    for row in csv.DictReader(table.read_text(encoding="utf-8").splitlines())
]


@pytest.mark.parametrize(("table", "row"), ROWS, ids=[f"{table}-{row['case']}" for table, row in ROWS])
def test_worked(table, row, tmp_path):
    run = tiny.run(
        row["rules"],
        row["bars"],
        tmp_path,
        resolution=row["resolution"] or "1m",
        more=row["account"],
        cash=int(row["cash"] or 100_000),
    )
    assert tiny.sentences(run) == tiny.told(row["expected"])


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.stem)
def test_every_row_has_a_source(table):
    rows = [row for name, row in ROWS if name == table.stem]
    assert len(rows) >= 8
    assert all(row["source"] for row in rows)
    assert len({row["case"] for row in rows}) == len(rows)
