"""Whether a strategy may go short: Atreyu's gateway takes short sales only with the broker's MPID and a locate."""

from __future__ import annotations

from typing import NamedTuple

from runner.language.problems import Path, quoted
from runner.language.program import Program
from runner.language.ranges import range_of
from runner.language.spec import Rule, Step, Text

_EXIT = "write exit instead of sell: an exit never goes short"
_CASH = "write brokerage: {account: cash}, which cannot go short"


class Short(NamedTuple):
    """What may open a short position: the place of its key, in words, and what to write if it never should."""

    path: Path
    words: str
    cure: str = _CASH


def may_short(program: Program) -> Short | None:
    """The first thing in the document that may open a short position, or None.

    Judged by signs alone: a `sell` may (it asks for no position), an `exit` never does, a target may when its weight can
    be below zero. Nothing goes short in a cash account.
    """
    spec = program.spec
    if spec.account != "margin":
        return None
    for rule in spec.rules:
        for step in rule.steps:
            found = _of_step(program, rule, step)
            if found is not None:
                return found
    portfolio = spec.portfolio
    if portfolio is None:
        return None
    weights = [weight for _, weight in portfolio.fixed]
    if portfolio.value is not None and portfolio.weighting == "each":
        weights.append(portfolio.value)
    for weight in weights:
        if _negative(program, weight):
            return Short(weight.path, "a weight of the portfolio may be below zero")
    return None


def _of_step(program: Program, rule: Rule, step: Step) -> Short | None:
    name = quoted(rule.name)
    if step.action == "enter" and step.side == "short":
        return Short((*step.path, "enter"), f"rule {name} goes short")
    if step.action == "sell":
        return Short((*step.path, "sell"), f"rule {name} sells, whether shares are held or not", _EXIT)
    if step.action == "view" and step.side == "down":
        return Short(
            (*step.path, "direction"), f"view {name} is of a falling price, which the portfolio sells short"
        )
    if step.action == "target":
        for _, weight in step.weights:
            if _negative(program, weight):
                return Short(weight.path, f"rule {name} has a target that may be below zero")
    return None


def _negative(program: Program, weight: Text) -> bool:
    span = program.spans.get(weight.path)
    return span is None or range_of(program, span).low < 0.0
