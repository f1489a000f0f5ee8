"""Good-faith violations of a cash account, as the journal tells them, and what came of them."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

import numpy as np

from runner.laws import good_faith as law
from runner.laws import refusals
from runner.market import events
from runner.market.events import Journal
from runner.results.times import date_text, day_of


def rule(header: dict[str, Any]) -> str:
    """What the setting makes of them; a margin account has none."""
    return str(header["spec"].get("good_faith", "ignore")) if header.get("account") == "cash" else "ignore"


def dates(journal: Journal, kind: int) -> list[str]:
    """The day of each record of `kind`, in order."""
    records = journal.records
    return [date_text(day_of(int(time))) for time in records["time"][records["kind"] == kind]]


def most_in_a_year(days: list[str]) -> int:
    """The most violations of twelve months."""
    numbers = [int(day.replace("-", "")) for day in days]
    first = [bisect_right(numbers, now - law.YEAR) for now in numbers]
    return max((i + 1 - before for i, before in enumerate(first)), default=0)


def plain(journal: Journal) -> dict[str, Any]:
    """For `results.json`."""
    violations = dates(journal, events.GOOD_FAITH_VIOLATION)
    return {
        "violations": len(violations),
        "most_in_twelve_months": most_in_a_year(violations),
        "restricted": dates(journal, events.SETTLED_CASH_ONLY),
        "rule": rule(journal.header),
        "warned": int(np.sum(journal.records["kind"] == events.UNSETTLED_PURCHASE)),
        "refused": int(np.sum(journal.records["code"] == refusals.GOOD_FAITH)),
    }


def rows(journal: Journal) -> list[tuple[str, str]]:
    """For the terminal and the page; nothing without a violation."""
    found = plain(journal)
    if not found["violations"]:
        return []
    text = f"{found['violations']:,}, at most {found['most_in_twelve_months']:,} in twelve months"
    if found["restricted"]:
        text += f"; settled cash only for {law.DAYS} days from {found['restricted'][-1]}"
    if found["warned"]:
        text += f"; purchases that it would not pay: {found['warned']:,}"
    if found["refused"]:
        text += f"; purchases turned down for it: {found['refused']:,}"
    return [("Good-faith violations", text)]
