"""LEAN's published results, case by case: every figure, the order list, and both drivers.

Each file of `cases/` is an ordinary strategy. What is not equal is in `known.py`, with its reason; what is
not written yet is in `README.md`, with what it needs.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from runner.engine import compiler
from tests.golden import order_hash
from tests.golden.known import DIFFERS, FACTS, HASH
from tests.golden.playing import CASES, NAMES, order_text, play, published, understood
from tests.test_two_drivers import same

pytestmark = [pytest.mark.golden, pytest.mark.usefixtures("shared")]

README = Path(__file__).with_name("README.md")


def equal(ours: str | None, theirs: str) -> bool:
    """As text; LEAN's own comparison takes `-0` for `0`."""
    return ours == theirs or {ours, theirs} == {"0", "-0"}


def check(name: str, figures: dict[str, tuple[str | None, str]]) -> None:
    """Each figure (ours, LEAN's) is equal, or known to differ and does."""
    known = DIFFERS.get(name, {})
    wrong = {key: pair for key, pair in figures.items() if not equal(*pair) and key not in known}
    assert not wrong, "differs from LEAN (ours, LEAN's)"
    mended = [key for key in known if key in figures and equal(*figures[key])]
    assert not mended, f"equal again: take {mended} out of known.py and mend README.md"


@pytest.mark.parametrize("name", NAMES)
def test_statistics(name: str):
    expected = dict(published()[name]["expected_statistics"])
    expected.pop(HASH)
    statistics = play(name).reading.statistics
    check(name, {key: (statistics.get(key), value) for key, value in expected.items()})


@pytest.mark.parametrize("name", NAMES)
def test_order_list(name: str):
    ours = order_hash.order_list_hash(order_text(name))
    check(name, {HASH: (ours, published()[name]["expected_statistics"][HASH])})


def test_order_list_texts(shared: Path):
    """The texts behind the hashes, where they are published: a better message than two hashes."""
    examples = json.loads((shared / "golden" / "order_list_examples.json").read_text())["examples"]
    compared = [name for name in NAMES if name in examples]
    assert compared
    for name in compared:
        assert order_text(name) == examples[name]["joined_order_json"], name


@pytest.mark.skipif(not compiler.installed(), reason="needs the extra `fast`")
@pytest.mark.parametrize("name", NAMES)
def test_two_drivers(name: str):
    same(play(name).run, play(name, "kernel").run)


def test_known_differences_are_of_cases():
    assert set(DIFFERS) | set(FACTS) <= set(NAMES)
    for name, figures in DIFFERS.items():
        assert set(figures) <= set(published()[name]["expected_statistics"]), name


def readme_rows() -> dict[str, str]:
    """Status of each case in the table of README.md; a case listed twice fails."""
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \|$", README.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(rows) == len(dict(rows)), "a case is listed twice"
    return dict(rows)


def test_no_case_is_left_out_in_silence():
    """README.md has every published case: equal, differing (as known.py says) or not yet, with what it needs."""
    rows = readme_rows()
    assert set(rows) == set(published())
    for name, status in rows.items():
        if name not in NAMES:
            assert status.startswith("not yet: "), name
        elif name in DIFFERS or name in FACTS:
            assert status.startswith("differs: "), name
            assert all(figure in status for figure in DIFFERS.get(name, {})), name
            assert FACTS.get(name, "") in status, name
        else:
            assert status == "equal", name
    assert set(NAMES) <= set(published())


# A case's document may set what its LEAN algorithm sets, and nothing else: setting -> words of the case
# (its entry in cases.json, as text) of which one must be there.
ALLOWED = {
    "data.prices": ('"normalization": "raw"', '"normalization": "split_adjusted"'),
    "data.fill_forward": ('"fill_forward": false',),
    "default_time_in_force": ('"brokerage_model": "Atreyu"',),
    "fees.": ("fees_zero", "fees_custom", "fees_constant", '"brokerage_model": "Axos'),
    "fills.stale_after": ("stale",),
    "closing_cutoff": ("buffer",),
    "when_closed": ("Raw order requests",),
    "minimum_order_margin": ("minimum_order_margin_portfolio_percentage",),
    "short_selling.fees": ('"margin_interest"',),
    "free_equity": ("FreePortfolioValue", "free_portfolio_value"),
}


@pytest.mark.parametrize("name", NAMES)
def test_a_case_is_an_ordinary_strategy(name: str):
    """Span, cash and universe are the case's own; no setting, no `meta`, no `x-` key only for the test."""
    case, (program, text) = published()[name], understood(name)
    spec, words = program.spec, json.dumps(case)
    assert not re.search(r"^(meta|x-[\w-]*|statistics|sampling):", text, re.MULTILINE)
    assert text.startswith("# LEAN: "), "the first line names the algorithm"
    assert spec.name == name.replace("_", "-")
    for setting, origin in spec.origins.items():
        if origin == "document":
            allowed = [ALLOWED[key] for key in ALLOWED if setting.startswith(key)]
            assert allowed, f"{setting} is set, and no case may set it"
            assert any(word in words for word in allowed[0]), f"{setting} is set, but the case does not do so"
    days = [str(np.datetime64(day, "D")) for day in (spec.backtest.start, spec.backtest.end)]
    assert days == [case["start"], case["end"]]
    assert spec.backtest.cash == case["cash"] * 1_000_000
    assert set(spec.symbols) <= set(case["symbols"]) or "universe" in case["symbols"]
    assert spec.conventions == ("lean" if case["lean_commit"] == "HEAD" else "lean_2023")
    assert (CASES / spec.data.path).resolve().name == "lean-data"
