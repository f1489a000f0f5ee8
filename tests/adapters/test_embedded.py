"""The embedded data: values and counts from research/embedded-data.md, and the source's own adjusted close."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from runner.adapters import embedded
from runner.adapters.coverage import DataFault, missing
from runner.adapters.embedded import SYMBOLS, Embedded
from runner.adapters.sessions import calendar
from runner.market.bar import Actions, Bars
from tests.adapters.days import day, instant

FIRST, LAST = day("2000-03-01"), day("2013-03-01")


def bars(symbol: str, prices: str = "raw", corrections: bool = True) -> Bars:
    return Embedded(corrections).bars(symbol, "1d", FIRST, LAST, prices)


def row(found: Bars, date: str) -> int:
    return int(np.searchsorted(found.start, instant(f"{date} 09:30")))


def test_rows_of_every_symbol() -> None:
    # 12,154 rows in all; GOOG from its listing on 2004-08-19, FB from 2012-05-18.
    counts = {symbol: len(bars(symbol).end) for symbol in SYMBOLS}
    assert counts == {"AAPL": 3270, "FB": 196, "GOOG": 2148, "IBM": 3270, "MSFT": 3270}
    assert sum(counts.values()) == 12154


@pytest.mark.parametrize(
    ("symbol", "date", "close"),
    [
        ("AAPL", "2010-01-04", 214.01),
        ("AAPL", "2012-09-19", 702.10),
        ("IBM", "2010-01-04", 132.45),
        ("AAPL", "2005-02-25", 88.99),
        ("AAPL", "2005-02-28", 44.86),
        ("MSFT", "2003-02-14", 48.30),
        ("MSFT", "2003-02-18", 24.96),
    ],
)
def test_spot_closes(symbol: str, date: str, close: float) -> None:
    found = bars(symbol)
    assert found.close[row(found, date)] == close


def test_first_day_of_facebook() -> None:
    found = bars("FB")
    assert found.start[0] == instant("2012-05-18 09:30")
    assert found.end[0] == instant("2012-05-18 16:00")
    assert (found.open[0], found.high[0], found.volume[0]) == (42.05, 45.00, 573_576_400)
    assert found.close[0] == pytest.approx(38.23, abs=0.005)


def test_early_close() -> None:
    found = bars("AAPL")
    assert found.end[row(found, "2012-11-23")] == instant("2012-11-23 13:00")


def test_splits() -> None:
    found = bars("AAPL")
    before, after = row(found, "2005-02-25"), row(found, "2005-02-28")
    assert (found.split[0], found.split[before], found.split[after], found.split[-1]) == (1.0, 2.0, 4.0, 4.0)
    actions = Embedded().actions("AAPL", FIRST, LAST)
    splits = actions.split != 1.0
    assert actions.date[splits].tolist() == [day("2000-06-21"), day("2005-02-28")]
    assert actions.split[splits].tolist() == [2.0, 2.0]
    assert actions.reference[splits][1] == 88.99
    assert actions.date[~splits].tolist() == [day("2012-08-09"), day("2012-11-07"), day("2013-02-07")]
    assert actions.dividend[~splits].tolist() == [2.65, 2.65, 2.65]


def test_dividends() -> None:
    source = Embedded()
    microsoft = source.actions("MSFT", FIRST, LAST)
    paid = microsoft.dividend > 0
    assert paid.sum() == 37
    assert microsoft.dividend[microsoft.date == day("2004-11-15")].tolist() == [3.08]  # 3.00 special + 0.08
    assert microsoft.dividend[paid][[0, -1]].tolist() == [0.08, 0.23]
    ibm = source.actions("IBM", FIRST, LAST)
    assert len(ibm.date) == 52
    assert ibm.dividend[[0, -1]].tolist() == [0.13, 0.85]
    assert not len(source.actions("FB", FIRST, LAST).date)
    assert not len(source.actions("GOOG", FIRST, LAST).date)


def test_actions_of_a_range() -> None:
    found = Embedded().actions("MSFT", day("2004-11-15"), day("2004-11-15"))
    assert found.dividend.tolist() == [3.08]
    assert not len(Embedded().actions("MSFT", day("2004-11-16"), day("2004-12-31")).date)


def reinvested(found: Bars, actions: Actions, dates: np.ndarray) -> list[float]:
    """Value of one first share, dividends reinvested at the close of the ex-date, at every close."""
    shares, out = 1.0, []
    for date, close in zip(dates, found.close, strict=True):
        for i in np.flatnonzero(actions.date == date):
            shares *= actions.split[i] * (1.0 + actions.dividend[i] / close)
        out.append(shares * close)
    return out


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_total_return_equals_the_adjusted_close(symbol: str) -> None:
    pandas = pytest.importorskip("pandas")
    from bokeh_sampledata import stocks

    table = pandas.DataFrame(getattr(stocks, symbol))
    found = bars(symbol)
    dates = pandas.to_datetime(table["date"]).to_numpy().astype("M8[D]").astype(int)
    values = reinvested(found, Embedded().actions(symbol, FIRST, LAST), dates)
    oracle = table["adj_close"] / table["adj_close"].iloc[0] * found.close[0]
    # A dividend is recovered to the cent; the source kept more digits.
    np.testing.assert_allclose(values, oracle, rtol=1e-5)


def test_corrections() -> None:
    stale, plain = bars("AAPL"), bars("AAPL", corrections=False)
    i = row(stale, "2003-01-29")
    assert np.flatnonzero(~stale.real).tolist() == [i]
    assert stale.volume[i] == 0
    assert plain.real.all()
    assert plain.close[i] == plain.close[i - 1]
    assert bars("GOOG", corrections=False).volume[0] == 44_659_000
    assert bars("GOOG").volume[0] == pytest.approx(22_351_900, abs=100)
    assert bars("MSFT", corrections=False).volume[row(plain, "2003-02-18")] == 28_707_750
    assert bars("MSFT").volume[row(plain, "2003-02-18")] == 57_415_500


def test_notes_name_what_was_done() -> None:
    source = Embedded()
    source.bars("GOOG", "1d", FIRST, LAST)
    assert any("1.998" in note for note in source.notes())
    assert any("GOOGL" in note for note in source.notes())
    silent = Embedded(corrections=False)
    silent.bars("AAPL", "1d", FIRST, LAST)
    assert silent.notes() == []
    assert list(source.files().values()) == [
        "5abadf99b2d394f920120a27de6f0df129859d71d4cfb0bf661bcc99446ab1fd"
    ]


def test_adjusted_prices_are_continuous() -> None:
    raw, split, full = bars("AAPL"), bars("AAPL", "split_adjusted"), bars("AAPL", "adjusted")
    i = row(raw, "2005-02-28")
    assert split.close[i - 1] == 88.99 / 2
    assert split.close[i] == 44.86
    assert split.volume[i - 1] == raw.volume[i - 1] * 2
    assert (split.split == 1.0).all()
    # LEAN's rule: 1 - dividend / last close before it, for each of the three dividends after that day.
    closes = [raw.close[row(raw, date) - 1] for date in ("2012-08-09", "2012-11-07", "2013-02-07")]
    assert full.close[i] == pytest.approx(44.86 * np.prod([1 - 2.65 / close for close in closes]), rel=1e-14)
    assert full.close[-1] == raw.close[-1]


def test_coverage() -> None:
    sessions = calendar(FIRST, LAST)
    assert missing(bars("IBM"), sessions, FIRST, LAST, "1d") == []
    assert missing(bars("FB"), sessions, FIRST, LAST, "1d") == [(FIRST, day("2012-05-17"))]
    assert missing(bars("AAPL"), sessions, FIRST, LAST, "1d") == [(day("2003-01-29"), day("2003-01-29"))]


def test_not_listed_yet() -> None:
    source = Embedded()
    assert not len(source.bars("FB", "1d", day("2010-01-04"), day("2010-12-31")).end)
    assert "FB: listed from 2012-05-18" in source.notes()
    assert source.listed("FB")[0] == day("2012-05-18")


@pytest.mark.parametrize(
    ("symbol", "resolution", "first", "last", "words"),
    [
        ("APPL", "1d", "2010-01-04", "2010-12-31", "did you mean AAPL"),
        ("META", "1d", "2010-01-04", "2010-12-31", "has it as FB"),
        ("AAPL", "1m", "2010-01-04", "2010-12-31", "daily bars only"),
        ("AAPL", "1d", "2020-01-02", "2020-12-31", "2000-03-01 to 2013-03-01"),
        ("AAPL", "1d", "1999-01-04", "1999-12-31", "2000-03-01 to 2013-03-01"),
    ],
)
def test_faults(symbol: str, resolution: str, first: str, last: str, words: str) -> None:
    with pytest.raises(DataFault, match=words):
        Embedded().bars(symbol, resolution, day(first), day(last))


@pytest.mark.parametrize(("found", "words"), [(None, "extra `demo`"), ("2025.5", "2025.5 holds other data")])
def test_package_missing_or_old(monkeypatch: pytest.MonkeyPatch, found: str | None, words: str) -> None:
    monkeypatch.setattr(embedded, "installed", lambda _: None if found is None else (Path("nowhere"), found))
    with pytest.raises(DataFault, match=words):
        Embedded()


def test_the_second_run_needs_no_pandas() -> None:
    bars("AAPL")
    code = (
        "import sys; from runner.adapters.embedded import Embedded, SYMBOLS\n"
        f"rows = sum(len(Embedded().bars(s, '1d', {FIRST}, {LAST}).end) for s in SYMBOLS)\n"
        "assert rows == 12154\n"
        "heavy = {'pandas', 'bokeh_sampledata', 'pandas_market_calendars', 'importlib.metadata'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], check=True)
