"""The portfolio block: a plan of weights, and the rules that it consists of (its views, and its own moments)."""

from __future__ import annotations

from typing import Any

from runner.language import units
from runner.language.problems import KEY, Path, quoted
from runner.language.read_account import Account
from runner.language.read_moments import read_moments
from runner.language.read_orders import read_order
from runner.language.read_views import read_views
from runner.language.reading import Reading, check_symbol
from runner.language.schema import schema
from runner.language.spec import Portfolio, Rule, Step, Text
from runner.language.wording import example

NAME = "portfolio"  # of the rule under which its orders stand in the journal
_AT: Path = ("portfolio",)
_GIVEN = ("inverse", "each", "fixed", "accumulate")


def read_portfolio(
    data: dict[str, Any], symbols: tuple[str, ...], account: Account, rules: tuple[Rule, ...], out: Reading
) -> tuple[Portfolio | None, tuple[Rule, ...]]:
    """The portfolio (None without one) and its rules, which follow those of the document."""
    block: dict[str, Any] | None = data.get("portfolio")
    if block is None:
        if not {"rules", "portfolio"} & set(data):
            message = "'rules' is missing"
            cure = f"write rules: {example(schema()['properties']['rules'])}"
            out.fault((), message, f"{cure}, or portfolio: {example(schema()['properties']['portfolio'])}")
        return None, ()
    views = read_views(block.get("views") or [], symbols, account, out)
    taken = {rule.name for rule in rules}
    for view in views:
        if view.name in taken:
            out.fault((*view.path, "name"), f"{quoted(view.name)} is the name of another", "choose another")
        taken.add(view.name)
    if NAME in taken:
        at = next(rule.path for rule in (*rules, *views) if rule.name == NAME)
        out.fault((*at, "name"), "'portfolio' is the portfolio's own name", "choose another")
    plan = _plan(block, symbols, views, out)
    own = Rule(
        name=NAME,
        steps=(
            Step("rebalance", order=read_order(block.get("order"), (*_AT, "order"), account, out), path=_AT),
        ),
        at=_moments(block.get("rebalance"), out),
        only_if=out.expression(block.get("only_if"), (*_AT, "only_if")),
        symbols=plan.symbols,
        part="portfolio",
        path=_AT,
    )
    return plan, (*views, own)


def _moments(value: Any, out: Reading) -> Any:
    """The moments of `rebalance`, if it has any."""
    if value is None or isinstance(value, str):
        return ()
    if isinstance(value, dict):
        given = {key for key, child in value.items() if child is not None}
        value = {key: value[key] for key in value if key in given and key != "every"}
        if not value or len(value) < len(given):
            return ()
        if set(value) == {"on"}:
            value = {"time": "0:00", **value}  # and the first bar after it
    return read_moments(value, (*_AT, "rebalance"), out)


def _plan(
    block: dict[str, Any], symbols: tuple[str, ...], views: tuple[Rule, ...], out: Reading
) -> Portfolio:
    rebalance = block.get("rebalance")
    every = 0
    if isinstance(rebalance, dict) and rebalance.get("every") is not None:
        every = out.duration(rebalance["every"], (*_AT, "rebalance", "every"), 0)
        for key in rebalance:
            if key != "every" and rebalance[key] is not None:
                out.fault(
                    (*_AT, "rebalance", key, KEY), f"{quoted(key)} does nothing beside 'every'", "keep one"
                )
    upon = block.get("upon")
    upon_views = bool(views) and (upon is None or "views" in upon)
    if rebalance is None and not upon_views and "members" not in (upon or ()):
        out.lacking(
            _AT,
            "the portfolio never renews its weights",
            "write rebalance: {before_close: 0m, on: month_end}",
            (*_AT, KEY),
        )
    if upon and "views" in upon and not views:
        out.fault((*_AT, "upon"), "'upon' waits for views, and there are none", "delete it, or write views")
    otherwise = block.get("otherwise")
    hold = (otherwise.get("hold") or "") if isinstance(otherwise, dict) else ""
    if otherwise is not None and block.get("only_if") is None:
        out.fault((*_AT, "otherwise", KEY), "'otherwise' needs a condition", "write only_if beside it")
    if hold:
        check_symbol(hold, (*_AT, "otherwise", "hold"), symbols, out)
    own = tuple(s for s in block.get("symbols") or [] if s is not None)
    for i, symbol in enumerate(block.get("symbols") or []):
        check_symbol(symbol, (*_AT, "symbols", i), symbols, out)
    select, limits = block.get("select") or {}, block.get("limits") or {}
    top = out.whole(select.get("top"), (*_AT, "select", "top"), 0)
    keep = out.whole(select.get("keep_until_rank"), (*_AT, "select", "keep_until_rank"), 0)
    _check_select(block, top, keep, out)
    weighting, value, fixed, accumulate = _weights(block, symbols, views, out)
    number = {
        key: float(out.number(limits.get(key), (*_AT, "limits", key), units.PERCENT))
        for key in ("max_weight", "min_trade")
    }
    return Portfolio(
        symbols=own or tuple(s for s in symbols if s != hold),
        whole=not own,
        every=every,
        every_bar=rebalance == "every_bar",
        first_bar=isinstance(rebalance, dict)
        and {k for k, v in rebalance.items() if v is not None} == {"on"},
        upon_views=upon_views,
        upon_members=upon is not None and "members" in upon,
        otherwise="stay" if otherwise is None else "hold" if hold else "cash",
        hold=hold,
        score=out.expression(block.get("score"), (*_AT, "score")),
        where=out.expression(select.get("where"), (*_AT, "select", "where")),
        top=top,
        keep=keep,
        weighting=weighting,
        value=value,
        fixed=fixed,
        accumulate=accumulate,
        scale=out.percentage(block.get("scale"), (*_AT, "scale")),
        max_positions=out.whole(limits.get("max_positions"), (*_AT, "limits", "max_positions"), 0),
        drift=float(out.number(block.get("drift"), (*_AT, "drift"), units.PERCENT)),
        **number,
    )


