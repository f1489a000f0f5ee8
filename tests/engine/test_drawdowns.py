"""Limits of loss and gain: whole runs over hand-made bars, record by record. `worked/drawdowns.csv`.

Equity is 10,000, nothing is kept free and no fee is charged. Fills are left out: they are of the close of the bar, or
of the next open.
"""

import csv
from pathlib import Path

import pytest

from tests.engine import tiny
from tests.engine.test_portfolio import ACCOUNT

WORKED = Path(__file__).parents[1] / "worked" / "drawdowns.csv"
ROWS = list(csv.DictReader(WORKED.read_text(encoding="utf-8").splitlines()))


def play(row, folder, driver="loop"):
    more = "\n".join([*row["account"].split(" | "), ACCOUNT])
    return tiny.run(
        row["rules"], row["bars"], folder, driver, resolution=row["resolution"], cash=10_000, more=more
    )


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["case"])
def test_worked(row, tmp_path):
    dropped = ["filled", "expired"] if row["resolution"] == "1m" else ["filled", "expired", "submitted"]
    told = [line for line in tiny.sentences(play(row, tmp_path)) if line.split()[2] not in dropped]
    assert told == tiny.told(row["expected"])


def test_every_row_has_a_source():
    assert len(ROWS) >= 12
    assert all(row["source"] for row in ROWS)
    assert len({row["case"] for row in ROWS}) == len(ROWS)
