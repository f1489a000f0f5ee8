"""The orders of a run that lasts for months, by number: those of today in memory, older ones fetched when asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from runner.market.order import Order


class OrderTable:
    """Rows by number like a list. Those from `first` on are `rows`; an older one is fetched when somebody looks at it and
    stays then. No order before the first that is fetched is ever written again without being looked at."""

    def __init__(
        self, rows: list[Order], first: int = 0, fetch: Callable[[int], Order] | None = None
    ) -> None:
        self._rows = rows
        self._first = first
        self._fetch = fetch
        self._old: dict[int, Order] = {}

    def __getitem__(self, number: int) -> Order:
        if number >= self._first:
            return self._rows[number - self._first]
        found = self._old.get(number)
        if found is None:
            assert self._fetch is not None
            found = self._old[number] = self._fetch(number)
        return found

    def __len__(self) -> int:
        return self._first + len(self._rows)

    def extend(self, rows: Iterable[Order]) -> None:
        """Room for more orders."""
        self._rows.extend(rows)

    def changed(self, last: int) -> dict[int, Order]:
        """Every row that may differ from what was fetched or put away before, by number; `last`: the newest order."""
        new = {o: self._rows[o - self._first] for o in range(max(1, self._first), last + 1)}
        return {**self._old, **new}

    def put_away(self, last: int, fetch: Callable[[int], Order]) -> None:
        """All orders up to `last` are kept elsewhere, from where they are fetched again."""
        del self._rows[: last + 1 - self._first]
        self._old.clear()
        self._first = last + 1
        self._fetch = fetch
