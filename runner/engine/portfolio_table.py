"""A program's portfolio as rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from runner.engine.portfolio_state import OTHERWISE, WEIGHTINGS
from runner.language.program import Program
from runner.language.spec import Text
from runner.market.bar import DAY, RESOLUTIONS


def write_portfolio(program: Program, out: Any, span: Callable[[Text | None], tuple[int, int]]) -> None:
    """Fill the row of the portfolio and the rows of its symbols; `out`: the rules as rows, `span`: where code stands."""
    spec = program.spec
    plan = spec.portfolio
    assert plan is not None
    at = {symbol: i for i, symbol in enumerate(spec.symbols)}
    row = out.portfolio
    row.rule = next(r for r, rule in enumerate(spec.rules) if rule.part == "portfolio")
    own = spec.rules[row.rule]
    row.runs = True
    row.step = out.rules[row.rule].step_lo
    row.view_hi = row.rule
    row.view_lo = row.rule - sum(rule.part == "view" for rule in spec.rules)
    row.home = out.rules[row.rule].home
    row.only_lo, row.only_hi = span(own.only_if)
    row.where_lo, row.where_hi = span(plan.where)
    row.score_lo, row.score_hi = span(plan.score)
    row.value_lo, row.value_hi = span(plan.value)
    row.scale_lo, row.scale_hi = span(plan.scale)
    row.weighting = WEIGHTINGS.index(plan.weighting)
    row.otherwise = OTHERWISE.index(plan.otherwise)
    row.hold = at.get(plan.hold, -1)
    row.piles = plan.weighting == "accumulate" or spec.settings["targets"] == "until_reached"
    for name in (
        "every",
        "every_bar",
        "first_bar",
        "upon_views",
        "upon_members",
        "accumulate",
        "top",
        "keep",
    ):
        setattr(row, name, getattr(plan, name))
    for name in ("max_weight", "min_trade", "max_positions", "drift"):
        setattr(row, name, getattr(plan, name))
    fixed = dict(plan.fixed)
    lengths = dict(spec.data.resolutions)
    for symbol, i in at.items():
        name = out.names[i]
        name.candidate = symbol in plan.symbols
        name.fixed_lo, name.fixed_hi = span(fixed.get(symbol))
        name.bar = RESOLUTIONS.get(lengths.get(symbol, spec.data.resolution), DAY)
