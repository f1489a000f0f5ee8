"""What can be borrowed, read from files."""

import numpy as np
import pytest

from runner.adapters.coverage import DataFault
from runner.adapters.lenders import CsvLender, LeanLender
from runner.market.borrow import UNKNOWN
from tests.adapters.days import day

WEEK = (day("2013-10-04"), day("2013-10-11"))


def plain(loans):
    return [np.asarray(column).tolist() for column in loans]


def test_lean_folder(shared):
    """SPY's file: 1000 shares a day at a fee of 0.25 %; AAPL's: a rebate of 3.85 %; AIG's has shares only."""
    lender = LeanLender(shared / "lean-data/equity/usa/shortable/testbrokerage")
    sessions = [day(f"2013-10-{d:02}") for d in (4, 7, 8, 9, 10, 11)]
    assert plain(lender.loans("SPY", *WEEK)) == [sessions, [1000] * 6, [0.0025] * 6, [0.0] * 6]
    assert plain(lender.loans("AAPL", *WEEK)) == [sessions, [1000] * 6, [0.0] * 6, [0.0385] * 6]
    assert plain(lender.loans("AIG", *WEEK))[1:] == [[1001] * 6, [0.0] * 6, [0.0] * 6]
    assert plain(lender.loans("IBM", *WEEK)) == [[], [], [], []]
    assert lender.notes() == ["IBM: nothing says what can be borrowed from 2013-10-04 to 2013-10-11"]
    assert "testbrokerage/symbols/spy.csv" in lender.files()


def test_lean_dates_stand_in_for_a_missing_symbol(shared):
    """GME has no file of its own; on 2014-03-25 and -27 the files of dates name it."""
    lender = LeanLender(shared / "lean-data/equity/usa/shortable/testbrokerage")
    found = lender.loans("GME", day("2014-03-24"), day("2014-03-26"))
    assert plain(found) == [[day("2014-03-25")], [200], [0.0], [0.0]]


def test_csv_file(tmp_path):
    path = tmp_path / "borrow.csv"
    path.write_text(
        "Date,Symbol,Shares,Fee\n2013-10-08,SPY,500,1.25%\n2013-10-07,SPY,,0.5\n2013-10-07,IBM,0,\n",
        encoding="utf-8",
    )
    lender = CsvLender(str(path), "borrow.csv")
    days = [day("2013-10-07"), day("2013-10-08")]
    assert plain(lender.loans("SPY", *WEEK)) == [days, [UNKNOWN, 500], [0.005, 0.0125], [0.0, 0.0]]
    assert plain(lender.loans("IBM", *WEEK)) == [days[:1], [0], [0.0], [0.0]]
    assert list(lender.files()) == ["borrow.csv"]


def test_a_csv_file_for_each_symbol(tmp_path):
    (tmp_path / "SPY.csv").write_text("date,quantity\n20131007,12\n", encoding="utf-8")
    assert plain(CsvLender(str(tmp_path / "{symbol}.csv")).loans("SPY", *WEEK))[1] == [12]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("date,symbol\n", "no column 'shares'"),
        ("date,symbol,shares\n2013-10-07,SPY\n", "line 2: 2 fields, expected 3"),
        ("date,symbol,shares\n2013-13-07,SPY,1\n", "line 2: '2013-13-07' is not a date"),
        ("date,symbol,shares\n2013-10-07,SPY,many\n", "line 2: shares 'many' is not a number"),
        ("date,symbol,shares\n2013-10-07,SPY,-5\n", "line 2: shares '-5' is not a number"),
        ("date,symbol,shares\n2013-10-07,SPY,5\n2013-10-07,SPY,6\n", "two rows of SPY on 2013-10-07"),
    ],
)
def test_faults(tmp_path, text, message):
    path = tmp_path / "borrow.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataFault, match=message):
        CsvLender(str(path)).loans("SPY", *WEEK)


def test_no_folder(tmp_path):
    with pytest.raises(DataFault, match="neither symbols nor dates"):
        LeanLender(tmp_path)
    with pytest.raises(DataFault, match="there is no such file"):
        CsvLender(str(tmp_path / "none.csv")).loans("SPY", *WEEK)
