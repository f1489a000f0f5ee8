"""Journal, client and account compared: what differs, in words, and what a start does about it.

Pure: it reads what the others say and changes nothing. In an exclusive account whatever the gateway lists must be the
run's own. In a shared one the gateway's totals hold what others trade, so only the run and its client are compared.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal, NamedTuple

from runner.adapters.atreyu_news import ENDED
from runner.adapters.atreyu_view import Snapshot

POSITION, FOREIGN_POSITION, ORDER, FOREIGN_ORDER = "position", "foreign position", "order", "foreign order"


class Ours(NamedTuple):
    """What the journal says. `positions`: signed shares by symbol, with every execution that the client has told or will
    tell; `orders`: names of the orders that work at the broker, to their symbols; `told`: names of orders of which the
    client still has something to tell."""

    positions: Mapping[str, int]
    orders: Mapping[str, str]
    told: Collection[str]


class Difference(NamedTuple):
    """One thing that differs. `ours`, `theirs`: signed shares of a position; `text`: a line for people."""

    kind: str
    symbol: str
    ours: int
    theirs: int
    text: str


class Verdict(NamedTuple):
    """What a start does: `refused` says why not, and what to do; empty when it may. `adopt`: shares to add to the run's
    position by symbol; `leave`: of these positions, signed shares that are to be closed; `lines`: all that differs."""

    refused: str
    adopt: dict[str, int]
    leave: dict[str, int]
    lines: list[str]


def compare(ours: Ours, seen: Snapshot, alone: bool, listed: bool = True) -> list[Difference]:
    """Everything that differs, positions first, by symbol. `alone`: all of the account must be the run's; `listed`: the
    gateway's positions are all that the account has. Else positions are compared with the client's alone."""
    whole = alone and listed
    theirs = seen.gateway_positions if whole else seen.positions
    found = []
    for symbol in sorted({*ours.positions, *theirs}):
        mine, there = ours.positions.get(symbol, 0), theirs.get(symbol, 0)
        if mine != there:
            found.append(_position(symbol, mine, there, whole))
    found += _orders(ours, seen)
    if alone:
        for name in seen.foreign_orders:
            text = f"order {name} is open in the account, and no order of this run"
            found.append(Difference(FOREIGN_ORDER, "", 0, 0, text))
    return found


def _position(symbol: str, mine: int, there: int, whole: bool) -> Difference:
    who = "the account" if whole else "its client"
    kind = FOREIGN_POSITION if mine == 0 and whole else POSITION
    text = f"{symbol}: the run holds {_shares(mine)}, {who} {_shares(there)}"
    return Difference(kind, symbol, mine, there, text)


def _shares(count: int) -> str:
    return f"{count:+,}" if count else "none"


def _orders(ours: Ours, seen: Snapshot) -> list[Difference]:
    found = []
    for name, symbol in sorted(ours.orders.items()):
        known = seen.orders.get(name)
        if known is None:
            text = f"{symbol}: order {name} works by the journal, and the gateway's client does not know it"
        elif known.state in ENDED and name not in ours.told:
            text = f"{symbol}: order {name} works by the journal, and has ended ({known.state})"
        else:
            continue
        found.append(Difference(ORDER, symbol, 0, 0, text))
    for name, known in sorted(seen.orders.items()):
        if known.state not in ENDED and name not in ours.orders:
            text = f"{known.symbol}: order {name} works at the gateway, and is not in the journal"
            found.append(Difference(ORDER, known.symbol, 0, 0, text))
    return found


def decide(
    found: list[Difference],
    on_mismatch: Literal["refuse", "adopt", "flatten"] | str,
    symbols: Collection[str],
) -> Verdict:
    """What becomes of a start that found these differences. `symbols`: those of the run."""
    lines = [one.text for one in found]
    kinds = {one.kind for one in found}
    if FOREIGN_ORDER in kinds:
        return _refused(lines, "cancel it at the broker, or write live: {account: shared}, under which only what this run "
                               "has ordered is its own")  # fmt: skip
    if ORDER in kinds:
        return _refused(lines, "journal.db and atreyu.db belong together: put back the pair of them that was there, or wait "
                               "until these orders have ended and begin anew with --out DIR")  # fmt: skip
    if not found:
        return Verdict("", {}, {}, [])
    if on_mismatch == "refuse":
        return _refused(lines, "close the difference at the broker and start again; or write live: {on_mismatch: adopt}, "
                               "which takes the positions as they are, or flatten, which also closes what the run does not "
                               "know")  # fmt: skip
    strange = [one.symbol for one in found if one.theirs and one.symbol not in symbols]
    if strange:
        return _refused(lines, f"the strategy does not follow {', '.join(strange)}: put it under universe.symbols, close it "
                               "at the broker, or write live: {account: shared}")  # fmt: skip
    adopt = {one.symbol: one.theirs - one.ours for one in found}
    leave = {one.symbol: unknown_part(one.ours, one.theirs) for one in found}
    chosen = {symbol: shares for symbol, shares in leave.items() if shares and on_mismatch == "flatten"}
    return Verdict("", adopt, chosen, lines)


def unknown_part(ours: int, theirs: int) -> int:
    """The part of the account's position that the run's does not explain: signed shares, never beyond the account's."""
    if (ours > 0) == (theirs > 0) and ours != 0:
        return theirs - ours if abs(theirs) > abs(ours) else 0
    return theirs


def _refused(lines: list[str], cure: str) -> Verdict:
    head = "the account is not what the run's journal says:"
    return Verdict("\n".join([head, *(f"  {line}" for line in lines), f"What to do: {cure}."]), {}, {}, lines)
