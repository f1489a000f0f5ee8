"""What LEAN's algorithms assert of their universes (`asserted_facts` of a case), shown on our records."""

from __future__ import annotations

from collections import Counter

import pytest

from runner import assemble
from runner.market import events
from tests.golden.playing import CASES, new_york, play, understood

pytestmark = [pytest.mark.golden, pytest.mark.usefixtures("shared")]


def members_at(name: str) -> dict[str, list[str]]:
    """Who has been selected from each change on, New York time."""
    played = play(name)
    names, now, out = played.run.journal.header["symbols"], set(), {}
    for one in played.records(events.JOINED, events.LEFT):
        (now.add if one["kind"] == events.JOINED else now.discard)(names[one["symbol"]])
        out[new_york(int(one["time"]))] = sorted(now)
    return out


def selections(name: str) -> list[str]:
    """Days of the selections of the run."""
    program, text = understood(name)
    found = assemble.backtest(program, text, CASES.resolve(), "loop").universe.membership
    times = (t for t, symbol in zip(found.time.tolist(), found.symbol, strict=True) if not symbol)
    return [new_york(time)[:10] for time in times]


def test_constituents_file_universe():
    """Slices {QQQ, AAPL}, {AAPL} (held), {FB, SPY, AAPL} (held), {FB, SPY}: the first on the 8th."""
    assert members_at("constituents_file_universe") == {
        "2013-10-08 00:00:00": ["AAPL", "QQQ"],
        "2013-10-09 00:00:00": [],
        "2013-10-10 00:00:00": ["FB", "SPY"],
    }


def test_on_end_of_day():
    """Callbacks: SPY 5, BAC 4, IBM 1."""
    played = play("on_end_of_day")
    names = played.run.journal.header["symbols"]
    count = Counter(names[one["symbol"]] for one in played.records(events.NOTED))
    assert count == {"SPY": 5, "BAC": 4, "IBM": 1}


def test_yearly_coarse_universe():
    """Exactly one selection, at the start date."""
    assert selections("yearly_coarse_universe") == ["2014-03-25"]


def test_monthly_coarse_universes():
    """Month start: the start date, April 1, May 1; month end: March 31, April 30; the date once."""
    assert selections("monthly_coarse_universes") == [
        "2014-03-25", "2014-03-31", "2014-04-01", "2014-04-30", "2014-05-01", "2014-05-09",
    ]  # fmt: skip


def test_warmup_coarse_top3():
    """Selections at midnight from 03-24 to 03-29 (those of the warm-up come before the run) and from 04-01 to 04-05."""
    march, april = range(26, 30), range(1, 6)
    assert selections("warmup_coarse_top3") == [f"2014-03-{d}" for d in march] + [
        f"2014-04-0{d}" for d in april
    ]


def test_coarse_selection_time():
    """Two active securities at every slice: SPY and one more."""
    found = members_at("coarse_selection_time")
    assert next(iter(found)) == "2014-03-25 00:00:00"
    assert all(len(chosen) == 1 and "SPY" not in chosen for chosen in found.values())
