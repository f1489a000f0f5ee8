"""Views of the portfolio: rules whose one step is an opinion."""

from __future__ import annotations

from typing import Any

from runner.language import units
from runner.language.problems import KEY, Path, quoted
from runner.language.read_account import Account
from runner.language.read_moments import read_moments, read_window
from runner.language.read_rules import read_once
from runner.language.reading import Reading, check_symbol
from runner.language.spec import Lifetime, Rule, Size, Step


def read_views(
    blocks: list[Any], symbols: tuple[str, ...], account: Account, out: Reading
) -> tuple[Rule, ...]:
    """Every view of the portfolio, in its order."""
    return tuple(
        _view(block, ("portfolio", "views", i), symbols, account, out)
        for i, block in enumerate(blocks)
        if block is not None
    )


def _view(
    block: dict[str, Any], path: Path, symbols: tuple[str, ...], account: Account, out: Reading
) -> Rule:
    name = block.get("name") or f"view {path[-1]}"
    trigger = out.one_of(block, path, ("when", "at"), f"view {quoted(name)}")
    if block.get("every_bar") is not None and trigger == "at":
        out.fault(
            (*path, "every_bar", KEY), "'every_bar' does nothing beside 'at'", "delete it, or write 'when'"
        )
    own = block.get("symbols")
    for i, symbol in enumerate(own or []):
        check_symbol(symbol, (*path, "symbols", i), symbols, out)
    side = block.get("direction") or "up"
    if side == "down" and account.account == "cash":
        out.fault(
            (*path, "direction"), "a cash account cannot sell short", "write flat, or use a margin account"
        )
    confidence = out.percentage(block.get("confidence"), (*path, "confidence"))
    step = Step(
        "view",
        side=side,
        size=Size("confidence", confidence) if confidence else None,
        lifetime=_lifetime(block.get("for"), (*path, "for"), out),
        path=path,
    )
    return Rule(
        name=name,
        steps=(step,),
        when=out.expression(block.get("when"), (*path, "when")),
        every_bar=bool(block.get("every_bar")),
        at=read_moments(block.get("at"), (*path, "at"), out),
        only_if=out.expression(block.get("only_if"), (*path, "only_if")),
        between=read_window(block.get("between"), (*path, "between"), out),
        symbols=tuple(s for s in own if s is not None) if own else None,
        part="view",
        path=path,
        **read_once(block.get("once_per"), (*path, "once_per"), out),
    )


def _lifetime(value: str | None, path: Path, out: Reading) -> Lifetime:
    """`20m`, `12d`, `10 bars` or a parameter that is a duration or a number of bars."""
    if value is None:
        return Lifetime()
    if value.endswith(("bar", "bars")):
        return Lifetime(bars=int(value.split()[0]))
    if value.endswith("d") and not value.startswith("$"):
        return Lifetime(sessions=int(value[:-1]))
    span = 0
    if value.startswith("$"):
        parameter = out.parameter(value, path)
        if parameter is not None and parameter.unit == units.NUMBER:
            return Lifetime(bars=out.whole(value, path, 1))
    span = out.duration(value, path, 0)
    if span <= 0:
        out.fault(path, f"the lifetime is {value}", "write more than that, such as 20m")
    return Lifetime(open_time=span)
