"""The journal folded into trades, positions and cash: by hand, and sums that must be exact."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from runner.market.bar import MINUTE
from runner.market.events import CASH, DIVIDEND, FRACTION, SPLIT
from runner.market.money import amount
from runner.results.ledger import Closing, fold, share
from tests.results.lean_files import bought, journal, marks, ns

START = ns("2024-03-04 09:31")


def run(items: list[dict], cash: int = 100_000_000_000):
    head = {"start_cash": cash, "symbols": ["AAA", "BBB"], "rules": ["r"]}
    return fold(journal(head, items, marks([])))


def fills(*rows: tuple[int, float, int]) -> list[dict]:
    """Orders (quantity, price, fee in millionths), a minute apart."""
    out: list[dict] = []
    for i, (quantity, price, fee) in enumerate(rows):
        out += bought(i + 1, START + i * MINUTE, quantity, price, fee)
    return out


# By hand: two lots, one sale through both of them, first in first out.
#   buy 100 @ 10.00 (fee 1.00), buy 50 @ 11.00 (fee 0.50), sell 120 @ 12.00 (fee 1.20)
#   trade 1: 100 shares, 200.00 before fees, fees 1.00 + 1.20 * 100/120 = 2.00
#   trade 2: 20 shares, 20.00 before fees, fees 0.50 * 20/50 + 0.20 = 0.40
#   left: 30 shares; average cost (1000 + 550) / 150 = 10.3333, so realized 120 x (12 - 10.3333) = 200.00
def test_first_in_first_out_against_average_cost() -> None:
    got = run(fills((100, 10.0, 1_000_000), (50, 11.0, 500_000), (-120, 12.0, 1_200_000)))
    assert [(t.quantity, t.profit, t.fees) for t in got.trades] == [
        (100, 200_000_000, 2_000_000),
        (20, 20_000_000, 400_000),
    ]
    assert got.trades[0].net == 198_000_000
    assert (got.trades[1].entry_price, got.trades[1].exit_price, got.trades[1].entry_order) == (11.0, 12.0, 2)
    assert got.holdings[0].quantity == 30
    assert got.holdings[0].cost == 310_000_000
    assert got.holdings[0].realized == 200_000_000
    # Fact sheet 11: profit less twice the closing fee.
    assert got.closings == [Closing(START + 2 * MINUTE, 0, -120, 200_000_000 - 2_400_000)]
    assert got.cash == 100_000_000_000 - 1_000_000_000 - 550_000_000 + 1_440_000_000 - 2_700_000
    assert got.fees == 2_700_000


# By hand: long 10 @ 5, sell 25 @ 6 closes 10 (profit 10) and opens short 15 @ 6; buy 15 @ 4 closes (30).
def test_through_zero() -> None:
    got = run(fills((10, 5.0, 0), (-25, 6.0, 2_500_000), (15, 4.0, 0)))
    assert [(t.quantity, t.profit, t.fees) for t in got.trades] == [
        (10, 10_000_000, 1_000_000),
        (-15, 30_000_000, 1_500_000),
    ]
    assert [c.profit for c in got.closings] == [5_000_000, 30_000_000]
    assert got.holdings[0].quantity == 0
    assert got.holdings[0].cost == 0
    assert got.position_at(0, START) == 10
    assert got.position_at(0, START + MINUTE) == -15
    assert got.position_at(0, START - 1) == 0
    assert got.cash_at(START - 1) == 100_000_000_000
    assert got.cash_at(START) == 100_000_000_000 - 50_000_000


# By hand: 15 shares @ 30; a 3:2 split makes 22.5: 22 are kept, half a share is paid out at 20 = 10.00;
# a dividend of 0.10 on 22; all sold at 21. Profit in all: 22 x 21 + 10 + 2.20 - 450 = 24.20
def test_split_fraction_and_dividend() -> None:
    at = START + MINUTE
    items = fills((15, 30.0, 0))
    items += [
        {"time": at, "kind": SPLIT, "symbol": 0, "price": 1.5, "quantity": 22},
        {"time": at, "kind": FRACTION, "symbol": 0, "price": 20.0, "amount": 10_000_000},
        {"time": at, "kind": DIVIDEND, "symbol": 0, "price": 0.1, "quantity": 22, "amount": 2_200_000},
        {"time": at, "kind": CASH, "amount": 5_000_000},
    ]
    items += bought(2, at + MINUTE, -22, 21.0, 0)
    got = run(items)
    assert got.position_at(0, at) == 22
    assert got.cash == 100_000_000_000 + 24_200_000 + 5_000_000
    assert got.holdings[0].quantity == 0
    assert got.holdings[0].cost == 0
    assert got.holdings[0].realized == 24_200_000
    assert got.dividends == 2_200_000
    assert got.other == 15_000_000
    assert [t.quantity for t in got.trades] == [22]


def test_shares_round_half_to_even() -> None:
    assert [share(5, 1, 2), share(7, 1, 2), share(-5, 1, 2), share(5, -1, -2)] == [2, 4, -2, 2]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(-300, 300).filter(bool),
            st.floats(0.5, 900.0, allow_nan=False),
            st.integers(0, 2_000_000),
        ),
        min_size=1,
        max_size=25,
    )
)
def test_nothing_is_lost(rows: list[tuple[int, float, int]]) -> None:
    """Cash, profits, fees and what is still held account for every millionth."""
    got = run(fills(*rows))
    spent = sum(amount(q, p) for q, p, _ in rows)
    fees = sum(fee for *_, fee in rows)
    assert got.cash == 100_000_000_000 - spent - fees
    assert got.fees == fees
    held = got.holdings[0]
    assert held.quantity == sum(q for q, *_ in rows)
    assert held.realized - held.cost == -spent
    assert sum(c.profit for c in got.closings) <= held.realized
    if not held.quantity:
        assert held.cost == 0
        assert sum(t.profit for t in got.trades) == -spent
        assert sum(t.fees for t in got.trades) == fees
    # Open shares and matched shares are all the shares there are.
    opened = sum(abs(q) for q, *_ in rows)
    assert 2 * sum(abs(t.quantity) for t in got.trades) + abs(held.quantity) == opened
