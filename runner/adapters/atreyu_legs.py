"""A sale through zero is two orders on the wire, a plain and a short one, and one order to its user."""

from __future__ import annotations

from typing import NamedTuple

from runner.adapters.atreyu_news import ACCEPTED, DONE, DOUBTFUL, ENDED, ENDINGS, REPLACED, TAKEN, WORKING
from runner.adapters.atreyu_store import Order
from runner.market.money import amount


class Whole(NamedTuple):
    """An order as its user sees it. `cost` in millionths of a dollar."""

    quantity: int
    filled: int
    cost: int
    state: str


def whole(legs: list[Order]) -> Whole:
    """The legs as one order: what a leg lost when it ended unfilled is taken off the quantity while another goes on."""
    shares = [sum(one.shares for one in leg.executions.values() if one.standing) for leg in legs]
    standing = (one for leg in legs for one in leg.executions.values() if one.standing)
    cost = sum(amount(one.shares, one.price) for one in standing)
    if len(legs) == 1:
        return Whole(legs[0].quantity, shares[0], cost, legs[0].state)
    gone = all(leg.state in ENDINGS for leg in legs)
    quantity = sum(
        done if leg.state in ENDINGS and not gone else leg.quantity
        for leg, done in zip(legs, shares, strict=True)
    )
    return Whole(quantity, sum(shares), cost, _state(legs))


def _state(legs: list[Order]) -> str:
    states = [leg.state for leg in legs]
    for state in (WORKING, TAKEN, DOUBTFUL):
        if state in states:
            return state
    going = [state for state in states if state not in ENDED]
    if going:
        return WORKING if any(state in ENDED for state in states) else going[0]
    return DONE if DONE in states else states[-1]


def told(order: Order, legs: list[Order], kind: str) -> str:
    """The kind of news that an event of one leg is to the user; empty when it is none."""
    others = [leg for leg in legs if leg is not order]
    if not others:
        return kind
    if kind == ACCEPTED and any(leg.state in (WORKING, DONE) for leg in others):
        return ""
    if kind in ENDINGS and any(leg.state not in ENDINGS for leg in others):
        return REPLACED  # the rest goes on with a smaller quantity, or is what was executed
    return kind
