"""The clock is given: only adapters/clocks.py may ask what time it is."""

import ast

import pytest

from tests.sources import ROOT, RUNNER, files, full_name, known_as, shown, tree

CLOCKS = RUNNER / "adapters" / "clocks.py"
# Asking for the date or the time of day, wherever it is.
DATES = {
    "time.time", "time.time_ns", "time.monotonic", "time.monotonic_ns", "time.clock_gettime",
    "time.clock_gettime_ns", "time.localtime", "time.gmtime", "time.ctime", "time.asctime", "time.strftime",
    "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today",
    "pandas.Timestamp.now", "pandas.Timestamp.utcnow", "pandas.Timestamp.today", "pandas.to_datetime.now",
    "email.utils.localtime", "uuid.uuid1",
}  # fmt: skip
# Waiting is the clock's too.
WAITS = {"time.sleep", "asyncio.sleep"}
# How long the work took: free in the command line and in benchmarks, which are not part of the package.
STOPWATCHES = {"time.perf_counter", "time.perf_counter_ns", "time.process_time", "time.thread_time", "timeit.timeit"}
TIMED = (RUNNER / "cli.py", RUNNER / "commands")
MODULES = {name.rpartition(".")[0] for name in DATES | WAITS | STOPWATCHES}


def asked(path):
    """Every place where a file asks for the time: (node, full name)."""
    known = known_as(path)
    for node in ast.walk(tree(path)):
        name = full_name(node, known) if isinstance(node, ast.Attribute | ast.Name) else ""
        if name in DATES | WAITS | STOPWATCHES:
            yield node, name
        if isinstance(node, ast.Call) and full_name(node.func, known) == "numpy.datetime64":
            words = [a.value for a in node.args if isinstance(a, ast.Constant)]
            if {"now", "today"} & set(words):
                yield node, "numpy.datetime64('now')"


def test_only_the_clocks_ask():
    found = []
    for path in files():
        for node, name in asked(path):
            stopwatch = name in STOPWATCHES and any(path == free or free in path.parents for free in TIMED)
            if path != CLOCKS and not stopwatch:
                found.append(f"{shown(path, node)}: {name}")
    assert not found, "\n".join(found)


def test_the_clocks_do_ask():
    """The test above would see it: the one file that may ask is caught by the same look."""
    assert {name for _, name in asked(CLOCKS)} == {"time.time_ns"}


def test_no_names_are_taken_out_of_reach():
    """`from time import *` and `import time as t; f = t` would hide a question from this test."""
    found = []
    for path in files():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
                found.append(shown(path, node))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "getattr":
                names = [a.value for a in node.args if isinstance(a, ast.Constant)]
                if {"now", "today", "time_ns", "utcnow"} & set(names):
                    found.append(shown(path, node))
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "text",
    [
        "import time\ntime.time()",
        "import time as t\nt.time_ns()",
        "from time import monotonic as m\nm()",
        "import datetime\ndatetime.datetime.now(datetime.UTC)",
        "from datetime import datetime\ndatetime.utcnow()",
        "from datetime import date\ndate.today()",
        "import pandas as pd\npd.Timestamp.now()",
        "import numpy as np\nnp.datetime64('now')",
    ],
)
def test_the_look_sees_every_way_to_ask(text, tmp_path):
    path = tmp_path / "asks.py"
    path.write_text(text)
    assert list(asked(path))


def test_a_run_never_looks_at_the_machine(monkeypatch):
    """A simulated run with a clock that refuses to be asked."""
    import time

    from runner import assemble
    from runner.language.source import load
    from runner.language.validate import understand

    def refuse():
        raise AssertionError("somebody asked what time it is")

    text = (ROOT / "tests" / "documents" / "clock.yaml").read_text(encoding="utf-8")
    program, problems = understand(load(text, "clock.yaml"))
    assert not problems
    ready = assemble.backtest(program, text, ROOT / "strategies", "loop")
    monkeypatch.setattr(time, "time", refuse)
    monkeypatch.setattr(time, "time_ns", refuse)
    run = assemble.run_backtest(ready)
    assert len(run.journal.records) > 0
