"""Functions that ask the account: `shortable(100)`, `order_quantity(-10%)`, of the own symbol or of one named first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.language.expression import Tree
from runner.language.meaning import BROKEN, Meaning
from runner.language.units_of import Clash, fits
from runner.language.words import ACCOUNT_FUNCTIONS as ACCOUNT_FUNCTIONS

if TYPE_CHECKING:
    from runner.language.resolve import Resolver

ROLES = {"shortable": "shares", "order_quantity": "share of equity"}
EXAMPLES = {"shortable": "shortable(100)", "order_quantity": "order_quantity(-10%)"}


def account_call(resolver: Resolver, tree: Tree) -> Meaning:
    """The meaning of a call of one of ACCOUNT_FUNCTIONS."""
    *of, name = tree.text.split("\0")
    inputs, symbol = list(tree.inputs), of[0] if of else resolver.own
    if not of and len(inputs) == 2 and inputs[0].op == "name" and inputs[0].text.isupper():
        symbol = inputs.pop(0).text
    example = EXAMPLES[name]
    if len(inputs) != 1:
        message = f"{name} takes 1 value, after a symbol or without one, not {len(tree.inputs)}"
        return resolver.fault(tree.column, message, f"write {example}, or {example.replace('(', '(SPY, ')}")
    if symbol and symbol not in resolver.spec.symbols:
        return resolver.unknown_symbol(symbol, tree.column)
    value = resolver.value(inputs[0])
    if value.broken:
        return BROKEN
    clash = fits(value.unit, ROLES[name], None if value.constant is None else abs(value.constant))
    if isinstance(clash, Clash):
        return resolver.fault(inputs[0].column, clash.message, clash.cure)
    word = ACCOUNT_FUNCTIONS[name]
    index = resolver.spec.symbols.index(symbol) if symbol else -1
    return Meaning(
        "account_call", (value,), word.unit, account=True, code=word.code, which=index, column=tree.column
    )
