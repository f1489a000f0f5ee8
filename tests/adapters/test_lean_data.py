"""LEAN's sample folder: values that LEAN's own regression tests assert, and files broken on purpose."""

from __future__ import annotations

import json
import re
import zipfile
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from runner.adapters.adjust import written_ratio
from runner.adapters.coverage import DataFault, missing
from runner.adapters.lean_data import LeanFolder
from runner.adapters.sessions import calendar
from tests.adapters.days import day, instant


@pytest.fixture
def lean(shared: Path) -> LeanFolder:
    return LeanFolder(shared / "lean-data")


def fact(shared: Path, case: str, after: str) -> list[float]:
    """Numbers that follow `after` in the facts LEAN's regression algorithm `case` asserts."""
    cases = json.loads((shared / "golden" / "cases.json").read_text())["cases"]
    texts = next(c["asserted_facts"] for c in cases if c["id"] == case)
    found = next(text.split(after, 1)[1] for text in texts if after in text)
    return [float(number) for number in re.findall(r"\d+(?:\.\d+)?", found.split(";")[0])]


def test_minute_week(lean: LeanFolder) -> None:
    found = lean.bars("SPY", "1m", day("2013-10-07"), day("2013-10-11"))
    assert len(found.end) == 5 * 390
    assert found.real.all()
    assert found.end[0] == instant("2013-10-07 09:31")
    assert found.end[389] == instant("2013-10-07 16:00")
    assert (found.quote_end == found.end).all()
    assert (found.split == 1.0).all()
    assert missing(found, calendar(day("2013-10-07"), day("2013-10-14")), day("2013-10-07"), day("2013-10-14"), "1m") == [
        (day("2013-10-14"), day("2013-10-14"))
    ]  # fmt: skip


def test_raw_prices_are_the_nearest_doubles(lean: LeanFolder) -> None:
    found = lean.bars("SPY", "1m", day("2013-10-07"), day("2013-10-11"))
    for value in found.close[:500].tolist():
        assert value == float(Decimal(round(value * 10000)) / 10000)


def test_adjusted_ask_of_the_first_minute(lean: LeanFolder) -> None:
    # basic_template_atreyu: one market order filled at the 09:31 quote bar's ask close 144.78172417 (adjusted).
    found = lean.bars("SPY", "1m", day("2013-10-07"), day("2013-10-07"), "adjusted")
    assert found.ask[0] == pytest.approx(144.78172417, rel=1e-15)


def test_daily_adjusted_closes(lean: LeanFolder) -> None:
    # basic_template_daily: quantity 697 from close 143.078409768, fill 143.372382812 (the next day's open).
    found = lean.bars("SPY", "1d", day("2013-10-01"), day("2013-10-09"), "adjusted")
    assert any(abs(found.close - 143.078409768) < 1e-9)
    i = int(np.argmin(abs(found.close - 143.078409768)))
    assert found.open[i + 1] == pytest.approx(143.372382812, rel=1e-14)
    assert found.end[i] - found.start[i] == 6.5 * 3600 * 10**9


def test_split_adjusted_volume(lean: LeanFolder, shared: Path) -> None:
    found = lean.bars("AAPL", "1m", day("2014-06-05"), day("2014-06-05"), "split_adjusted")
    assert found.volume[:10].tolist() == fact(shared, "split_adjusted_volume", "first ten adjusted volumes:")


def test_raw_closes_over_a_new_ticker_and_a_split(lean: LeanFolder, shared: Path) -> None:
    found = lean.bars("GOOGL", "1d", day("2014-03-25"), day("2014-04-07"))
    assert found.close.tolist() == fact(shared, "raw_data_googl", "daily closes received:")
    # The split is in force from 2014-04-03, the day on which the ticker became GOOGL.
    assert found.split.tolist() == [1.0] * 7 + [2.0] * 3
    assert "GOOGL: data of GOOG from 2014-03-25 to 2014-04-02" in lean.notes()


def test_split_and_its_reference(lean: LeanFolder, shared: Path) -> None:
    # hour_split: event price and reference price are 645.5700; 14 bars in two sessions.
    found = lean.actions("AAPL", day("2014-06-06"), day("2014-06-09"))
    assert (found.date.tolist(), found.split.tolist(), found.dividend.tolist()) == (
        [day("2014-06-09")],
        [7.0],
        [0.0],
    )
    assert found.reference.tolist() == fact(shared, "split_hour_adjusted", "reference price are")
    assert len(lean.bars("AAPL", "1h", day("2014-06-06"), day("2014-06-09")).end) == 14


