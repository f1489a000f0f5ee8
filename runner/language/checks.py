"""What a strategy may not ask of its data: moments finer than its bars, quotes that it does not have, names
that mean two things."""

from __future__ import annotations

import re
from collections.abc import Iterator

from runner.language.problems import KEY, Path, quoted
from runner.language.read_lending import check_tradable
from runner.language.reading import Reading
from runner.language.spec import Moment, OrderPlan, Portfolio, Rule, Spec, Text
from runner.language.units import SECOND, date_text, duration_text
from runner.language.words import KEYWORDS, RESERVED
from runner.market.order import ORDER_KINDS

_DAY = 86_400 * SECOND
_STEPS = {"1s": SECOND, "1m": 60 * SECOND, "1h": 3600 * SECOND, "1d": _DAY}
_OPEN, _CLOSE = (9 * 60 + 30) * 60 * SECOND, 16 * 3600 * SECOND  # of a full session, New York
_QUOTE = re.compile(r'(?:"([^"]*)"\.|\b([A-Z][A-Z0-9]*)\.)?(?<![\w.$])(bid|ask)\b(?!\s*[.(])')

_SHORTABLE = re.compile(r"(?<![\w$])shortable\b(?!\s*\()")


def check(spec: Spec, out: Reading) -> None:
    """All checks over the whole strategy."""
    _good_till(spec, out)
    _names(spec, out)
    for rule in spec.rules:
        _moments(rule, spec, out)
        _reprices(rule, spec, out)
        check_tradable(spec.tradable, rule, spec.universe.listed or spec.symbols, out)
        for text in texts(rule):
            _quotes(text, rule.symbols or everything(spec), spec, out)
            _lender(text, spec, out)
    if spec.portfolio is not None:
        for text, _ in portfolio_texts(spec.portfolio):
            _quotes(text, spec.portfolio.symbols, spec, out)
    for indicator in spec.indicators:
        if indicator.of is not None:
            _quotes(indicator.of, (indicator.symbol,) if indicator.symbol else everything(spec), spec, out)


def everything(spec: Spec) -> tuple[str, ...]:
    """The symbols known beforehand; the empty one stands for those that a selection may find."""
    return (*spec.symbols, "") if spec.universe.selections else spec.symbols


def _good_till(spec: Spec, out: Reading) -> None:
    """An order that is good till a day before the backtest starts would end before it is sent."""
    start = spec.backtest.start
    if start is None:
        return
    plans: list[tuple[OrderPlan, Path]] = [(spec.default_order, ("default_order_properties",))]
    for rule in spec.rules:
        plans += [(step.order, (*step.path, "order")) for step in rule.steps]
    seen: set[int] = set()
    for plan, path in plans:
        if plan.time_in_force != "good_till_date" or plan.good_till >= start or plan.good_till in seen:
            continue
        if not path[1:]:
            seen.add(plan.good_till)  # what steps take over from the document is said once
        out.fault(
            (*path, "time_in_force", "good_till"),
            f"'good_till' is {date_text(plan.good_till)}, before the backtest starts",
            "write a later day",
        )


def resolution(spec: Spec, symbol: str) -> str:
    """The resolution of a symbol's bars."""
    return dict(spec.data.resolutions).get(symbol, spec.data.resolution)


def has_quotes(spec: Spec, symbol: str) -> bool:
    """Whether the source can have quotes for a symbol: LEAN's minute and second folders, CSV columns."""
    if spec.data.source == "lean":
        return resolution(spec, symbol) in ("1m", "1s")
    return spec.data.source == "csv" and {"bid", "ask"} <= {ours for ours, _ in spec.data.columns}


def texts(rule: Rule) -> Iterator[Text]:
    """Every expression of a rule."""
    found: list[Text | None] = [rule.when, rule.only_if]
    for step in rule.steps:
        found += [step.when, step.order.limit, step.order.stop, step.order.by]
        if step.size is not None:
            found += [step.size.value, step.size.stop]
        found += [weight for _, weight in step.weights]
        if step.protect is not None:
            found += [step.protect.stop, step.protect.target, step.protect.trail]
    return (text for text in found if text is not None)


def portfolio_texts(portfolio: Portfolio) -> Iterator[tuple[Text, str]]:
    """The expressions of the portfolio."""
    roles = {"score": "any number", "where": "condition", "scale": "share of equity"}
    roles["value"] = "any number" if portfolio.weighting == "inverse" else "share of equity"
    for name, role in roles.items():
        if getattr(portfolio, name) is not None:
            yield getattr(portfolio, name), role
    for _, share in portfolio.fixed:
        yield share, "share of equity"


