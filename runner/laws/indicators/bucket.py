"""A longer bar while it forms: the first, last, highest, lowest or total of a bucket's bars so far."""

from __future__ import annotations

from typing import TypeAlias

from runner.compilable import compilable

FIRST, LAST, HIGHEST, LOWEST, TOTAL = 0, 1, 2, 3, 4
MODES = {"open": FIRST, "high": HIGHEST, "low": LOWEST, "volume": TOTAL}  # every other series: LAST

BucketState: TypeAlias = tuple[int, float]  # mode, value so far


def bucket_start(mode: float) -> BucketState:
    """State before the first bar."""
    return int(mode), 0.0


@compilable
def bucket_step(state: BucketState, x: float, part: float) -> tuple[BucketState, float]:
    """`part`: 1.0 when the bar begins a bucket, 0.0 when it goes on, -1.0 when it belongs to none."""
    mode, value = state
    if part < 0.0:
        return state, value
    if part > 0.0 or mode == LAST or value != value:
        value = x
    elif mode == HIGHEST:
        value = x if x > value else value
    elif mode == LOWEST:
        value = x if x < value else value
    elif mode == TOTAL:
        value = value + x
    return (mode, value), value
