"""Security identifiers against those in LEAN's own published results (golden/cases.json)."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest

from runner.adapters.security_id import base36, identifier, security_id

# Symbol as a strategy names it, and the identifier in the expected statistics of the case beside it.
PUBLISHED = {
    "SPY": ("SPY R735QTJ8XC9X", "basic_template_atreyu"),
    "IBM": ("IBM R735QTJ8XC9X", "ema_cross_two_symbols"),
    "AAPL": ("AAPL R735QTJ8XC9X", "split_hour_adjusted"),
    "AIG": ("AIG R735QTJ8XC9X", ""),
    "BAC": ("NB R735QTJ8XC9X", ""),  # the bank was NationsBank
    "FB": ("FB V6OIPNZEM8V9", ""),
    "GOOG": ("GOOCV VP83T1ZUHROL", ""),
    "GOOGL": ("GOOG T1AZ164W5VTX", "raw_data_googl"),
    "VXX.1": ("VXX U9R0H3K6HVMT", "reverse_split_hour_adjusted"),
    "AAA.1": ("AAA SEVKGI6HF885", ""),  # AAA itself is a fund of 2020
    "SPWR": ("SPWR TDQZFPKOZ5UT", "symbol_change_hour"),
    "SHY": ("SHY 2T", "fill_forward_out_of_order_shy"),  # no map file
    "BNO": ("BNO UN3IMQ2JU1YD", ""),
}


def test_known_number():
    # 1998-01-02 is day 35797 of OLE Automation dates (Excel shows the same number); 35797 x 10^14 + 101.
    assert int("R735QTJ8XC9X", 36) == 35797 * 10**14 + 101
    assert identifier("spy", datetime.date(1998, 1, 2)) == "SPY R735QTJ8XC9X"
    assert (base36(0), base36(35), base36(36)) == ("0", "Z", "10")


@pytest.mark.golden
@pytest.mark.parametrize("symbol", PUBLISHED)
def test_published(shared: Path, symbol: str):
    wanted, case = PUBLISHED[symbol]
    cases = json.loads((shared / "golden/cases.json").read_text())["cases"]
    published = {one["id"]: one["expected_statistics"].get("Lowest Capacity Asset", "") for one in cases}
    assert wanted in published.values()
    if case:
        assert published[case] == wanted
    assert security_id(shared / "lean-data", symbol) == wanted


@pytest.mark.golden
def test_every_published_identifier_is_tested(shared: Path):
    cases = json.loads((shared / "golden/cases.json").read_text())["cases"]
    published = {one["expected_statistics"].get("Lowest Capacity Asset", "") for one in cases}
    assert published - {""} == {wanted for wanted, _ in PUBLISHED.values()}


def write(folder: Path, name: str, text: str) -> None:
    place = folder / "equity" / "usa" / "map_files"
    place.mkdir(parents=True, exist_ok=True)
    (place / f"{name}.csv").write_text(text)


def test_a_ticker_is_the_security_that_had_it_last(tmp_path: Path):
    # UW became WMI and then WM: there is no uw.csv, the file of WM has the ticker (MapFileResolver).
    write(tmp_path, "wm", "19980102,uw,N\n19980716,uw,N\n20090804,wmi,N\n20501231,wm,N\n")
    assert security_id(tmp_path, "UW") == "UW R735QTJ8XC9X"
    assert security_id(tmp_path, "WMI") == "UW R735QTJ8XC9X"
    # A delisted security loses the ticker to a later one; `.1` asks for the earlier.
    write(tmp_path, "old.1", "19980102,old,N\n20050101,old,N\n")
    write(tmp_path, "old", "20090130,old,N\n20501231,old,N\n")
    assert security_id(tmp_path, "OLD") == "OLD U9R0H3K6HVMT"  # VXX.1 is of that day too
    assert security_id(tmp_path, "OLD.1") == "OLD R735QTJ8XC9X"


def test_without_a_map_file(tmp_path: Path):
    assert security_id(tmp_path, "new") == "NEW 2T"
    assert base36(101) == "2T"
