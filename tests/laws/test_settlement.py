"""When cash settles: rows by the exchange's holidays and the rule's dates, written by hand."""

import csv
import datetime
from pathlib import Path

import numpy as np
import pytest

from runner.adapters.sessions import calendar
from runner.laws import settlement
from runner.market.settings import WORDS
from tests.made import NEW_YORK

WORKED = Path(__file__).parents[1] / "worked" / "settlement.csv"
ROWS = list(csv.DictReader(WORKED.read_text(encoding="utf-8").splitlines()))
EPOCH = datetime.date(1970, 1, 1)
HOUR = 3_600_000_000_000


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["case"])
def test_worked(row):
    day = (datetime.date.fromisoformat(row["traded"]) - EPOCH).days
    sessions = settlement.sessions_after(WORDS["settlement"].index(row["rule"]), day)
    found = settlement.due(calendar(day - 30, day + 30), np.array([day]), sessions, int(row["hours"]) * HOUR)
    wall = datetime.datetime.fromtimestamp(int(found[0]) // 10**9, NEW_YORK)
    assert f"{wall:%Y-%m-%d %H:%M}" == row["settles"]


def test_every_row_has_a_source():
    assert len(ROWS) >= 8
    assert all(row["source"] for row in ROWS)


def test_only_what_comes_in_waits():
    assert settlement.proceeds(True, 5) == (0, 5)
    assert settlement.proceeds(True, -5) == (-5, 0)
    assert settlement.proceeds(False, 5) == (5, 0)
