"""What the rules of the account saw: day trades, and orders that the rules warned of or turned down."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import Any, NamedTuple

from runner.laws import day_trades, refusals
from runner.market import events
from runner.market.events import Journal
from runner.results.ledger import Fill, Ledger
from runner.results.times import date_text, day_of


class Seen(NamedTuple):
    """`day_trades`: of the run; `most`: in five sessions. `since`: day on which the account became a pattern day
    trader's, 0 for never. `warned`, `refused`: orders that its equity forbade."""

    day_trades: int
    most: int
    since: int
    warned: int
    refused: int


def days_of_trades(fills: list[Fill]) -> list[int]:
    """The day of each day trade, in order (laws/day_trades)."""
    opened: dict[int, int] = {}
    found = []
    for fill in fills:
        day = day_of(fill.time)
        before = opened.get(fill.symbol, day_trades.NEVER)
        if day_trades.is_day_trade(fill.before, fill.quantity, before, day):
            found.append(day)
        opened[fill.symbol] = day_trades.opened_after(fill.before, fill.quantity, day)
    return found


def seen(journal: Journal, ledger: Ledger, sessions: list[int]) -> Seen:
    """Fold the run; `sessions`: its days, ascending."""
    traded = days_of_trades(ledger.fills)
    most = 0
    for last in set(traded):
        place = bisect_right(sessions, last)
        first = sessions[max(0, place - day_trades.SESSIONS)] if place else last
        most = max(most, bisect_right(traded, last) - bisect_left(traded, first))
    records = journal.records
    since = records["time"][records["kind"] == events.PATTERN_DAY_TRADER]
    turned_down = records["code"] == refusals.PATTERN_DAY_TRADER
    return Seen(
        len(traded),
        most,
        day_of(int(since[0])) if len(since) else 0,
        int((records["kind"] == events.MINIMUM_EQUITY).sum()),
        int(turned_down.sum()),
    )


def counts(header: dict[str, Any]) -> bool:
    """Whether the account's day trades are anybody's business."""
    setting = header["spec"].get("pattern_day_trader", "ignore")
    return header.get("account") == "margin" and header.get("resident", "us") == "us" and setting != "ignore"


def plain(found: Seen, header: dict[str, Any]) -> dict[str, Any]:
    """For `results.json`."""
    return {
        "day_trades": found.day_trades,
        "most_in_five_sessions": found.most,
        "pattern_day_trader": date_text(found.since) if found.since else None,
        "rule": header["spec"].get("pattern_day_trader", "ignore") if counts(header) else "ignore",
        "warned": found.warned,
        "refused": found.refused,
    }


def rows(found: Seen, header: dict[str, Any]) -> list[tuple[str, str]]:
    """For the terminal and the page; nothing without a day trade, or where the rule does not hold."""
    if not found.day_trades or not counts(header):
        return []
    text = f"{found.day_trades:,}, at most {found.most:,} in five sessions"
    if found.since:
        text += f"; a pattern day trader since {date_text(found.since)}"
    if found.warned:
        text += f"; orders with less than $25,000 of equity: {found.warned:,}"
    if found.refused:
        text += f"; orders turned down for it: {found.refused:,}"
    return [("Day trades", text)]