def test_exact_factors(shared: Path) -> None:
    # The file's factor is 0.1428571...: LEAN leaves 69 of 70 shares after 10 x 7 (split_open_orders_raw).
    exact = LeanFolder(shared / "lean-data", exact_factors=True).actions(
        "AAPL", day("2014-06-09"), day("2014-06-09")
    )
    assert int(10 * exact.split[0]) == 69


@pytest.mark.parametrize(
    ("computed", "written"),
    [(6.9999972, 7.0), (2.0002932403, 2.0), (1.2499929688, 1.25), (0.33330000333, 1 / 3), (0.05, 0.05),
     (1.0027002718, 1.0027002718), (0.2564099934, 0.2564099934), (1.0, 1.0)],
)  # fmt: skip
def test_written_ratio(computed: float, written: float) -> None:
    assert written_ratio(computed) == written


def test_dividends_to_the_cent(lean: LeanFolder) -> None:
    # Apple's announced dividends: 2.65 thrice, 3.05 four times, 3.29, then 0.47 after 7:1.
    found = lean.actions("AAPL", day("2012-01-01"), day("2014-12-31"))
    paid = found.dividend[found.dividend > 0].tolist()
    assert paid == [2.65] * 3 + [3.05] * 4 + [3.29, 0.47, 0.47]
    assert found.date[0] == day("2012-08-09")


def test_hours(lean: LeanFolder) -> None:
    found = lean.bars("SPY", "1h", day("2013-10-07"), day("2013-10-07"))
    assert found.end.tolist() == [instant(f"2013-10-07 {hour}:00") for hour in range(10, 17)]
    assert np.isnan(found.bid).all()
    assert not found.quote_end.any()
    early = lean.bars("SPY", "1h", day("2013-11-29"), day("2013-11-29"))
    assert early.end[-1] == instant("2013-11-29 13:00")


def test_ticker_of_the_day(lean: LeanFolder) -> None:
    found = lean.bars("SPWR", "1h", day("2008-08-20"), day("2008-10-01"))
    assert found.end[-1] == instant("2008-10-01 16:00")
    assert len(found.end) == 30 * 7  # 30 sessions
    assert "SPWR: data of SPWRA from 2008-09-30 to 2008-10-01" in lean.notes()


def test_earlier_security_of_a_ticker(lean: LeanFolder) -> None:
    found = lean.bars("AAA.1", "1d", day("2007-05-15"), day("2007-05-25"))
    assert found.end[-1] == instant("2007-05-18 16:00")  # delisting_events: delisted on that day
    assert lean.listed("AAA.1") == (day("2002-05-22"), day("2007-05-18"))
    vxx = lean.bars("VXX.1", "1h", day("2009-01-30"), day("2021-03-31"))
    assert vxx.end[-1] == instant("2019-01-29 16:00")
    assert lean.listed("SHY") is None


def test_out_of_order_bar(lean: LeanFolder, shared: Path) -> None:
    found = lean.bars("SHY", "1m", day("2008-03-07"), day("2008-03-10"))
    i = int(np.searchsorted(found.start, instant("2008-03-10 09:30")))
    assert found.real[i]
    assert found.close[i] == fact(shared, "fill_forward_out_of_order_shy", "close is")[0]
    # Rows without a trade repeat the one before, without its volume.
    copies = np.flatnonzero(~found.real)
    assert len(copies)
    assert (found.close[copies] == found.close[copies - 1]).all()
    assert not found.volume[copies].any()


def test_extended_hours(lean: LeanFolder) -> None:
    regular = lean.bars("SPY", "1m", day("2013-10-07"), day("2013-10-07"))
    extended = lean.bars("SPY", "1m", day("2013-10-07"), day("2013-10-07"), extended_hours=True)
    assert extended.end[0] == instant("2013-10-07 04:01")
    assert extended.end[-1] == instant("2013-10-07 20:00")
    inside = np.isin(extended.end, regular.end)
    assert extended.close[inside].tolist() == regular.close.tolist()


def test_a_side_without_quotes(lean: LeanFolder) -> None:
    # The first quote of 20140609_twx_minute_quote.csv has no bid; its trades begin at the open.
    found = lean.bars("TWX", "1m", day("2014-06-09"), day("2014-06-09"), extended_hours=True)
    assert np.isfinite(found.ask).all()
    assert (found.end >= found.quote_end).all()


