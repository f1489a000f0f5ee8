"""A run read once: what the terminal, the tables and the page all show."""

from __future__ import annotations

from typing import NamedTuple

from runner.market.bar import Bars
from runner.market.events import Journal
from runner.results.lean_statistics import statistics
from runner.results.ledger import Ledger, fold
from runner.results.measures import Measures, measures
from runner.results.orders import OrderLine, order_lines


class Reading(NamedTuple):
    """A finished run and everything that follows from its records and bars."""

    journal: Journal
    ledger: Ledger
    orders: list[OrderLine]
    measures: Measures
    statistics: dict[str, str]


def read(journal: Journal, bars: dict[str, Bars]) -> Reading:
    """Fold the journal; `bars` by symbol, needed for LEAN's capacity only (may be empty: it is then 0)."""
    ledger = fold(journal)
    return Reading(
        journal, ledger, order_lines(journal), measures(journal, ledger), statistics(journal, ledger, bars)
    )
