"""Rules: when, what, with which order. Nothing here knows what an expression means, only where it stands."""

from __future__ import annotations

from typing import Any

from runner.language.problems import KEY, Path, choices, quoted
from runner.language.read_account import Account
from runner.language.read_moments import read_moments, read_window
from runner.language.read_orders import (
    read_counted,
    read_exit,
    read_order,
    read_size,
    read_weights,
)
from runner.language.read_protect import read_protect
from runner.language.read_universe import check_scope
from runner.language.read_upon import check_upon, read_upon
from runner.language.reading import Reading, check_symbol
from runner.language.spec import OrderPlan, Rule, Size, Step

ACTIONS = ("enter", "exit", "target", "buy", "sell", "update", "cancel", "note")
DEEDS = (*ACTIONS, "do", "choose")

# Prices that an update changes -> kinds of order that have them.
CHANGES: dict[str, tuple[str, ...]] = {
    "limit": ("limit", "stop_limit", "limit_if_touched"),
    "stop": ("stop", "stop_limit", "trailing_stop"),
    "trigger": ("limit_if_touched",),
    "by": ("trailing_stop",),
}

# Which keys go with which action.
BESIDE: dict[str, tuple[str, ...]] = {
    "enter": ("size", "order", "add", "as", "protect"),
    "exit": ("order",),
    "target": ("others", "order"),
    "buy": ("order", "as"),
    "sell": ("order", "as"),
    "update": ("quantity", *CHANGES, "tag"),
    "cancel": (),
    "note": (),
    "do": (),
    "choose": (),
}
_ALL_BESIDE = ("size", "order", "add", "as", "protect", "others", "quantity", *CHANGES, "tag")


def read_rules(
    data: dict[str, Any], symbols: tuple[str, ...], changes: bool, account: Account, out: Reading
) -> tuple[Rule, ...]:
    """Every rule of a document, in its order. `changes`: whether the universe ever does."""
    rules: list[Rule] = []
    first: dict[str, int] = {}
    for i, block in enumerate(data.get("rules") or []):
        if block is None:
            continue
        path: Path = ("rules", i)
        rule = _rule(block, path, symbols, account, out)
        check_scope(rule, changes, out)
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
    check_upon(rules, out)
    return tuple(rules)


def _rule(
    block: dict[str, Any], path: Path, symbols: tuple[str, ...], account: Account, out: Reading
) -> Rule:
    what = f"rule {quoted(block.get('name') or path[1])}"
    written = block.get("symbols")
    once = written in ("joined", "left")  # asked once each time: needs no when
    asked = any(block.get(key) is not None for key in ("when", "at", "upon"))
    trigger = out.one_of(block, path, ("when", "at", "upon"), what) if asked or not once else None
    if block.get("every_bar") is not None and trigger in ("at", "upon"):
        out.fault(
            (*path, "every_bar", KEY),
            f"'every_bar' does nothing beside {quoted(trigger)}",
            "delete it, or write 'when'",
        )
    own = written if isinstance(written, list) else None
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
        upon=read_upon(block.get("upon"), (*path, "upon"), out),
        only_if=out.expression(block.get("only_if"), (*path, "only_if")),
        between=read_window(block.get("between"), (*path, "between"), out),
        **read_once(block.get("once_per"), (*path, "once_per"), out),
        symbols=tuple(s for s in own if s is not None) if own else None,
        scope=written if isinstance(written, str) else "",
        choose=chosen is not None,
        path=path,
    )


def read_once(value: str | None, path: Path, out: Reading) -> dict[str, Any]:
    """`once_per`: a word, or a length of time."""
    if value is None or value in ("day", "session", "run"):
        return {"once_per": value or ""}
    span = out.duration(value, path, 0)
    if span <= 0:
        out.fault(path, f"'once_per' is {value}", "write a duration above zero, such as 20m")
    return {"once_per": "span", "once_span": span}


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
        size = (
            read_size(block.get("size") or {}, (*path, "size"), out)
            if block.get("size") is not None
            else None
        )
        return _with(
            step,
            side=value,
            size=size,
            add=bool(block.get("add")),
            protect=read_protect(block.get("protect"), (*path, "protect"), out),
        )
    if action == "exit":
        scope, size = read_exit(value, at, out)
        return _with(step, scope=scope, size=size)
    if action == "target":
        return _with(
            step,
            weights=read_weights(value, at, symbols, block, path, out),
            others=block.get("others") or "keep",
        )
    if action in ("buy", "sell"):
        return _with(step, size=Size("shares", read_counted(value, at, out)))
    if action == "update":
        return _update(step, block, path, value, out)
    if action == "cancel":
        return _with(step, refers=value)
    return _with(step, note=value)


def _update(step: Step, block: dict[str, Any], path: Path, name: str, out: Reading) -> Step:
    quantity, tag = block.get("quantity"), block.get("tag")
    if quantity is None and tag is None and all(block.get(key) is None for key in CHANGES):
        out.lacking(
            path,
            f"the update of {quoted(name)} changes nothing",
            "write quantity, limit, stop, trigger, by or tag beside it",
            (*path, "update", KEY),
        )
    shares = out.shares(quantity, (*path, "quantity"))
    stop = "trigger" if block.get("stop") is None else "stop"
    plan = OrderPlan(
        kind="limit",
        limit=out.expression(block.get("limit"), (*path, "limit")),
        stop=out.expression(block.get(stop), (*path, stop)),
        by=out.expression(block.get("by"), (*path, "by")),
    )
    return _with(
        step,
        refers=name,
        size=Size("shares", shares) if shares else None,
        order=plan,
        retag=tag,
    )


def _check_names(rules: list[Rule], out: Reading) -> None:
    """`update` and `cancel` must name an order that some step names with `as`."""
    kinds = {step.name: step.order.kind for rule in rules for step in rule.steps if step.name}
    names = list(kinds)
    for rule in rules:
        for step in rule.steps:
            if (
                step.refers
                and step.refers not in names
                and not (step.action == "cancel" and step.refers == "all")
            ):
                known = [*names, "all"] if step.action == "cancel" else names
                cure = (
                    out.suggest(step.refers, known)
                    if known
                    else "name an order with 'as' beside enter, buy or sell"
                )
                out.fault((*step.path, step.action), f"no order is called {quoted(step.refers)}", cure)
            elif step.action == "update":
                _check_prices(step, kinds[step.refers], out)


def _check_prices(step: Step, kind: str, out: Reading) -> None:
    """An update changes prices that the named order has."""
    for text in (step.order.limit, step.order.stop, step.order.by):
        if text is None or kind in CHANGES[str(text.path[-1])]:
            continue
        able = [key for key, having in CHANGES.items() if kind in having]
        what = kind.replace("_", "-")
        cure = f"write {choices(able)}" if able else "delete it: such an order has no price"
        out.fault(
            (*text.path, KEY),
            f"{quoted(step.refers)} is a {what} order: it has no {quoted(text.path[-1])}",
            cure,
        )
