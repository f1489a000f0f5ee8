"""The YAML on the operator's page is understood as it stands."""

import re

import pytest

from runner.language.source import load
from runner.language.validate import understand
from tests.sources import ROOT

PAGE = (ROOT / "docs/live.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE, re.S)
INLINE = re.findall(r"`(live: \[[^`]*\])`", PAGE)
REST = """
version: 1
name: small
universe: {symbols: [SPY, QQQ, IBM]}
rules: [{name: in, when: close > 5, enter: long, size: {shares: 1}}]
"""


def feeds(text):
    if "data:" not in text:
        text += "data: {source: embedded, resolution: 1d}\n"
    program, problems = understand(load(text + REST, "page.yaml"))
    assert not problems, [problem.text() for problem in problems]
    return [feed.kind for feed in program.spec.data.live]


@pytest.mark.parametrize("block", BLOCKS)
def test_blocks(block):
    kinds = feeds(block)
    assert bool(kinds) == ("data:" in block)


def test_a_feed_in_a_sentence():
    assert [feeds(f"data: {{source: embedded, resolution: 1d, {text}}}\n") for text in INLINE] == [["replay"]]


def test_every_feed_but_the_past_is_in_a_block():
    assert [kinds for block in BLOCKS if (kinds := feeds(block))] == [["alpaca", "csv", "zeromq"]]
