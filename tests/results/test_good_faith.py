"""Good-faith violations as the report tells them, over made runs; worked by hand."""

from runner.results.good_faith import most_in_a_year, plain, rows
from tests.engine import tiny

TRIPS = """[{name: b, at: [{time: '10:00'}, {time: '10:02'}, {time: '10:04'}, {time: '10:06'}, {time: '10:08'}], buy: 10 shares},
  {name: s, at: [{time: '10:01'}, {time: '10:03'}, {time: '10:05'}, {time: '10:07'}], sell: 10 shares},
  {name: n, at: {time: '10:09'}, only_if: good_faith_violations == 3, note: three}]"""
BARS = "; ".join(f"Mon 10:0{i} 100 100 100 100" for i in range(10))


def told(folder, words="", account="cash"):
    more = f"brokerage: {{account: {account}, settlement: t+2, unsettled_cash: usable{words}}}"
    return tiny.run(TRIPS, BARS, folder, more=more, cash=1_001).journal


def test_three_violations_and_the_purchase_after_them(tmp_path):
    """1,001 buys ten shares of 100. The first purchase is paid for; the three after it are sold before the cash that
    bought them settles; the fifth is what enforce forbids."""
    journal = told(tmp_path, ", good_faith: enforce")
    assert plain(journal) == {
        "violations": 3,
        "most_in_twelve_months": 3,
        "restricted": ["2013-10-07"],
        "rule": "enforce",
        "warned": 0,
        "refused": 1,
    }
    assert rows(journal) == [
        (
            "Good-faith violations",
            "3, at most 3 in twelve months; settled cash only for 90 days from 2013-10-07; purchases turned down for it: 1",
        )
    ]
    assert "Mon 10:09 noted three" in [tiny.sentence(journal, line) for line in journal.records]


def test_what_warn_noted(tmp_path):
    assert rows(told(tmp_path, ", good_faith: warn"))[0][1].endswith("; purchases that it would not pay: 1")


def test_a_margin_account_has_none(tmp_path):
    journal = told(tmp_path, account="margin")
    assert (plain(journal)["violations"], plain(journal)["rule"], rows(journal)) == (0, "ignore", [])


def test_twelve_months():
    assert most_in_a_year(["2013-10-07", "2014-10-06", "2014-10-07", "2016-01-01"]) == 2
    assert most_in_a_year([]) == 0
