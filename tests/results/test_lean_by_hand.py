"""LEAN's figures on a made-up run with every number worked out by hand, and LEAN's number formats."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from runner.market.bar import DAY, MINUTE
from runner.market.events import EXPIRED, INVALID, MARK_DAY, MARK_FINAL, MARK_SESSION, SUBMITTED, Journal
from runner.results import lean_formats as formats
from runner.results.capacity import estimate
from runner.results.lean_risk import probabilistic_sharpe
from runner.results.lean_samples import samples
from runner.results.lean_statistics import statistics
from runner.results.ledger import fold
from tests.results.lean_files import bars, bought, day, journal, marks, ns

FIRST, LAST = "2024-03-04", "2024-03-08"
HEAD = {
    "start_cash": 100_000_000_000, "symbols": ["AAA"], "rules": ["r"], "conventions": "lean", "risk_free": 0.0,
    "first_day": day(FIRST), "last_day": day(LAST), "start": ns(FIRST + " 00:00"), "end": ns(LAST + " 16:00"),
}  # fmt: skip


def daily(equity: list[float], benchmark: list[float]) -> np.ndarray:
    start = ns(FIRST + " 00:00")
    times = [start + i * DAY for i in range(len(equity) - 1)] + [ns(LAST + " 16:00")]
    last = len(times) - 1
    return marks(
        [
            (t, MARK_DAY | (MARK_FINAL if i == last else 0), round(e * 1e6), 0, b)
            for i, (t, e, b) in enumerate(zip(times, equity, benchmark, strict=True))
        ]
    )


def trading() -> Journal:
    rows = [
        (100, 50.0, 1.0),  # open
        (-100, 52.0, 1.0),  # 200 - 2 = 198 of 100,000: 0.00198
        (200, 40.0, 1.0),  # open
        (-50, 41.0, 1.0),  # 50 - 2 = 48 of 100,198: 0.000479052
        (-150, 39.0, 1.0),  # -150 - 2 = -152 of 100,246: -0.001516270
        (-100, 60.0, 1.0),  # open short
        (150, 58.0, 1.5),  # closes 100: 200 - 3 = 197 of 100,094: 0.001968150; opens 50
    ]
    items = []
    for i, (quantity, price, fee) in enumerate(rows):
        items += bought(i + 1, ns(f"{FIRST} 10:00") + i * MINUTE, quantity, price, round(fee * 1e6))
    items.append(
        {
            "time": ns(f"{FIRST} 11:00"),
            "kind": SUBMITTED,
            "order": 8,
            "symbol": 0,
            "quantity": 5,
            "order_kind": 1,
        }
    )
    items.append({"time": ns(f"{FIRST} 16:00"), "kind": EXPIRED, "order": 8, "symbol": 0})
    items.append(
        {"time": ns(f"{FIRST} 11:00"), "kind": INVALID, "order": 9, "symbol": 0, "quantity": 5, "code": 5}
    )
    return journal(
        HEAD, items, daily([100_000, 101_000, 99_990, 100_989.9, 99_980.001, 102_979.40103], [10.0] * 6)
    )


def test_wins_and_losses() -> None:
    run = trading()
    got = statistics(run, fold(run), {})
    # wins: mean(0.00198, 0.000479052, 0.001968150) = 0.001475734; losses: -0.001516270; 3 of 4 win
    assert got["Average Win"] == "0.15%"
    assert got["Average Loss"] == "-0.15%"
    assert got["Profit-Loss Ratio"] == "0.97"  # 0.973266
    assert got["Win Rate"] == "75%"
    assert got["Loss Rate"] == "25%"
    assert got["Expectancy"] == "0.480"  # 0.75 x 0.973266 - 0.25 = 0.479950
    assert got["Total Orders"] == "9"  # the expired and the invalid one count (fact sheet 21)
    assert got["Total Fees"] == "$7.50"
    assert got["Start Equity"] == "100000"
    assert got["End Equity"] == "102979.40"  # 102979.40103 at two places keeps its zero


def test_figures_of_the_curve() -> None:
    run = trading()
    got = statistics(run, fold(run), {})
    assert got["Net Profit"] == "2.979%"
    # 101,000 to 99,980.001 is 1.00990 %, rounded to 3 decimals of the ratio
    assert got["Drawdown"] == "1.000%"
    # from the peak on the 5th (00:00) to the last instant on the 8th (16:00): 3 days and 16 hours
    assert got["Drawdown Recovery"] == "3"
    # years = (4 d 16 h) / 365 = 0.01278539; 1.0297940103 ^ (1 / years) - 1 = 8.9392...
    assert float(got["Compounding Annual Return"].rstrip("%")) == pytest.approx(
        100 * (1.0297940103 ** (365 / (4 + 16 / 24)) - 1), abs=0.0006
    )
    # returns after the first two: -1 %, +1 %, -1 %, +3.0000 % -> the first is dropped with the zero
    assert got["Beta"] == "0"  # a benchmark that does not move has no variance
    assert got["Alpha"] == "0"
    # sales on the first day: 5000 + 5200 + 8000 + 2050 + 5850 + 6000 + 8700 = 40,800 of 101,000, 5 samples
    assert got["Portfolio Turnover"] == "8.08%"


def test_fewer_than_two_returns_leave_zeros() -> None:
    """LEAN's two-day runs: set_holdings_staircase in cases.json has 0% net profit with an end equity of 98822.71."""
    run = trading()
    short = run._replace(marks=run.marks[[0, 1, 5]])
    got = statistics(short, fold(short), {})
    assert [got[k] for k in ("Net Profit", "Drawdown", "Win Rate", "Expectancy", "Sharpe Ratio")] == [
        "0%", "0%", "0%", "0", "0",
    ]  # fmt: skip
    assert got["End Equity"] == "102979.40"
    assert got["Total Orders"] == "9"