def _check_select(block: dict[str, Any], top: int, keep: int, out: Reading) -> None:
    at: Path = (*_AT, "select")
    score = block.get("score") is not None
    if top and not score:
        out.fault((*at, "top"), "'top' needs a score to rank by", "write score beside 'select'")
    if keep and not top:
        out.fault((*at, "keep_until_rank", KEY), "'keep_until_rank' needs 'top'", "write top beside it")
    elif keep and keep < top:
        out.fault(
            (*at, "keep_until_rank"), f"'keep_until_rank' is {keep}, less than 'top'", f"write {top} or more"
        )
    used = top or (block.get("limits") or {}).get("max_positions") or block.get("weight") == "score"
    if score and not used and ("portfolio", "select") not in out.damaged:
        out.fault(
            (*_AT, "score", KEY), "nothing asks for the score", "write select: {top: 20}, or weight: score"
        )


def _weights(
    block: dict[str, Any], symbols: tuple[str, ...], views: tuple[Rule, ...], out: Reading
) -> tuple[str, Text | None, tuple[tuple[str, Text], ...], float]:
    written = block.get("weight")
    at: Path = (*_AT, "weight")
    kind = written if isinstance(written, str) else "equal"
    value: Text | None = None
    fixed: list[tuple[str, Text]] = []
    accumulate = 0.0
    if isinstance(written, dict):
        kind = out.one_of(written, at, _GIVEN, "'weight'", (*at, KEY)) or "equal"
    if kind in _GIVEN and isinstance(written, dict):
        found = written[kind]
        if kind == "inverse":
            value = out.expression(found, (*at, kind))
        elif kind == "each":
            value = out.percentage(found, (*at, kind))
        elif kind == "accumulate":
            accumulate = float(out.number(found, (*at, kind), units.PERCENT))
        else:
            for symbol, share in found.items():
                check_symbol(symbol, (*at, kind, symbol, KEY), symbols, out)
                weight = out.percentage(share, (*at, kind, symbol))
                if weight:
                    fixed.append((symbol, weight))
    if kind == "score" and block.get("score") is None:
        out.fault(at, "weights by score without a score", "write score beside 'weight'")
    if kind in ("confidence", "accumulate") and not views and ("portfolio", "views") not in out.damaged:
        place = at if kind == "confidence" else (*at, kind, KEY)
        out.fault(place, f"{quoted(kind)} weighs views, and there are none", "write views, or weight: equal")
    for view in views:
        step = view.steps[0]
        if kind == "confidence" and step.size is None and step.side != "flat":
            out.lacking(
                view.path,
                f"view {quoted(view.name)} has no confidence, and its weight is that",
                "write confidence: 25%",
                (*view.path, "name"),
            )
        if kind != "confidence" and step.size is not None:
            out.fault(
                (*view.path, "confidence", KEY), "nothing asks for 'confidence'", "write weight: confidence"
            )
        lasts = step.lifetime
        if kind == "accumulate" and not (lasts.open_time or lasts.sessions or lasts.bars):
            out.lacking(
                view.path,
                f"view {quoted(view.name)} never ends, and every view adds its share",
                "write for: 20m",
                (*view.path, "name"),
            )
    return kind, value, tuple(fixed), accumulate
