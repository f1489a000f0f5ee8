"""The page: one file, no network, nothing breaks out, and what it draws."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import sys
import time
from html.parser import HTMLParser

import numpy as np
import pytest

from runner.results import charts
from runner.results.page import page, plotly_source
from runner.results.pictures import charts as run_charts
from runner.results.reading import read
from tests.results.lean_files import ns
from tests.results.made_runs import DOCUMENT, NASTY, made_run

pytest.importorskip("jinja2")


class Tags(HTMLParser):
    """Every tag with its attributes, and the text of scripts and of the strategy's lines."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.inside = tag
        if tag == "script":
            self.scripts.append("")

    def handle_data(self, data: str) -> None:
        if self.inside == "script":
            self.scripts[-1] += data

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""


@pytest.fixture(scope="module")
def made():
    run, prices = made_run(fills=60, mark_count=300, length=3900)
    return read(run, prices), prices


@pytest.fixture(scope="module")
def plain_page(made) -> str:
    return page(*made, library=False)


def parsed(text: str) -> Tags:
    tags = Tags()
    tags.feed(text)
    tags.close()
    return tags


def test_untrusted_text_stays_text(plain_page: str) -> None:
    tags = parsed(plain_page)
    assert not [t for t, _ in tags.tags if t == "img"]
    assert [a.get("type") for t, a in tags.tags if t == "script"] == ["application/json"]
    assert "<script>alert" not in plain_page
    assert not [a for _, a in tags.tags for name in a if name.startswith("on")]
    # In the strategy, in a rule's name and in a tag, it is shown as it was written.
    assert html.escape(NASTY, quote=True).replace("&#x27;", "&#39;").replace("&quot;", "&#34;") in plain_page


def test_untrusted_text_in_chart_data() -> None:
    run, prices = made_run(fills=6, mark_count=20, length=400)
    run.header["symbols"][0] = NASTY
    run.header["benchmark"] = NASTY
    prices[NASTY] = prices.pop("AAA")
    if not plotly_source():
        pytest.skip("plotly is not installed")
    text = page(read(run, prices), prices)
    tags = parsed(text)
    data = next(s for s in tags.scripts if s.startswith("["))
    assert NASTY in [line["name"] for chart in json.loads(data) for line in chart["lines"]]
    assert "<" not in data
    assert len(tags.scripts) == 3


