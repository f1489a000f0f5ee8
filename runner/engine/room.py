"""How many rows of the growing tables one instant can fill, so that a driver makes room before it and never in it."""

from __future__ import annotations

from runner.engine import state
from runner.engine.happenings import EXPIRED
from runner.engine.tables import Rules

EACH = (
    4  # of a wanted thing: submitted, rejected, cancelled, filled (or submitted, too little equity, filled)
)
OPEN = 8  # of an order that is open before the instant


def wanted_by(rules: Rules, symbols: int, rule: state.RuleRow) -> int:
    """The most things that one firing of a rule wants."""
    wanted = 0
    for step in rules.steps[rule.step_lo : rule.step_hi]:
        if step.action == state.REBALANCE:
            wanted += 2 * symbols
        elif step.action == state.EXIT_EVERYTHING:
            wanted += symbols
        elif step.others:
            wanted += symbols + step.weight_hi - step.weight_lo
        else:
            wanted += max(1, step.weight_hi - step.weight_lo)
    return wanted


def following(rules: Rules, symbols: int, number: int, events: int) -> int:
    """Rows that what follows one order of rule `number` can fill; `events`: kinds that may come of it. An order that is
    sent in the instant does not expire in it, and no other ring of rules is allowed."""
    rows = 0
    for r, rule in enumerate(rules.rules):
        if rule.follows == number and rule.upon & events:
            each = EACH + following(rules, symbols, r, events & ~EXPIRED)
            rows += 2 + rule.step_hi - rule.step_lo + each * wanted_by(rules, symbols, rule)
    return rows


ANY = 15


def busiest_instant(rules: Rules, symbols: int) -> int:
    """The most records or orders that one instant can make, beside those of every order that is open then.

    A rule leaves at most two records for a symbol before its steps (gated, skipped), a wanted thing at most EACH, and
    what follows it; exits that persist want one thing a symbol, a margin call two. Every symbol may join or leave the universe.
    """
    rows = (2 * EACH + 25) * symbols + 64
    most = max((following(rules, symbols, r, ANY & ~EXPIRED) for r in range(len(rules.rules))), default=0)
    rows += 2 * symbols * most
    for r, rule in enumerate(rules.rules):
        if rule.upon:
            continue
        fires = 1 if rule.basket or rule.flattens else symbols
        each = EACH + following(rules, symbols, r, ANY & ~EXPIRED)
        rows += 2 * symbols * (1 + len(rules.steps)) + each * fires * wanted_by(rules, symbols, rule)
    return rows


def each_open_order(rules: Rules, symbols: int) -> int:
    """The most rows for every order that is open before the instant."""
    return OPEN + max((following(rules, symbols, r, ANY) for r in range(len(rules.rules))), default=0)
