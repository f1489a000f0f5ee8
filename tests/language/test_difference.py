"""What an edited document changes. Expected lines are written by hand."""

import pytest

from runner.language.difference import AT_ONCE, difference, meaning, resolved
from runner.language.schema import node_at
from runner.language.source import load
from runner.language.validate import understand

BEFORE = """\
version: 1
name: small
brokerage: {name: default, conventions: lean, closing_cutoff: 5m}
universe: {symbols: [SPY]}
data: {source: {lean: data}, resolution: 1m}
parameters: {bars: 20, share: {default: 25%, min: 10%}}
indicators: {fast: {ema: {period: $bars}}}
rules:
  - {name: in, when: close > fast, enter: long, size: {percent_of_equity: $share}, protect: {stop: 2%}}
  - {name: out, when: close < fast, exit: position}
  - {name: end, at: {before_close: 5m}, exit: position}
"""
# Comments, order of keys, quotes, equal units, defaults written out, a parameter's name or its value, words.
WRITTEN_OTHERWISE = """\
version: 1  # the same
description: words about it
name: small
universe:
  symbols:
    - SPY
brokerage: {closing_cutoff: 300s, name: default, conventions: lean}
data: {source: {lean: data}, resolution: 1m}
indicators: {fast: {ema: {period: $bars}}}
parameters: {bars: {default: 20, min: 3}, share: {default: 25%, min: 5%}}
rules:
  - name: in
    when: "close>fast"
    every_bar: false
    enter: long
    size: {percent_of_equity: 25%}
    protect: {stop: 2%}
  - {name: out, when: close  <  fast, exit: position}
  - {name: end, at: {before_close: 300s}, exit: position}
meta: {desk: one}
x-owner: me
"""


def read(text, sets=None):
    source = load(text, "small.yaml")
    program, problems = understand(source, sets or {})
    assert not problems, [one.text() for one in problems]
    return resolved(source, program.spec, sets or {}), meaning(program.spec)


def lines(old, new, sets=None):
    return [change.text() for change in difference(read(old)[0], read(new, sets)[0])]


def test_written_otherwise_means_the_same():
    assert read(BEFORE)[1] == read(WRITTEN_OTHERWISE)[1]
    assert lines(BEFORE, WRITTEN_OTHERWISE) == [
        "rules[end].at.before_close: 5m → 300s"
    ]  # the meaning decides


CHANGES = {
    "a setting": ("closing_cutoff: 5m", "closing_cutoff: 6m", ["brokerage.closing_cutoff: 5m → 6m"]),
    "an account": (
        "name: default,",
        "name: default, account: cash,",
        ["brokerage.account: margin → cash", "brokerage.settlement: immediate → t+1", "margin_model: regulation_t → cash"],
    ),
    "a parameter": (
        "bars: 20",
        "bars: 30",
        ["indicators.fast.ema.period: 20 ($bars) → 30 ($bars)", "parameters.bars: 20 → 30"],
    ),
    "an indicator": (
        "ema: {period: $bars}",
        "sma: {period: $bars}",
        ["indicators.fast.sma.period: nothing → 20 ($bars)", "indicators.fast.ema.period: 20 ($bars) → nothing"],
    ),
    "symbols": ("[SPY]", "[SPY, QQQ]", ["universe.symbols: [SPY] → [SPY, QQQ]"]),
    "a condition": ("close < fast", "close < fast * 0.99", ["rules[out].when: close < fast → close < fast * 0.99"]),
    "a protection": (
        "{stop: 2%}",
        "{stop: 3%, after: 10 bars}",
        ["rules[in].protect.stop: 2% → 3%", "rules[in].protect.after: nothing → 10 bars"],
    ),
    "a new name": (
        "name: end",
        "name: last",
        [
            "rules[end]: 5m before the close of every session: exit the position. → nothing",
            "rules[last]: nothing → 5m before the close of every session: exit the position.",
        ],
    ),
    "a feed": ("resolution: 1m}", "resolution: 1m, live: [replay]}", ["data.live: replay for --paper; --live needs one → [replay]"]),
}  # fmt: skip


@pytest.mark.parametrize("case", CHANGES)
def test_changes(case):
    old, new, expected = CHANGES[case]
    assert lines(BEFORE, BEFORE.replace(old, new)) == expected
    assert (read(BEFORE)[1] == read(BEFORE.replace(old, new))[1]) == (case == "a feed")


def test_the_order_of_rules():
    head, a, b, c = BEFORE.rsplit("\n  - ", 3)
    moved = "\n  - ".join([head, b, a, c])
    assert lines(BEFORE, moved) == ["order of the rules: in, out, end → out, in, end"]


def test_set_is_a_change():
    assert lines(BEFORE, BEFORE, {"bars": 30.0}) == [
        "indicators.fast.ema.period: 20 ($bars) → 30 ($bars)",
        "parameters.bars: 20 → 30",
    ]


def test_a_newer_default_is_a_change_and_a_newer_key_is_none():
    """What the journal keeps is what held then, whatever a later version of the runner makes of the text."""
    old = read(BEFORE)[0]
    new = {**old, "settings": [["new.key", "5s", False], *old["settings"]]}
    assert difference(old, new) == []
    new["settings"] = [
        [k, "9m", w] if k == "brokerage.closing_soon" else [k, v, w] for k, v, w in old["settings"]
    ]
    assert [one.text() for one in difference(old, new)] == ["brokerage.closing_soon: 10m → 9m"]


def test_what_is_obeyed_at_once_is_a_key():
    for key in AT_ONCE:
        assert node_at(tuple(key.split("."))), key
    found = difference(*(read(text)[0] for text in (BEFORE, BEFORE.replace("1m}", "1m, live: [replay]}"))))
    assert [one.at_once for one in found] == [True]
