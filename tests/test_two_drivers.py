"""Two drivers, one answer: the plain loop and the compiled kernel write the same journal, record for record.

Every strategy of `strategies/` and every worked run of `worked/queueing.csv` and `worked/runs_*.csv`. The kernel is compiled once a
session (its files are kept beside the cache, by the hash of the code).
"""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner import assemble
from runner.adapters.journal import load as load_journal
from runner.engine import compiler
from runner.language.source import load
from runner.language.validate import understand
from runner.results.tables import journal_text
from tests import test_turns as turns
from tests.engine import test_account, test_universe, tiny
from tests.engine import test_portfolio as portfolios
from tests.engine.test_queueing import ROWS, plan_of
from tests.test_invariants import histories, plans, play

ROOT = Path(__file__).parents[1]
STRATEGIES = sorted((ROOT / "strategies").rglob("*.yaml"))

pytestmark = pytest.mark.skipif(not compiler.installed(), reason="needs the extra `fast`")


def same(one, other):
    """Both journals equal: records as text, marks and tallies exactly."""
    left, right = (journal_text(run.journal).splitlines() for run in (one, other))
    for a, b in zip(left, right, strict=False):
        assert a == b
    assert len(left) == len(right)
    assert one.journal.records.tobytes() == other.journal.records.tobytes()
    for name in one.journal.marks.dtype.names:
        np.testing.assert_array_equal(one.journal.marks[name], other.journal.marks[name], name)
    assert one.journal.texts == other.journal.texts
    assert one.journal.header["tallies"] == other.journal.header["tallies"]


@pytest.mark.parametrize("path", STRATEGIES, ids=lambda path: path.stem)
def test_strategy(path, request):
    text = path.read_text(encoding="utf-8")
    program, problems = understand(load(text, path.name))
    assert not problems
    if program.spec.data.source == "lean":
        request.getfixturevalue("shared")
    runs = [
        assemble.run_backtest(assemble.backtest(program, text, path.parent, name))
        for name in ("loop", "kernel")
    ]
    assert [run.journal.header["driver"] for run in runs] == ["loop", "kernel"]
    assert len(runs[0].journal.records) > 0, "a strategy that never does anything compares nothing"
    same(*runs)


@pytest.mark.parametrize("row", portfolios.ROWS, ids=lambda row: row["case"])
def test_worked_portfolio(row, tmp_path):
    same(*(portfolios.play(row, tmp_path, name) for name in ("loop", "kernel")))


@pytest.mark.parametrize("row", [*ROWS, *(row for _, row in test_account.ROWS)], ids=lambda row: row["case"])
def test_worked_run(row, tmp_path):
    runs = [
        tiny.run(row["rules"], row["bars"], tmp_path, name, **plan_of(row)) for name in ("loop", "kernel")
    ]
    same(*runs)


@pytest.mark.parametrize("row", test_universe.ROWS, ids=lambda row: row["case"])
def test_universe_run(row, tmp_path):
    same(*(test_universe.played(row, tmp_path, name) for name in ("loop", "kernel")))


@settings(max_examples=25, deadline=None)
@given(histories(), plans())
def test_random_run(bars, plan):
    """The strategies and bars of `test_invariants.py`."""
    same(*(play(plan, bars, name) for name in ("loop", "kernel")))


@settings(max_examples=10, deadline=None)
@given(histories(), turns.leaving, st.sampled_from(turns.ACCOUNTS))
def test_random_run_that_leaves(bars, rules, account):
    """The strategies of `test_turns.py`."""
    more = turns.more(account)
    with TemporaryDirectory() as folder:
        same(
            *(
                tiny.run(rules, bars, Path(folder), name, more=more, cash=20_000)
                for name in ("loop", "kernel")
            )
        )


def test_both_drivers_leave_a_backtest_as_it_was(tmp_path):
    """What `assemble.backtest` laid out can be run again, by either driver: a run owns all that it writes."""
    row = ROWS[0]
    ready = tiny.ready(row["rules"], row["bars"], tmp_path, "loop", **plan_of(row))
    first, again = assemble.run_backtest(ready), assemble.run_backtest(ready)
    same(first, again)
    same(first, assemble.run_backtest(ready._replace(driver="kernel")))


def test_tables_grow_alike(tmp_path):
    """More orders than a table first has room for: the loop's lists and the kernel's arrays grow the same way."""
    days = [f"2013-{month:02d}-{day:02d}" for month in range(1, 13) for day in range(1, 29)]
    sessions = [day for day in days if np.is_busday(day, holidays=HOLIDAYS)]
    bars = "; ".join(f"{day} 10 11 9 {10 + i % 3}" for i, day in enumerate(sessions))
    rules = "[{name: r, when: close > 0, every_bar: true, buy: 1 share}, {name: q, when: close > 0, every_bar: true, sell: 1 share}]"
    runs = [tiny.run(rules, bars, tmp_path, name, resolution="1d") for name in ("loop", "kernel")]
    orders = int(runs[0].journal.records["order"].max())
    assert orders == 2 * len(sessions)
    same(*runs)


HOLIDAYS = ["2013-01-01", "2013-01-21", "2013-02-18", "2013-03-29", "2013-05-27", "2013-07-04", "2013-09-02",
            "2013-11-28", "2013-12-25"]  # fmt: skip


WITHOUT = "import sys; sys.modules['numba'] = None; from runner.cli import main; main(sys.argv[1:])"


@pytest.mark.parametrize(
    ("driver", "code", "said"), [("kernel", 3, "needs the extra `fast`"), ("auto", 0, "")]
)
def test_without_the_compiler(driver, code, said, tmp_path):
    """`--driver kernel` never falls back in silence; `auto` runs everything without it, and the manifest says so."""
    asked = [
        sys.executable,
        "-c",
        WITHOUT,
        str(STRATEGIES[0].with_name("ema_cross.yaml")),
        "--driver",
        driver,
    ]
    done = subprocess.run(
        [*asked, "--no-report", "--out", str(tmp_path)], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert said in done.stderr
    if code == 0:
        assert load_journal(next(tmp_path.rglob("*.npz"))).header["manifest"]["driver"] == "loop"
