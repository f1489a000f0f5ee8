"""Which symbols the portfolio holds, and what share of equity each has."""

from __future__ import annotations

import math
from typing import Any

from runner.compilable import compilable
from runner.engine import portfolio_state as ps
from runner.engine import sorting
from runner.engine.evaluate import evaluate
from runner.laws import weights
from runner.laws.arithmetic import NAN


@compilable
def propose(w: Any, k: int, holds: bool) -> int:
    """Mark the symbols that get a target, with their sign, score and raw weight; put those that may be chosen on
    the list of places and return how many. `holds`: `only_if` holds; otherwise nothing may be chosen."""
    portfolio = w.portfolio[0]
    opinions = portfolio.view_hi > portfolio.view_lo
    for s in range(len(w.names)):
        name = w.names[s]
        name.sign = 0 if opinions else 1
        name.share = 0.0
        name.chosen = False
        name.raw = NAN
        if name.candidate and not (opinions and holds):
            name.touched = True
    if portfolio.hold >= 0:
        w.names[portfolio.hold].touched = True
    for v in range(portfolio.views):
        view = w.views[v]
        name = w.names[view.symbol]
        if not name.candidate:
            continue
        if portfolio.weighting == ps.CONFIDENCE and view.direction != 0 and math.isnan(view.confidence):
            continue
        name.touched = True
        name.sign = view.direction
        name.raw = view.confidence
        if portfolio.weighting == ps.ACCUMULATE:
            name.share = weights.accumulated(name.share, view.direction, portfolio.accumulate)
    n = 0
    for s in range(len(w.names)):
        if holds and eligible(w, k, s):
            w.names[n].place = s
            n += 1
    return n


@compilable
def eligible(w: Any, k: int, s: int) -> bool:
    """Whether symbol `s` may be chosen; leaves its score and its raw weight. Nothing unknown is chosen."""
    portfolio = w.portfolio[0]
    name = w.names[s]
    if not name.candidate or not name.touched or not w.holdings[s].member or w.quotes[s].last <= 0.0:
        return False
    if portfolio.weighting == ps.ACCUMULATE:
        name.sign = 1 if name.share > 0.0 else (-1 if name.share < 0.0 else 0)
    if name.sign == 0:
        return False
    if portfolio.where_hi > portfolio.where_lo:
        value = evaluate(w, k, portfolio.where_lo, portfolio.where_hi, s)
        if math.isnan(value) or value == 0.0:
            return False
    name.score = 0.0
    if portfolio.score_hi > portfolio.score_lo:
        name.score = evaluate(w, k, portfolio.score_lo, portfolio.score_hi, s)
        if math.isnan(name.score):
            return False
    raw = raw_weight(w, k, s)
    name.raw = raw
    if math.isnan(raw):
        return False
    return bool(raw > 0.0 or portfolio.weighting == ps.EACH or portfolio.weighting == ps.FIXED)


@compilable
def raw_weight(w: Any, k: int, s: int) -> float:
    """The weight of symbol `s` before proportions; NaN when it is unknown."""
    portfolio = w.portfolio[0]
    name = w.names[s]
    if portfolio.weighting == ps.SCORE:
        return name.score
    if portfolio.weighting == ps.CONFIDENCE:
        return abs(name.raw)
    if portfolio.weighting == ps.ACCUMULATE:
        return abs(name.share)
    if portfolio.weighting == ps.INVERSE:
        value = evaluate(w, k, portfolio.value_lo, portfolio.value_hi, s)
        if math.isnan(value) or value <= 0.0:
            return NAN
        return 1.0 / value
    if portfolio.weighting == ps.EACH:
        return evaluate(w, k, portfolio.value_lo, portfolio.value_hi, s)
    if portfolio.weighting == ps.FIXED:
        if name.fixed_hi == name.fixed_lo:
            return 0.0
        return evaluate(w, k, name.fixed_lo, name.fixed_hi, s)
    return 1.0


@compilable
def choose(w: Any, n: int) -> None:
    """Choose among the `n` places: the best by score, those that are held first while their rank allows it."""
    portfolio = w.portfolio[0]
    most = n
    if portfolio.top > 0:
        most = min(most, portfolio.top)
    if portfolio.max_positions > 0:
        most = min(most, portfolio.max_positions)
    if most < n and portfolio.score_hi > portfolio.score_lo:
        sorting.by_score(w, n)
    left = most
    if portfolio.keep > 0:
        for i in range(min(n, portfolio.keep)):
            s = w.names[i].place
            if left > 0 and w.holdings[s].position != 0:
                w.names[s].chosen = True
                left -= 1
    for i in range(n):
        s = w.names[i].place
        if left > 0 and not w.names[s].chosen:
            w.names[s].chosen = True
            left -= 1


@compilable
def given(weighting: int) -> bool:
    """Whether weights are shares of equity as they are; else they are proportions."""
    return not (weighting == ps.EQUAL or weighting == ps.SCORE or weighting == ps.INVERSE)


@compilable
def share_out(w: Any, n: int, scale: float) -> None:
    """Turn the raw weights of the chosen among the `n` places into shares of equity."""
    portfolio = w.portfolio[0]
    total = 0.0
    kept = 0
    for i in range(n):
        s = w.names[i].place
        if w.names[s].chosen:
            total += abs(w.names[s].raw)
            w.names[kept].place = s
            kept += 1
        elif portfolio.weighting == ps.ACCUMULATE:
            w.names[s].share = 0.0
    if given(portfolio.weighting):
        factor = weights.scaled_down(total, scale) if portfolio.weighting != ps.ACCUMULATE else 1.0
        for i in range(kept):
            name = w.names[w.names[i].place]
            share = name.raw * name.sign * factor
            name.share = weights.at_most(share, portfolio.max_weight)
        return
    if portfolio.max_weight > 0.0:  # the largest first, so that what is cut off them goes to the others
        for i in range(kept):
            w.names[w.names[i].place].score = w.names[w.names[i].place].raw
        sorting.by_score(w, kept)
    share_left = scale
    for i in range(kept):
        name = w.names[w.names[i].place]
        if portfolio.max_weight > 0.0:
            share = weights.capped(name.raw, share_left, total, portfolio.max_weight)
            share_left -= share
            total -= name.raw
        else:
            share = weights.in_proportion(name.raw, total, scale)
        name.share = share * name.sign
