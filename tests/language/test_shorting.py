"""Which strategies may go short. Expected words are written by hand."""

from __future__ import annotations

import pytest

from runner.language.shorting import may_short
from runner.language.source import load
from runner.language.validate import understand

AROUND = """\
version: 1
name: small
brokerage: {name: atreyu, account: ACCOUNT}
universe: {symbols: [SPY, IBM]}
data: {source: {lean: data}, resolution: 1m}
parameters: {tilt: 10%}
"""


def short_of(text: str, account: str = "margin"):
    program, problems = understand(load(AROUND.replace("ACCOUNT", account) + text, "small.yaml"))
    assert problems == (), [problem.text() for problem in problems]
    assert program is not None
    return may_short(program)


def rule(action: str) -> str:
    return f"rules:\n  - {{name: r, when: close > 5, {action}}}\n"


@pytest.mark.parametrize(
    ("text", "path", "words"),
    [
        (rule("enter: short, size: {shares: 1}"), ("rules", 0, "enter"), "rule 'r' goes short"),
        (rule("sell: 10"), ("rules", 0, "sell"), "rule 'r' sells, whether shares are held or not"),
        (rule("do: [{exit: position}, {sell: 10}]"), ("rules", 0, "do", 1, "sell"), "rule 'r' sells, whether shares are held or not"),
        (rule("target: -10%"), ("rules", 0, "target"), "rule 'r' has a target that may be below zero"),
        (rule("target: {SPY: 10%, IBM: 0 - $tilt}"), ("rules", 0, "target", "IBM"), "rule 'r' has a target that may be below zero"),
        (rule("target: 10% * roc(20) / 5%"), ("rules", 0, "target"), "rule 'r' has a target that may be below zero"),
        (rule("target: 1% * (50 - rsi(14))"), ("rules", 0, "target"), "rule 'r' has a target that may be below zero"),
        (
            "portfolio: {weight: {fixed: {SPY: 60%, IBM: -20%}}, rebalance: {on: month_end}, order: market}\n",
            ("portfolio", "weight", "fixed", "IBM"), "a weight of the portfolio may be below zero",
        ),
        (
            "portfolio:\n  weight: equal\n  views:\n    - {name: v, when: close < 5, direction: down, for: 5m}\n",
            ("portfolio", "views", 0, "direction"), "view 'v' is of a falling price, which the portfolio sells short",
        ),
    ],
)  # fmt: skip
def test_what_may_go_short(text: str, path: tuple[str | int, ...], words: str):
    found = short_of(text)
    assert found is not None
    assert (found.path, found.words) == (path, words)


@pytest.mark.parametrize(
    "text",
    [
        rule("enter: long, size: {shares: 1}"),
        rule("exit: 10"),
        rule("buy: 10"),
        rule("target: 25%"),
        rule("target: 1% * rsi(14)"),
        rule("target: 'max(0%, 10% * roc(20) / 5%)'"),
        rule("target: 10% * abs(unrealized_percent) / 5%"),
        rule("target: 1% * atr(14) / close * 100"),
        rule("target: '$tilt * sma(close, 5)[3] / close'"),
        rule("target: '5% * min(bars_held, 5)'"),
        rule("target: 1% * (100 - rsi(14))"),
        rule("target: 10% * floor(rsi(14) / 10)"),
        "portfolio: {weight: equal, rebalance: {on: month_end}, order: market}\n",
        'portfolio: {weight: {each: "1% * close / sma(close, 20)"}, rebalance: {on: month_end}}\n',
    ],
)
def test_what_never_does(text: str):
    assert short_of(text) is None


def test_a_cash_account_never_does():
    assert short_of(rule("sell: 10"), "cash") is None
