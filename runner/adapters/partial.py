"""A history of which some symbols have no rows in the run: said, and no reason to stop while another has."""

from __future__ import annotations

from runner.adapters.coverage import DataFault, NoRows
from runner.engine.ports import History
from runner.market.bar import Actions, Bars, Listing, empty_bars, no_actions


class Partial:
    """The same history, where a symbol that has rows at other dates only has none instead of a fault; one that a
    selection found (`found`) may have no data at all."""

    def __init__(self, history: History, symbols: int, found: frozenset[str] = frozenset()) -> None:
        self._history = history
        self._symbols = symbols
        self._found = found
        self._absent: dict[str, str] = {}

    def bars(
        self,
        symbol: str,
        resolution: str,
        first_day: int,
        last_day: int,
        prices: str,
        extended_hours: bool,
        since: int | None = None,
    ) -> Bars:
        """All bars of the symbol between two days; the fault of the last symbol stands when no symbol has any."""
        try:
            return self._history.bars(symbol, resolution, first_day, last_day, prices, extended_hours, since)
        except DataFault as fault:
            if symbol in self._found:
                return empty_bars()
            if not isinstance(fault, NoRows):
                raise
            self._absent[symbol] = str(fault)
            if len(self._absent) == self._symbols:
                raise
            return empty_bars()

    def actions(self, symbol: str, first_day: int, last_day: int) -> Actions:
        """Splits and dividends in force between two days."""
        try:
            return self._history.actions(symbol, first_day, last_day)
        except DataFault:
            if symbol in self._found:
                return no_actions()
            raise

    def listing(self, symbol: str) -> Listing | None:
        """When the symbol leaves the exchange or changes its name."""
        return self._history.listing(symbol)

    def extent(self, symbol: str, resolution: str) -> tuple[int, int] | None:
        """First and last day of the symbol's data."""
        return self._history.extent(symbol, resolution)

    def files(self) -> dict[str, str]:
        """SHA-256 of everything read so far, by name."""
        return self._history.files()

    def notes(self) -> list[str]:
        """The history's own notes, and which symbols have no rows."""
        return self._history.notes() + list(self._absent.values())
