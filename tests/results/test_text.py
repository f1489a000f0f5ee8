"""The terminal's summary."""

from __future__ import annotations

import pytest

from runner.market.events import INVALID, MARK_SESSION, REFUSED, SKIPPED
from runner.results.reading import read
from runner.results.text import held_text, summary
from tests.results.lean_files import day, journal, marks, ns
from tests.results.made_runs import made_run

QUIET = {
    "strategy": "quiet", "symbols": ["AAA", "BBB"], "rules": ["join", "leave"], "conventions": "atreyu", "driver": "loop",
    "resolution": {"AAA": "1m", "BBB": "1m"}, "start_cash": 100_000_000_000, "first_day": day("2024-03-04"),
    "last_day": day("2024-03-04"), "start": ns("2024-03-04 00:00"), "end": ns("2024-03-04 16:00"), "risk_free": 0.0,
    "tallies": {
        "join": {"AAA": {"not_ready": 80, "false": 300, "gated": 6, "skipped": 1, "refused": 2, "sent": 1},
                 "BBB": {"not_ready": 390}},
        "leave": {"AAA": {"false": 390}, "BBB": {"false": 390}},
    },
    "data": {"notes": ["fold: 1 split of AAA"], "missing": {"BBB": [[day("2024-03-05"), day("2024-03-05")]]}},
}  # fmt: skip


def quiet(*items: dict):
    at = {"time": ns("2024-03-04 10:00"), "symbol": 0, "rule": 0}
    made = [{**at, **item} for item in items]
    return read(
        journal(QUIET, made, marks([(ns("2024-03-04 16:00"), MARK_SESSION, 100_000_000_000, 0, 0.0)])), {}
    )


def test_a_run_without_trades_adds_up_why() -> None:
    text = summary(quiet(
        {"kind": REFUSED, "code": 5}, {"kind": REFUSED, "code": 5}, {"kind": SKIPPED, "code": 11},
        {"kind": INVALID, "order": 1, "code": 7},
    ))  # fmt: skip
    assert (
        "bars x rules 1,560 = not ready 470 + false 1,080 + gated 6 + skipped 1 + refused 2 + sent 1" in text
    )
    assert 80 + 390 + 300 + 780 + 6 + 1 + 2 + 1 == 1560
    join = next(line for line in text.splitlines() if line.startswith("  join"))
    assert join.split()[1:] == ["780", "470", "300", "6", "1", "2", "1"]
    assert "2 x join, refused: not enough buying power" in text
    assert "1 x join, skipped: the position is at its target" in text
    assert "1 x join, invalid: a post-only order would have taken liquidity" in text
    assert "No order was filled" in text
    assert "missing BBB: 2024-03-05" in text


def test_nothing_was_sent() -> None:
    text = summary(quiet())
    assert "No order was sent" in text
    assert "Trades            none closed" in text
    assert "(fewer than two sessions)" in text
    assert "from session closes" in text
    assert "nan" not in text.lower()


def test_a_run_with_trades() -> None:
    made, prices = made_run(fills=40, mark_count=200, length=3900)
    text = summary(read(made, prices))
    assert text.startswith(
        "made-up: 2012-01-03 to 2012-05-30, AAA BBB CCC at 1m, conventions atreyu, driver loop\n"
    )
    assert "No order" not in text
    assert "1 x in, refused: not enough buying power" in text
    assert all(line == line.rstrip() for line in text.splitlines())
    assert max(len(line) for line in text.splitlines() if "script" not in line) <= 100


@pytest.mark.parametrize(
    ("minutes", "wanted"), [(12, "12m"), (60, "1h"), (245, "4h 5m"), (1440, "1d"), (3060, "2d 3h")]
)
def test_how_long(minutes: int, wanted: str) -> None:
    assert held_text(minutes * 60_000_000_000) == wanted


def test_against_a_benchmark() -> None:
    """The figures of the line are those of `relative`; their arithmetic is held in test_figures."""
    made, prices = made_run(fills=40, mark_count=200, length=3900)
    reading = read(made, prices)
    assert reading.relative is not None
    line = next(line for line in summary(reading).splitlines() if line.startswith("  Against AAA"))
    assert f"{abs(reading.relative.excess_return):.2%}".replace("%", " %") in line
    assert line.endswith(f"beta {reading.relative.beta:.2f}")
