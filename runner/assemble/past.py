"""A backtest: its history, universe, driver, journal and header, from the spec."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from runner.adapters import coverage, identity, lenders
from runner.adapters.clocks import SimulatedClock
from runner.adapters.coverage import DataFault
from runner.adapters.journal import MemoryJournal
from runner.adapters.membership import Resolved, Resolver, with_symbols
from runner.adapters.partial import Partial
from runner.adapters.sessions import calendar
from runner.adapters.simulated import SimulatedBroker
from runner.adapters.tradable_file import with_tradable
from runner.assemble import headers
from runner.engine import compiler, kernel, prepare, schedule
from runner.engine.instants import looks
from runner.engine.loop import Loop
from runner.engine.ports import History, Lender, Progress
from runner.engine.world import Growth, KnownInstants, build_world, law_of, tallies, traded
from runner.language.program import Program
from runner.language.spec import Spec
from runner.market.bar import Bars
from runner.market.brokerages import LEANS
from runner.market.calendar import Calendar
from runner.market.events import Journal

# bars x rules from which the kernel is worth it: when it was compiled before, and when it must compile first.
KERNEL_PAYS = 1_000_000
COMPILING_PAYS = 40_000_000


class Run(NamedTuple):
    """A finished backtest: its journal and the bars of its symbols."""

    journal: Journal
    bars: dict[str, Bars]


class Backtest(NamedTuple):
    """A backtest ready to run, and what can be said of it beforehand."""

    program: Program
    prepared: prepare.Prepared
    history: History
    calendar: Calendar
    document: str
    folder: Path
    driver: str
    notes: list[str]
    missing: dict[str, list[tuple[int, int]]]
    risk_free: Any
    rate_file: Path | None
    files: dict[str, str] | None = None
    lender: Lender | None = None
    universe: Resolved | None = None
    named: dict[str, str] | None = None  # hashes of files of symbols that the account names


def history_of(spec: Spec, folder: Path) -> History:
    """The source that the document names; relative paths are those of the strategy's own folder."""
    plan = spec.data
    if plan.source == "lean":
        from runner.adapters.lean_data import LeanFolder

        exact = spec.conventions in LEANS
        return LeanFolder(folder / plan.path, exact_factors=exact)
    if plan.source == "csv":
        from runner.adapters.csv_data import CsvFiles, CsvPlan

        return CsvFiles(
            CsvPlan(str(folder / plan.path), dict(plan.columns), plan.timezone, plan.label, plan.path)
        )
    from runner.adapters.embedded import Embedded

    return Embedded(plan.corrections)


def span_of(spec: Spec, history: History) -> tuple[int, int]:
    """First and last day of the run: the document's, or all that the data hold of any symbol."""
    first, last = spec.backtest.start, spec.backtest.end
    if first is None or last is None:
        found = [
            extent
            for symbol in spec.symbols
            if (extent := history.extent(symbol, prepare.resolution_of(spec, symbol))) is not None
        ]
        if not found:
            raise DataFault("the data hold none of the universe's symbols: name start and end under backtest")
        first = min(one[0] for one in found) if first is None else first
        last = max(one[1] for one in found) if last is None else last
    if last < first:
        raise DataFault(
            f"the run would end ({coverage.day_text(last)}) before it starts ({coverage.day_text(first)})"
        )
    return first, last


def benchmark_of(
    spec: Spec, history: History, days: Calendar, first: int, last: int
) -> tuple[schedule.Benchmark, list[str]]:
    """Prices of the benchmark from one session before the start, and a note when they are not to be had."""
    none = schedule.Benchmark(np.empty(0, np.int64), np.empty(0))
    if spec.backtest.benchmark_constant is not None:
        start = np.array([days.midnight_of(first)], np.int64)
        return schedule.Benchmark(start, np.array([spec.backtest.benchmark_constant])), []
    symbol = spec.backtest.benchmark
    if not symbol:
        return none, []
    before = int(days.date[np.searchsorted(days.date, first) - 1])
    for resolution in ("1h", "1d"):
        try:
            bars = history.bars(symbol, resolution, before, last, "adjusted", False)
        except DataFault:
            continue
        if len(bars.end):
            return schedule.Benchmark(np.asarray(bars.end), np.asarray(bars.close)), []
    return none, [f"the benchmark {symbol} is not in the data: figures against a benchmark are 0"]


def choose_driver(asked: str, prepared: prepare.Prepared) -> str:
    """`loop` or `kernel`. `auto` takes the kernel when it is installed and the work pays for compiling."""
    if asked == "kernel" and not compiler.installed():
        raise DataFault("--driver kernel needs the extra `fast`: pip install '.[fast]'")
    if asked != "auto":
        return asked
    work = len(prepared.market.arrivals) * max(1, len(prepared.rules.rules))
    pays = KERNEL_PAYS if kernel.compiled_before(identity.kernel_folder()) else COMPILING_PAYS
    return "kernel" if work >= pays and compiler.installed() else "loop"


