"""The clock is given: only adapters/clocks.py may ask what time it is."""

import ast

import pytest

from runner.engine.world import Growth, KnownInstants, build_world, law_of
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
STOPWATCHES = {
    "time.perf_counter",
    "time.perf_counter_ns",
    "time.process_time",
    "time.thread_time",
    "timeit.timeit",
}
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
    assert {name for _, name in asked(CLOCKS)} == {"time.time_ns", "time.monotonic_ns"}


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


class Watched:
    """A clock that writes down what it is asked, and stops the run after `most` instants."""

    def __init__(self, most):
        self.most = most
        self.waits = []

    def now(self):
        raise AssertionError("a backtest has no need to ask: the timeline says what time it is")

    def wait_until(self, instant):
        if len(self.waits) == self.most:
            return False
        self.waits.append(instant)
        return True


@pytest.mark.parametrize("most", [10_000, 40])
def test_the_loop_waits_on_the_clock_that_it_is_given(most):
    from runner import assemble
    from runner.adapters.journal import MemoryJournal
    from runner.adapters.simulated import SimulatedBroker
    from runner.engine.loop import Loop
    from runner.language.source import load
    from runner.language.validate import understand

    path = ROOT / "strategies" / "ema_cross.yaml"
    text = path.read_text(encoding="utf-8").replace('"2013-03-01"', '"2004-12-31"')
    program, problems = understand(load(text, path.name))
    assert not problems
    ready = assemble.backtest(program, text, path.parent, "loop")
    rules, market = ready.prepared.rules, ready.prepared.market
    world = build_world(rules, market, law_of(program.spec), program.spec.backtest.cash, 0, compiled=False)
    clock, journal = Watched(most), MemoryJournal()
    Loop(world, KnownInstants(market, clock), Growth(compiled=False), SimulatedBroker(world), journal).run()
    records = journal.finished({}, []).records
    times = market.instants["time"].tolist()
    assert clock.waits == times[:most]
    assert all(one in set(clock.waits) for one in records["time"].tolist())
    whole = assemble.run_backtest(ready).journal.records
    assert records.tobytes() == whole[whole["time"] <= clock.waits[-1]].tobytes()
