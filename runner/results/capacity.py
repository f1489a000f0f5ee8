"""How much money a strategy could carry: LEAN's estimate, from fills, bars and the ledger.

Facts: lean-semantics.md section 15, "Estimated strategy capacity". After a fill the dollar volume of the
symbol's bars is collected inside a window; at snapshots the symbol with the least is divided by its trades
and by the share of the portfolio that it stands for.

One refinement, found by recomputing the daily golden case: the window goes by the length of the bar, so a
daily bar that runs from 09:30 to 16:00 counts as an hour bar (one bar, 5 %), and only one that runs from
midnight to midnight as a daily bar (2 %).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from typing import NamedTuple

from runner.market.bar import DAY, HOUR, MINUTE, Bars
from runner.market.events import Journal
from runner.results.ledger import Fill, Ledger

WINDOW_DOLLARS = 6_000_000.0
FORGET_AFTER = 30 * DAY
# Share of the traded volume that could have been ours, by length of bar.
SECOND_SHARE, MINUTE_SHARE, HOUR_SHARE, DAY_SHARE = 0.50, 0.20, 0.05, 0.02


class Capacity(NamedTuple):
    """`dollars` (0 without fills) and index of the symbol that limits (-1 without)."""

    dollars: float
    symbol: int


class _Tape:
    """Bars of one symbol, asked by instant. Copies that fill forward have no volume of their own."""

    __slots__ = ("bars", "length")

    def __init__(self, bars: Bars) -> None:
        self.bars = bars
        # The longest: an hour bar that begins with the session has only its last half hour.
        self.length = int((bars.end - bars.start).max()) if len(bars.end) else 0

    def at(self, instant: int) -> tuple[float, float, int] | None:
        """Close, volume and kind by length (ns) of the real bar that ends at `instant`; None without volume."""
        i = self.next(instant)
        bars = self.bars
        if i == len(bars.end) or bars.end[i] != instant or not bars.real[i] or not bars.volume[i]:
            return None
        return float(bars.close[i]), float(bars.volume[i]), self.length

    def next(self, instant: int) -> int:
        """Index of the first bar that ends at `instant` or later."""
        return int(self.bars.end.searchsorted(instant))

    def after(self, instant: int) -> int | None:
        """End of the first bar that ends at `instant` or later."""
        i = self.next(instant)
        return int(self.bars.end[i]) if i < len(self.bars.end) else None

    def price(self, instant: int) -> float:
        """Newest close at `instant`, dollars; 0.0 before the first bar."""
        i = self.next(instant + 1) - 1
        return float(self.bars.close[i]) if i >= 0 else 0.0


class _Looks:
    """Instants at which LEAN looks besides those of bars: the first slice of each UTC date (a bar of the benchmark,
    a corporate action, a file by which a universe is chosen), and the last of the run."""

    def __init__(self, times: list[int]) -> None:
        self.times = times

    def after(self, instant: int) -> int | None:
        """The first at `instant` or later."""
        i = bisect_left(self.times, instant)
        return self.times[i] if i < len(self.times) else None


class _Symbol:
    """What is collected for one symbol between snapshots."""

    def __init__(self, tape: _Tape) -> None:
        self.tape = tape
        self.sale = self.collected = self.average = 0.0
        self.scale = self.discount = 1.0
        self.trades = self.last_fill = self.last_bar = 0
        self.last_volume = 0.0
        self.restart = False

    @property
    def market(self) -> float:
        return self.collected * self.scale

    def fill(self, fill: Fill) -> None:
        self.sale += abs(fill.quantity) * fill.price
        since = (fill.time - self.last_fill) / MINUTE if self.last_fill else 1440.0
        self.discount = min(1.0, max(0.2, 2.0 * since / 390.0))
        if self.restart:
            self.collected, self.trades, self.restart = 0.0, 0, False
        self.trades += 1
        self.last_fill = fill.time

    def collect(self, now: int) -> bool:
        """Take the bar that ends now, if any; False when the window after the last fill is over."""
        bar = self.tape.at(now)
        if bar is None:
            return True
        close, volume, period = bar
        minutes = (now - self.last_bar) / MINUTE if self.last_bar else 0.0
        self.average = close * volume if not minutes else close * (volume + self.last_volume) / minutes
        self.last_bar, self.last_volume = now, volume
        inside, scale = self._window(now, period)
        if inside:
            self.scale = scale
            self.collected += close * self.discount * volume
        return inside

    def _window(self, now: int, period: int) -> tuple[bool, float]:
        if period >= DAY:
            midnight = -(-self.last_fill // DAY) * DAY
            return now == self.last_fill or now // DAY * DAY == midnight, DAY_SHARE
        if period >= HOUR:
            return now == -(-self.last_fill // HOUR) * HOUR, HOUR_SHARE
        least, dollars = (1, WINDOW_DOLLARS) if period >= MINUTE else (5, WINDOW_DOLLARS / 60)
        wanted = dollars / self.average if self.average else 10.0
        minutes = 120 if wanted > 120 else int(max(least, wanted))
        return now <= self.last_fill + minutes * MINUTE, MINUTE_SHARE if period >= MINUTE else SECOND_SHARE


class _Estimate:
    """The portfolio's estimate while the run is read."""

    def __init__(self, journal: Journal, ledger: Ledger, tapes: dict[int, _Tape]) -> None:
        header = journal.header
        days = int(header["last_day"]) - int(header["first_day"])
        self.period = max(1, min(7, days))
        self.next_day = int(header["first_day"]) + self.period
        self.ledger = ledger
        self.tapes = tapes
        self.looks: list[_Tape | _Looks] = [*tapes.values(), _Looks(header.get("looks", []))]
        self.symbols: dict[int, _Symbol] = {}
        self.monitored: list[int] = []
        self.value = 0.0
        self.lowest = -1
        self.snapshot: tuple[int, int | None] = (-1, None)
        model = header.get("spec", {}).get("margin.model")
        self.ties_up = (
            0.0 if model == "none" else 1.0
        )  # LEAN weighs a holding by what the margin model reserves

    def next_snapshot(self, now: int) -> int | None:
        """End of the first bar after `now` on or after the day of the next snapshot."""
        day, found = self.snapshot
        if day != self.next_day or found is None or found <= now:
            found = _first_slice(self.looks, max(now + 1, self.next_day * DAY))
            self.snapshot = (self.next_day, found)
        return found

    def fill(self, fill: Fill) -> None:
        if fill.symbol not in self.symbols:
            self.symbols[fill.symbol] = _Symbol(self.tapes[fill.symbol])
        self.symbols[fill.symbol].fill(fill)
        if fill.symbol not in self.monitored:
            self.monitored.append(fill.symbol)

    def update(self, now: int, forced: bool = False) -> None:
        self.monitored = [s for s in self.monitored if self.symbols[s].collect(now)]
        if self.symbols and (forced or now // DAY >= self.next_day):
            self._snapshot(now)

    def _snapshot(self, now: int) -> None:
        held = {s: self.ledger.position_at(s, now) for s in self.tapes}
        values = {s: q * self.tapes[s].price(now) for s, q in held.items() if q}
        total = self.ledger.cash_at(now) / 1e6 + sum(values.values())
        if not total:
            return
        sales = sum(s.sale for s in self.symbols.values())
        self.lowest = min(self.symbols, key=lambda s: self.symbols[s].market)  # the first of equals
        least = self.symbols[self.lowest]
        scale = max(
            least.sale / sales if sales else 0.0, self.ties_up * abs(values.get(self.lowest, 0.0)) / total
        )
        new = least.market / least.trades / scale if scale else self.value
        self.value = 0.33 * new + 0.66 * self.value if self.value else new
        for symbol, state in list(self.symbols.items()):
            if held[symbol] or now < state.last_fill + FORGET_AFTER:
                state.restart, state.sale = True, 0.0
            else:
                del self.symbols[symbol]
                self.monitored = [s for s in self.monitored if s != symbol]
        self.next_day = now // DAY + self.period


def estimate(journal: Journal, ledger: Ledger, bars: dict[str, Bars]) -> Capacity:
    """LEAN's estimated strategy capacity. Needs the bars (with volumes) of every symbol that traded."""
    names: list[str] = journal.header["symbols"]
    fills = [f for f in ledger.fills if names[f.symbol] in bars]
    if not fills:
        return Capacity(0.0, -1)
    tapes = {names.index(name): _Tape(b) for name, b in bars.items() if name in names}
    state = _Estimate(journal, ledger, tapes)
    last = max([int(b.end[-1]) for b in bars.values() if len(b.end)] + journal.header.get("looks", [])[-1:])
    due = 0
    now: int | None = fills[0].time
    seen: int | None = None
    while now is not None:
        while due < len(fills) and fills[due].time <= now:
            state.fill(fills[due])
            due, seen = due + 1, None
        state.update(now)
        last = max(last, now)
        if seen is None and due < len(
            fills
        ):  # a fill between two slices is taken with the slice that follows
            seen = _first_slice(tapes.values(), fills[due].time) or fills[due].time
        now = _next_slice(state, now, seen)
    for _ in range(2):  # the end of the algorithm, and the exit of its result handler
        state.update(last, forced=True)
    return Capacity(state.value, state.lowest)


def _first_slice(tapes: Iterable[_Tape | _Looks], instant: int) -> int | None:
    """The first slice at `instant` or later: a bar's end, or a look."""
    return min((end for tape in tapes if (end := tape.after(instant)) is not None), default=None)


def _next_slice(state: _Estimate, now: int, seen: int | None) -> int | None:
    """The next instant at which something can change: a monitored bar, a snapshot, or `seen`: the slice
    that takes the next fill."""
    found = [state.tapes[symbol].after(now + 1) for symbol in state.monitored]
    if state.symbols:
        found.append(state.next_snapshot(now))
    if seen is not None:
        found.append(max(now + 1, seen))
    return min((t for t in found if t is not None), default=None)