def backtest(
    program: Program,
    document: str,
    folder: Path,
    driver: str = "auto",
    files: dict[str, str] | None = None,
) -> Backtest:
    """Read the data and lay out the run. Raises `DataFault` when the data cannot be had.

    `document`: the text to show. `files`: hashes of what it was read from, where that is more than one file.
    """
    program, named = with_tradable(program, folder)
    spec = program.spec
    history = history_of(spec, folder)
    first, last = span_of(spec, history)
    days = calendar(first - prepare.MARGIN - 800, last + prepare.MARGIN)
    universe = None
    if spec.universe.selections:
        judged = history_of(spec, folder)  # its notes are of candidates, most of which are never traded
        universe = Resolver(spec, judged, days, folder, first, last).resolve()
        program = with_symbols(program, universe.membership)
        spec = program.spec
    benchmark, notes = benchmark_of(spec, history, days, first, last)
    found = frozenset(universe.membership.first()) if universe else frozenset()
    history = Partial(history, len(spec.symbols), found)
    lender = lenders.named(spec.lending.source, folder, spec.lending.path)
    members = universe.membership if universe else None
    prepared = prepare.gather(program, history, days, first, last, benchmark, lender, members)
    missing = {}
    for symbol, bars in prepared.bars.items():
        if members is not None and symbol not in program.spec.universe.listed:
            continue  # it is no member on most days
        if spec.settings["fills.participation"]:
            coverage.check_volume(symbol, bars)
        until = min(last, prepare.last_listed(history, symbol))
        gaps = coverage.missing(bars, days, first, until, prepare.resolution_of(spec, symbol))
        if gaps:
            missing[symbol] = gaps
    if not any(bool(np.any(bars.real)) for bars in prepared.bars.values()):
        raise DataFault(
            f"no bars of {', '.join(spec.symbols)} from {coverage.span_text(first, last)}: check data.source, "
            "data.resolution and the days under backtest"
        )
    chosen = choose_driver(driver, prepared)
    risk_free = headers.risk_free_of(spec, folder)
    notes = (
        history.notes() + notes + (lender.notes() if lender else []) + (universe.notes if universe else [])
    )
    return Backtest(
        program,
        prepared,
        history,
        days,
        document,
        folder,
        chosen,
        notes,
        missing,
        risk_free,
        headers.rate_file_of(spec, folder),
        files,
        lender,
        universe,
        named,
    )


def run_backtest(ready: Backtest, progress: Progress | None = None) -> Run:
    """Run it to the end."""
    spec = ready.program.spec
    compiled = ready.driver == "kernel"
    rules, market = ready.prepared.rules, ready.prepared.market
    names = len(ready.program.names)
    world = build_world(rules, market, law_of(spec), spec.backtest.cash, names, compiled)
    growth = Growth(compiled)
    journal = MemoryJournal()
    if compiled:
        world = kernel.Kernel(world, growth, journal, identity.kernel_folder()).run(progress)
    else:
        instants = KnownInstants(market, SimulatedClock())
        Loop(world, instants, growth, SimulatedBroker(world), journal).run(progress)
    return Run(journal.finished(header(ready, world), rules.texts), ready.prepared.bars)


def header(ready: Backtest, world: Any) -> dict[str, Any]:
    """What a reader of the journal must know besides its records."""
    spec = ready.program.spec
    times = ready.prepared.market.instants["time"]
    files = ready.history.files() | (ready.universe.files if ready.universe else {}) | (ready.named or {})
    if ready.rate_file is not None:
        files[ready.rate_file.name] = identity.file_hash(ready.rate_file)
    if ready.lender is not None:
        files |= ready.lender.files()
    hashes = ready.files or {}
    return {
        **headers.stated(spec, ready.document),
        "first_day": ready.prepared.first_day,
        "last_day": ready.prepared.last_day,
        "start": ready.calendar.midnight_of(ready.prepared.first_day),
        "end": int(times[-1]) if len(times) else ready.calendar.midnight_of(ready.prepared.last_day + 1),
        "tallies": tallies(spec, world),
        "data": {
            "notes": ready.notes,
            "missing": {k: [list(g) for g in v] for k, v in ready.missing.items()},
        },
        "ready": ready.prepared.ready,
        "manifest": headers.manifest(spec, ready.document, hashes, files, ready.driver),
        "driver": ready.driver,
        "looks": looks(ready.prepared.market.instants) if spec.settings["sampling"] == "lean" else [],
        "risk_free": ready.risk_free,
        "security_ids": identity.security_ids(spec, ready.folder, traded(spec, world)),
    }
