"""A user's CSV files: times in every written form, columns by name, faults with their line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from runner.adapters.coverage import DataFault
from runner.adapters.csv_data import CsvFiles, CsvPlan
from tests.adapters.days import day, instant

HEAD = "time,open,high,low,close,volume\n"
FIRST, LAST = day("2013-10-07"), day("2013-10-11")


def source(folder: Path, text: str, **plan: object) -> CsvFiles:
    (folder / "ABC.csv").write_text(text)
    return CsvFiles(CsvPlan(str(folder / "{symbol}.csv"), **plan))  # type: ignore[arg-type]


def test_daily_dates(tmp_path: Path) -> None:
    found = source(tmp_path, HEAD + "2013-10-07,1,2,0.5,1.5,10\n2013-10-08,2,2,2,2,20\n")
    bars = found.bars("ABC", "1d", FIRST, LAST)
    assert bars.start.tolist() == [instant("2013-10-07 09:30"), instant("2013-10-08 09:30")]
    assert bars.end.tolist() == [instant("2013-10-07 16:00"), instant("2013-10-08 16:00")]
    assert (bars.open[0], bars.high[0], bars.low[0], bars.close[0], bars.volume[0]) == (1, 2, 0.5, 1.5, 10)
    assert np.isnan(bars.bid).all()
    assert bars.real.all()
    assert len(found.files()) == 1


# 09:30 in New York is 13:30 UTC and 14:30 in London on that day (both on summer time).
@pytest.mark.parametrize(
    ("written", "zone", "label"),
    [
        ("2013-10-07 09:30", "America/New_York", "start"),
        ("2013-10-07T09:30:00", "America/New_York", "start"),
        ("20131007 09:30:00", "America/New_York", "start"),
        ("2013-10-07 09:31:00", "America/New_York", "end"),
        ("2013-10-07 13:30:00", "UTC", "start"),
        ("2013-10-07 14:30:00", "Europe/London", "start"),
        ("2013-10-07 13:30:00+00:00", "America/New_York", "start"),
        ("2013-10-07T13:30:00Z", "America/New_York", "start"),
        ("2013-10-07T09:30:00-0400", "UTC", "start"),
    ],
)
def test_times_of_minutes(tmp_path: Path, written: str, zone: str, label: str) -> None:
    found = source(tmp_path, f"{HEAD}{written},1,2,0.5,1.5,10\n", timezone=zone, label=label)
    bars = found.bars("ABC", "1m", FIRST, LAST)
    assert bars.start.tolist() == [instant("2013-10-07 09:30")]
    assert bars.end.tolist() == [instant("2013-10-07 09:31")]


@pytest.mark.parametrize(
    ("written", "label"),
    [
        ("2013-10-07T00:00:00Z", "start"),
        ("2013-10-08 00:00", "end"),
        ("2013-10-07", "end"),
        ("20131007", "start"),
    ],
)
def test_midnights_are_dates_as_written(tmp_path: Path, written: str, label: str) -> None:
    found = source(tmp_path, f"{HEAD}{written},1,2,0.5,1.5,10\n", label=label)
    assert found.bars("ABC", "1d", FIRST, LAST).end.tolist() == [instant("2013-10-07 16:00")]


def test_the_clock_change_between_two_sessions(tmp_path: Path) -> None:
    # New York left summer time on 2013-11-03, London on 2013-10-27: the 09:30 open is 13:30 in London between.
    text = "".join(f"{t},1,1,1,1,1\n" for t in ("2013-10-25 14:30", "2013-10-28 13:30", "2013-11-04 14:30"))
    found = source(tmp_path, HEAD + text, timezone="Europe/London")
    bars = found.bars("ABC", "1m", day("2013-10-25"), day("2013-11-04"))
    assert bars.start.tolist() == [instant(f"{d} 09:30") for d in ("2013-10-25", "2013-10-28", "2013-11-04")]


def test_hours_are_kept_by_the_session(tmp_path: Path) -> None:
    text = "".join(
        f"2013-10-07 {t},1,1,1,1,1\n" for t in ("03:59", "04:00", "09:29", "09:30", "15:59", "16:00")
    )
    found = source(tmp_path, HEAD + text)
    assert len(found.bars("ABC", "1m", FIRST, LAST).end) == 2
    assert len(found.bars("ABC", "1m", FIRST, LAST, extended_hours=True).end) == 5


def test_columns_by_name_and_one_file_for_all(tmp_path: Path) -> None:
    (tmp_path / "all.csv").write_text(
        "Ticker,Day,O,H,L,C,Bid,Ask\nABC,2013-10-07,1,2,0.5,1.5,1.4,1.6\nXYZ,2013-10-07,9,9,9,9,,\n"
    )
    columns = {"time": "Day", "open": "O", "high": "H", "low": "L", "close": "C"}
    found = CsvFiles(CsvPlan(str(tmp_path / "all.csv"), columns))
    assert found.bars("ABC", "1d", FIRST, LAST).close.tolist() == [1.5]
    assert found.bars("XYZ", "1d", FIRST, LAST).close.tolist() == [9.0]
    with pytest.raises(DataFault, match="no rows of ABD; did you mean ABC"):
        found.bars("ABD", "1d", FIRST, LAST)


def test_quotes(tmp_path: Path) -> None:
    text = "time,open,high,low,close,bid,ask\n2013-10-07 09:30,1,1,1,1,0.9,1.1\n2013-10-07 09:31,1,1,1,1,,\n"
    bars = source(tmp_path, text).bars("ABC", "1m", FIRST, LAST)
    assert (bars.bid[0], bars.ask[0]) == (0.9, 1.1)
    assert np.isnan(bars.bid[1])
    assert bars.quote_end.tolist() == [instant("2013-10-07 09:31"), 0]


def test_splits_and_dividends(tmp_path: Path) -> None:
    text = (
        "time,open,high,low,close,volume,split,dividend\n"
        "2013-10-07,10,10,10,10,100,,\n2013-10-08,5,5,5,5,200,2,0.4\n2013-10-09,5,5,5,5,200,1,0\n"
    )
    found = source(tmp_path, text)
    actions = found.actions("ABC", FIRST, LAST)
    assert actions.date.tolist() == [day("2013-10-08")] * 2
    assert (actions.split.tolist(), actions.dividend.tolist()) == ([1.0, 2.0], [0.4, 0.0])
    assert actions.reference.tolist() == [10.0, 10.0]
    assert found.bars("ABC", "1d", FIRST, LAST).split.tolist() == [1.0, 2.0, 2.0]
    # (1 - 0.4 / 10) / 2 = 0.48
    adjusted = found.bars("ABC", "1d", FIRST, LAST, "adjusted")
    assert adjusted.close.tolist() == pytest.approx([4.8, 5.0, 5.0])
    assert adjusted.volume.tolist() == [208.0, 200.0, 200.0]


@pytest.mark.parametrize(
    ("text", "resolution", "words"),
    [
        (HEAD + "2013-10-07,1,2,0.5,1.5\n", "1d", "line 2: 5 fields, expected 6"),
        (
            HEAD + "2013-10-07,1,2,0.5,1.5,10\n\n2013-10-08,1,2,x,1.5,10\n",
            "1d",
            "line 4: low 'x' is not a number",
        ),
        (HEAD + "2013-10-07,1,2,,1.5,10\n", "1d", "line 2: low '' is not a number"),
        (HEAD + "2013-10-07,1,2,-1,1.5,10\n", "1d", "line 2: low '-1' is a price of zero or less"),
        (HEAD + "2013-10-07,1,2,nan,1.5,10\n", "1d", "line 2: low 'nan' is not a number"),
        (HEAD + "2013-10-08,1,1,1,1,1\n2013-10-07,1,1,1,1,1\n", "1d", "line 3: not later"),
        (HEAD + "10/07/2013,1,1,1,1,1\n", "1d", "line 2: '10/07/2013' is not a time"),
        (HEAD + "2013-10-07,1,1,1,1,1\n", "1m", "say data.resolution: 1d"),
        (HEAD + "2013-10-07 09:30,1,1,1,1,1\n2013-10-07 09:31,1,1,1,1,1\n", "1h", "60 s apart"),
        (HEAD + "2013-10-07 09:30,1,1,1,1,1\n2013-10-07 09:31,1,1,1,1,1\n", "1d", "two rows on 2013-10-07"),
        (HEAD + "2014-10-07,1,1,1,1,1\n", "1d", "no rows in sessions .* it covers 2014-10-07"),
        ("time,open,high,low\n2013-10-07,1,1,1\n", "1d", "no column for close"),
        (HEAD, "1d", "no rows of ABC"),
        ("", "1d", "no column for time"),
    ],
)
def test_faults(tmp_path: Path, text: str, resolution: str, words: str) -> None:
    with pytest.raises(DataFault, match=words):
        source(tmp_path, text).bars("ABC", resolution, FIRST, LAST)


def test_a_missing_file_names_the_nearest(tmp_path: Path) -> None:
    found = source(tmp_path, HEAD + "2013-10-07,1,1,1,1,1\n")
    with pytest.raises(DataFault, match=r"ABD\.csv: there is no such file; did you mean ABC"):
        found.bars("ABD", "1d", FIRST, LAST)


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        ({"columns": {"closing": "C"}}, "closing is no column; did you mean close"),
        ({"columns": {"close": "Clos"}}, "no column 'Clos'; did you mean close"),
        ({"timezone": "Mars/Base"}, "no zone 'Mars/Base'"),
        ({"label": "middle"}, "neither start nor end"),
    ],
)
def test_faults_of_the_plan(tmp_path: Path, plan: dict[str, object], words: str) -> None:
    with pytest.raises(DataFault, match=words):
        source(tmp_path, HEAD + "2013-10-07,1,1,1,1,1\n", **plan).bars("ABC", "1d", FIRST, LAST)
