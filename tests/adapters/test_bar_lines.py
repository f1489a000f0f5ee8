"""The line protocol: what docs/live.md promises of JSON and CSV lines."""

import math
import re

import pytest

from runner.adapters.bar_lines import COLUMNS, Lines, Unread
from tests.made import at
from tests.sources import ROOT

END = at("2013-10-07", "09:31")


@pytest.mark.parametrize(
    "line",
    [
        '{"symbol": "SPY", "end": "2013-10-07T09:31:00-04:00", "open": 1, "high": 3, "low": 0.5, "close": 2.5}',
        '{"symbol": "SPY", "end": "2013-10-07T13:31:00Z", "open": 1, "high": 3, "low": 0.5, "close": 2.5, "bid": null}',
        f'{{"symbol": "SPY", "end": {END}, "open": 1, "high": 3, "low": 0.5, "close": 2.5, "volume": 0}}',
        "SPY,2013-10-07T09:31:00-0400,1,3,0.5,2.5",
        f" SPY , {END}, 1, 3, 0.5, 2.5, , ,\r",
        "\ufeffSPY,2013-10-07T13:31:00+00:00,1,3,.5,2.5,0",
    ],
)
def test_ways_to_write_one_bar(line):
    bar = Lines().read(line.encode())
    assert bar[:8] == ("SPY", 0, END, 1.0, 3.0, 0.5, 2.5, 0.0)
    assert math.isnan(bar.bid)
    assert bar.quote_end == 0
    assert bar.split == 0.0


def test_quotes_and_starts():
    line = "SPY,2013-10-07T09:31:00-04:00,1,3,0.5,2.5,100,2.4,2.6,2013-10-07T09:30:30-04:00"
    bar = Lines().read(line.encode())
    assert (bar.bid, bar.ask, bar.quote_end) == (2.4, 2.6, END)
    assert bar.start == END - 30_000_000_000


def test_a_line_of_names_orders_the_columns():
    lines = Lines()
    assert lines.read(b"symbol,close,end,open,high,low") is None
    assert lines.read(f"SPY,2.5,{END},1,3,0.5".encode())[:7] == ("SPY", 0, END, 1.0, 3.0, 0.5, 2.5)
    assert "5 fields" in lines.read(f"SPY,2.5,{END},1,3".encode()).text


def test_empty_lines_are_nothing():
    assert Lines().read(b"  \r") is None


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b"{", "truncated"),
        (b'{"symbol": "SPY"}', "missing required field `end`"),
        (
            f'{{"symbol": "SPY", "end": {END}, "open": 1, "high": 1, "low": 1, "close": 1, "bidd": 1}}'.encode(),
            "unknown field `bidd`",
        ),
        (
            f'{{"symbol": "SPY", "end": {END}, "open": "1", "high": 1, "low": 1, "close": 1}}'.encode(),
            "Expected `float`, got `str`",
        ),
        (b"SPY,2013-10-07T09:31:00,1,1,1,1", "has no offset from UTC"),
        (b"SPY,2013-10-07,1,1,1,1", "has no offset from UTC"),
        (b"SPY,1381152660,1,1,1,1", "no number of nanoseconds"),
        (b"SPY,99999999999999999999,1,1,1,1", "no number of nanoseconds"),
        (b"SPY,2013-99-07T09:31:00Z,1,1,1,1", "month"),
        (b"SPY,,1,1,1,1", "end is empty"),
        (b"SPY,x,1,1,1", "5 fields"),
        (b"SPY,1,1,1,1,1,1,1,1,1,1", "11 fields"),
        (b"SPY,%d,1,one,1,1" % END, "could not convert"),
        (b"symbol,end,open", "no column high"),
        (b"symbol,end,open,high,low,close,price", "there is no column price"),
        (b"symbol,end,open,high,low,close,close", "a column is there twice"),
        (b"\xff\xfe", "not UTF-8"),
        (b"x" * 5000, "5000 bytes"),
        (b'"SPY', "unexpected end"),
        (b"\x00", "1 field;"),
    ],
)
def test_what_is_no_bar_is_said(line, says):
    heard = Lines().read(line)
    assert isinstance(heard, Unread)
    assert heard.kind == "malformed"
    assert says in heard.text


def test_the_lines_of_the_page():
    """docs/live.md shows the same bar as JSON, as CSV with names, and as CSV from a sender's program."""
    page = (ROOT / "docs/live.md").read_text(encoding="utf-8")
    shown = re.search(r"```json\n(.+)\n```", page)[1]
    names, row = re.search(r"```text\n(.+)\n(.+)\n```", page).groups()
    assert tuple(names.split(",")) == COLUMNS
    bar = Lines().read(shown.encode())
    assert (bar.end, bar.close, bar.bid) == (at("2026-11-20", "09:31"), 669.3, 669.29)
    assert Lines().read(row.encode()) == bar
    sent = re.search(r'b"(SPY,.+)"', page)[1]
    assert Lines().read(sent.encode())[:8] == bar[:8]
