"""How far the price went against and for each round trip while it was held, from the bars.

A bar counts whole or not at all. The bar in which an entry filled counts when it filled at that bar's open, the bar
of an exit when it filled at that bar's close; of a fill inside a bar only its own price is known to belong.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from runner.market.bar import Bars
from runner.market.money import MICROS
from runner.results.ledger import Trade
from runner.results.orders import OrderLine

_BLOCK = 256


class Excursion(NamedTuple):
    """Millionths of a dollar for the whole round trip, before fees and dividends: `adverse` is the worst that it
    ever stood (zero or below), `favorable` the best (zero or above)."""

    adverse: int
    favorable: int


def excursions(
    trades: list[Trade], orders: list[OrderLine], names: list[str], bars: dict[str, Bars]
) -> list[Excursion | None]:
    """One for each round trip, in their order; None where the symbol's bars are not known."""
    sent = {line.order: line.sent for line in orders}
    ranges: dict[int, _Ranges] = {}
    out: list[Excursion | None] = []
    for trade in trades:
        name = names[trade.symbol] if 0 <= trade.symbol < len(names) else ""
        if name not in bars or not len(bars[name].end):
            out.append(None)
            continue
        if trade.symbol not in ranges:
            ranges[trade.symbol] = _Ranges(bars[name])
        out.append(
            _excursion(
                trade, ranges[trade.symbol], sent.get(trade.entry_order, 0), sent.get(trade.exit_order, 0)
            )
        )
    return out


def _excursion(trade: Trade, ranges: _Ranges, entry_sent: int, exit_sent: int) -> Excursion:
    bars = ranges.bars
    lo = int(np.searchsorted(bars.end, trade.opened, "right"))
    hi = int(np.searchsorted(bars.end, trade.closed, "right"))
    at = lo - 1
    if at >= 0 and bars.end[at] == trade.opened and _at_open(bars, at, trade.entry_price, entry_sent):
        lo = at
    last = hi - 1
    if (
        last >= 0
        and bars.end[last] == trade.closed
        and not _at_close(bars, last, trade.exit_price, exit_sent)
    ):
        hi = last
    now = ranges.split[max(0, last)]  # shares of the exit: the trade's own count
    entry = trade.cost / trade.quantity / MICROS
    lowest = highest = trade.exit_price
    if hi > lo:
        low, high = ranges.of(lo, hi)
        lowest, highest = min(lowest, low / now), max(highest, high / now)
    ends = (trade.quantity * (lowest - entry), trade.quantity * (highest - entry))
    return Excursion(round(min(0.0, *ends) * MICROS), round(max(0.0, *ends) * MICROS))


def _at_open(bars: Bars, i: int, price: float, sent: int) -> bool:
    return bool(price == bars.open[i] and sent <= bars.start[i])


def _at_close(bars: Bars, i: int, price: float, sent: int) -> bool:
    """Whether the position was held to the end of the bar: it was closed at its close, or by an order sent later."""
    return bool(sent > bars.start[i] or (price == bars.close[i] and price != bars.open[i]))


class _Ranges:
    """Lowest and highest price of any stretch of bars, in first-day shares: by blocks, so that long round trips that
    overlap do not look at every bar each."""

    def __init__(self, bars: Bars) -> None:
        self.bars = bars
        self.split = np.asarray(bars.split)
        self.low = np.asarray(bars.low) * self.split
        self.high = np.asarray(bars.high) * self.split
        starts = np.arange(0, len(self.low), _BLOCK)
        self.lows = np.minimum.reduceat(self.low, starts)
        self.highs = np.maximum.reduceat(self.high, starts)

    def of(self, lo: int, hi: int) -> tuple[float, float]:
        first, last = -(-lo // _BLOCK), hi // _BLOCK
        if last <= first:
            return float(self.low[lo:hi].min()), float(self.high[lo:hi].max())
        lows = [self.lows[first:last], self.low[lo : first * _BLOCK], self.low[last * _BLOCK : hi]]
        highs = [self.highs[first:last], self.high[lo : first * _BLOCK], self.high[last * _BLOCK : hi]]
        return min(float(part.min()) for part in lows if len(part)), max(
            float(part.max()) for part in highs if len(part)
        )