def test_without_orders() -> None:
    """liquidate_midnight in cases.json: nothing filled, equity untouched."""
    run = journal(HEAD, [], daily([100_000] * 6, [10.0, 10.0, 11.0, 12.0, 11.0, 11.5]))
    got = statistics(run, fold(run), {})
    wanted = {"End Equity": "100000", "Net Profit": "0%", "Drawdown": "0%", "Estimated Strategy Capacity": "$0",
              "Lowest Capacity Asset": "", "Portfolio Turnover": "0%", "Compounding Annual Return": "0%",
              "Total Fees": "$0.00", "Probabilistic Sharpe Ratio": "0%", "Drawdown Recovery": "0"}  # fmt: skip
    assert {k: got[k] for k in wanted} == wanted


def test_names_of_2023() -> None:
    run = trading()
    run.header["spec"] = {"statistics": "lean_2023"}
    try:
        got = statistics(run, fold(run), {})
    finally:
        del run.header["spec"]
    assert next(iter(got)) == "Total Trades"
    assert not {"Total Orders", "Start Equity", "End Equity", "Sortino Ratio", "Drawdown Recovery"} & set(got)


def test_session_marks_stand_in_for_days() -> None:
    run = trading()
    run.marks["flags"] = MARK_SESSION
    drawn = samples(run)
    assert drawn.sessions
    assert drawn.day_times[0] == HEAD["start"]


def test_probabilistic_sharpe_of_three_is_undefined() -> None:
    assert probabilistic_sharpe(np.array([0.01, -0.01, 0.02]), 0.0) == 0.0
    assert probabilistic_sharpe(np.array([0.01, 0.01, 0.01, 0.01, 0.01]), 0.0) == 0.0


# Formats: the texts are LEAN's own in cases.json (0.500%, 0%, -19, 0.02, $3.49, 0.480 ...).
@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (formats.percent_text(formats.places(Decimal("0.00513"), 3), 3), "0.500%"),
        (formats.percent_text(formats.ZERO, 3), "0%"),
        (formats.percent_text(Decimal("0.0004").quantize(Decimal("0.001")), 3), "0.000%"),
        (formats.percent_text(Decimal("0.391432"), 3), "39.143%"),
        (formats.percent_text(Decimal("0.5"), 0), "50%"),
        (formats.percent_text(Decimal("0.375"), 0), "38%"),
        (formats.percent_text(Decimal("0.125"), 0), "12%"),
        (formats.decimal_text(Decimal("-0.69"), 3), "-0.69"),
        (formats.decimal_text(formats.smart_round(Decimal("93054.50")), 2), "93054.5"),
        (formats.decimal_text(formats.smart_round(Decimal("100168.196")), 2), "100168.20"),
        (formats.double_text(-19.0001), "-19"),
        (formats.double_text(0.0204), "0.02"),
        (formats.double_text(-0.0002), "-0"),
        (formats.double_text(17.3044), "17.304"),
        (formats.double_text(1535787524789540.0), "1535787524789540"),
        (formats.fees_text(3_485_000), "$3.49"),
        (formats.fees_text(18_907_560_000), "$18907.56"),
        (formats.capacity_text(147_800_000.0), "$150000000.00"),
        (formats.capacity_text(18_499.0), "$18000.00"),
        (formats.capacity_text(310.0), "$0"),
        (str(formats.smart_round(Decimal("144.78172417"))), "144.7817"),
        (str(formats.smart_round(Decimal("100423.238049"))), "100423.238"),
    ],
)
def test_formats(text: str, wanted: str) -> None:
    assert text == wanted


def test_capacity_by_hand() -> None:
    """One sale of all the money in a symbol that trades 1,000 shares at $10 a minute: $10,000 a bar.

    Average dollar volume 10,000 in the first bar: window min(120, 600) minutes; then 10 x 2,000 / 1 = 20,000:
    min(120, 300). So 121 bars are taken, x 0.20 = 242,000, one trade, whole sale volume: 242,000. Twice
    forced at the end with a holding of 0.1 of equity: new = 242,000 / 0.1 = 2,420,000;
    0.33 x 2,420,000 + 0.66 x 242,000 = 958,320, then 0.33 x 2,420,000 + 0.66 x 958,320 = 1,431,091.2.
    """
    start = ns("2024-03-04 09:30")
    rows = [(start + i * MINUTE, start + (i + 1) * MINUTE, 10.0, 1000.0) for i in range(390)]
    # The day after opens with a bar that takes the snapshot.
    rows.append((start + DAY, start + DAY + MINUTE, 10.0, 1000.0))
    head = {**HEAD, "last_day": day("2024-03-05")}
    run = journal(head, bought(1, start + MINUTE, 1000, 10.0, 0), marks([]))
    got = estimate(run, fold(run), {"AAA": bars(rows)})
    assert got.symbol == 0
    assert got.dollars == pytest.approx(1_431_091.2)
