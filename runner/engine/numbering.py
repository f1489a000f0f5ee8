"""Two documents of one run: which symbol, rule, step and name of the old one is which of the new.

Rules are matched by name. A step is that of the same place in its rule, if it does the same.
"""

from __future__ import annotations

from typing import NamedTuple

from runner.engine.drawdown_state import TAGS
from runner.engine.tables import Rules
from runner.language.program import Program
from runner.laws.protection import PROTECTIONS

GONE = -1


class Numbering(NamedTuple):
    """The new number of each old one, GONE for none. `plans`: of rows of ProtectRow."""

    symbols: list[int]
    rules: list[int]
    steps: list[int]
    plans: list[int]
    names: list[int]


def numbering(old: Program, before: Rules, new: Program, after: Rules) -> Numbering:
    """What became of the numbers; `before` and `after` are the rows of the two documents."""
    symbols = _matched(old.spec.symbols, new.spec.symbols)
    rules = _matched([rule.name for rule in old.spec.rules], [rule.name for rule in new.spec.rules])
    steps = [GONE] * len(before.steps)
    for r, now in enumerate(rules):
        if now == GONE:
            continue
        was, rule = before.rules[r], after.rules[now]
        for i in range(was.step_lo, was.step_hi):
            j = rule.step_lo + i - was.step_lo
            if j < rule.step_hi and _alike(before.steps[i], after.steps[j]):
                steps[i] = j
    plans = [GONE] * len(before.protects)
    for i, step in enumerate(before.steps):
        if step.protect >= 0 and steps[i] != GONE:
            plans[step.protect] = after.steps[steps[i]].protect
    for p, q in enumerate(plans):
        if q != GONE:
            _follow(steps, before.protects[p].exits, after.protects[q].exits, len(PROTECTIONS))
    if before.drawdowns.active and after.drawdowns.active:
        _follow(steps, before.drawdowns.step, after.drawdowns.step, len(TAGS))
    for i, j in ((before.leave, after.leave), (before.flatten, after.flatten)):
        if i >= 0:
            steps[i] = j
    return Numbering(symbols, rules, steps, plans, _matched(old.names, new.names))


def _matched(old: tuple[str, ...] | list[str], new: tuple[str, ...] | list[str]) -> list[int]:
    at = {name: i for i, name in enumerate(new)}
    return [at.get(name, GONE) for name in old]


def _alike(a: object, b: object) -> bool:
    """Whether two steps do the same kind of thing on the same side."""
    return all(getattr(a, name) == getattr(b, name) for name in ("action", "side", "kind", "purpose"))


def _follow(steps: list[int], old: int, new: int, count: int) -> None:
    for i in range(count):
        steps[old + i] = new + i
