"""What an account may trade, and who lends it shares: frozen values of a strategy."""

from __future__ import annotations

import msgspec


class Lending(msgspec.Struct, frozen=True):
    """Who says what can be borrowed: `source` lean or csv (empty: nobody), `path` its folder or file."""

    source: str = ""
    path: str = ""


class Tradable(msgspec.Struct, frozen=True):
    """Which symbols the account may trade: all of them, `only` these (when `listed`), or all but `excluded`.
    `path`: a file of symbols to be read for `only` (when `listed`) or `excluded`; empty when they are written or read."""

    listed: bool = False
    only: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    path: str = ""

    def allows(self, symbol: str) -> bool:
        """Whether orders of the symbol may be sent."""
        return symbol not in self.excluded and (not self.listed or symbol in self.only)