def test_seconds(lean: LeanFolder) -> None:
    found = lean.bars("SPY", "1s", day("2013-10-07"), day("2013-10-07"))
    minute = lean.bars("SPY", "1m", day("2013-10-07"), day("2013-10-07"))
    assert found.end[0] == instant("2013-10-07 09:30") + 10**9
    last = np.searchsorted(found.end, minute.end, "right") - 1
    assert (found.close[last] == minute.close).mean() > 0.99  # two aggregations of one feed


def test_the_cache_changes_nothing(lean: LeanFolder, shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    args = ("AAPL", "1m", day("2014-06-05"), day("2014-06-09"))
    first, second = lean.bars(*args), LeanFolder(shared / "lean-data").bars(*args)
    monkeypatch.setenv("RUN_CACHE", "off")
    third = LeanFolder(shared / "lean-data").bars(*args)
    for a, b, c in zip(first, second, third, strict=True):
        assert a.tobytes() == b.tobytes() == c.tobytes()


def test_files_are_named_with_their_hash(lean: LeanFolder) -> None:
    lean.bars("IBM", "1d", day("2013-10-07"), day("2013-10-07"))
    assert sorted(lean.files()) == [
        f"equity/usa/{name}" for name in ("daily/ibm.zip", "factor_files/ibm.csv", "map_files/ibm.csv")
    ]


@pytest.mark.parametrize(
    ("symbol", "resolution", "first", "words"),
    [
        ("SPYY", "1d", "2013-10-07", "SPYY: no daily data .*did you mean SPY"),
        ("SHY", "1d", "2013-10-07", "it has 1m data"),
        ("SPY", "1m", "2015-01-05", "no minute rows from 2015-01-05 in .*20131004 to"),
        ("SPY", "1d", "2022-01-03", "SPY 1998-01-02 to 2021-03-31"),
        ("../SPY", "1d", "2013-10-07", "cannot be the name"),
        ("SPY", "5m", "2013-10-07", "1s, 1m, 1h, 1d"),
    ],
)
def test_missing(lean: LeanFolder, symbol: str, resolution: str, first: str, words: str) -> None:
    with pytest.raises(DataFault, match=words):
        lean.bars(symbol, resolution, day(first), day(first))


def test_before_the_listing(lean: LeanFolder) -> None:
    assert not len(lean.bars("FB", "1d", day("2010-01-04"), day("2010-12-31")).end)
    assert lean.notes() == ["FB: listed from 2012-05-18"]


def broken(root: Path, folder: str, name: str, text: bytes | None, inner: str = "x.csv") -> LeanFolder:
    """A LEAN folder with one file; `text` None is a zip cut short."""
    path = root / "equity" / "usa" / folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(inner, text if text is not None else b"20131007 00:00,1,1,1,1,1\n" * 99)
    if text is None:
        path.write_bytes(path.read_bytes()[:-40])
    return LeanFolder(root)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "x.zip: the zip cannot be read"),
        (b"20131007 00:00,1,1,1,1,1\n20131008 00:00,1,1,1,1\n", "line 2: 5 fields, expected 6"),
        (b"20131007 00:00,1,1,1,1,1\n20131008 00:00,1,1,one,1,1\n", "line 2: field 4 'one' is not a number"),
        (b"20131007 00:00,1,1,1,1,1\n20131008 00:00,1,1,,1,1\n", "line 2: field 4 '' is not a number"),
        (b"20131007 00:00,1,1,1,1,1\n20131007 00:00,1,1,1,1,1\n", "line 2: not later"),
        (b"20131007 00:00,1,1,1,1,1\n20131008 00:00,1,1,0,1,1\n", "line 2: a price of zero"),
        (b"20131007 00:00,1,1,1,1,1\n2013-10-08,1,1,1,1,1\n", "line 2: the time is not YYYYMMDD HH:mm"),
        (b"20131332 00:00,1,1,1,1,1\n", "line 1: there is no date 20131332"),
        (b"", "no daily rows .* no rows"),
    ],
)
def test_broken_daily_files(tmp_path: Path, text: bytes | None, words: str) -> None:
    source = broken(tmp_path, "daily", "x.zip", text)
    with pytest.raises(DataFault, match=words):
        source.bars("X", "1d", day("2013-10-07"), day("2013-10-08"))


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        ("trade", b"34200000,1,1,1,1,1\n34260000,1,1,1,1\n34320000,1,1,1,1,1,1\n", "line 2: 5 fields"),
        ("trade", b"34200000,1,1,1,1,1\n86400000,1,1,1,1,1\n", "line 2: the time is not within a day"),
        ("trade", b"34200000,1,1,1,nan,1\n", "line 1: field 5 'nan' is not a number"),
        ("quote", b"34200000,1,1,1,1,1,,,,,0\n34200000,1,1,1,1,1,,,,,0\n", "line 2: not later"),
        ("quote", b"34200000,1,1,1,1,1,,,x,,0\n", "line 1: field 9 'x' is not a number"),
    ],
)
def test_broken_minute_files(tmp_path: Path, kind: str, text: bytes, words: str) -> None:
    source = broken(tmp_path, "minute/x", f"20131007_{kind}.zip", text)
    with pytest.raises(DataFault, match=words):
        source.bars("X", "1m", day("2013-10-07"), day("2013-10-08"))


