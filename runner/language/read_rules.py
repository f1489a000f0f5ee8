"""Rules: when, what, with which order. Nothing here knows what an expression means, only where it stands."""

from __future__ import annotations

import re
from typing import Any

from runner.language import units
from runner.language.problems import KEY, Path, did_you_mean, quoted
from runner.language.read_account import Account, check_kind, read_time_in_force
from runner.language.read_moments import read_moments, read_window
from runner.language.reading import Reading
from runner.language.spec import OrderPlan, Rule, Size, Step, Text

ACTIONS = ("enter", "exit", "target", "buy", "sell", "update", "cancel", "note")
DEEDS = (*ACTIONS, "do", "choose")
KINDS = ("market", "limit", "market_on_close", "market_on_open")

# Which keys go with which action.
BESIDE: dict[str, tuple[str, ...]] = {
    "enter": ("size", "order", "add", "as"),
    "exit": ("order",),
    "target": ("others", "order"),
    "buy": ("order", "as"),
    "sell": ("order", "as"),
    "update": ("quantity", "limit", "tag"),
    "cancel": (),
    "note": (),
    "do": (),
    "choose": (),
}
_ALL_BESIDE = ("size", "order", "add", "as", "others", "quantity", "limit", "tag")
_SHARES = re.compile(r"(.*\S)\s+shares?\s*", re.S)


def read_rules(
    data: dict[str, Any], symbols: tuple[str, ...], account: Account, out: Reading
) -> tuple[Rule, ...]:
    """Every rule of a document, in its order."""
    rules: list[Rule] = []
    first: dict[str, int] = {}
    for i, block in enumerate(data.get("rules") or []):
        if block is None:
            continue
        path: Path = ("rules", i)
        rule = _rule(block, path, symbols, account, out)
        if rule.name in first:
            out.fault(
                (*path, "name"),
                f"a rule is called {quoted(rule.name)} already, it is rule {first[rule.name] + 1}",
                "give each rule a name of its own",
            )
        elif block.get("name") is not None:
            first[rule.name] = i
        rules.append(rule)
    _check_names(rules, out)
    return tuple(rules)


def _rule(
    block: dict[str, Any], path: Path, symbols: tuple[str, ...], account: Account, out: Reading
) -> Rule:
    what = f"rule {quoted(block.get('name') or path[1])}"
    trigger = out.one_of(block, path, ("when", "at"), what)
    if block.get("every_bar") is not None and trigger == "at":
        out.fault(
            (*path, "every_bar", KEY), "'every_bar' does nothing beside 'at'", "delete it, or write 'when'"
        )
    own = block.get("symbols")
    for i, symbol in enumerate(own or []):
        check_symbol(symbol, (*path, "symbols", i), symbols, out)
    chosen = block.get("choose")
    if chosen is not None:
        out.one_of(block, path, DEEDS, what)
        _strangers(block, path, "choose", out)
        steps = _branches(chosen, (*path, "choose"), symbols, account, out)
    elif block.get("do") is not None:
        out.one_of(block, path, DEEDS, what)
        _strangers(block, path, "do", out)
        steps = [
            step
            for i, item in enumerate(block["do"])
            if item is not None
            and (step := _step(item, (*path, "do", i), symbols, account, out, f"step {i + 1} of {what}"))
        ]
    else:
        step = _step(block, path, symbols, account, out, what, DEEDS)
        steps = [step] if step else []
    return Rule(
        name=block.get("name") or f"rule {path[1]}",
        steps=tuple(steps),
        when=out.expression(block.get("when"), (*path, "when")),
        every_bar=bool(block.get("every_bar")),
        at=read_moments(block.get("at"), (*path, "at"), out),
        only_if=out.expression(block.get("only_if"), (*path, "only_if")),
        between=read_window(block.get("between"), (*path, "between"), out),
        once_per=block.get("once_per") or "",
        symbols=tuple(s for s in own if s is not None) if own else None,
        choose=chosen is not None,
        path=path,
    )


def _branches(
    items: list[Any], path: Path, symbols: tuple[str, ...], account: Account, out: Reading
) -> list[Step]:
    steps: list[Step] = []
    for i, item in enumerate(items):
        if item is None:
            continue
        at, what = (*path, i), f"branch {i + 1}"
        found = out.one_of(item, at, ("if", "else"), what)
        if found == "else":
            if i + 1 < len(items):
                out.fault(
                    (*at, "else", KEY),
                    "'else' is not the last branch: the later ones are never reached",
                    "move it to the end",
                )
            for key in item:
                if key in ACTIONS:
                    out.fault(
                        (*at, key, KEY), f"{quoted(key)} stands beside 'else'", f"write else: {{{key}: ...}}"
                    )
            step = _step(item["else"], (*at, "else"), symbols, account, out, "'else'")
        else:
            step = _step(item, at, symbols, account, out, what)
        if step:
            when = out.expression(item.get("if"), (*at, "if")) if found == "if" else None
            steps.append(_with(step, when=when))
    return steps


