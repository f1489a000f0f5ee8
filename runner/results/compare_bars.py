"""The bars that two runs saw: where they first differ, and how often."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from runner.market.bar import DAY, RESOLUTIONS, Bars
from runner.results.kept_bars import YEAR, Digest, days_of, digest
from runner.results.sides import Side

ONLY_A, ONLY_B, OTHER, LATE, STRETCH = "only in A", "only in B", "other", "late", "other bars"
PRICES, QUOTES = ("open", "high", "low", "close"), ("bid", "ask")


class BarDifference(NamedTuple):
    """A bar that is not the same in both runs. `what`: ONLY_A, ONLY_B, OTHER (`fields` differ, `a` and `b` are their
    values), LATE (`fields` names the run that took it after its end; `a`, `b` are its end and the instant, ns), STRETCH (only digests are
    known: a bar of the day, or of daily bars of the year from then on)."""

    symbol: str
    end: int
    what: str
    fields: tuple[str, ...] = ()
    a: tuple[float, ...] = ()
    b: tuple[float, ...] = ()


class BarsCompared(NamedTuple):
    """`how`: `bars`, `digests` (days of bars), or `unknown`. `alike`: bars (days) that are the same. `differences`: in order of
    their ends. `quotes`: whether bid and ask were compared wherever both had them."""

    how: str
    alike: int
    differences: list[BarDifference]
    quotes: bool


def compare_bars(a: Side, b: Side, since: int, until: int) -> BarsCompared:
    """The real bars that end after `since`, up to `until`; copies that fill forward are not bars."""
    symbols = [s for s in a.journal.header["symbols"] if s in set(b.journal.header["symbols"])]
    if a.bars is not None and b.bars is not None:
        alike, out, quoted = 0, [], False
        for symbol in symbols:
            mine, theirs = a.bars.get(symbol), b.bars.get(symbol)
            one, two = (_within(bars, since, until) for bars in (mine, theirs))
            same, found, quotes = _bars(symbol, one, two)
            alike, quoted = alike + same, quoted or quotes
            out += found + _late(symbol, a, "A", since, until) + _late(symbol, b, "B", since, until)
        return BarsCompared("bars", alike, sorted(out, key=lambda d: d.end), quoted)
    if all(side.bars is not None or side.digests is not None for side in (a, b)):
        alike, out = 0, []
        for symbol in symbols:
            word = a.journal.header["resolution"].get(symbol, "1d")
            daily = RESOLUTIONS[word] >= DAY
            digests = [_digest(side, symbol, daily) for side in (a, b)]
            same, found = _stretches(symbol, digests[0], digests[1], since, until, YEAR if daily else 1)
            alike += same
            out += found
        return BarsCompared("digests", alike, sorted(out, key=lambda d: d.end), True)
    return BarsCompared("unknown", 0, [], False)


def _within(bars: Bars | None, since: int, until: int) -> dict[str, np.ndarray]:
    if bars is None:
        return {name: np.empty(0, np.int64 if name == "end" else float) for name in Bars._fields}
    chosen = (np.asarray(bars.end) > since) & (np.asarray(bars.end) <= until) & np.asarray(bars.real)
    return {name: np.asarray(column)[chosen] for name, column in bars._asdict().items()}


def _bars(
    symbol: str, a: dict[str, np.ndarray], b: dict[str, np.ndarray]
) -> tuple[int, list[BarDifference], bool]:
    ends, i, j = np.intersect1d(a["end"], b["end"], return_indices=True)
    out = [BarDifference(symbol, int(end), ONLY_A) for end in np.setdiff1d(a["end"], ends)]
    out += [BarDifference(symbol, int(end), ONLY_B) for end in np.setdiff1d(b["end"], ends)]
    quotes = all(not np.isnan(side["bid"]).all() for side in (a, b)) if len(ends) else False
    names = (*PRICES, "volume", *(QUOTES if quotes else ()))
    differs = np.zeros((len(names), len(ends)), bool)
    for n, name in enumerate(names):
        one, two = a[name][i], b[name][j]
        known = ~(np.isnan(one) & np.isnan(two))
        differs[n] = known & (one != two)
    for k in np.flatnonzero(differs.any(axis=0)).tolist():
        fields = tuple(name for n, name in enumerate(names) if differs[n, k])
        mine = tuple(float(a[name][i[k]]) for name in fields)
        theirs = tuple(float(b[name][j[k]]) for name in fields)
        out.append(BarDifference(symbol, int(ends[k]), OTHER, fields, mine, theirs))
    return int((~differs.any(axis=0)).sum()), out, quotes


def _late(symbol: str, side: Side, name: str, since: int, until: int) -> list[BarDifference]:
    """The bars that a live run took at a later instant than their end."""
    taken = side.taken.get(symbol)
    if taken is None or side.bars is None or symbol not in side.bars:
        return []
    ends = np.asarray(side.bars[symbol].end)
    chosen = np.flatnonzero((taken > ends) & (ends > since) & (ends <= until)).tolist()
    return [
        BarDifference(symbol, int(ends[i]), LATE, (name,), (float(ends[i]),), (float(taken[i]),))
        for i in chosen
    ]


def _digest(side: Side, symbol: str, daily: bool) -> Digest:
    found = (side.digests or {}).get(symbol)
    if found is not None:
        return found
    bars = (side.bars or {}).get(symbol)
    none = np.empty(0, np.int64)
    return digest(bars, daily) if bars is not None else Digest(none, none, none.astype(np.uint64))


def _stretches(
    symbol: str, a: Digest, b: Digest, since: int, until: int, length: int
) -> tuple[int, list[BarDifference]]:
    """The stretches of `length` days that lie whole in the common time: the first and the last may be cut."""
    first, last = days_of(np.array([since, until])).tolist()
    mine = {int(d): (int(n), int(v)) for d, n, v in zip(*a, strict=True) if first < d and d + length <= last}
    theirs = {
        int(d): (int(n), int(v)) for d, n, v in zip(*b, strict=True) if first < d and d + length <= last
    }
    out = [
        BarDifference(
            symbol, day * DAY + DAY // 2, STRETCH, ("bars",),
            (float(mine.get(day, (0, 0))[0]),), (float(theirs.get(day, (0, 0))[0]),),
        )
        for day in sorted(set(mine) | set(theirs))
        if mine.get(day) != theirs.get(day)
    ]  # fmt: skip
    return sum(mine.get(day) == theirs.get(day) for day in mine), out
