"""Why two runs part: what happened before their first differing decision and only in one of them, the likeliest first."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from runner.laws.refusals import REFUSALS
from runner.market import events
from runner.market.bar import MINUTE
from runner.market.money import money_text
from runner.results import compare_said as said
from runner.results import interventions
from runner.results.compare_bars import LATE, OTHER, BarDifference, BarsCompared
from runner.results.compare_orders import Decisions, Difference, Pair, Told, same_price
from runner.results.sides import Event, Part
from runner.results.times import moment

REFUSED = (events.REFUSED, events.SKIPPED, events.GATED, events.INVALID)
ACTIONS = (events.SPLIT, events.DIVIDEND, events.RENAMED, events.LAST_DAY, events.DELISTED)
MONEY = (
    events.CASH,
    events.DEPOSIT,
    events.WITHDRAWAL,
    events.ADOPTED,
    events.OPENING_CASH,
    events.OPENING_POSITION,
)
CAUSES = {
    "document": "another document",
    "refusal": "turned down",
    "operator": "not left to itself",
    "not_at_work": "a missed moment",
    "hole": "bars that nobody has",
    "bar": "another bar",
    "late_bar": "a late bar",
    "fill_price": "another price of a fill",
    "fill_time": "another time of a fill",
    "fill_quantity": "another quantity filled",
    "corporate_action": "a corporate action",
    "cash": "cash that came or went",
    "price_seen": "another price seen",
    "settings": "other settings",
    "start": "another beginning",
    "unknown": "not found",
}


class Cause(NamedTuple):
    """`code`: one of `CAUSES`. `time`: ns, 0 for what holds for the whole run."""

    code: str
    time: int
    text: str


class RunDifference(NamedTuple):
    """Something that two runs were made of and that is not the same: its name and both values as text."""

    name: str
    a: str
    b: str


def causes(
    found: Difference, a: Part, b: Part, bars: BarsCompared, all_: Decisions, runs: list[RunDifference]
) -> list[Cause]:
    """What may have made the difference, the likeliest first; never empty."""
    own, others = _bars(found, bars)
    fills, account = _fills(found, all_.pairs), _account(found, a, b)
    if found.a is None or found.b is None or "time" in found.fields:
        order = [
            *_stopped(found, a, b),
            *_missed(found, a, b),
            *_hole(found, a, b),
            *own,
            *fills,
            *account,
            *others,
        ]
    elif "quantity" in found.fields and "limit" not in found.fields:
        order = [*fills, *account, *own, *others]
    else:
        order = [*own, *fills, *account, *others]
    out = [*_unknown_names(found, a, b), *order, *_seen(found, bars), *_settings(runs), *_start(a, b)]
    return out or [Cause("unknown", 0, "nothing before it differs in what was kept of the two runs")]


def _unknown_names(found: Difference, a: Part, b: Part) -> list[Cause]:
    out = []
    for part, name in ((a, "A"), (b, "B")):
        header = part.side.journal.header
        if found.symbol and found.symbol not in header["symbols"]:
            out.append(Cause("document", 0, f"{found.symbol} does not belong to the universe of {name}"))
        if found.rule and found.rule not in header["rules"]:
            out.append(Cause("document", 0, f"the document of {name} has no rule {found.rule}"))
    return out


def _lacking(found: Difference, a: Part, b: Part) -> tuple[Part, str]:
    """The run that did not decide it, or (both did, at different times) the later one."""
    if found.a is None:
        return a, "A"
    if found.b is None:
        return b, "B"
    later = (
        isinstance(found.a, Told)
        and isinstance(found.b, Told)
        and found.a.line.created > found.b.line.created
    )
    return (a, "A") if later else (b, "B")


def _refusal(found: Difference, a: Part, b: Part) -> list[Cause]:
    part, name = _lacking(found, a, b)
    near = part.bar.get(found.symbol, MINUTE)
    for event in part.events:
        if abs(event.time - found.time) < near and (event.symbol, event.rule) == (found.symbol, found.rule):
            if event.kind in REFUSED and isinstance(found.a or found.b, Told):
                return [Cause("refusal", event.time, f"in {name}: {said.record(event)}")]
    return []


def _stopped(found: Difference, a: Part, b: Part) -> list[Cause]:
    """What was refused, gated or skipped; before it who had stopped it, when that is why."""
    refused, commands = _refusal(found, a, b), _operator(found, a, b)
    if any(one.text.endswith(tuple(REFUSALS[code] for code in interventions.BY_ORDER)) for one in refused):
        return [*commands, *refused]
    return [*refused, *(commands if not refused else [])]


def _operator(found: Difference, a: Part, b: Part) -> list[Cause]:
    """Pauses and silence of the run that did not act, commands of the one that did."""
    lacking, name = _lacking(found, a, b)
    other, its_name = (b, "B") if lacking is a else (a, "A")
    near = [(one, name) for one in interventions.standing(lacking, found.symbol, found.time)]
    near += [(one, its_name) for one in interventions.commanded(other, found.symbol, found.time)]
    return [_said("operator", one, who) for one, who in near[:1]]


def _missed(found: Difference, a: Part, b: Part) -> list[Cause]:
    part, name = _lacking(found, a, b)
    some = interventions.missed(part, found.symbol, found.rule, found.time)
    return [_said("not_at_work", one, name) for one in some[:1]] or _not_at_work(found, a, b)


def _hole(found: Difference, a: Part, b: Part) -> list[Cause]:
    out = []
    for part, name in ((a, "A"), (b, "B")):
        out += [_said("hole", one, name) for one in interventions.holes(part, found.symbol, found.time)[:1]]
    return out


def _said(code: str, event: Event, name: str) -> Cause:
    return Cause(code, event.time, f"in {name}, {moment(event.time)}: {said.record(event)}")


def _not_at_work(found: Difference, a: Part, b: Part) -> list[Cause]:
    part, name = _lacking(found, a, b)
    instants = part.side.instants
    if instants is None:
        return []
    reach = 2 * part.bar.get(found.symbol, MINUTE)
    i = int(np.searchsorted(instants, found.time))
    before = int(instants[i - 1]) if i else 0
    after = int(instants[i]) if i < len(instants) else 0
    if (after and after - found.time < reach) or (before and found.time - before < reach):
        return []
    since = f"since {moment(before)}" if before else "before"
    until = f", again at {moment(after)}" if after else ""
    return [Cause("not_at_work", found.time, f"{name} was not at work {since}{until}: the moment was missed")]


def _bars(found: Difference, bars: BarsCompared) -> tuple[list[Cause], list[Cause]]:
    """The first bar that differs, of the symbol, and of any other; prices before volumes."""
    earlier = [d for d in bars.differences if d.end <= found.time]
    out = []
    for own in (True, False):
        some = [d for d in earlier if (d.symbol == found.symbol) == own]
        some.sort(key=lambda d: (_volume_only(d), d.end))
        out.append([Cause("late_bar" if d.what == LATE else "bar", d.end, said.bar(d)) for d in some[:1]])
    return out[0], out[1]


def _volume_only(found: BarDifference) -> bool:
    return found.what == OTHER and found.fields == ("volume",)


def _fills(found: Difference, pairs: list[Pair]) -> list[Cause]:
    """The first order before it that had filled otherwise by then."""
    ranked = sorted(pairs, key=lambda p: (p.a.symbol != found.symbol, p.a.line.created))
    for pair in ranked:
        if pair.a is found.a or pair.b is found.b:
            continue
        a, b = ([e for e in one.fills if e.time <= found.time] for one in (pair.a, pair.b))
        shares = [sum(e.quantity for e in fills) for fills in (a, b)]
        worth = [sum(e.quantity * e.price for e in fills) for fills in (a, b)]
        if shares[0] == shares[1] and same_price(worth[0], worth[1]):
            continue
        where = f"order {pair.a.line.order} of A, {pair.b.line.order} of B ({pair.a.symbol})"
        time = min(e.time for e in [*a, *b])
        if shares[0] != shares[1]:
            code = "fill_time" if pair.a.line.filled == pair.b.line.filled else "fill_quantity"
            by = f"had filled {shares[0]:,} in A, {shares[1]:,} in B by then"
            return [Cause(code, time, f"{where} {by}")]
        mean = [said.price(value / count) for value, count in zip(worth, shares, strict=True)]
        return [
            Cause("fill_price", time, f"{where} filled at {mean[0]} in A, {mean[1]} in B: another equity")
        ]
    return []


def _account(found: Difference, a: Part, b: Part) -> list[Cause]:
    """Corporate actions and cash that only one of the runs had."""
    out = []
    for code, kinds in (("corporate_action", ACTIONS), ("cash", MONEY)):
        mine, theirs = (
            [e for e in part.events if e.kind in kinds and e.time <= found.time] for part in (a, b)
        )
        left = [_same(event) for event in theirs]
        for event in mine:
            if _same(event) in left:
                left.remove(_same(event))
            else:
                out.append(Cause(code, event.time, f"only in A, {moment(event.time)}: {_amount(event)}"))
        for event in theirs:
            if _same(event) in left:
                left.remove(_same(event))
                out.append(Cause(code, event.time, f"only in B, {moment(event.time)}: {_amount(event)}"))
    return sorted(out, key=lambda c: c.time)[:1]


def _same(event: Event) -> tuple[int, str, float]:
    """What makes two of them one: the ratio of a split, the amount of cash; a dividend follows its position."""
    value = event.price if event.kind == events.SPLIT else float(event.amount) if event.kind in MONEY else 0.0
    return event.kind, event.symbol, value


def _amount(event: Event) -> str:
    parts = [said.record(event), event.symbol, money_text(event.amount) if event.amount else ""]
    return " ".join(part for part in parts if part)


def _seen(found: Difference, bars: BarsCompared) -> list[Cause]:
    """The prices that the orders' own records carry, where the bars were not kept."""
    if bars.how == "bars" or not isinstance(found.a, Told) or not isinstance(found.b, Told):
        return []
    a, b = found.a.sent, found.b.sent
    if a is None or b is None or (a.price, a.bid, a.ask) == (b.price, b.bid, b.ask):
        return []
    seen = [f"{said.price(e.price)} (bid {said.price(e.bid)}, ask {said.price(e.ask)})" for e in (a, b)]
    return [Cause("price_seen", a.time, f"the price seen when it was sent: {seen[0]} in A, {seen[1]} in B")]


def _settings(runs: list[RunDifference]) -> list[Cause]:
    if not runs:
        return []
    shown = "; ".join(f"{one.name} {one.a} in A, {one.b} in B" for one in runs[:3])
    more = f" and {len(runs) - 3} more" if len(runs) > 3 else ""
    return [Cause("settings", 0, f"the runs are not the same: {shown}{more}")]


def _start(a: Part, b: Part) -> list[Cause]:
    starts = [int(part.side.journal.header["start"]) for part in (a, b)]
    if starts[0] == starts[1]:
        return []
    first, later = ("A", "B") if starts[0] < starts[1] else ("B", "A")
    return [
        Cause(
            "start", 0,
            f"{first} began at {moment(min(starts))}, {later} at {moment(max(starts))}: positions and memories of rules at the "
            "beginning of the common time may differ",
        )
    ]  # fmt: skip
