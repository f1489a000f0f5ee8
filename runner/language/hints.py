"""Cures for names that are not known: the nearest one, or how the thing is written."""

from __future__ import annotations

from collections.abc import Iterable

from runner.language.problems import did_you_mean
from runner.language.words import FUNCTIONS
from runner.laws.indicators import INDICATORS

SOME_NAMES = "name it under indicators, or use a series (close) or a word of the account (position)"
ACCOUNT_INSIDE = (
    "a word of the account stands inside a lag, a crossing or an indicator",
    "the account has no history here: compare it directly, for example close < entry_price",
)


def nearest_or(word: str, known: Iterable[str], otherwise: str) -> str:
    """The nearest known name as a question, or another cure."""
    cure = did_you_mean(word, known)
    return cure if cure.startswith("did you mean") else otherwise


def example(count: int) -> str:
    """Values for an example of a call."""
    return ", ".join(["close", "open"][:count])


def call_example(name: str) -> str:
    """How a function or an indicator is written."""
    if name in FUNCTIONS:
        return f"{name}({example(FUNCTIONS[name][0])})"
    numbers = [f"{p.default or 20:g}" for p in INDICATORS[name].parameters]
    return f"{name}({', '.join(numbers)})"