def _with(step: Step, **changes: Any) -> Step:
    fields = {name: getattr(step, name) for name in step.__struct_fields__}
    return Step(**{**fields, **changes})


def _strangers(block: dict[str, Any], path: Path, action: str, out: Reading) -> None:
    """Keys that do nothing beside this action."""
    for key in _ALL_BESIDE:
        if block.get(key) is not None and key not in BESIDE[action]:
            home = [name for name, keys in BESIDE.items() if key in keys]
            cure = f"it belongs beside {' or '.join(quoted(name) for name in home)}: delete it here"
            if action in ("do", "choose"):
                cure = f"write it inside the items of {quoted(action)}"
            out.fault((*path, key, KEY), f"{quoted(key)} does nothing beside {quoted(action)}", cure)


def _step(
    block: dict[str, Any],
    path: Path,
    symbols: tuple[str, ...],
    account: Account,
    out: Reading,
    what: str,
    known: tuple[str, ...] = ACTIONS,
) -> Step | None:
    """One action with what stands beside it; None when there is none."""
    action = out.one_of(block, path, known, what)
    if action is None or action not in ACTIONS:
        return None
    _strangers(block, path, action, out)
    value, at = block[action], (*path, action)
    step = Step(action=action, path=path, name=block.get("as") or "")
    if action in ("enter", "exit", "target", "buy", "sell"):
        step = _with(step, order=read_order(block.get("order"), (*path, "order"), account, out))
    if action == "enter":
        if block.get("size") is None:
            out.lacking(
                path,
                f"{what} enters without a size",
                "write size: {percent_of_equity: 25%}",
                (*path, "enter", KEY),
            )
        size = _size(block.get("size") or {}, (*path, "size"), out) if block.get("size") is not None else None
        return _with(step, side=value, size=size, add=bool(block.get("add")))
    if action == "exit":
        scope, size = _exit(value, at, out)
        return _with(step, scope=scope, size=size)
    if action == "target":
        return _with(
            step, weights=_weights(value, at, symbols, block, path, out), others=block.get("others") or "keep"
        )
    if action in ("buy", "sell"):
        return _with(step, size=Size("shares", _counted(value, at, action, out)))
    if action == "update":
        return _update(step, block, path, value, out)
    if action == "cancel":
        return _with(step, refers=value)
    return _with(step, note=value)


def _update(step: Step, block: dict[str, Any], path: Path, name: str, out: Reading) -> Step:
    quantity, limit, tag = block.get("quantity"), block.get("limit"), block.get("tag")
    if quantity is None and limit is None and tag is None:
        out.lacking(
            path,
            f"the update of {quoted(name)} changes nothing",
            "write quantity, limit or tag beside it",
            (*path, "update", KEY),
        )
    shares = out.shares(quantity, (*path, "quantity"))
    price = out.expression(limit, (*path, "limit"))
    return _with(
        step,
        refers=name,
        size=Size("shares", shares) if shares else None,
        order=OrderPlan(kind="limit", limit=price),
        retag=tag,
    )


def _size(block: dict[str, Any], path: Path, out: Reading) -> Size | None:
    unit = out.one_of(block, path, ("percent_of_equity", "shares", "dollars", "risk"), "'size'", (*path, KEY))
    if block.get("stop") is not None and unit not in ("risk", None):
        out.fault(
            (*path, "stop", KEY), f"'stop' does nothing beside {quoted(unit)}", "it belongs beside 'risk'"
        )
    if unit is None:
        return None
    at = (*path, unit)
    value = out.shares(block[unit], at) if unit == "shares" else out.expression(block[unit], at)
    if unit in ("percent_of_equity", "risk"):
        value = out.percentage(block[unit], at)
    stop = out.expression(block.get("stop"), (*path, "stop")) if unit == "risk" else None
    if unit == "risk" and stop is None:
        out.lacking(
            path,
            "'risk' needs the distance of the stop",
            "write stop beside it, such as stop: 2 * atr(14)",
            (*at, KEY),
        )
    assert value is not None
    return Size(unit, value, stop)


