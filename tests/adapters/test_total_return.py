"""`data.prices: total_return`: split-adjusted prices plus the dividends since the run's first day, worked by hand.

LEAN: Common/Extensions.cs (price x factor + sum of dividends), DividendEventProvider.cs (the sum begins at the subscription).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.adapters.csv_data import CsvFiles, CsvPlan
from runner.adapters.embedded import Embedded
from runner.adapters.lean_data import LeanFolder
from tests.adapters.days import day

# A dividend of 0.50 on Tuesday, one for two on Wednesday, a dividend of 0.20 on Friday.
WEEK = """time,open,high,low,close,volume,split,dividend
2013-10-07,100,102,98,101,10,,
2013-10-08,99,100,98,99,10,,0.5
2013-10-09,50,51,49,50,20,2,
2013-10-10,52,52,52,52,20,,
2013-10-11,51,51,51,51,20,,0.2
"""
MON, TUE, FRI = day("2013-10-07"), day("2013-10-08"), day("2013-10-11")


@pytest.fixture
def week(tmp_path: Path) -> CsvFiles:
    (tmp_path / "ABC.csv").write_text(WEEK)
    return CsvFiles(CsvPlan(str(tmp_path / "{symbol}.csv")))


def test_the_sum_is_in_the_shares_of_the_price(week: CsvFiles) -> None:
    """Halves before Wednesday; from Tuesday on 0.50 / 2 more, from Friday on 0.20 more."""
    found = week.bars("ABC", "1d", MON, FRI, "total_return")
    assert found.close.tolist() == pytest.approx([50.5, 49.75, 50.25, 52.25, 51.45], rel=1e-15)
    assert found.high[0] == 51.0
    assert found.low[1] == 49.25
    assert found.volume.tolist() == [20, 20, 20, 20, 20]


def test_bars_before_the_day_have_the_dividends_taken_off(week: CsvFiles) -> None:
    """Wednesday is split-adjusted; on Monday the dividend between them, 0.25, is taken off."""
    found = week.bars("ABC", "1d", MON, FRI, "total_return", since=day("2013-10-09"))
    assert found.close.tolist() == pytest.approx([50.25, 49.5, 50.0, 52.0, 51.2], rel=1e-15)


def test_a_dividend_on_the_day_itself_is_not_added(week: CsvFiles) -> None:
    found = week.bars("ABC", "1d", TUE, FRI, "total_return")
    assert found.close[0] == 49.5


@pytest.mark.parametrize(("exact", "paid"), [(True, 3.29), (False, 3.29 / 28)])
def test_leans_folder(shared: Path, exact: bool, paid: float) -> None:
    """Apple paid $3.29 on 2014-05-08 and split 7:1 and 4:1 afterwards. LEAN's own arithmetic adds the $3.29."""
    lean = LeanFolder(shared / "lean-data", exact_factors=exact)
    days = day("2014-05-07"), day("2014-05-08")
    split = lean.bars("AAPL", "1d", *days, "split_adjusted").close
    found = lean.bars("AAPL", "1d", *days, "total_return").close
    assert (found - split).tolist() == pytest.approx([0.0, paid], abs=2e-6)


def test_embedded() -> None:
    """IBM: $0.18 on 2005-02-08 and $0.20 on 2005-05-06, no split afterwards."""
    days = day("2005-02-07"), day("2005-05-06")
    raw, found = (Embedded().bars("IBM", "1d", *days, prices).close for prices in ("raw", "total_return"))
    assert (found - raw)[[0, 1, -2, -1]].tolist() == pytest.approx([0.0, 0.18, 0.18, 0.38], abs=1e-12)
