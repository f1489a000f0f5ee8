"""Weights against hand calculations and the fact sheet: `worked/weights.csv`."""

import csv
from pathlib import Path

import pytest

from runner.laws import weights

WORKED = Path(__file__).parents[1] / "worked" / "weights.csv"
ROWS = list(csv.DictReader(WORKED.read_text(encoding="utf-8").splitlines()))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['law']}: {row['case']}")
def test_worked(row):
    given = [float(word.split("=")[1]) for word in row["given"].split()]
    if row["law"] == "accumulated":
        given[1] = int(given[1])
    found = getattr(weights, row["law"])(*given)
    assert float(found) == pytest.approx(float(row["expected"]), abs=1e-15)


def test_every_law_has_rows_and_every_row_a_source():
    assert all(row["source"] for row in ROWS)
    assert {row["law"] for row in ROWS} == {
        name for name, value in vars(weights).items() if getattr(value, "__module__", "") == weights.__name__
    }