def _exit(value: Any, path: Path, out: Reading) -> tuple[str, Size | None]:
    if isinstance(value, str):
        if value in ("position", "everything"):
            return value, None
        if value == "all":
            out.fault(path, "'exit' cannot be 'all'", "write position, or everything for all symbols")
            return "position", None
        if re.fullmatch(r"\s*[0-9.]+\s*%\s*", value) or re.fullmatch(r"\$[a-z][a-z0-9_]*", value):
            text = value.strip()
            if text.startswith("$"):
                parameter = out.parameter(text, path)
                if parameter is None or parameter.unit != units.PERCENT:
                    return "position", Size("shares", Text(value, path))
            elif not 0 < float(text.rstrip("% ")) <= 100:
                out.fault(path, f"'exit' is {text} of the position", "write more than 0% and at most 100%")
            return "position", Size("percent_of_position", Text(value, path))
        suffix = _SHARES.fullmatch(value)
        value = suffix[1] if suffix else value
        if re.fullmatch(r"\s*[A-Za-z_]+\s*", value):
            out.fault(
                path,
                f"'exit' cannot be {quoted(value)}",
                did_you_mean(
                    value, ("position", "everything"), "write a percentage such as 50%, a number of shares,"
                ),
            )
            return "position", None
    shares = out.shares(value, path)
    return "position", Size("shares", shares) if shares else None


def _counted(value: Any, path: Path, action: str, out: Reading) -> Text:
    """`100 shares`, `floor(...) shares`, or a bare number."""
    if isinstance(value, str):
        suffix = _SHARES.fullmatch(value)
        if suffix is None:
            cure = (
                f"write {action}: {value} shares"
                if len(value) < 60 and "%" not in value
                else f"write {action}: 100 shares"
            )
            out.fault(path, f"{quoted(action)} does not say shares of what it counts", cure)
            return Text("1", path)
        value = suffix[1]
    return out.shares(value, path) or Text("1", path)


def _weights(
    value: Any, at: Path, symbols: tuple[str, ...], block: dict[str, Any], path: Path, out: Reading
) -> tuple[tuple[str, Text], ...]:
    if not isinstance(value, dict):
        if block.get("others") is not None:
            out.fault(
                (*path, "others", KEY),
                "'others' needs a target of several symbols",
                "write target: {SPY: 80%, IBM: 20%}",
            )
        weight = out.percentage(value, at)
        return (("", weight),) if weight else ()
    weights: list[tuple[str, Text]] = []
    for symbol, share in value.items():
        check_symbol(symbol, (*at, symbol, KEY), symbols, out)
        weight = out.percentage(share, (*at, symbol))
        if weight:
            weights.append((symbol, weight))
    return tuple(weights)


def check_symbol(symbol: str | None, path: Path, symbols: tuple[str, ...], out: Reading) -> None:
    """A fault when a symbol is not of the universe."""
    if symbol is not None and symbols and symbol not in symbols and ("universe",) not in out.damaged:
        out.fault(path, f"{quoted(symbol)} is not in the universe", did_you_mean(symbol, symbols))


def read_order(value: Any, path: Path, account: Account, out: Reading) -> OrderPlan:
    """The order of a step; the document's default properties where it says nothing."""
    default = account.default_order
    block: dict[str, Any] = value if isinstance(value, dict) else {}
    kind = "market"
    if isinstance(value, str):
        kind = value
        check_kind(kind, path, account.brokerage, out)
        if kind == "limit":
            out.fault(path, "a limit order without its price", "write order: {limit: {price: close - 0.02}}")
    elif any(block.get(k) is not None for k in KINDS):
        kind = out.one_of(block, path, KINDS, "'order'") or kind
        check_kind(kind, (*path, kind, KEY), account.brokerage, out)
    limits = (block.get("limit") or {}) if kind == "limit" else {}
    post_only = limits.get("post_only")
    time_in_force, good_till = default.time_in_force, default.good_till
    if block.get("time_in_force") is not None:
        time_in_force, good_till = read_time_in_force(
            block["time_in_force"], (*path, "time_in_force"), account.brokerage, out
        )
    return OrderPlan(
        kind=kind,
        limit=out.expression(limits.get("price"), (*path, "limit", "price")),
        post_only=(default.post_only if post_only is None else post_only) and kind == "limit",
        time_in_force=time_in_force,
        good_till=good_till,
        tag=block.get("tag") or "",
    )


def _check_names(rules: list[Rule], out: Reading) -> None:
    """`update` and `cancel` must name an order that some step names with `as`."""
    names = list(dict.fromkeys(step.name for rule in rules for step in rule.steps if step.name))
    for rule in rules:
        for step in rule.steps:
            if (
                step.refers
                and step.refers not in names
                and not (step.action == "cancel" and step.refers == "all")
            ):
                known = [*names, "all"] if step.action == "cancel" else names
                cure = (
                    did_you_mean(step.refers, known)
                    if known
                    else "name an order with 'as' beside enter, buy or sell"
                )
                out.fault((*step.path, step.action), f"no order is called {quoted(step.refers)}", cure)


__all__ = ["ACTIONS", "BESIDE", "DEEDS", "check_symbol", "read_order", "read_rules"]
