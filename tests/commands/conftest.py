"""A folder to work in, with a small strategy and its data."""

import pytest

from tests.commands.console import ROOT

STRATEGY = """\
version: 1
name: small
universe: {symbols: [AAA]}
data: {source: {csv: {path: "{symbol}.csv"}}, resolution: 1d}
parameters:
  share: {default: 50%, min: 10%, max: 90%}
  bars: {default: 2, min: 1, max: 10}
rules:
  - {name: in, when: "close > sma(close, $bars)", enter: long, size: {percent_of_equity: $share}}
  - {name: out, when: "close < sma(close, $bars)", exit: position}
backtest: {start: 2013-10-07, end: 2013-10-11}
"""
BARS = """\
time,open,high,low,close,volume
2013-10-07,10,11,9,10,1000
2013-10-08,10,12,9,11,1000
2013-10-09,11,12,10,12,1000
2013-10-10,12,12,9,9,1000
2013-10-11,9,10,8,10,1000
"""


@pytest.fixture
def folder(tmp_path):
    """`small.yaml` over five daily bars of AAA."""
    (tmp_path / "small.yaml").write_text(STRATEGY, encoding="utf-8")
    (tmp_path / "AAA.csv").write_text(BARS, encoding="utf-8")
    return tmp_path


@pytest.fixture
def edited(folder):
    """Writes `small.yaml` anew with one text in place of another."""

    def edit(*pairs):
        text = STRATEGY
        for was, now in pairs:
            assert was in text
            text = text.replace(was, now)
        (folder / "small.yaml").write_text(text, encoding="utf-8")
        return folder

    return edit


@pytest.fixture
def example():
    """The path of one of the project's strategies."""
    return lambda name: ROOT / "strategies" / f"{name}.yaml"
