"""Sizes and orders of a step: how much, of which kind, how long."""

from __future__ import annotations

import re
from typing import Any

from runner.language import units
from runner.language.problems import KEY, Path, quoted
from runner.language.read_account import Account, check_kind, read_time_in_force
from runner.language.reading import Reading, check_symbol
from runner.language.spec import OrderPlan, Reprice, Size, Text

# Which prices go with which kind of order, by their keys; the first is the one that it cannot do without.
PRICES: dict[str, tuple[str, ...]] = {
    "market": (),
    "limit": ("price",),
    "market_on_close": (),
    "market_on_open": (),
    "stop": ("price",),
    "stop_limit": ("stop", "limit"),
    "trailing_stop": ("by", "stop"),
    "limit_if_touched": ("trigger", "limit"),
}
KINDS = tuple(PRICES)
_WRITTEN = {
    "limit": "{limit: {price: close - 0.02}}",
    "stop": "{stop: {price: close * 0.98}}",
    "stop_limit": "{stop_limit: {stop: close * 1.01, limit: close * 1.02}}",
    "trailing_stop": "{trailing_stop: {by: 2%}}",
    "limit_if_touched": "{limit_if_touched: {trigger: close * 0.98, limit: close * 0.99}}",
}
_SHARES = re.compile(r"(.*\S)\s+shares?\s*", re.S)


def read_size(block: dict[str, Any], path: Path, out: Reading) -> Size | None:
    """The size of an entry."""
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


def read_exit(value: Any, path: Path, out: Reading) -> tuple[str, Size | None]:
    """(scope, size) of an exit; no size is all of it."""
    if isinstance(value, str):
        if value in ("position", "everything"):
            return value, None
        if value == "all":
            out.fault(path, "'exit' cannot be 'all'", "write position, or everything for all symbols")
            return "position", None
        if re.fullmatch(r"\s*[0-9]{1,6}(\.[0-9]{0,10})?\s*%\s*", value) or re.fullmatch(
            r"\$[a-z][a-z0-9_]*", value
        ):
            text = value.strip()
            if text.startswith("$"):
                parameter = out.parameter(text, path)
                if parameter is None:
                    return "position", None
                if parameter.unit != units.PERCENT:
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
                out.suggest(
                    value, ("position", "everything"), "write a percentage such as 50%, a number of shares,"
                ),
            )
            return "position", None
    shares = out.shares(value, path)
    return "position", Size("shares", shares) if shares else None


def read_counted(value: Any, path: Path, out: Reading) -> Text:
    """`100`, `position - 172` or `100 shares`: the word is allowed, what is counted is clear without it."""
    if isinstance(value, str):
        suffix = _SHARES.fullmatch(value)
        value = suffix[1] if suffix else value
    return out.shares(value, path) or Text("1", path)


def read_weights(
    value: Any, at: Path, symbols: tuple[str, ...], block: dict[str, Any], path: Path, out: Reading
) -> tuple[tuple[str, Text], ...]:
    """The weights of a target, by symbol; the empty symbol is the rule's own."""
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


def read_order(value: Any, path: Path, account: Account, out: Reading) -> OrderPlan:
    """The order of a step; the document's default properties where it says nothing."""
    default = account.default_order
    block: dict[str, Any] = value if isinstance(value, dict) else {}
    kind = "market"
    if isinstance(value, str):
        kind = value
        if check_kind(kind, path, account.brokerage, out) and kind in _WRITTEN:
            name = kind.replace("_", "-")
            out.fault(path, f"a {name} order without its price", f"write order: {_WRITTEN[kind]}")
    elif any(block.get(k) is not None for k in KINDS):
        kind = out.one_of(block, path, KINDS, "'order'") or kind
        check_kind(kind, (*path, kind, KEY), account.brokerage, out)
    prices = block.get(kind) or {}
    post_only = prices.get("post_only")
    limit, stop = ("price", "stop") if kind == "limit" else ("limit", "price" if kind == "stop" else "stop")
    if kind == "limit_if_touched":
        stop = "trigger"
    time_in_force, good_till = default.time_in_force, default.good_till
    if block.get("time_in_force") is not None:
        time_in_force, good_till = read_time_in_force(
            block["time_in_force"], (*path, "time_in_force"), account.brokerage, out
        )
    return OrderPlan(
        kind=kind,
        limit=out.expression(prices.get(limit), (*path, kind, limit)),
        stop=out.expression(prices.get(stop), (*path, kind, stop)),
        by=out.expression(prices.get("by"), (*path, kind, "by")),
        post_only=(default.post_only if post_only is None else post_only) and kind == "limit",
        time_in_force=time_in_force,
        good_till=good_till,
        tag=block.get("tag") or "",
        reprice=_reprice(block.get("reprice"), kind, (*path, "reprice"), out),
    )


def _reprice(block: dict[str, Any] | None, kind: str, path: Path, out: Reading) -> Reprice | None:
    """How the order follows its price; None when it does not."""
    if block is None:
        return None
    if kind != "limit":
        out.fault(
            (*path, KEY),
            f"'reprice' belongs to limit orders: a {kind.replace('_', '-')} order has no price",
            "write order: {limit: {price: close - 0.02}, reprice: {every: 1m}}",
        )
        return None
    every, lasts = (out.duration(block.get(key), (*path, key), 0) for key in ("every", "for"))
    if block.get("then") is not None and block.get("for") is None:
        out.lacking(
            path,
            "'then' does nothing without 'for'",
            "write for beside it, such as for: 5m",
            (*path, "then", KEY),
        )
    if block.get("for") is not None and every > 0 and lasts <= every:
        out.fault(
            (*path, "for"),
            f"'for' is {block['for']}: it is over before the first step, {block['every']} after the order is accepted",
            "write a longer time than every",
        )
    return Reprice(every, lasts, block.get("then") or "keep")
