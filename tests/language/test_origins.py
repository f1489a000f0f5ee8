"""Where every value came from, and rules in words. Expected rows and sentences are written by hand."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from runner.commands.explain import explain
from runner.language.origins import Row, path_of_setting, rows, setting_text
from runner.language.schema import node_at
from runner.language.sentences import sentence
from runner.language.source import load
from runner.language.validate import understand
from runner.market.brokerages import BROKERAGES, CONVENTIONS, resolve
from tests.sources import ROOT

DOCUMENTS = [
    *sorted((ROOT / "strategies").glob("*.yaml")),
    *sorted((ROOT / "tests/documents/good").glob("*.yaml")),
    *sorted((ROOT / "tests/golden/cases").glob("*.yaml")),
]
SMALL = """\
version: 1
name: small
brokerage: {name: default, conventions: lean, closing_cutoff: 5m}
margin_model: {pattern_day_trading: {open: 3x}}
universe: {symbols: [SPY]}
data: {source: {lean: data}, resolution: 1m}
parameters: {bars: 20, share: {default: 25%, min: 10%}}
indicators: {fast: {ema: {period: $bars}}}
rules:
  - {name: in, when: close > fast, enter: long, size: {percent_of_equity: $share}}
"""


def explained(text: str, sets: dict[str, float] | None = None) -> dict[str, Row]:
    source = load(text, "small.yaml")
    program, problems = understand(source, sets or {})
    assert problems == ()
    assert program is not None
    found = rows(source, program.spec, sets or {})
    by_key = {f"{row.group}.{row.key}": row for row in found}
    assert len(by_key) == len(found), "a key is explained twice"
    return by_key


def test_one_document_by_hand():
    found = explained(SMALL, {"share": 0.3})
    assert {key: found[key][2:] for key in found if key in EXPECTED} == EXPECTED


EXPECTED = {
    "brokerage.name": ("default", "document", "small.yaml", 3),
    "brokerage.account": ("margin", "default", "", 0),
    "brokerage.closing_cutoff": ("5m", "document", "small.yaml", 3),
    "brokerage.closing_soon": ("10m", "conventions lean", "", 0),
    "brokerage.fees.minimum": ("1", "brokerage default", "", 0),
    "brokerage.margin_call.buffer": ("10%", "conventions lean", "", 0),
    "default_order_properties.time_in_force": ("good_till_cancelled", "brokerage default", "", 0),
    "default_order_properties.post_only": ("false", "default", "", 0),
    "margin_model.": ("pattern_day_trading", "document", "small.yaml", 4),
    "margin_model.pattern_day_trading.open": ("3x", "document", "small.yaml", 4),
    "margin_model.pattern_day_trading.closed": ("2x", "default", "", 0),
    "data.source.lean": ("data", "document", "small.yaml", 6),
    "data.prices": ("adjusted", "conventions lean", "", 0),
    "data.corrections": ("true", "default", "", 0),
    "parameters.bars": ("20", "document", "small.yaml", 7),
    "parameters.share.default": ("30% (written 25%)", "--set", "small.yaml", 7),
    "indicators.fast.ema.period": ("20 ($bars)", "document", "small.yaml", 8),
    "backtest.cash": ("100000", "default", "", 0),
    "backtest.start": ("the first day of the data", "default", "", 0),
    "backtest.benchmark": ("SPY", "brokerage default", "", 0),
    "backtest.sampling": ("lean", "conventions lean", "", 0),
}


def test_what_is_not_written_has_no_defaults():
    """A portfolio, a dynamic universe, risk controls: nobody asked for them, so nothing of them holds."""
    groups = {key.partition(".")[0] for key in explained(SMALL)}
    assert not groups & {"portfolio", "risk"}
    assert not [key for key in explained(SMALL) if key.startswith("universe.dynamic")]


@pytest.mark.parametrize("conventions", CONVENTIONS)
@pytest.mark.parametrize("brokerage", BROKERAGES)
@pytest.mark.parametrize("account", ["margin", "cash"])
def test_every_setting_is_explained_once(conventions: str, brokerage: str, account: str):
    """Driven from the tables: whatever `resolve` gives has one row with its value and its origin."""
    text = SMALL.replace(
        "name: default, conventions: lean, closing_cutoff: 5m",
        f"name: {brokerage}, conventions: {conventions}, account: {account}",
    ).replace("margin_model: {pattern_day_trading: {open: 3x}}\n", "")
    found = explained(text)
    settings, origins = resolve(brokerage, conventions, account, None, {})
    for name, value in settings.items():
        path = path_of_setting(name, str(settings["margin.model"]))
        row = found[f"{path[0]}.{'.'.join(str(part) for part in path[1:])}"]
        assert (row.value, row.origin) == (setting_text(name, value), origins[name]), name


def test_written_keys_have_their_lines():
    """Every leaf that a document writes outside its rules is a row with its line."""
    for path in DOCUMENTS:
        source = load(path.read_bytes(), path.name)
        program, problems = understand(source)
        if problems or program is None:
            continue
        found = rows(source, program.spec, {})
        keys = [(row.group, row.key) for row in found]
        assert len(keys) == len(set(keys)), path.name
        lines = {row.line for row in found if row.file}
        for at, place in source.places.items():
            child = node_at(at)
            leaf = at and at[0] != "rules" and not isinstance(at[-1], int) and "properties" not in child
            if leaf and str(at[-1]) != "\0key" and len(at) <= 2 and not child.get("additionalProperties"):
                assert {place.line, place.line - 1} & lines, (path.name, at)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (
            {"name": "r", "when": "fast crosses above slow", "enter": "long", "size": {"percent_of_equity": "25%"}},
            "when fast crosses above slow becomes true: enter long with 25% of equity.",
        ),
        (
            {"name": "r", "when": "close > 5", "every_bar": True, "symbols": ["SPY", "IBM"], "only_if": "not invested",
             "between": {"after_open": "5m", "before_close": "25m"}, "once_per": "session", "buy": "1 share"},
            "at every bar while close > 5, for SPY and IBM, only if not invested, only from 5m after the open until "
            "25m before the close, once per session: buy 1 share.",
        ),
        (
            {"name": "r", "at": [{"after_open": "0s"}, {"time": "12:00", "on": "month_end"}], "exit": "position",
             "order": "market_on_close"},
            "at the open of every session and at 12:00 of the last session of each month: exit the position by a "
            "market-on-close order.",
        ),
        (
            {"name": "r", "symbols": "left", "only_if": "invested", "exit": "position"},
            "as a symbol leaves the universe, only if invested: exit the position.",
        ),
        (
            {"name": "r", "upon": {"filled": "in"}, "symbols": "members", "exit": "position"},
            'when an order of "in" is filled, for the members of the universe: exit the position.',
        ),
        (
            {"name": "r", "at": {"before_close": "0m"}, "sell": "5 shares"},
            "at the close of every session: sell 5 shares.",
        ),
        (
            {"name": "r", "at": {"before_close": "20m", "on": ["mon", "fri"]}, "target": {"SPY": "80%", "IBM": "20%"},
             "others": "exit"},
            "20m before the close on mon and fri: bring SPY to 80% and IBM to 20% of equity and exit all others.",
        ),
        (
            {"name": "r", "when": "a", "between": {"from": "10:00"}, "as": "low", "enter": "short", "add": True,
             "size": {"risk": "1%", "stop": "2 * atr(14)"},
             "order": {"limit": {"price": "bid", "post_only": True}, "time_in_force": "day", "tag": "x"}},
            "when a becomes true, only from 10:00: add to the short with 1% of equity at risk over 2 * atr(14) a share "
            "by a limit order at bid that only adds liquidity, time in force day, tag x, called low.",
        ),
        (
            {"name": "r", "when": "a", "do": [{"cancel": "all"}, {"update": "low", "limit": "close"}, {"exit": "50%"}]},
            "when a becomes true: cancel the symbol's open orders; then change the order low: limit to close; then "
            "exit 50% of the position.",
        ),
        (
            {"name": "r", "when": "a", "choose": [{"if": "b", "sell": 5}, {"else": {"note": "nothing"}}]},
            'when a becomes true: if b, sell 5 shares; else note "nothing".',
        ),
        (
            {"name": "r", "when": "a", "enter": "long", "size": {"shares": 1}, "novel": {"key": 3}},
            "when a becomes true: enter long with 1 share, novel {key: 3}.",
        ),
    ],
)  # fmt: skip
def test_rules_in_words(rule: dict[str, Any], words: str):
    assert sentence(rule) == words


def leaves(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for key, child in value.items() if key not in ("name", "on") for text in leaves(child)]
    if isinstance(value, list):
        return [text for child in value for text in leaves(child)]
    return [] if isinstance(value, bool) else [str(value)]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_no_word_of_a_rule_is_left_out(path: Path):
    unsaid = {
        "all",
        "0s",
        "0m",
        "day",
        "exit",
        "keep",
        "position",
        "everything",
        "market",
        "joined",
        "left",
    }  # said in other words
    for rule in load(path.read_bytes(), path.name).data.get("rules", []):
        told = sentence(rule).replace("-", "_")
        for leaf in leaves(rule):
            word = leaf.removesuffix(" shares").removesuffix(" share").replace("-", "_")
            assert word in told or leaf in unsaid or '"' in leaf, (leaf, told)


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_every_document_can_be_explained(path: Path, form: str):
    out = io.StringIO()
    assert explain(str(path), {}, form, data=False, stream=out) == 0
    told = out.getvalue()
    assert told.startswith("{" if form == "json" else f"{load(path.read_bytes(), '').data['name']}: ")


@pytest.mark.parametrize(
    "path", sorted((ROOT / "tests/documents/bad").glob("*.yaml")), ids=lambda path: path.stem
)
def test_no_bad_document_is_explained(path: Path):
    out = io.StringIO()
    assert explain(str(path), {}, "text", data=False, stream=out) == 1
    assert out.getvalue().startswith(f"{path}:")
