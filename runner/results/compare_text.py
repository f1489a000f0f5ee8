"""The comparison of two runs as text and as plain values."""

from __future__ import annotations

from typing import Any

from runner.laws.refusals import REFUSALS
from runner.market.money import MICROS, money_text
from runner.results import compare_said as said
from runner.results.causes import CAUSES
from runner.results.compare import Comparison, Cost
from runner.results.compare_bars import LATE, ONLY_A, ONLY_B, OTHER, STRETCH
from runner.results.compare_orders import Pair, Told
from runner.results.live_run import mode
from runner.results.orders import KIND_WORDS
from runner.results.sides import Side
from runner.results.text import title
from runner.results.times import SECOND, iso, moment

MOST = 40  # orders that the text shows; the plain values have all


def comparison_text(found: Comparison, a: Side, b: Side) -> str:
    """All of it for a person."""
    parts = [
        _heads(found, a, b),
        _runs(found),
        _bars(found),
        _decisions(found),
        _orders(found),
        _costs(found),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _heads(found: Comparison, a: Side, b: Side) -> str:
    lines = [
        f"{name}  {mode(side.journal.header).replace('_', ' '):<8}  {title(side.journal.header)}  ({side.name})"
        for name, side in (("A", a), ("B", b))
    ]
    lines.append(f"Common time: {moment(found.since)} to {moment(found.until)} New York")
    return "\n".join(["Alike" if found.alike else "Different", *lines])


def _runs(found: Comparison) -> str:
    lines = [f"  {one.name}: {one.a} in A, {one.b} in B" for one in found.runs]
    return "\n".join(["What the runs are made of", *lines]) if lines else ""


def _bars(found: Comparison) -> str:
    bars = found.bars
    if bars.how == "unknown":
        return "Bars\n  not compared: A or B has not kept its bars; the prices that orders carry are compared instead"
    unit = "bars" if bars.how == "bars" else "days of bars"
    counts = bar_counts(found)
    words = {
        "prices": "with other prices",
        "volume": "with another volume only",
        "quotes": "with other quotes only",
    }
    shown = [f"{counts['alike']:,} {unit} alike"]
    shown += [
        f"{count:,} {words.get(name, name.replace('_', ' '))}"
        for name, count in counts.items()
        if count and name != "alike"
    ]
    lines = [
        f"  {', '.join(shown)}".replace("in a", "in A")
        .replace("in b", "in B")
        .replace("to a", "to A")
        .replace("to b", "to B")
    ]
    if bars.how == "bars" and not bars.quotes:
        lines.append("  quotes were not compared: a run has none")
    if bars.differences:
        lines.append(f"  first: {said.bar(bars.differences[0])}")
        prices = next((d for d in bars.differences if _kind(d) == "prices"), None)
        if prices is not None and prices is not bars.differences[0]:
            lines.append(f"  first with other prices: {said.bar(prices)}")
    return "\n".join(["Bars", *lines])


def _kind(one: Any) -> str:
    if one.what == OTHER:
        if one.fields == ("volume",):
            return "volume"
        return "quotes" if set(one.fields) <= {"bid", "ask", "volume"} else "prices"
    if one.what == LATE:
        return f"late_to_{one.fields[0].lower()}"
    return {ONLY_A: "only_in_a", ONLY_B: "only_in_b", STRETCH: "other"}[one.what]


def bar_counts(found: Comparison) -> dict[str, int]:
    """How many bars are alike, and of each kind of difference."""
    out = dict.fromkeys(
        ("only_in_a", "only_in_b", "prices", "volume", "quotes", "other", "late_to_a", "late_to_b"), 0
    )
    for one in found.bars.differences:
        out[_kind(one)] += 1
    return {"alike": found.bars.alike, **out}


def _decisions(found: Comparison) -> str:
    first = found.first
    if first is None:
        return "Decisions\n  all alike"
    several = len(found.decisions.differences)
    lines = [f"  {several:,} {'differs' if several == 1 else 'differ'}, the first: {said.place(first)}"]
    what = said.fields(first)
    lines += [f"    A: {said.decision(first.a)}", f"    B: {said.decision(first.b)}"]
    lines += [f"    {what}"] if what else []
    likely, *others = found.reasons
    lines.append(f"  reason: {CAUSES[likely.code]}: {likely.text}")
    lines += [f"  also, {CAUSES[one.code]}: {one.text}" for one in others]
    return "\n".join(["Decisions", *lines])


def _orders(found: Comparison) -> str:
    d = found.decisions
    first = next((p for p in d.pairs if p.outcome), None)
    if not (d.pairs or d.only_a or d.only_b):
        return "Orders\n  none"
    alike = sum(1 for p in d.pairs if not p.decided and not p.outcome)
    head = f"  {len(d.pairs):,} of both ({alike:,} alike), {len(d.only_a):,} only in A, {len(d.only_b):,} only in B"
    said_first = [f"  first that became something else: {_became(first)}"] if first is not None else []
    rows = [
        ["A", "B", "decided", "", "quantity", "A ended", "B ended", "A price", "B price", "slippage", "late"]
    ]
    lines: list[tuple[int, bool, list[str]]] = []
    for pair, cost in zip(d.pairs, found.costs, strict=True):
        differs = bool(pair.decided or pair.outcome)
        lines.append((pair.a.line.created, differs, _row(pair.a, pair.b, cost)))
    lines += [(one.line.created, True, _row(one, None, None)) for one in d.only_a]
    lines += [(one.line.created, True, _row(None, one, None)) for one in d.only_b]
    chosen = sorted(sorted(lines, key=lambda line: not line[1])[:MOST], key=lambda line: line[0])
    rows += [line[2] + (["*"] if line[1] else [""]) for line in chosen]
    left = len(lines) - len(chosen)
    more = [f"  {left:,} more; all of them with --format json"] if left else []
    return "\n".join(["Orders", head, *said_first, "", *_table(rows), *more])


def _became(pair: Pair) -> str:
    """`#1 buys 100 SPY, market: filled +100 at 101 in A, filled +100 at 101.02 in B`."""
    ends = []
    for one in (pair.a, pair.b):
        line = one.line
        got = f" {line.filled:+,} at {said.price(line.price)}" if line.filled else ""
        ends.append(
            f"{line.state}{got}" + (f" ({REFUSALS.get(line.reason, line.reason)})" if line.reason else "")
        )
    return f"{moment(pair.a.line.created)} {said.order(pair.a)}: {ends[0]} in A, {ends[1]} in B"


def _row(a: Told | None, b: Told | None, cost: Cost | None) -> list[str]:
    one = a or b
    assert one is not None
    quantities = [f"{x.first.quantity:+,}" for x in (a, b) if x is not None]
    return [
        f"#{a.line.order}" if a else "-",
        f"#{b.line.order}" if b else "-",
        moment(one.line.created),
        f"{one.symbol} {KIND_WORDS.get(one.line.kind, '').replace('_', ' ')}",
        "/".join(dict.fromkeys(quantities)),
        *(_ended(x) for x in (a, b)),
        *(said.price(x.line.price) if x and x.line.filled else "-" for x in (a, b)),
        money_text(cost.slippage) if cost else "-",
        late_text(cost.late) if cost else "-",
    ]


def _ended(one: Told | None) -> str:
    if one is None:
        return "-"
    if one.line.filled and one.line.filled != one.line.quantity:
        return f"{one.line.state} ({one.line.filled:+,})"
    return one.line.state


def late_text(ns: int) -> str:
    """`0.35 s`, `61 s`."""
    seconds = ns / SECOND
    return f"{seconds:.0f} s" if seconds == int(seconds) else f"{seconds:.3f} s"


def _table(rows: list[list[str]]) -> list[str]:
    width = max(len(row) for row in rows)
    full = [row + [""] * (width - len(row)) for row in rows]
    wide = [max(len(row[i]) for row in full) for i in range(width)]
    return ["  " + "  ".join(cell.ljust(wide[i]) for i, cell in enumerate(row)).rstrip() for row in full]


def totals(found: Comparison) -> dict[str, float]:
    """Slippage and fees in dollars (above zero: B paid more), slippage in basis points of what was traded, lateness in seconds."""
    costs = [cost for cost in found.costs if cost is not None]
    worth, slipped = sum(c.worth for c in costs), sum(c.slippage for c in costs)
    late = [c.late / SECOND for c in costs]
    return {
        "orders": len(costs),
        "traded": worth / MICROS,
        "slippage": slipped / MICROS,
        "slippage_basis_points": slipped / worth * 10_000 if worth else 0.0,
        "fees": sum(c.fees for c in costs) / MICROS,
        "late_mean": sum(late) / len(late) if late else 0.0,
        "late_worst": max(late, default=0.0),
    }


def _costs(found: Comparison) -> str:
    sums, e = totals(found), found.equity
    lines = [f"  equity: {money_text(e.a)} in A, {money_text(e.b)} in B, {money_text(e.b - e.a)} in all"]
    if sums["orders"]:
        dollars = money_text(round(sums["slippage"] * MICROS))
        lines.append(
            f"  slippage of B against A: {dollars}, {sums['slippage_basis_points']:.2f} basis points of "
            f"{money_text(round(sums['traded'] * MICROS))} in {int(sums['orders']):,} orders that both filled"
        )
        lines.append(f"  fees: {money_text(round(sums['fees'] * MICROS))} more in B")
        lines.append(
            f"  fills came {sums['late_mean']:.3f} s later in B on average, {sums['late_worst']:.3f} s at most"
        )
    return "\n".join(["What the difference cost (change over the common time)", *lines])


def plain(found: Comparison, a: Side, b: Side) -> dict[str, Any]:
    """The same for machines; everything, not only the first."""
    first = found.first
    return {
        "alike": found.alike,
        "a": {"path": a.name, "mode": mode(a.journal.header), "strategy": a.journal.header.get("strategy", "")},
        "b": {"path": b.name, "mode": mode(b.journal.header), "strategy": b.journal.header.get("strategy", "")},
        "since": iso(found.since),
        "until": iso(found.until),
        "runs": [one._asdict() for one in found.runs],
        "bars": {
            "compared": found.bars.how,
            "counts": bar_counts(found),
            "first": said.bar(found.bars.differences[0]) if found.bars.differences else None,
        },
        "first_difference": None
        if first is None
        else {
            "time": iso(first.time), "symbol": first.symbol, "rule": first.rule, "a": said.decision(first.a),
            "b": said.decision(first.b), "fields": list(first.fields), "said": said.fields(first),
            "reasons": [
                {"code": r.code, "time": iso(r.time) if r.time else None, "text": r.text} for r in found.reasons
            ],
        },
        "differing_decisions": len(found.decisions.differences),
        "orders": [
            {"a": _order(p.a), "b": _order(p.b), "decided": list(p.decided), "outcome": list(p.outcome), "cost": _cost(c)}
            for p, c in zip(found.decisions.pairs, found.costs, strict=True)
        ],
        "only_in_a": [_order(one) for one in found.decisions.only_a],
        "only_in_b": [_order(one) for one in found.decisions.only_b],
        "costs": totals(found),
        "equity": {"a": found.equity.a / MICROS, "b": found.equity.b / MICROS},
    }  # fmt: skip


def _order(one: Told) -> dict[str, Any]:
    line = one.line
    return {
        "order": line.order, "symbol": one.symbol, "rule": one.rule, "kind": KIND_WORDS.get(line.kind, ""),
        "quantity": one.first.quantity, "limit": one.first.limit or None, "decided": iso(line.created),
        "sent": iso(line.sent) if line.sent else None, "ended": iso(line.ended) if line.ended else None, "state": line.state,
        "filled": line.filled, "price": line.price if line.filled else None, "fee": line.fee / MICROS, "tag": one.text,
    }  # fmt: skip


def _cost(cost: Cost | None) -> dict[str, float] | None:
    if cost is None:
        return None
    return {
        "slippage": cost.slippage / MICROS,
        "slippage_basis_points": cost.slippage / cost.worth * 10_000 if cost.worth else 0.0,
        "fees": cost.fees / MICROS,
        "late": cost.late / SECOND,
    }