def test_it_asks_for_nothing(plain_page: str) -> None:
    tags = parsed(plain_page)
    for tag, attributes in tags.tags:
        assert tag not in ("link", "iframe", "object", "embed", "base")
        for name in ("src", "srcset", "action", "data"):
            assert name not in attributes, (tag, attributes)
        assert (attributes.get("href") or "#").startswith("#")
    assert "@import" not in plain_page
    assert "url(" not in plain_page
    policy = next(a["content"] for t, a in tags.tags if a.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert "default-src 'none'" in policy
    assert "script-src 'none'" in policy


def test_the_policy_names_the_scripts_that_run(made) -> None:
    if not plotly_source():
        pytest.skip("plotly is not installed")
    text = page(*made)
    scripts = re.findall(r"<script>(.*?)</script>", text, re.S)
    assert len(scripts) == 2
    for script in scripts:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in html.unescape(text)
    assert "plotly" not in sys.modules  # its script is read, the package is not imported


def test_what_it_shows(plain_page: str) -> None:
    for words in ("Equity and drawdown", "Returns by month", "Deepest drawdowns", "Return without the best", "Against AAA", "Prices and fills", "What the rules did", "Orders",
                  "LEAN&#39;s statistics", "The strategy file", "2 dividends corrected in AAA", "missing BBB"):  # fmt: skip
        assert words in plain_page
    assert plain_page.count("<svg") == 6  # equity, drawdown, exposure, three symbols
    assert plain_page.count('<i id="L') == len(DOCUMENT.splitlines())
    assert "drawn as" in plain_page  # 3,900 bars are thinned, and the caption says so
    assert "nan" not in re.sub(r"<style>.*?</style>", "", plain_page, flags=re.S).lower().replace(
        "finance", ""
    )


def test_a_run_without_anything() -> None:
    run, prices = made_run(fills=2, mark_count=4, length=400)
    empty = run._replace(records=run.records[:0], marks=run.marks[:0])
    text = page(read(empty, {}), {}, library=False)
    assert "No order was sent." in text
    assert "Too few marks for a curve." in text
    assert prices


def test_same_run_same_page(made) -> None:
    assert page(*made, library=False) == page(*made, library=False)


def test_charts_of_risk() -> None:
    """Seventy sessions: exposure long and short, windows of a month and a quarter, turnover of three months."""
    run, prices = made_run(fills=60, mark_count=300, length=390 * 70)
    run.marks["short_value"] = -run.marks["long_value"] // 3
    reading = read(run, prices)
    drawn = {chart.key: chart for chart in run_charts(reading, prices)}
    assert [line.name for line in drawn["exposure"].lines] == ["long", "short", "net"]
    assert drawn["exposure"].low < 0.0 < drawn["exposure"].high
    assert [line.name for line in drawn["rolling-sharpe"].lines] == ["21 sessions", "63 sessions"]
    short = reading.rolling[0]
    assert drawn["rolling-sharpe"].lines[0].y == short.sharpe.tolist()
    assert drawn["rolling-sharpe"].lines[0].x == list(range(20, 70))
    assert len(drawn["turnover"].lines[0].x) == 2 * len(reading.months)
    assert [line.fill for line in drawn["exposure"].lines] == [True, True, False]


def test_a_long_run_is_a_page_of_sane_size() -> None:
    """Ten years of 39,000 marks: without plotly's script the page stays below a megabyte and a half."""
    run, prices = made_run(fills=5000, mark_count=39_000, length=39_000)
    reading = read(run, prices)
    size = len(page(reading, prices, library=False).encode())
    assert size < 1_500_000, size


def test_thinning_keeps_the_extremes() -> None:
    values = np.sin(np.arange(100_003) / 50.0) + np.random.default_rng(1).normal(0, 0.01, 100_003)
    values[77_777] = 9.0
    kept = charts.thin(values)
    assert len(kept) <= charts.POINTS + 4
    assert kept[0] == 0
    assert kept[-1] == len(values) - 1
    assert 77_777 in kept
    assert values[kept].min() == values.min()
    assert charts.thin(np.arange(10.0)).tolist() == list(range(10))


def test_round_ticks() -> None:
    assert [text for _, text in charts.value_ticks(99_590, 100_440, "$")] == [
        "$99,600",
        "$99,800",
        "$100,000",
        "$100,200",
        "$100,400",
    ]
    assert [text for _, text in charts.value_ticks(-0.0055, 0.0, "%")] == ["-0.4 %", "-0.2 %", "0.0 %"]
    assert charts.value_text(1_050_000.0, 50_000.0, "$", True) == "$1.05M"
    assert charts.value_text(-2.5, 0.5, "$") == "-$2.5"
    assert charts.value_ticks(5.0, 5.0, "$") == []
    day = np.array([ns(f"2024-03-04 {h}:00") for h in range(10, 17)])
    assert charts.time_ticks(day)[0][1] == "10:00"
    years = np.array([ns(f"{y}-06-03 16:00") for y in range(2000, 2020)])
    assert [text for _, text in charts.time_ticks(years)] == ["2001", "2005", "2009", "2013", "2017"]


def test_dots_are_the_fills(made) -> None:
    reading, prices = made
    drawn = [c for c in run_charts(reading, prices) if c.key.startswith("price")]
    assert sum(len(d.x) for c in drawn for d in c.dots) == len(reading.ledger.fills)
    first = reading.ledger.fills[0]
    dots = next(
        d
        for c in drawn
        for d in c.dots
        if c.title == "AAA" and d.style == ("buy" if first.quantity > 0 else "sell")
    )
    assert prices["AAA"].end[dots.x[0]] == first.time
    assert dots.y[0] == first.price


def test_speed() -> None:
    """3,000 marks and 500 fills: results under 50 ms, the page under 300 ms (best of five; limits doubled
    here because two cores are shared)."""
    run, prices = made_run()

    def best(work) -> float:
        times = []
        for _ in range(5):
            began = time.perf_counter()
            work()
            times.append(time.perf_counter() - began)
        return min(times)

    reading = read(run, prices)
    assert best(lambda: read(run, prices)) < 0.1
    assert best(lambda: page(reading, prices)) < 0.6
