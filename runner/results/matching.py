"""Which thing of one run is which of the other: in order of time, things of one key, not further apart than allowed."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar

T = TypeVar("T")


def matched(
    a: list[T],
    b: list[T],
    key: Callable[[T], Hashable],
    time: Callable[[T], int],
    apart: Callable[[T], int],
) -> tuple[list[tuple[T, T]], list[T], list[T]]:
    """(pairs, only in a, only in b). Each list is ascending by `time`; a pair is less than `apart` nanoseconds apart."""
    pairs: list[tuple[T, T]] = []
    left: list[T] = []
    waiting: dict[Hashable, list[T]] = {}
    for one in b:
        waiting.setdefault(key(one), []).append(one)
    at = dict.fromkeys(waiting, 0)
    alone: list[T] = []
    for one in a:
        k = key(one)
        others = waiting.get(k, [])
        i = at.get(k, 0)
        while i < len(others) and time(others[i]) <= time(one) - apart(one):
            alone.append(others[i])
            i += 1
        if i < len(others) and time(others[i]) < time(one) + apart(one):
            pairs.append((one, others[i]))
            i += 1
        else:
            left.append(one)
        if k in at:
            at[k] = i
    for k, others in waiting.items():
        alone += others[at[k] :]
    return pairs, left, sorted(alone, key=time)
