"""How a run stands, as people read it. Expected lines are written by hand."""

import numpy as np

from runner.market.events import Mark
from runner.results.live_run import as_of
from runner.results.standing import standing_text, time_text
from tests.made import at

STATUS = {
    "strategy": "ema-cross", "mode": "live", "state": "running", "pid": 4711,
    "clock": "2026-11-20T12:00:03.123456789-05:00", "time": "2026-11-20T12:00:00-05:00",
    "connection": {"connected": True, "reconnects": 1, "gaps": 0}, "paused": "alice: lunch", "flattening": False,
    "silent": ["IBM"], "equity": "100251.000000", "cash": "83251.000000", "unsettled": "0.000000",
    "positions": [{"symbol": "SPY", "quantity": 100, "average_price": 167.5, "last": 170.0, "value": "17000.000000",
                   "profit": "250.000000", "leaving": False}],
    "orders": [{"number": 7, "id": "A7", "symbol": "SPY", "kind": "limit", "purpose": "exit", "quantity": -100,
                "filled": -40, "limit": 171.255, "stop": None, "state": "working", "asked": "cancel", "sent": None}],
    "bars": {"SPY": {"end": "2026-11-20T12:00:00-05:00", "close": 170.0}},
    "notes": ["2026-11-20 12:00:00 paused alice: lunch"],
}  # fmt: skip


def test_a_screenful():
    assert standing_text(STATUS, "runs/ema-cross/live").splitlines() == [
        "ema-cross (live): running, process 4711, in runs/ema-cross/live",
        "clock      2026-11-20 12:00:03.123 New York",
        "last       2026-11-20 12:00:00",
        "PAUSED     by alice: lunch",
        "SILENT     IBM",
        "gateway    connected, 1 reconnections, 0 gaps",
        "equity     $100,251.00, cash $83,251.00",
        "position   +100 SPY at 167.50, last 170.00, profit $250.00",
        "order      7 A7 SPY -100 limit limit 171.255, -40 filled, working, cancel asked (exit)",
        "bar        SPY 2026-11-20 12:00:00 170.00",
        "note       2026-11-20 12:00:00 paused alice: lunch",
    ]


def test_times_are_those_of_the_notes():
    assert time_text("2026-07-20T12:00:00-04:00") == "2026-07-20 12:00:00"
    assert time_text("2026-07-20T12:00:00.5-04:00") == "2026-07-20 12:00:00.5"


def test_equity_that_was_marked_before_the_newest_instant_says_so():
    marks = np.zeros(1, Mark.dtype)
    marks["time"] = at("2026-11-20", "09:36")
    header = {"mode": "live", "end": at("2026-11-20", "09:37")}
    assert as_of(header, marks) == " (marked at 2026-11-20 09:36:00)"
    assert as_of(header | {"end": at("2026-11-20", "09:36")}, marks) == ""
    assert as_of(header, marks[:0]) == " (not marked yet)"
    assert as_of({"mode": "backtest", "end": 0}, marks) == ""
