"""When a position or the whole account has fallen too far, or a position has gained enough."""

from __future__ import annotations

from runner.compilable import compilable


@compilable
def gain(value: float, cost: float) -> float:
    """Profit of a position as a ratio of its cost; `value` and `cost` signed (a short position's are negative)."""
    return (value - cost) / abs(cost) if cost != 0.0 else 0.0


@compilable
def fallen(gained: float, limit: float) -> bool:
    """Whether a gain is a loss beyond `limit` (0: no limit). Source: lean-semantics 16 (unrealized % < -x)."""
    return limit > 0.0 and gained < -limit


@compilable
def risen(gained: float, limit: float) -> bool:
    """Whether a gain is beyond `limit` (0: no limit). Source: lean-semantics 16 (unrealized % > x)."""
    return limit > 0.0 and gained > limit


@compilable
def better(long: bool, best: float, last: float) -> float:
    """The best price since a position was opened: the highest of a long one, the lowest of a short one."""
    if long:
        return last if last > best else best
    return last if last < best else best


@compilable
def trailed(best: float, last: float, limit: float) -> bool:
    """Whether the price is further than `limit` from the best (0: no limit).

    Source: lean-semantics 16 (trailing stop: drawdown from the best value, strictly beyond).
    """
    return limit > 0.0 and best > 0.0 and abs((best - last) / best) > limit
