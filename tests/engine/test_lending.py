"""Short sales and what can be borrowed: whole runs over hand-made bars, record by record (`worked/lending.csv`).

`lends`: day, symbol, shares, and if need be fee and rebate in percent, of the file that the document names.
"""

import csv
from pathlib import Path

import msgspec
import pytest

from runner import assemble
from runner.language.lending import Tradable
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


def test_a_symbol_that_the_account_may_not_trade_is_refused_in_the_run(tmp_path):
    """A universe may select it after the document was checked: the run refuses its orders, and no other's."""
    rules = "[{name: r, when: close > 0, once_per: run, buy: 1 share}]"
    ready = tiny.ready(rules, "A@Mon 09:31 50 50 50 50; B@Mon 09:31 60 60 60 60", tmp_path)
    spec = msgspec.structs.replace(ready.program.spec, tradable=Tradable(excluded=("A",)))
    run = assemble.run_backtest(ready._replace(program=ready.program._replace(spec=spec)))
    assert tiny.sentences(run) == [
        "Mon 09:31 refused A +1 not_tradable",
        "Mon 09:31 submitted #1 B +1",
        "Mon 09:31 filled #1 B +1 @ 60",
    ]
