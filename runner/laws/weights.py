"""Shares of equity: in proportion, at most so much, far enough to trade. Each law sees one symbol and the totals."""

from __future__ import annotations

from runner.compilable import compilable


@compilable
def in_proportion(raw: float, total: float, scale: float) -> float:
    """The share of a symbol whose part of `total` is `raw`, when all shares come to `scale`."""
    return raw / total * scale if total > 0.0 else 0.0


@compilable
def capped(raw: float, share_left: float, raw_left: float, most: float) -> float:
    """The share of the symbol at hand when the largest `raw` come first: in proportion to what is left for it and
    those after it, and at most `most` (0: no bound). What is cut off is left for those after it."""
    share = in_proportion(raw, raw_left, share_left)
    return most if 0.0 < most < share else share


@compilable
def scaled_down(gross: float, scale: float) -> float:
    """Factor of given shares whose sizes come to `gross`: they are cut together to `scale`, never raised.

    Source: lean-semantics 16 (confidence and insight weighting: scaled down only if they sum above 1).
    """
    return scale / gross if gross > scale else 1.0


@compilable
def at_most(share: float, most: float) -> float:
    """A given share cut to `most` on either side (0: no bound)."""
    if 0.0 < most < abs(share):
        return most if share > 0.0 else -most
    return share


@compilable
def accumulated(share: float, direction: int, each: float) -> float:
    """The share after one more view: `each` in its direction; a flat view takes as much off, not past zero.

    Source: lean-semantics 16 (accumulative construction).
    """
    if direction != 0:
        return share + each * direction
    if abs(share) < each:
        return 0.0
    return share - each if share > 0.0 else share + each


@compilable
def drifted(share: float, current: float, band: float) -> bool:
    """Whether a symbol that stays is far enough from its share to be traded; what enters or leaves always is."""
    if band <= 0.0 or share == 0.0 or current == 0.0 or (share > 0.0) != (current > 0.0):
        return True
    return abs(share - current) >= band


@compilable
def worth_trading(value: int, equity: int, least: float, closes: bool) -> bool:
    """Whether a trade of `value` millionths is made: at least the share `least` of equity, or it closes a position."""
    return closes or value >= least * equity
