"""Each rule of a document in words: one sentence that says when it fires and what it then does.

A key without a phrase of its own is told as it is written, so that no key is ever left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from runner.language.read_rules import ACTIONS
from runner.language.wording import flow

_PERIODS = ("week", "month", "quarter", "year")
_DAYS = {
    "every_session": "every session",
    "every_day": "every day",
    **{f"{period}_start": f"the first session of each {period}" for period in _PERIODS},
    **{f"{period}_end": f"the last session of each {period}" for period in _PERIODS},
}
_COMING = {"joined": "as a symbol joins the universe", "left": "as a symbol leaves the universe"}
_WHOSE = {
    "members": "the members of the universe",
    "joined": "each symbol that joined",
    "left": "each symbol that left",
}
_EDGES = {
    "after_open": "after the open",
    "before_open": "before the open",
    "after_close": "after the close",
    "before_close": "before the close",
}


def sentence(rule: dict[str, Any]) -> str:
    """One rule as a sentence."""
    rest = {key: value for key, value in rule.items() if key != "name" and value is not None}
    head = _trigger(rest)
    symbols = rest.pop("symbols", None)
    if isinstance(symbols, str) and symbols in _COMING and not head:
        head = _COMING[symbols]
    elif symbols is not None:
        told = _list(symbols) if isinstance(symbols, list) else _WHOSE.get(symbols, flow(symbols))
        head = f"{head or 'always'}, for {told}"
    if "only_if" in rest:
        head += f", only if {rest.pop('only_if')}"
    if "between" in rest:
        head += f", only {_window(rest.pop('between'))}"
    if "once_per" in rest:
        head += f", once per {rest.pop('once_per')}"
    body = _deed(rest)
    return f"{head or 'always'}: {body}."


def _trigger(rest: dict[str, Any]) -> str:
    every = rest.pop("every_bar", False)
    if "when" in rest:
        condition = rest.pop("when")
        return f"at every bar while {condition}" if every else f"when {condition} becomes true"
    if "at" in rest:
        moments = rest.pop("at")
        return _all([_moment(one) for one in (moments if isinstance(moments, list) else [moments])])
    if "upon" in rest:
        events = rest.pop("upon")
        return _all([f'when an order of "{rule}" is {event}' for event, rule in events.items()])
    return ""


def _moment(block: dict[str, Any]) -> str:
    rest = dict(block)
    zone = f" in {rest.pop('zone')}" if "zone" in rest else ""
    on = rest.pop("on", "every_session")
    days = _list(on) if isinstance(on, list) else _DAYS.get(on, flow(on))
    told = [
        f"at {value}{zone}"
        if key == "time"
        else _edge(key, value)
        if key in _EDGES
        else f"{key} {flow(value)}"
        for key, value in rest.items()
    ]
    return f"{_all(told)} on {days}" if isinstance(on, list) else f"{_all(told)} of {days}"


def _edge(key: str, value: Any) -> str:
    if re.fullmatch(r"0+(\.0*)?[a-z]*", str(value)):
        return "at " + _EDGES[key].partition(" ")[2]
    return f"{value} {_EDGES[key]}"


def _window(block: dict[str, Any]) -> str:
    ends = [
        ("from", block.get("from") or block.get("after_open")),
        ("until", block.get("to") or block.get("before_close")),
    ]
    words = {"from": "after_open", "until": "before_close"}
    told = [
        f"{word} {_edge(words[word], value).removeprefix('at ')}"
        if block.get(words[word])
        else f"{word} {value}"
        for word, value in ends
        if value is not None
    ]
    return " ".join(told)


def _deed(rest: dict[str, Any]) -> str:
    """What is done: an action with what stands beside it, several in turn, or the first branch that holds."""
    if "do" in rest:
        steps = [_deed(dict(step)) for step in rest.pop("do")]
        return "; then ".join(steps) + _others(rest)
    if "choose" in rest:
        told = []
        for branch in rest.pop("choose"):
            if "else" in branch:
                told.append(f"else {_deed(dict(branch['else']))}")
            else:
                condition = branch.get("if")
                told.append(f"if {condition}, {_deed({k: v for k, v in branch.items() if k != 'if'})}")
        return "; ".join(told) + _others(rest)
    action = next((key for key in rest if key in ACTIONS), None)
    if action is None:
        return _others(rest).removeprefix(", ") or "nothing"
    value, phrase = rest.pop(action), _PHRASES.get(action)
    told_action = phrase(value, rest) if phrase else f"{action} {flow(value)}"
    if action in ("enter", "exit", "target", "buy", "sell"):
        told_action += _order(rest.pop("order", None))
    if "as" in rest:
        told_action += f", called {rest.pop('as')}"
    return told_action + _others(rest)


def _others(rest: dict[str, Any]) -> str:
    return "".join(f", {key.replace('_', ' ')} {flow(value)}" for key, value in rest.items())


def _order(order: Any) -> str:
    """The order that is sent; nothing is said of a plain market order."""
    if order is None:
        return ""
    block: dict[str, Any] = {order: {}} if isinstance(order, str) else dict(order)
    kind = next((key for key in block if key not in ("time_in_force", "tag", "reprice")), None)
    told = ""
    if kind is not None:
        settings = dict(block.pop(kind) or {}) if isinstance(block[kind], dict) else {"": block.pop(kind)}
        told = f" by a {kind.replace('_', '-')} order"
        if "price" in settings:
            told += f" at {settings.pop('price')}"
        if settings.pop("post_only", False):
            told += " that only adds liquidity"
        told += _others(settings)
    return told + _others(block)


def _enter(side: Any, rest: dict[str, Any]) -> str:
    size = dict(rest.pop("size", {}))
    told = f"{'add to the' if rest.pop('add', False) else 'enter'} {side}"
    if "percent_of_equity" in size:
        told += f" with {size.pop('percent_of_equity')} of equity"
    elif "shares" in size:
        told += f" with {_shares(size.pop('shares'))}"
    elif "dollars" in size:
        told += f" with {size.pop('dollars')} dollars"
    elif "risk" in size:
        told += f" with {size.pop('risk')} of equity at risk over {size.pop('stop', 'its stop')} a share"
    return told + _others(size)


def _exit(value: Any, rest: dict[str, Any]) -> str:
    if value == "position":
        return "exit the position"
    if value == "everything":
        return "exit every position"
    if isinstance(value, str) and ("%" in value or value.startswith("$")):
        return f"exit {value} of the position"
    return f"exit {_shares(value)}"


def _shares(value: Any) -> str:
    text = str(value).removesuffix("shares").removesuffix("share").strip()
    return f"{text} share" if text == "1" else f"{text} shares"


def _target(value: Any, rest: dict[str, Any]) -> str:
    if isinstance(value, dict):
        told = "bring " + _all([f"{symbol} to {share}" for symbol, share in value.items()]) + " of equity"
    else:
        told = f"bring the position to {value} of equity"
    return told + (" and exit all others" if rest.pop("others", "keep") == "exit" else "")


def _trade(verb: str) -> Callable[[Any, dict[str, Any]], str]:
    return lambda value, rest: f"{verb} {_shares(value)}"


def _update(value: Any, rest: dict[str, Any]) -> str:
    changes = [f"{key} to {flow(rest.pop(key))}" for key in ("quantity", "limit", "tag") if key in rest]
    return f"change the order {value}: {_all(changes)}"


def _cancel(value: Any, rest: dict[str, Any]) -> str:
    return "cancel the symbol's open orders" if value == "all" else f"cancel the order {value}"


def _note(value: Any, rest: dict[str, Any]) -> str:
    return f'note "{value}"'


_PHRASES: dict[str, Callable[[Any, dict[str, Any]], str]] = {
    "enter": _enter,
    "exit": _exit,
    "target": _target,
    "buy": _trade("buy"),
    "sell": _trade("sell"),
    "update": _update,
    "cancel": _cancel,
    "note": _note,
}


def _list(items: list[Any]) -> str:
    return _all([str(item) for item in items])


def _all(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
