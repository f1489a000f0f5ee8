"""Portfolios and views: whole runs over hand-made bars, record by record, on both drivers.

The rows of `worked/portfolio.csv` are portfolios in flow YAML over a few bars. Equity is 10,000, nothing is kept
free and no fee is charged, so that each number can be worked out by hand. Of daily runs the table shows what was
decided (fills at the next open are of the same price).
"""

import csv
from pathlib import Path

import pytest

from tests.engine import tiny

WORKED = Path(__file__).parents[1] / "worked" / "portfolio.csv"
ROWS = list(csv.DictReader(WORKED.read_text(encoding="utf-8").splitlines()))
ACCOUNT = "brokerage: {name: atreyu, free_equity: 0%, fees: {per_share: 0}}"


def play(row, folder, driver="loop"):
    return tiny.run(
        row["rules"],
        row["bars"],
        folder,
        driver,
        resolution=row["resolution"],
        cash=10_000,
        universe=row["universe"],
        more=f"portfolio: {row['portfolio']}\n{ACCOUNT}",
    )


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["case"])
def test_worked(row, tmp_path):
    dropped = ["filled", "expired"] if row["resolution"] == "1m" else ["filled", "expired", "submitted"]
    told = [line for line in tiny.sentences(play(row, tmp_path)) if line.split()[2] not in dropped]
    assert told == tiny.told(row["expected"])


def test_every_row_has_a_source():
    assert len(ROWS) >= 30
    assert all(row["source"] for row in ROWS)
    assert len({row["case"] for row in ROWS}) == len(ROWS)
