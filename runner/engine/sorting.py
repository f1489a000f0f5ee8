"""The places of the table of names in order of their score: a stable merge sort, the work n log n."""

from __future__ import annotations

from typing import Any

from runner.compilable import compilable


@compilable
def by_score(w: Any, n: int) -> None:
    """Sort the first `n` places by the score of the name that each points to, the highest first; equals keep their order."""
    width = 1
    while width < n:
        lo = 0
        while lo < n:
            middle = min(lo + width, n)
            end = min(lo + 2 * width, n)
            a = lo
            b = middle
            for i in range(lo, end):
                first = w.names[w.names[a].place].score if a < middle else 0.0
                second = w.names[w.names[b].place].score if b < end else 0.0
                if b >= end or (a < middle and first >= second):
                    w.names[i].spare = w.names[a].place
                    a += 1
                else:
                    w.names[i].spare = w.names[b].place
                    b += 1
            lo += 2 * width
        for i in range(n):
            w.names[i].place = w.names[i].spare
        width *= 2


@compilable
def by_order(w: Any, n: int) -> None:
    """Sort the places of the `n` wanted rows: those that reduce a position first, then the larger value."""
    for i in range(n):
        w.names[i].place = i
    width = 1
    while width < n:
        lo = 0
        while lo < n:
            middle = min(lo + width, n)
            end = min(lo + 2 * width, n)
            a = lo
            b = middle
            for i in range(lo, end):
                if b >= end or (a < middle and not before(w, w.names[b].place, w.names[a].place)):
                    w.names[i].spare = w.names[a].place
                    a += 1
                else:
                    w.names[i].spare = w.names[b].place
                    b += 1
            lo += 2 * width
        for i in range(n):
            w.names[i].place = w.names[i].spare
        width *= 2


@compilable
def before(w: Any, a: int, b: int) -> bool:
    """Whether wanted row `a` is to be sent before row `b`."""
    if w.wanted[a].reducing != w.wanted[b].reducing:
        return bool(w.wanted[a].reducing)
    return bool(w.wanted[a].value > w.wanted[b].value)
