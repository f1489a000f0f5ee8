"""What an account began with, and money that comes and goes, by hand.

The account begins with $1,000 and 10 AAA, which cost $90 and are at $100: $2,000. Its close is at 110 (2,100); next
morning $900 come (3,000), the close is at 120 (3,100); on the third day $1,600 go at 130 (3,200 to 1,600), then the
close is at 117 (1,470). Growth: 2,100/2,000 x 3,100/3,000 x 3,200/3,100 x 1,470/1,600.
"""

import pytest

from runner.market import events
from runner.market.events import MARK_CURVE, MARK_FLOW, MARK_SESSION
from runner.results.by_symbol import by_symbol
from runner.results.flows import flows, opening
from runner.results.ledger import fold
from runner.results.measures import measures
from runner.results.reading import read
from runner.results.text import figure_rows
from tests.results.lean_files import bars, bought, day, journal, marks, ns

BEGIN = ns("2024-03-04 09:00")
HEAD = {
    "start_cash": 77_000_000,  # of the document: the account is another
    "symbols": ["AAA", "BBB"], "rules": ["r"], "risk_free": 0.0, "start": BEGIN, "conventions": "atreyu", "spec": {},
    "last_day": day("2024-03-06"), "first_day": day("2024-03-04"), "end": ns("2024-03-06 16:00"), "resolution": {"AAA": "1d", "BBB": "1d"},
}  # fmt: skip
OPENING = [
    {"time": BEGIN, "kind": events.OPENING_CASH, "amount": 1_000_000_000},
    {"time": BEGIN, "kind": events.OPENING_POSITION, "symbol": 0, "quantity": 10, "price": 100.0,
     "amount": 900_000_000},
]  # fmt: skip
CAME = {"time": ns("2024-03-05 07:45"), "kind": events.DEPOSIT, "amount": 900_000_000}
WENT = {"time": ns("2024-03-06 12:00"), "kind": events.WITHDRAWAL, "amount": -1_600_000_000}
MARKS = [
    ("2024-03-04 16:00", MARK_SESSION, 2_100, 1_100),
    ("2024-03-05 07:45", MARK_FLOW, 3_000, 1_100),
    ("2024-03-05 16:00", MARK_SESSION, 3_100, 1_200),
    ("2024-03-06 10:00", MARK_CURVE, 3_050, 1_150),
    ("2024-03-06 12:00", MARK_FLOW, 1_600, 1_300),
    ("2024-03-06 16:00", MARK_SESSION, 1_470, 1_170),
]
AAA = bars([(ns(f"2024-03-0{d} 09:30"), ns(f"2024-03-0{d} 16:00"), close, 1e4)
            for d, close in ((4, 110.0), (5, 120.0), (6, 117.0))])  # fmt: skip


def made(*items, rows=MARKS):
    drawn = marks(
        [(ns(time), flags, equity * 1_000_000, held * 1_000_000, 0.0) for time, flags, equity, held in rows]
    )
    return journal(HEAD, sorted([*OPENING, *items], key=lambda one: one["time"]), drawn)


def test_returns_are_time_weighted() -> None:
    run = made(CAME, WENT)
    got = measures(run, fold(run))
    assert (got.start_equity, got.end_equity) == (2_000_000_000, 1_470_000_000)
    assert got.returns == pytest.approx([0.05, 3_100 / 3_000 - 1, 3_200 / 3_100 * 1_470 / 1_600 - 1])
    growth = 1.05 * 3_200 / 3_000 * 1_470 / 1_600  # 1.029
    assert got.total_return == pytest.approx(growth - 1)
    assert got.annual_return == pytest.approx(growth ** (252 / 3) - 1)
    assert got.months == {(2024, 3): pytest.approx(growth - 1)}
    # From the close at 3,100: the withdrawal is no fall, what came after it is.
    assert got.drawdown.depth == pytest.approx(1 - 3_200 / 3_100 * 1_470 / 1_600)
    assert (got.deposits, got.withdrawals) == (900_000_000, 1_600_000_000)


def test_cash_and_profit() -> None:
    run = made(CAME, WENT)
    ledger = fold(run)
    assert ledger.cash == 300_000_000
    assert (ledger.flows, ledger.other) == (-700_000_000, 0)
    (row,) = by_symbol(ledger, HEAD["symbols"], {"AAA": AAA})
    assert (row.open_profit, row.profit) == (270_000_000, 170_000_000)  # of 10 x 27, $100 were there before
    assert row.profit == 1_470_000_000 - 2_000_000_000 - ledger.flows
    assert ledger.position_at(0, BEGIN - 1) == ledger.position_at(0, ns("2024-03-06 16:00")) == 10


def test_a_position_of_the_start_is_sold_at_what_it_cost() -> None:
    sold = bought(1, ns("2024-03-06 15:00"), -4, 117.0, 14_000)
    ledger = fold(made(*sold))
    (trade,) = ledger.trades
    assert (trade.quantity, trade.entry_price, trade.entry_order, trade.opened) == (4, 90.0, 0, BEGIN)
    assert trade.net == 4 * 27_000_000 - 14_000
    assert ledger.holdings[0] == (6, 540_000_000, 108_000_000)


def test_adopted_shares_are_no_fill() -> None:
    """5 more AAA at 120, paid for; then 3 BBB short at 20."""
    at = ns("2024-03-06 09:00")
    run = made(
        {"time": at, "kind": events.ADOPTED, "symbol": 0, "quantity": 5, "price": 120.0, "amount": 600_000_000},
        {"time": at, "kind": events.ADOPTED, "symbol": 1, "quantity": -3, "price": 20.0, "amount": -60_000_000},
    )  # fmt: skip
    ledger = fold(run)
    assert (ledger.fills, ledger.fees, ledger.trades) == ([], 0, [])
    assert ledger.cash == 1_000_000_000 - 600_000_000 + 60_000_000
    assert ledger.holdings[0] == (15, 1_500_000_000, 0)
    assert ledger.holdings[1] == (-3, -60_000_000, 0)


def test_a_journal_cut_before_the_mark_of_a_flow() -> None:
    run = made(CAME, WENT, rows=MARKS[:4])
    assert flows(run).amounts == [900_000_000]
    assert measures(run, fold(run)).returns == pytest.approx([0.05, 3_100 / 3_000 - 1])


def test_an_account_that_was_empty_begins_anew() -> None:
    at = ns("2024-03-05 07:45")
    drawn = [("2024-03-04 16:00", MARK_SESSION, 0, 0), ("2024-03-05 07:45", MARK_FLOW, 900, 0),
             ("2024-03-05 16:00", MARK_SESSION, 900, 0), ("2024-03-06 16:00", MARK_SESSION, 990, 0)]  # fmt: skip
    run = made(CAME, rows=drawn)
    run.records["amount"][:2] = 0
    run.records["quantity"][1] = 0
    run = run._replace(records=run.records[[0, 2]])
    assert opening(run).equity == 0
    assert flows(run).factors == [1.0, 1.0]
    assert measures(run, fold(run)).returns == pytest.approx([0.0, 0.0, 0.1])
    assert at in flows(run).times


def test_leans_figures_and_the_summary() -> None:
    reading = read(made(CAME, WENT), {"AAA": AAA})
    assert (reading.statistics["Start Equity"], reading.statistics["Net Profit"]) == ("2000", "2.900%")
    labels = dict(figure_rows(reading))
    assert labels["Deposits"] == "$900.00, withdrawals $1,600.00: no profit"
    assert labels["Equity"] == "$2,000.00 to $1,470.00"
