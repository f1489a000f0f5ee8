"""`upon`: rules that follow an event of another rule's orders."""

from __future__ import annotations

import re
from typing import Any

from runner.language.problems import KEY, Path, quoted
from runner.language.reading import Reading
from runner.language.spec import Rule, Text, Upon

EVENTS = ("filled", "cancelled", "expired", "rejected")
SENDING = ("enter", "exit", "target", "buy", "sell")
_FILL = re.compile(r"(?<![\w.$])(fill_price|fill_quantity)\b")


def read_upon(block: dict[str, Any] | None, path: Path, out: Reading) -> Upon | None:
    """The event and the rule that `upon` names."""
    if not block:
        return None
    event = out.one_of(block, path, EVENTS, "'upon'", (*path, KEY))
    return Upon(event, block[event], (*path, event)) if event else None


def check_upon(rules: list[Rule], out: Reading) -> None:
    """The named rule is there and sends orders; no rule follows itself, at once or in a ring; the words of a fill stand
    where there is one."""
    by_name = {rule.name: rule for rule in rules}
    for rule in rules:
        if rule.upon is None or rule.upon.event != "filled":
            _no_fill(rule, out)
        if rule.upon is None:
            continue
        found = by_name.get(rule.upon.rule)
        if found is None:
            message = f"no rule is called {quoted(rule.upon.rule)}"
            out.fault(rule.upon.path, message, out.suggest(rule.upon.rule, by_name, "write the name of one:"))
        elif not any(step.action in SENDING for step in found.steps):
            message = f"rule {quoted(found.name)} sends no orders"
            out.fault(rule.upon.path, message, "name a rule that enters, exits, targets, buys or sells")
        elif _ring(rule, by_name):
            message = f"rule {quoted(rule.name)} follows itself, by way of its own orders"
            out.fault(
                rule.upon.path, message, "end the ring: let one of its rules follow 'expired', or use 'when'"
            )


def _ring(rule: Rule, by_name: dict[str, Rule]) -> bool:
    """Whether a chain of `upon` leads from a rule back to it. An order that expires ends the chain: it was sent at
    another instant."""
    seen: set[str] = set()
    at: Rule | None = rule
    while at is not None and at.upon is not None and at.upon.event != "expired":
        if at.upon.rule == rule.name:
            return True
        if at.name in seen:
            return False
        seen.add(at.name)
        at = by_name.get(at.upon.rule)
    return False


def _no_fill(rule: Rule, out: Reading) -> None:
    """`fill_price` where no fill is followed."""
    found: list[Text | None] = [rule.when, rule.only_if]
    for step in rule.steps:
        found += [step.when, step.order.limit, step.order.stop, step.order.by]
        found += [step.size.value, step.size.stop] if step.size else []
        found += [weight for _, weight in step.weights]
    for text in found:
        match = _FILL.search(text.text) if text is not None else None
        if text is not None and match:
            message = f"{quoted(match.group(1))} stands in a rule that follows no fill"
            out.fault(text.path, message, "write upon: {filled: RULE} instead of when or at", match.start(1))
