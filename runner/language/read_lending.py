"""`short_selling` and `brokerage.tradable`: who lends shares, what the account may trade, and what follows from it."""

from __future__ import annotations

from typing import Any

from runner.language.problems import KEY, quoted
from runner.language.reading import Reading
from runner.language.spec import Lending, Rule, Tradable

SETTINGS = ("if_unknown", "fees", "open_orders", "clock")


def lending_settings(block: dict[str, Any]) -> dict[str, Any]:
    """What the document sets of the account, by dotted name."""
    return {f"short_selling.{key}": block[key] for key in SETTINGS if block.get(key) is not None}


def read_lending(block: dict[str, Any], out: Reading) -> Lending:
    """The source of what can be borrowed; faults for what is asked of a source that is not there."""
    source = block.get("source") or {}
    for key in SETTINGS:
        if block.get(key) not in (None, False) and not source and ("short_selling",) not in out.damaged:
            out.fault(
                ("short_selling", key, KEY),
                f"{quoted(key)} asks a source of shares to borrow, and none is named",
                "name one: short_selling: {source: {csv: borrow.csv}}",
            )
    for kind, path in source.items():
        if path is not None:
            return Lending(kind, str(path))
    return Lending()


def read_tradable(brokerage: Any) -> Tradable:
    """Which symbols the account may trade."""
    block = (brokerage.get("tradable") if isinstance(brokerage, dict) else None) or {}
    for key in ("only", "except"):
        if isinstance(block.get(key), str):
            return Tradable(key == "only", path=block[key])
    only, excluded = (tuple(s for s in block.get(key) or () if s is not None) for key in ("only", "except"))
    return Tradable(block.get("only") is not None, only, excluded)


def check_tradable(tradable: Tradable, rule: Rule, listed: tuple[str, ...], out: Reading) -> None:
    """A rule that sends orders of a symbol that the account may not trade. `listed`: the universe as written."""
    if tradable.path:
        return  # the file is read with the data
    steps = [step for step in rule.steps if step.action in ("enter", "target", "buy", "sell")]
    if not steps:
        return
    named = [symbol for step in steps for symbol, _ in step.weights if symbol]
    own = any(not step.weights or step.weights[0][0] == "" for step in steps)
    asked = [*named, *((rule.symbols if rule.symbols is not None else listed) if own else ())]
    barred = [symbol for symbol in dict.fromkeys(asked) if not tradable.allows(symbol)]
    if barred:
        names = ", ".join(barred)
        allowed = [symbol for symbol in listed if tradable.allows(symbol)]
        cure = (
            f"name the rule's symbols: symbols: [{', '.join(allowed)}]" if allowed else "trade another symbol"
        )
        out.fault(
            (*rule.path, "name"), f"the rule trades {names}, which brokerage.tradable does not allow", cure
        )
