"""What each symbol brought: closed and open profit, dividends, fees. Exact: the sum over symbols is the run's."""

from __future__ import annotations

from typing import NamedTuple

from runner.market.bar import Bars
from runner.market.money import amount
from runner.results.ledger import Fill, Ledger, Trade


class SymbolFigures(NamedTuple):
    """Millionths. `realized`: profit of what was closed, dividends and cash for fractions of shares with it, before
    fees; `open_profit`: of what is still held, at the last close (None when no bar is known); `profit`: both less
    the fees and what had been gained before the run began. `number`, `wins`: round trips; `average_held` ns; `best`, `worst`: of a round trip after fees."""

    symbol: int
    number: int
    wins: int
    realized: int
    open_profit: int | None
    dividends: int
    fees: int
    profit: int | None
    traded: int
    fills: int
    position: int
    average_held: int
    best: int
    worst: int


def by_symbol(ledger: Ledger, names: list[str], bars: dict[str, Bars]) -> list[SymbolFigures]:
    """One row for each symbol that was ever held or traded, in universe order."""
    filled: dict[int, list[Fill]] = {}
    for fill in ledger.fills:
        filled.setdefault(fill.symbol, []).append(fill)
    traded: dict[int, list[Trade]] = {}
    for trade in ledger.trades:
        traded.setdefault(trade.symbol, []).append(trade)
    out = []
    for symbol, held in sorted(ledger.holdings.items()):
        fills, trades = filled.get(symbol, []), traded.get(symbol, [])
        nets = [trade.net for trade in trades]
        name = names[symbol] if 0 <= symbol < len(names) else ""
        last = _last(bars.get(name))
        open_profit = 0 if not held.quantity else None
        if held.quantity and last is not None:
            open_profit = amount(held.quantity, last) - held.cost
        fees = sum(fill.fee for fill in fills)
        out.append(
            SymbolFigures(
                symbol=symbol,
                number=len(trades),
                wins=sum(net > 0 for net in nets),
                realized=held.realized,
                open_profit=open_profit,
                dividends=ledger.dividends_by_symbol.get(symbol, 0),
                fees=fees,
                profit=None
                if open_profit is None
                else held.realized + open_profit - fees - ledger.brought.get(symbol, 0),
                traded=sum(abs(fill.amount) for fill in fills),
                fills=len(fills),
                position=held.quantity,
                average_held=round(sum(t.closed - t.opened for t in trades) / len(trades)) if trades else 0,
                best=max(nets, default=0),
                worst=min(nets, default=0),
            )
        )
    return out


def _last(bars: Bars | None) -> float | None:
    """The newest close of a real bar."""
    if bars is None or not len(bars.end):
        return None
    real = bars.real.nonzero()[0]
    return float(bars.close[real[-1]]) if len(real) else None
