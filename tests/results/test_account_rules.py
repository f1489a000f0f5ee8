"""Day trades as the report tells them, over made runs; worked by hand."""

from runner.results.account_rules import plain, rows, seen
from runner.results.reading import read
from tests.engine import tiny

TRIPS = """[{name: b, at: [{time: '10:00'}, {time: '10:02'}], buy: 10 shares},
  {name: s, at: [{time: '10:01'}, {time: '10:03'}], sell: 10 shares},
  {name: again, at: {time: '10:04'}, buy: 10 shares}]"""


def told(folder, days, more=""):
    times = ("10:00", "10:01", "10:02", "10:03", "10:04")
    bars = "; ".join(f"{day} {time} 100 100 100 100" for day in days for time in times)
    run = tiny.run(TRIPS, bars, folder, more=more, cash=20_000)
    reading = read(run.journal, run.bars)
    return seen(run.journal, reading.ledger, reading.measures.days), run.journal.header


def test_two_days_of_two_trips_and_a_position_that_stays(tmp_path):
    """Each day: bought, sold, bought, sold, bought and held. The second day's first purchase adds to what was held, and
    the sale that follows is a day trade too (a new purchase came before it): 2 + 2 = 4."""
    found, header = told(tmp_path, ("Mon", "Tue"))
    assert plain(found, header) == {
        "day_trades": 4,
        "most_in_five_sessions": 4,
        "pattern_day_trader": "2013-10-08",
        "rule": "report",
        "warned": 0,
        "refused": 0,
    }
    assert rows(found, header) == [
        ("Day trades", "4, at most 4 in five sessions; a pattern day trader since 2013-10-08")
    ]


def test_what_enforce_turned_down(tmp_path):
    """After Tuesday's fourth day trade the purchase of 10:04 is refused."""
    found, header = told(tmp_path, ("Mon", "Tue"), "brokerage: {pattern_day_trader: enforce}")
    assert (found.refused, found.warned) == (1, 0)
    assert rows(found, header)[0][1].endswith("; orders turned down for it: 1")


def test_nothing_is_told_where_the_rule_does_not_hold(tmp_path):
    found, header = told(tmp_path, ("Mon",), "brokerage: {account: cash}")
    assert found.day_trades == 2
    assert rows(found, header) == []
