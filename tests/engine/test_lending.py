"""Short sales and what can be borrowed: whole runs over hand-made bars, record by record (`worked/lending.csv`).

`lends`: day, symbol, shares, and if need be fee and rebate in percent, of the file that the document names.
"""

import csv
from pathlib import Path

import pytest

from tests.engine import tiny

WORKED = Path(__file__).parents[1] / "worked" / "lending.csv"
ROWS = list(csv.DictReader(WORKED.read_text(encoding="utf-8").splitlines()))


def lend(text, folder):
    """Write the lender's file; returns the document's block."""
    lines = ["date,symbol,shares,fee,rebate"]
    for one in text.split(";"):
        day, symbol, shares, *rates = one.split()
        lines.append(",".join([str(tiny.date_of(day)), symbol, shares, *rates, *[""] * (2 - len(rates))]))
    (folder / "borrow.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return "source: {csv: borrow.csv}"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["case"])
def test_worked(row, tmp_path):
    block = ", ".join(part for part in (lend(row["lends"], tmp_path), row["account"]) if part)
    run = tiny.run(row["rules"], row["bars"], tmp_path, more=f"short_selling: {{{block}}}")
    assert tiny.sentences(run) == tiny.told(row["expected"])


def test_every_row_has_a_source():
    assert len(ROWS) >= 8
    assert all(row["source"] for row in ROWS)
    assert len({row["case"] for row in ROWS}) == len(ROWS)
