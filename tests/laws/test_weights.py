"""Weights and drawdowns against hand calculations and the fact sheet: `worked/weights.csv`, `worked/drawdown_laws.csv`."""

import csv
from pathlib import Path

import pytest

from runner.laws import drawdown, weights

WORKED = Path(__file__).parents[1] / "worked"
TABLES = {"weights": weights, "drawdown_laws": drawdown}
ROWS = [
    (table, row)
    for table in TABLES
    for row in csv.DictReader((WORKED / f"{table}.csv").read_text(encoding="utf-8").splitlines())
]
WHOLE = ("direction", "long", "closes")


@pytest.mark.parametrize(
    ("table", "row"), ROWS, ids=lambda one: one["case"] if isinstance(one, dict) else one
)
def test_worked(table, row):
    pairs = [word.split("=") for word in row["given"].split()]
    given = {name: int(value) if name in WHOLE else float(value) for name, value in pairs}
    found = getattr(TABLES[table], row["law"])(**given)
    assert float(found) == pytest.approx(float(row["expected"]), abs=1e-15)


def test_every_law_has_rows_and_every_row_a_source():
    assert all(row["source"] for _, row in ROWS)
    for table, module in TABLES.items():
        laws = {
            name for name, one in vars(module).items() if getattr(one, "__module__", "") == module.__name__
        }
        assert laws == {row["law"] for name, row in ROWS if name == table}
