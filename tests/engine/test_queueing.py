"""When an order is sent, waits, fills and ends: whole runs over hand-made bars, record by record.

The rows of `worked/queueing.csv`, `reprices.csv` and the others of TABLES are strategies in flow YAML over a few bars and the journal that design
section 4 (or LEAN's, by its fact sheet) asks for, worked out by hand; `tiny.py` says how they are written.
"""

import csv
from pathlib import Path

import pytest

from tests.engine import tiny

WORKED = Path(__file__).parents[1] / "worked"
TABLES = ("queueing", "reprices", "protect", "controls", "parts", "orders", "upon")


def rows(table):
    return list(csv.DictReader((WORKED / f"{table}.csv").read_text(encoding="utf-8").splitlines()))


ROWS = [row for table in TABLES for row in rows(table)]


def plan_of(row):
    return {
        "resolution": row["resolution"] or "1m",
        "more": row["account"],
        "cash": int(row["cash"] or 100_000),
    }


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["case"])
def test_worked(row, tmp_path):
    run = tiny.run(row["rules"], row["bars"], tmp_path, **plan_of(row))
    assert tiny.sentences(run) == tiny.told(row["expected"])


@pytest.mark.parametrize("table", TABLES)
def test_every_row_has_a_source(table):
    found = rows(table)
    assert len(found) >= 8
    assert all(row["source"] for row in found)


def test_every_case_has_a_name_of_its_own():
    assert len({row["case"] for row in ROWS}) == len(ROWS)


def test_an_unknown_branch_counts_as_not_ready(tmp_path):
    """Three bars: the average of two is unknown on the first, where the choice is not made; by hand."""
    run = tiny.run(
        "[{name: c, when: close > 0, every_bar: true, choose: [{if: close > sma(2), note: up}, {else: {note: down}}]}]",
        "Mon 10:00 100 100 100 100; Mon 10:01 101 101 101 101; Mon 10:02 99 99 99 99",
        tmp_path,
    )
    assert tiny.sentences(run) == ["Mon 10:01 noted up", "Mon 10:02 noted down"]
    tally = run.journal.header["tallies"]["c"]["A"]
    assert {name: count for name, count in tally.items() if count} == {"not_ready": 1, "sent": 2}
