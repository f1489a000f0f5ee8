"""The pre-trade controls of a run, and the sessions in which the day's loss reached its limit."""

from __future__ import annotations

from typing import Any

from runner.market import events
from runner.market.events import Journal
from runner.market.money import MICROS, money_text
from runner.results.times import date_text, day_of


def losses(journal: Journal) -> list[tuple[int, int]]:
    """(day, change of equity since the open in millionths) of each session in which the day's loss reached its limit."""
    chosen = journal.records[journal.records["kind"] == events.DAILY_LOSS]
    return [
        (day_of(time), change)
        for time, change in zip(chosen["time"].tolist(), chosen["amount"].tolist(), strict=True)
    ]


def plain(journal: Journal) -> dict[str, Any]:
    """For `results.json`."""
    return {
        "controls": journal.header.get("risk", {}),
        "daily_losses": [
            {"date": date_text(day), "change": change / MICROS} for day, change in losses(journal)
        ],
    }


def rows(journal: Journal) -> list[tuple[str, str]]:
    """For the terminal and the page; nothing when the limit was not reached."""
    found = losses(journal)
    if not found:
        return []
    worst = min(found, key=lambda one: one[1])
    return [
        (
            "Daily loss limit",
            f"reached in {len(found):,} of the sessions, at {money_text(worst[1])} on {date_text(worst[0])} at worst",
        )
    ]
