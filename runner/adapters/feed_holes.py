"""Which bars between the newest that a run knows and now nobody has.

A bar that did not come is no hole by itself: a symbol that nobody traded has none. So it is asked who was there to hear it.
A source that sent a bar before and one after it (of any symbol) was there; a history was there up to its newest bar, of
a symbol whose data end on an earlier day up to that. Where nobody was, the bars are lost.
"""

from __future__ import annotations

from collections.abc import Collection

from runner.engine.ports import Hole

Span = tuple[int, int]  # ends of the first and the last bar that a source sent


def find(
    symbol: int, after: int, due: list[int], has: Collection[int], heard: list[Span], least: int
) -> list[Hole]:
    """The stretches of `due` ends after `after` that are lost: neither among those that the symbol `has` nor in a span
    in which somebody `heard`. `least` in a row make the columns begin anew."""
    holes: list[Hole] = []
    newest, lost = after, 0
    for i, end in enumerate(due):
        if end in has or any(first <= end <= last for first, last in heard):
            lost = 0
            if end in has:
                newest = end
            continue
        lost += 1
        following = due[i + 1] if i + 1 < len(due) else None
        ended = following is None or following in has or any(a <= following <= b for a, b in heard)
        if ended:
            holes.append(Hole(symbol, newest, end, lost, lost >= least))
    return holes
