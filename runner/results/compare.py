"""Two runs compared: bars, decisions, orders, fills, and what the difference cost. Reads journals and bars, runs nothing."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from runner.market import events
from runner.market.money import MICROS
from runner.results.causes import Cause, RunDifference, causes
from runner.results.compare_bars import LATE, BarsCompared, compare_bars
from runner.results.compare_orders import Decisions, Difference, Pair, decisions
from runner.results.flows import opening
from runner.results.sides import Part, Side, part, shared_time

NOT_CAUSES = ("data", "driver", "calendar", "start cash")


class Cost(NamedTuple):
    """What an order of both runs cost more in B, as far as both filled it. `slippage`: millionths, above zero when B's price
    was worse; `worth`: millionths at A's price; `fees`: millionths; `late`: ns from A's last fill to B's."""

    slippage: int
    worth: int
    fees: int
    late: int


class Equity(NamedTuple):
    """Change of equity over the common time, millionths: of A and of B, at their newest marks in it."""

    a: int
    b: int


class Comparison(NamedTuple):
    """`since`, `until`: the common time, ns. `runs`: what the runs are made of and is not the same. `first`: the first decision
    that differs, and `reasons` for it. `outcomes`: orders that were decided alike and became something else. `costs`: one
    for each of `decisions.pairs`, None where not both filled."""

    since: int
    until: int
    runs: list[RunDifference]
    bars: BarsCompared
    decisions: Decisions
    first: Difference | None
    reasons: list[Cause]
    outcomes: list[Pair]
    costs: list[Cost | None]
    equity: Equity

    @property
    def alike(self) -> bool:
        """Whether bars, decisions, and what became of orders are the same; fills may come at other times."""
        real = [d for d in self.bars.differences if d.what != LATE]
        return not (real or self.decisions.differences or self.outcomes)


def compare(one: Side, two: Side) -> Comparison | None:
    """Compare two runs over the time that both saw; None when there is none."""
    since, until = shared_time(one, two)
    if since >= until:
        return None
    a, b = part(one, since, until), part(two, since, until)
    bars = compare_bars(one, two, since, until)
    found = decisions(a, b)
    runs = run_differences(one.journal.header, two.journal.header)
    first = found.differences[0] if found.differences else None
    reasons = []
    if first is not None:
        blamed = [r for r in runs if not r.name.startswith(NOT_CAUSES)]
        reasons = causes(first, a, b, bars, found, blamed)
    return Comparison(
        since, until, runs, bars, found, first, reasons,
        [pair for pair in found.pairs if pair.outcome],
        [_cost(pair) for pair in found.pairs],
        Equity(_change(a), _change(b)),
    )  # fmt: skip


def run_differences(a: dict[str, Any], b: dict[str, Any]) -> list[RunDifference]:
    """What differs of two headers: document, parameters, settings, version, data."""
    out = []

    def note(name: str, x: Any, y: Any) -> None:
        if x != y:
            out.append(RunDifference(name, _short(x), _short(y)))

    mine, theirs = a.get("manifest", {}), b.get("manifest", {})
    for name in ("document", "bases", "parameters", "version", "code", "schema"):
        note(name, mine.get(name), theirs.get(name))
    for name in ("symbols", "rules", "resolution", "prices", "conventions", "account"):
        note(name, a.get(name), b.get(name))
    for name in sorted({*a.get("spec", {}), *b.get("spec", {})}):
        note(f"setting {name}", a.get("spec", {}).get(name), b.get("spec", {}).get(name))
    note("risk", a.get("risk"), b.get("risk"))
    note("start cash", a["start_cash"] / MICROS, b["start_cash"] / MICROS)
    note("driver", a.get("driver"), b.get("driver"))
    note("calendar", mine.get("calendar"), theirs.get("calendar"))
    files = [m.get("data") or {} for m in (mine, theirs)]
    if files[0] != files[1]:
        shared = set(files[0]) & set(files[1])
        other = sum(files[0][name] != files[1][name] for name in shared)
        alike = f", {other} of {len(shared)} by the same name not the same" if other else ""
        out.append(RunDifference("data", *(f"{len(one)} files{alike}" for one in files)))
    return out


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    if len(text) == 64 and all(c in "0123456789abcdef" for c in text):
        return text[:12]
    return text if len(text) <= 60 else text[:57] + "..."


def _cost(pair: Pair) -> Cost | None:
    a, b = pair.a.line, pair.b.line
    if not a.filled or not b.filled:
        return None
    shares = min(abs(a.filled), abs(b.filled))
    sign = 1 if a.filled > 0 else -1
    late = pair.b.fills[-1].time - pair.a.fills[-1].time
    return Cost(
        round(sign * shares * (b.price - a.price) * MICROS),
        round(shares * a.price * MICROS),
        b.fee - a.fee,
        late,
    )


def _change(one: Part) -> int:
    """Equity at the newest mark of the common time less that before it (or at the start), and less what was paid in."""
    journal = one.side.journal
    marks, start = journal.marks, opening(journal).equity
    before, now = (marks["equity"][marks["time"] <= time] for time in (one.since, one.until))
    first = int(before[-1]) if len(before) else start
    moved = sum(
        e.amount for e in one.events if e.kind in (events.DEPOSIT, events.WITHDRAWAL) and e.time <= one.until
    )
    return (int(now[-1]) if len(now) else start) - first - moved
