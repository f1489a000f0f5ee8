"""A run read once: what the terminal, the tables and the page all show."""

from __future__ import annotations

from typing import NamedTuple

from runner.market.bar import Bars
from runner.market.events import Journal
from runner.results.by_month import Month, months
from runner.results.by_symbol import SymbolFigures, by_symbol
from runner.results.distribution import Distribution, distribution
from runner.results.drawdowns import Fall, falls
from runner.results.excursions import Excursion, excursions
from runner.results.exposures import Exposures, exposures
from runner.results.lean_statistics import statistics
from runner.results.ledger import Ledger, fold
from runner.results.measures import Measures, measures, session_rows
from runner.results.orders import OrderLine, order_lines
from runner.results.relative import Relative, benchmark_returns, relative
from runner.results.rolling import Rolling, rolling


class Reading(NamedTuple):
    """A finished run and everything that follows from its records and bars."""

    journal: Journal
    ledger: Ledger
    orders: list[OrderLine]
    measures: Measures
    statistics: dict[str, str]
    distribution: Distribution
    falls: list[Fall]
    rolling: list[Rolling]
    relative: Relative | None
    exposures: Exposures
    months: list[Month]
    symbols: list[SymbolFigures]
    excursions: list[Excursion | None]


def read(journal: Journal, bars: dict[str, Bars]) -> Reading:
    """Fold the journal; `bars` by symbol, for LEAN's capacity, the profit of open positions and what round trips
    went through (may be empty: capacity is then 0 and the others are unknown)."""
    ledger, orders, header = fold(journal), order_lines(journal), journal.header
    found = measures(journal, ledger)
    start, names = found.start_equity, header["symbols"]
    prices = session_rows(journal.marks, int(header["start"]))["benchmark"]
    changes = benchmark_returns(prices)
    return Reading(
        journal,
        ledger,
        orders,
        found,
        statistics(journal, ledger, bars),
        distribution(found.returns),
        falls(found.days, found.grown, start),
        rolling(found.days, found.grown, start, found.returns, changes, found.risk_free),
        relative(str(header.get("benchmark") or ""), found.returns, prices, found.risk_free),
        exposures(journal),
        months(found, ledger, changes),
        by_symbol(ledger, names, bars),
        excursions(ledger.trades, orders, names, bars),
    )
