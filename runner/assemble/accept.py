"""`--accept-changes`: the run goes on with an edited document from a new epoch of its journal on.

The old document hears the past to its end, and ends the instant that a stop cut off. What it leaves (account, positions,
open orders, memories of rules) goes over to the new one, whose columns are warmed from the history and, where that does
not reach, with the bars of the journal.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np

from runner.adapters import identity, lenders
from runner.adapters.coverage import DataFault
from runner.adapters.live_journal import LiveJournal
from runner.adapters.partial import Partial
from runner.assemble import edited, headers
from runner.assemble.deployment import LIVE, Deployment, Rehearsed
from runner.assemble.live import LiveRun
from runner.assemble.past import history_of
from runner.engine import carry_over, live_day, live_start
from runner.engine.compaction import Compaction, order_of
from runner.engine.live_start import Started
from runner.engine.numbering import Numbering, numbering
from runner.engine.ports import LiveBar, Notice
from runner.engine.recorded import INSTANT, Diverged
from runner.language.difference import Change
from runner.language.program import Program
from runner.market import events
from runner.market.bar import BAR_TYPES, Bars
from runner.market.order import Order


class Kept:
    """A part of the run that is taken over as it was left."""

    def __init__(self, state: Any) -> None:
        self._state = state

    def state(self) -> Any:
        """What it remembers."""
        return self._state

    def restore(self, kept: Any) -> None:
        """Nothing is restored here: the run that begins does it."""
        raise AssertionError(kept)


def accept(
    deployment: Deployment,
    found: list[Change],
    who: str,
    said: Callable[[str], None],
    rehearsed: Rehearsed | None = None,
) -> None:
    """Begin the new epoch; the next start of `deployment` goes on from it. Raises `DataFault` when it cannot be."""
    journal = LiveJournal(deployment.state / "journal.db")
    try:
        program = edited.program_of(journal)
        header = json.loads(journal.fact("header") or "{}")
    finally:
        journal.close()
    version = header["manifest"]["version"]
    if program is None:
        raise DataFault(
            f"this version of the runner does not read the document that the journal runs: end the run with version {version}"
        )
    old = deployment._replace(program=program, document=header["document"], hashes={}, resolved=None)
    run = LiveRun(old, said, rehearsed)
    try:
        run.instants.resting = lambda world: False
        run.loop.run()
        for line in _begin(run, program, deployment, header, found, who):
            said(line)
    except Diverged as fault:
        raise DataFault(
            f"the journal cannot be heard again, so that nothing can be taken over from it: {fault}. Go on with the version "
            f"that wrote it ({version}), or end the run with it"
        ) from fault
    finally:
        run.close()


def _begin(
    run: LiveRun,
    before: Program,
    deployment: Deployment,
    header: dict[str, Any],
    found: list[Change],
    who: str,
) -> list[str]:
    """Begin the epoch with what `run` has left; what does not go on, in words."""
    program, journal = deployment.program, run.journal
    old = run.started.world
    started = _started(run, deployment)
    world, texts = started.world, started.rules.texts
    n = numbering(before, run.started.rules, program, started.rules)
    problems = carry_over.in_the_way(old, n, before.spec.symbols)
    if problems:
        raise DataFault(
            "the changes cannot be accepted: "
            + "; ".join(problems)
            + ". Close what is open first (run flatten), or keep the symbol"
        )
    last = int(old.counters[0].orders)
    orders = _orders(run, n, last)
    table: Any = world.orders
    table.put_away(last, orders.__getitem__)
    table.extend([Order() for _ in range(len(world.wanted) + 1)])
    carry_over.carry_over(old, world, n)
    # The first instant in time says it, and cancels what has no rule any longer.
    what = f"{len(found)} {'change' if len(found) == 1 else 'changes'} of the document accepted"
    notice = Notice(events.EPOCH, who=who, why=what)
    instants = run.instants.state()
    newest = {values[0]: values for values in instants["newest"]}
    newest = {symbol: newest[symbol] for symbol in newest if symbol in program.spec.symbols}
    for symbol, bars in started.past.items():
        if len(bars.end) and symbol not in newest:
            instants["shares"] = {**instants["shares"], symbol: float(bars.split[-1])}
            newest[symbol] = list(LiveBar(symbol, *(np.asarray(column)[-1].item() for column in bars)))
    instants |= {"newest": list(newest.values()), "announced": [list(notice)]}
    parts: dict[str, Any] = {name: Kept(part.state()) for name, part in run.epochs.parts.items()}
    told = parts["told"].state()
    told["executions"] = [[n.symbols[s], *row] for s, *row in told["executions"] if n.symbols[s] >= 0]
    parts |= {"columns": started.store, "instants": Kept(instants)}
    merged = _merged(header, headers.live(
        program.spec, deployment.document, deployment.hashes, deployment.folder, run.history, deployment.mode,
        header["start"], header["first_day"],
    ))  # fmt: skip
    facts = {
        **edited.facts(deployment),
        "header": json.dumps(merged),
        "texts_before": str(len(run.started.rules.texts)),
        "accepted": json.dumps([*json.loads(journal.fact("accepted") or "[]"), {
            "time": run.instants.latest, "who": who, "changes": [change.text() for change in found],
            "old": header["manifest"]["document"], "new": merged["manifest"]["document"], "code": identity.code_hash(),
        }]),
    }  # fmt: skip
    epochs = Compaction(journal, world, texts, parts, run.span.calendar)
    epochs.begin(run.span.calendar.day_of(run.instants.latest), orders, facts)
    return carry_over.ended(old, n, before.spec.symbols)


def _started(run: LiveRun, deployment: Deployment) -> Started:
    """A world of the new document at the end of the past."""
    program, days, latest = deployment.program, run.span.calendar, run.instants.latest
    spec = program.spec
    # Where the history has nothing, the journal has.
    history = Partial(history_of(spec, deployment.folder), len(spec.symbols) + 1)
    lender = lenders.named(spec.lending.source, deployment.folder, spec.lending.path)
    day = days.day_of(latest)
    past = live_start.past_bars(program, history, days, day, latest + 1, run.span.day)
    past = _with_newer(past, run.journal)
    first = live_day.lay_out(program, history, days, run.span.day, lender)
    return live_start.start(
        program, days, first, past, latest + 1, deployment.mode == LIVE, list(run.started.rules.texts)
    )


def _orders(run: LiveRun, n: Numbering, last: int) -> dict[int, Order]:
    """All orders of the run as the new document numbers them."""
    table: Any = run.started.world.orders
    rows = {number: order_of(content) for number, content in run.journal.orders().items()}
    rows |= table.changed(last)
    return {number: carry_over.moved(order, n) for number, order in rows.items()}


def _with_newer(past: dict[str, Bars], journal: LiveJournal) -> dict[str, Bars]:
    """The past with the bars of the journal that are newer than what the history has of their symbol."""
    since = {symbol: int(bars.end[-1]) if len(bars.end) else 0 for symbol, bars in past.items()}
    newer: dict[str, dict[int, LiveBar]] = {symbol: {} for symbol in past}
    oldest = min(since.values(), default=0)
    for entry in journal.backwards():
        if entry[0] != INSTANT:
            continue
        if entry[1][0] <= oldest:
            break
        for bar in (LiveBar(*values) for values in entry[2]):
            if bar.end > since.get(bar.symbol, bar.end):
                newer[bar.symbol][bar.end] = bar
    out = {}
    for symbol, bars in past.items():
        rows = [newer[symbol][end] for end in sorted(newer[symbol])]
        found = Bars(
            *(np.array([getattr(row, name) for row in rows], kind) for name, kind in BAR_TYPES.items())
        )
        out[symbol] = (
            Bars(*(np.concatenate((a, b)) for a, b in zip(bars, found, strict=True))) if rows else bars
        )
    return out


def _merged(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """The header from now on. Numbers of records keep their meaning: names are added to its lists, none goes."""
    symbols = [*old["symbols"], *(one for one in new["symbols"] if one not in old["symbols"])]
    rules = [*old["rules"], *(one for one in new["rules"] if one not in old["rules"])]
    kept = {name: old[name] for name in ("start", "first_day", "start_cash", "data")}
    resolution = {**old["resolution"], **new["resolution"]}
    return {**new, **kept, "symbols": symbols, "rules": rules, "resolution": resolution}
