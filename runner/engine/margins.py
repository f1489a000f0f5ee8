"""Margin in use: by one requirement, or by the totals of the symbols that share one."""

from __future__ import annotations

from typing import Any

from runner.compilable import compilable
from runner.laws import margin
from runner.market.rows import row


@row
class MarginGroup:
    """Totals of the symbols that have one requirement, kept by difference when the document gives several: what
    longs, shorts and the opening parts of working orders measure (`laws/margin.measured`, absolute)."""

    long: int = 0
    short: int = 0
    opening: int = 0


@compilable
def is_open(w: Any, k: int) -> bool:
    """Whether instant `k` is in regular hours (the close itself is not)."""
    return w.instants[k].open <= w.instants[k].time < w.instants[k].close


@compilable
def factor(w: Any, k: int, g: int) -> float:
    """Multiplier of margin requirement `g` at instant `k`."""
    closed = margin.is_closed(w.settings[0], is_open(w, k), w.instants[k].close - w.instants[k].time)
    return margin.state_factor(w.requirements[g], closed)


@compilable
def initial_used(w: Any, k: int, reserved: bool) -> int:
    """Initial margin of all positions at instant `k`; with `reserved`, of working orders that open positions too."""
    if not w.settings[0].own_margins:
        account = w.account[0]
        gross = account.long_value + account.short_value + (account.opening_value if reserved else 0)
        return margin.initial(w.requirements[0], gross, factor(w, k, 0))
    used = 0
    for g in range(len(w.groups)):
        group = w.groups[g]
        gross = group.long + group.short + (group.opening if reserved else 0)
        used += margin.initial(w.requirements[g], gross, factor(w, k, g))
    return used


@compilable
def maintenance_used(w: Any, k: int) -> int:
    """Maintenance margin of all positions at instant `k`."""
    if not w.settings[0].own_margins:
        account = w.account[0]
        return margin.maintenance(w.requirements[0], account.long_value, account.short_value, factor(w, k, 0))
    used = 0
    for g in range(len(w.groups)):
        group = w.groups[g]
        used += margin.maintenance(w.requirements[g], group.long, group.short, factor(w, k, g))
    return used


@compilable
def measure(w: Any, s: int, position: int, last: float) -> None:
    """Move the totals of the symbol's margin group to `position` at `last`."""
    holding = w.holdings[s]
    group = w.groups[holding.group]
    requirement = w.requirements[holding.group]
    was = margin.measured(requirement, holding.position, w.quotes[s].last)
    now = margin.measured(requirement, position, last)
    group.long += (now if now > 0 else 0) - (was if was > 0 else 0)
    group.short += (-now if now < 0 else 0) - (-was if was < 0 else 0)
