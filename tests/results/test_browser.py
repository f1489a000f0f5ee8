"""The page in a real browser, cut off from any network: every chart is drawn, and nothing complains."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from runner.results.page import page, plotly_source
from runner.results.pictures import charts
from runner.results.reading import read
from tests.results.made_runs import made_run

pytest.importorskip("jinja2")
BROWSER = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), ""
)


def opened(path: Path, folder: Path, *options: str) -> tuple[str, list[str]]:
    """The page's elements after its scripts ran, and what the browser's console said."""
    done = subprocess.run(
        [BROWSER, "--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}",
         "--host-resolver-rules=MAP * ~NOTFOUND", "--virtual-time-budget=5000", "--enable-logging=stderr", "--v=0",
         *options, "--dump-dom", path.as_uri()],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


@pytest.mark.skipif(not BROWSER, reason="no browser on this machine")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_slow_in_a_browser(tmp_path: Path, scheme: str):
    run, prices = made_run(fills=60, mark_count=300, length=390 * 70)
    reading = read(run, prices)
    drawn = charts(reading, prices)
    (tmp_path / "report.html").write_text(page(reading, prices), encoding="utf-8")
    options = ["--blink-settings=preferredColorScheme=0"] if scheme == "dark" else []
    elements, said = opened(tmp_path / "report.html", tmp_path / "profile", *options)
    assert said == []
    assert {chart.key for chart in drawn} >= {
        "equity",
        "drawdown",
        "exposure",
        "rolling-sharpe",
        "rolling-beta",
        "turnover",
    }
    if not plotly_source():
        pytest.skip("plotly is not installed: the page has its drawings only")
    for chart in drawn:
        box = re.search(rf'id="plot-{chart.key}".*?</figure>', elements, re.S)
        assert box is not None
        assert "main-svg" in box[0], chart.key
        assert box[0].count("scatterlayer") >= 1