def test_trades_and_quotes_of_one_minute(tmp_path: Path) -> None:
    # 09:30 trade and quote, 09:31 quote only (no bid), 09:32 trade only, 09:33 neither, 09:34 both.
    source = broken(tmp_path, "minute/x", "20131007_trade.zip",
                    b"34200000,10000,20000,5000,15000,100\n34320000,30000,30000,30000,30000,7\n"
                    b"34440000,40000,40000,40000,40000,9\n")  # fmt: skip
    broken(tmp_path, "minute/x", "20131007_quote.zip",
           b"34200000,1,1,1,14900,1,1,1,1,15100,1\n34260000,,,,,0,1,1,1,15200,1\n34440000,1,1,1,39900,1,1,1,1,40100,1\n")  # fmt: skip
    found = source.bars("X", "1m", day("2013-10-07"), day("2013-10-07"))
    minutes = [instant(f"2013-10-07 09:{m}") for m in (31, 32, 33, 35)]
    assert found.end.tolist() == minutes
    assert found.real.tolist() == [True, False, True, True]
    assert found.close.tolist() == [1.5, 1.5, 3.0, 4.0]
    assert found.high.tolist() == [2.0, 2.0, 3.0, 4.0]
    assert found.volume.tolist() == [100, 0, 7, 9]
    assert found.ask.tolist() == [1.51, 1.52, 1.52, 4.01]
    assert np.isnan(found.bid[1:3]).all()
    assert found.quote_end.tolist() == [minutes[0], minutes[1], minutes[1], minutes[3]]


def test_a_copy_across_a_split_is_restated(tmp_path: Path) -> None:
    # 2:1 in force on 2013-10-08; its first minute has a quote (75 cents) but no trade.
    broken(tmp_path, "minute/x", "20131007_trade.zip", b"57540000,15000,15000,15000,15000,100\n")
    broken(tmp_path, "minute/x", "20131008_quote.zip", b"34200000,1,1,1,7400,1,1,1,1,7600,1\n")
    source = broken(tmp_path, "minute/x", "20131008_trade.zip", b"34260000,7600,7600,7600,7600,3\n")
    (tmp_path / "equity/usa/factor_files").mkdir()
    (tmp_path / "equity/usa/factor_files/x.csv").write_text(
        "20130101,1,0.5,1\n20131007,1,0.5,1.5\n20501231,1,1,0\n"
    )
    found = source.bars("X", "1m", day("2013-10-07"), day("2013-10-08"))
    assert found.close.tolist() == [1.5, 0.75, 0.76]
    assert found.split.tolist() == [1.0, 2.0, 2.0]
    assert found.ask.tolist()[1:] == [0.76, 0.76]


def test_no_lean_folder(tmp_path: Path) -> None:
    with pytest.raises(DataFault, match="no equity/usa"):
        LeanFolder(tmp_path)


@pytest.mark.parametrize(
    ("text", "words"),
    [("20130101,1\n", "line 1: 2 fields, expected 3"), ("20130101,1,x,1\n", "line 1: a factor is not a number"),
     ("2013-01-01,1,1,1\n", "is not a date"), ("20130101,0,1,1\n", "zero or less"), ("", "is empty")],
)  # fmt: skip
def test_broken_factor_file(tmp_path: Path, text: str, words: str) -> None:
    source = broken(tmp_path, "daily", "x.zip", b"20131007 00:00,1,1,1,1,1\n")
    (tmp_path / "equity/usa/factor_files").mkdir()
    (tmp_path / "equity/usa/factor_files/x.csv").write_text(text)
    with pytest.raises(DataFault, match=words):
        source.bars("X", "1d", day("2013-10-07"), day("2013-10-07"))
