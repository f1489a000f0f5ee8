"""Bars of one symbol that come together are one bar to rules and orders."""

from runner.engine.instants import Arrival
from runner.engine.live_rows import one_each


def arrival(symbol, start, prices, volume, real=True):
    opened, high, low, close = prices
    return Arrival(symbol=symbol, row=start, start=start, end=start + 1, open=opened, high=high, low=low, close=close,
                   volume=volume, real=real)  # fmt: skip


def shown(one):
    return (
        one.symbol,
        one.row,
        one.start,
        one.end,
        one.open,
        one.high,
        one.low,
        one.close,
        one.volume,
        one.real,
    )


def test_late_and_timely_bars_are_joined():
    """The late one of symbol 1 came after symbol 0's: the span, the extremes and the volume of both, the last close and
    the columns of the newest; symbols in the order of the universe."""
    late = arrival(1, 4, (10.0, 12.0, 9.5, 11.0), 100.0)
    newest = arrival(1, 5, (11.0, 11.5, 9.0, 9.25), 40.0)
    found = one_each([late, newest, arrival(0, 5, (3.0, 3.0, 3.0, 3.0), 7.0)])
    assert [shown(one) for one in found] == [
        (0, 5, 5, 6, 3.0, 3.0, 3.0, 3.0, 7.0, True),
        (1, 5, 4, 6, 10.0, 12.0, 9.0, 9.25, 140.0, True),
    ]


def test_a_copy_joins_nothing():
    """It repeats a bar that is known already."""
    copy = arrival(0, 4, (3.0, 9.0, 1.0, 3.0), 0.0, real=False)
    assert [shown(one) for one in one_each([copy, arrival(0, 5, (4.0, 4.0, 4.0, 4.0), 5.0)])] == [
        (0, 5, 5, 6, 4.0, 4.0, 4.0, 4.0, 5.0, True)
    ]
