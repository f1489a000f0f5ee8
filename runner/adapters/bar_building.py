"""Bars made of bars: a longer one of finer ones, and the copy that stands where none came. And which prices cannot be."""

from __future__ import annotations

import math

from runner.engine.ports import LiveBar


def fault_of(bar: LiveBar) -> str:
    """Why a bar cannot be true; empty when it can."""
    prices = (bar.open, bar.high, bar.low, bar.close)
    if not all(math.isfinite(price) and price > 0.0 for price in prices):
        return "a price is no number above zero"
    if not bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high:
        return "open or close lies outside low and high"
    if not (math.isfinite(bar.volume) and bar.volume >= 0.0):
        return "the volume is no number from zero on"
    if not all(math.isnan(quote) or (math.isfinite(quote) and quote > 0.0) for quote in (bar.bid, bar.ask)):
        return "a quote is no number above zero"
    if bar.start >= bar.end:
        return "it ends before it begins"
    return ""


def joined(parts: list[LiveBar], start: int, end: int) -> LiveBar:
    """One bar from `start` to `end` of bars in order of their ends; its quote is the newest."""
    last = parts[-1]
    quoted = next((part for part in reversed(parts) if part.quote_end), last)
    return last._replace(
        start=start,
        end=end,
        open=parts[0].open,
        high=max(part.high for part in parts),
        low=min(part.low for part in parts),
        volume=math.fsum(part.volume for part in parts),
        bid=quoted.bid,
        ask=quoted.ask,
        quote_end=quoted.quote_end,
    )


def copy_of(bar: LiveBar, start: int, end: int, split: float) -> LiveBar:
    """The bar again at a later end, as `engine/fill_forward.py` repeats one: no volume, not real, prices in the
    shares of `split`."""
    ratio = bar.split / split
    return bar._replace(
        start=start,
        end=end,
        open=bar.open * ratio,
        high=bar.high * ratio,
        low=bar.low * ratio,
        close=bar.close * ratio,
        volume=0.0,
        bid=bar.bid * ratio,
        ask=bar.ask * ratio,
        real=False,
        split=split,
    )
