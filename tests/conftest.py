"""Where the tests find the shared material, and how they say that it is absent."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
_absent: list[str] = []


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of LEAN's data and golden cases beside the project; skips without it."""
    if not SHARED.is_dir():
        pytest.skip("needs ../shared")
    return SHARED


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item):
    outcome = yield
    report = outcome.get_result()
    if report.skipped and not hasattr(report, "wasxfail"):
        if os.environ.get("REQUIRE_SHARED") and SHARED.is_dir():
            report.outcome = "failed"
            report.longrepr = f"{item.nodeid} skipped although ../shared is there: {report.longrepr}"
        else:
            _absent.append(item.nodeid)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _absent:
        terminalreporter.write_line(f"{len(set(_absent))} tests skipped, they need ../shared:")
        for name in sorted(set(_absent)):
            terminalreporter.write_line(f"  {name}")
