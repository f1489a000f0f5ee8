"""LEAN's statistics, from journals laid by hand over LEAN's own data, against its regression tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.market.bar import DAY, MINUTE, Bars
from runner.market.events import MARK_CURVE, MARK_DAY, MARK_FINAL, Journal
from runner.market.money import amount
from runner.results.lean_statistics import statistics
from runner.results.ledger import fold
from tests.results.lean_files import (
    bought,
    case,
    day,
    journal,
    long_bars,
    marks,
    minute_bars,
    ns,
    price_at,
    risk_free,
)


def header(shared: Path | None, conventions: str, first: str, last: str) -> dict[str, object]:
    return {
        "strategy": "by-hand", "symbols": ["SPY"], "rules": ["buy"], "conventions": conventions, "spec": {"statistics": conventions},
        "start_cash": 100_000_000_000, "first_day": day(first), "last_day": day(last),
        "start": ns(first + " 00:00"), "end": ns(last + " 16:00"),
        "risk_free": risk_free(shared) if shared else 0.0,
        "security_ids": {"SPY": "SPY R735QTJ8XC9X"},
    }  # fmt: skip


def hold(
    head: dict[str, object],
    spy: Bars,
    curve: list[int],
    at: int,
    quantity: int,
    price: float,
    fee: int,
    index: Bars | None,
) -> Journal:
    """Buy once and hold. Daily samples at every midnight from the start, curve samples, one at the end."""
    start, end = int(head["start"]), int(head["end"])  # type: ignore[call-overload]
    flags = dict.fromkeys(range(start, end, DAY), MARK_DAY)
    for t in curve:
        flags[t] = flags.get(t, 0) | MARK_CURVE
    flags[end] = flags.get(end, 0) | MARK_DAY | MARK_CURVE | MARK_FINAL
    cash = int(head["start_cash"])  # type: ignore[call-overload]
    rows = []
    for t in sorted(flags):
        held = quantity if t >= at else 0
        value = amount(held, price_at(spy, t))
        paid = amount(held, price) + (fee if held else 0)
        rows.append((t, flags[t], cash - paid + value, value, price_at(index, t) if index else 0.0))
    return journal(head, bought(1, at, quantity, price, fee), marks(rows))


def same(expected: dict[str, str], got: dict[str, str]) -> None:
    wanted = {k: v for k, v in expected.items() if k != "OrderListHash"}
    # LEAN's own comparison takes "-0" for "0" (fact sheet 15).
    assert {k: got[k].replace("-0", "0") if got[k] == "-0" else got[k] for k in wanted} == wanted


@pytest.fixture
def atreyu(shared: Path) -> tuple[Journal, dict[str, Bars]]:
    """Section 15: every five minutes with minute bars; the fill of cases.json."""
    days = ["2013-10-07", "2013-10-08", "2013-10-09", "2013-10-10", "2013-10-11"]
    spy = minute_bars(shared, "spy", days)
    curve = spy.end[((spy.end - spy.end[0]) % (5 * MINUTE)) == 0].tolist()
    head = header(shared, "lean_2023", "2013-10-07", "2013-10-11")
    got = hold(head, spy, curve, ns("2013-10-07 09:31"), 172, 144.78172417, 602_000, None)
    return got, {"SPY": spy}


def test_basic_template_atreyu(shared: Path, atreyu: tuple[Journal, dict[str, Bars]]) -> None:
    run, prices = atreyu
    expected = case(shared, "basic_template_atreyu")["expected_statistics"]
    got = statistics(run, fold(run), prices)
    same(expected, got)
    assert set(got) == set(expected) - {"OrderListHash"}
    # cases.json, notes: end equity 100423.2380
    assert round(int(run.marks["equity"][-1]) / 1e6, 4) == 100423.2380


def test_head_subtracts_the_risk_free_rate(atreyu: tuple[Journal, dict[str, Bars]]) -> None:
    run, prices = atreyu
    run.header["spec"] = {"statistics": "lean"}
    got = statistics(run, fold(run), prices)
    assert got["Probabilistic Sharpe Ratio"] == "66.898%"  # cases.json, notes of basic_template_atreyu
    assert got["Total Orders"] == "1"
    assert got["End Equity"] == "100423.24"


def test_basic_template_daily(shared: Path) -> None:
    spy = long_bars(shared, "spy", "daily", "2013-10-07", "2013-10-17")
    traded = Bars(*(column[1:] for column in spy))
    index = long_bars(shared, "spy", "hour", "2013-10-07", "2013-10-17")
    head = header(shared, "lean", "2013-10-08", "2013-10-17")
    run = hold(head, spy, traded.end.tolist(), ns("2013-10-09 16:00"), 697, 143.372382812, 3_485_000, index)
    expected = case(shared, "basic_template_daily")["expected_statistics"]
    got = statistics(run, fold(run), {"SPY": traded})
    same(expected, got)
    assert next(iter(got)) == "Total Orders"
    assert set(got) == set(expected) - {"OrderListHash"}


def test_basic_template_minute(shared: Path) -> None:
    """All the money, Interactive Brokers' fee, benchmark SPY. By fact sheet 7: 99,750 / 144.7731 = 689, less
    the fee 688; fill at the ask of basic_template_atreyu, fee 0.005 x 688 = 3.44."""
    days = ["2013-10-07", "2013-10-08", "2013-10-09", "2013-10-10", "2013-10-11"]
    spy = minute_bars(shared, "spy", days)
    curve = spy.end[((spy.end - spy.end[0]) % (5 * MINUTE)) == 0].tolist()
    index = long_bars(shared, "spy", "hour", "2013-10-04", "2013-10-11")
    head = header(shared, "lean", "2013-10-07", "2013-10-11")
    run = hold(head, spy, curve, ns("2013-10-07 09:31"), 688, 144.78172417, 3_440_000, index)
    got = statistics(run, fold(run), {"SPY": spy})
    same(case(shared, "basic_template_minute")["expected_statistics"], got)


def test_basic_template_hourly(shared: Path) -> None:
    """99,750 / 145.0152 = 687 shares at the close of the first hour bar, fee 3.435."""
    spy = long_bars(shared, "spy", "hour", "2013-10-04", "2013-10-11")
    traded = Bars(*(column[7:] for column in spy))
    head = header(shared, "lean", "2013-10-07", "2013-10-11")
    at = int(traded.end[0])
    run = hold(head, spy, traded.end.tolist(), at, 687, float(traded.close[0]), 3_435_000, spy)
    got = statistics(run, fold(run), {"SPY": traded})
    same(case(shared, "basic_template_hourly")["expected_statistics"], got)