def _names(spec: Spec, out: Reading) -> None:
    """One name, one meaning: orders and indicators are both asked as NAME.word."""
    indicators = {indicator.name for indicator in spec.indicators}
    for name in sorted(indicators & RESERVED):  # `rsi: {rsi: 14}` is fine: a call has parentheses
        out.fault(
            ("indicators", name, KEY), f"{quoted(name)} is a word of the language", f"call it my_{name}, say"
        )
    seen: set[str] = set()
    for rule in spec.rules:
        for step in rule.steps:
            if not step.name:
                continue
            path: Path = (*step.path, "as")
            # `low` may name an order: low.open is no series, and `cancel: all` is the one word that would clash.
            if step.name in (*KEYWORDS, "portfolio", "all"):
                out.fault(
                    path, f"{quoted(step.name)} is a word of the language", f"call it my_{step.name}, say"
                )
            elif step.name in indicators:
                out.fault(path, f"{quoted(step.name)} is an indicator already", "give the order another name")
            elif step.name in seen:
                out.fault(
                    path,
                    f"an order is called {quoted(step.name)} already",
                    "give each order a name of its own",
                )
            seen.add(step.name)


def _moments(rule: Rule, spec: Spec, out: Reading) -> None:
    """Market and limit orders at a moment inside a bar: neither its price nor its volume is known there.

    LEAN's conventions give them a meaning (`fills.stale`, `daily_market`).
    """
    if spec.settings.get("fills.stale") != "next_open":
        return
    kinds = {
        step.order.kind
        for step in rule.steps
        if step.action in ("enter", "exit", "target", "buy", "sell", "rebalance")
    }
    # What an update changes is tried against the bar at hand as much as a new limit.
    kinds |= {
        "limit"
        for step in rule.steps
        if step.action == "update" and (step.size or step.order.limit or step.order.stop or step.order.by)
    }
    kinds -= {"market_on_close", "market_on_open"}
    if not kinds or ("data",) in out.damaged:
        return
    symbols = rule.symbols or everything(spec)
    coarsest = max(
        (resolution(spec, symbol) for symbol in symbols),
        key=lambda r: _STEPS[r],
        default=spec.data.resolution,
    )
    kind = next(name.replace("_", "-") for name in ORDER_KINDS if name in kinds)
    cure = "use finer data, a moment at which a bar ends, or one outside the session"
    if coarsest == "1d":
        cure = "use finer data, a moment outside the session, or order: market_on_close"
    for moment in rule.at:
        if inside_a_bar(moment, _STEPS[coarsest]):
            message = f"a {kind} order at a moment finer than the data, whose bars are of {coarsest}"
            out.fault(moment.path, message, cure)


def _reprices(rule: Rule, spec: Spec, out: Reading) -> None:
    """A limit order is moved at the ends of bars, so the time between two steps is a number of bars."""
    if ("data",) in out.damaged:
        return
    for step in rule.steps:
        plan = step.order.reprice
        path: Path = (*step.path, "order", "reprice")
        if plan is None or path in out.damaged:
            continue
        for symbol in rule.symbols or spec.symbols:
            bars = resolution(spec, symbol)
            every = duration_text(plan.every)
            if bars == "1d":
                what = f"'every' is {every}, inside a bar: those of {symbol} are of 1d"
                cure = "use finer data, or change the order with a rule: update"
            elif plan.every <= 0:
                what, cure = (
                    f"'every' is {every}: a time above zero is expected",
                    f"write a multiple of {bars}",
                )
            elif plan.every % _STEPS[bars]:
                what = f"'every' is {every}, between two bars: those of {symbol} are of {bars}"
                cure = f"write a multiple of {bars}"
            else:
                continue
            out.fault((*path, "every"), what, cure)
            break


def inside_a_bar(moment: Moment, step: int) -> bool:
    """Whether a moment falls strictly inside a bar of `step` ns of a full session."""
    if moment.kind in ("before_open", "after_close"):
        return False
    at = {"after_open": _OPEN + moment.offset, "before_close": _CLOSE - moment.offset, "time": moment.offset}[
        moment.kind
    ]
    if not _OPEN < at < _CLOSE:
        return False
    return step >= _DAY or at % step != 0


def _lender(text: Text, spec: Spec, out: Reading) -> None:
    """`shortable` without a source of shares to borrow would be unknown for ever."""
    found = _SHORTABLE.search(text.text)
    if found and not spec.lending.source and ("short_selling",) not in out.damaged:
        out.fault(
            text.path,
            "'shortable' is a number of shares to borrow, and no source of them is named",
            "name one: short_selling: {source: {csv: borrow.csv}}",
            found.start(),
        )


def _quotes(text: Text, symbols: tuple[str, ...], spec: Spec, out: Reading) -> None:
    """`bid` and `ask` where there are no quotes would be unknown for ever."""
    if ("data",) in out.damaged or ("data", "source") in out.damaged:
        return
    for found in _QUOTE.finditer(text.text):
        named = found.group(1) or found.group(2)
        without = [symbol for symbol in ((named,) if named else symbols) if not has_quotes(spec, symbol)]
        if without:
            what = f"{spec.data.source} data" + (
                "" if spec.data.source != "lean" else f" of {resolution(spec, without[0])} bars"
            )
            message = f"{quoted(found.group(3))} is a quote, and {what} has none"
            out.fault(
                text.path,
                message,
                "write close, or use data with quotes (LEAN's minute and second folders, CSV with bid and ask)",
                found.start(3),
            )
            return
