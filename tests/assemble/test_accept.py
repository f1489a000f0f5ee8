"""An edited document on restart: refused by what it changes, or taken from a new epoch on. What happens is worked out by
hand: orders of kept rules work on, their memories hold, a removed rule's orders are cancelled, a new rule begins anew.
"""

import json

import pytest

from runner.adapters.clocks import SimulatedClock
from runner.adapters.coverage import DataFault
from runner.adapters.live_journal import LiveJournal
from runner.adapters.recorded_run import live_run
from runner.adapters.replay import Replay
from runner.assemble import edited
from runner.assemble.accept import accept
from runner.assemble.deployment import PAPER, Deployment, Rehearsed
from runner.assemble.live import LiveRun
from runner.language.difference import resolved
from runner.language.source import load
from runner.language.validate import understand
from runner.operate.check_journal import check
from tests.engine import tiny

MINUTE = 60_000_000_000
# Ten minutes at 100, but for a dip to 89 in the eighth.
BARS = "; ".join(
    f"{symbol}@Mon 10:{i:02d} 100 100 {89 if i == 8 else 100} 100" for symbol in "AB" for i in range(1, 11)
)
FIRST = """
  - {name: hold, when: close > 0, symbols: [A], enter: long, size: {shares: 10}}
  - {name: rest, when: close > 0, symbols: [A], buy: 5, order: {limit: {price: 90}}, as: low}
  - {name: gone, when: close > 0, symbols: [A], buy: 7, order: {limit: {price: 95}}}
"""
SECOND = """
  - {name: more, when: close >= sma(3), symbols: [B], buy: 1}
  - {name: rest, when: close > 0, symbols: [A], buy: 5, order: {limit: {price: 90}}, as: low}
  - {name: hold, when: close > 0, symbols: [A], enter: long, size: {shares: 10}}
  - {name: after, upon: {filled: rest}, buy: 2}
"""


class Ends(SimulatedClock):
    """Jumps no further than to `last`, as a process that ends there."""

    def __init__(self, start, last):
        super().__init__(start)
        self.last = last

    def wait_until(self, instant):
        return instant <= self.last and super().wait_until(instant)


class Case:
    """One journal, run by one document after the other over the same bars."""

    def __init__(self, folder):
        self.folder = folder
        self.ready = tiny.ready(FIRST, BARS, folder)
        self.begin = self.ready.calendar.midnight_of(self.ready.prepared.first_day)
        self.said = []

    def deployment(self, rules, sets=None, **plan):
        text = tiny.document(rules, ["A", "B"], "2013-10-07", "2013-10-07", **plan)
        source = load(text, "tiny.yaml")
        program, problems = understand(source, sets or {})
        assert not problems, problems
        plain = resolved(source, program.spec, sets or {})
        return Deployment(program, text, self.folder, PAPER, self.folder / "state", {}, {}, plain, sets or {})

    def rehearsed(self, last):
        until = tiny.MONDAY
        noon = self.begin + 10 * 60 * MINUTE
        clock = Ends(self.begin, noon + last * MINUTE)
        feed = Replay(self.ready.prepared.bars, self.begin)
        return Rehearsed(clock, feed, None, self.begin, (until - tiny.datetime.date(1970, 1, 1)).days)

    def run(self, rules, last, **plan):
        """Until the bar of 10:`last`."""
        run = LiveRun(self.deployment(rules, **plan), self.said.append, self.rehearsed(last))
        try:
            run.run()
        finally:
            run.close()

    def changes(self, rules, **plan):
        journal = LiveJournal(self.folder / "state" / "journal.db")
        try:
            return edited.changes(self.deployment(rules, **plan), journal)
        finally:
            journal.close()

    def accept(self, rules, last, **plan):
        deployment = self.deployment(rules, **plan)
        accept(deployment, self.changes(rules, **plan), "ann", self.said.append, self.rehearsed(last))

    def journal(self):
        return live_run(self.folder / "state" / "journal.db").journal

    def sentences(self):
        found = self.journal()
        rules = found.header["rules"]
        return [
            tiny.sentence(found, line) + (f" ({rules[line['rule']]})" if line["rule"] >= 0 else "")
            for line in found.records
        ]


BEFORE = [
    "Mon 10:01 submitted #1 A +10 (hold)",
    "Mon 10:01 filled #1 A +10 @ 100 (hold)",
    "Mon 10:01 submitted #2 A +5 limit 90 (rest)",
    "Mon 10:01 submitted #3 A +7 limit 95 (gone)",
]
AFTER = [
    "Mon 10:05 epoch ann: 4 changes of the document accepted",
    "Mon 10:05 cancelled #3 A",
    "Mon 10:06 submitted #4 B +1 (more)",
    "Mon 10:06 filled #4 B +1 @ 100 (more)",
    "Mon 10:08 filled #2 A +5 @ 90 (rest)",
    "Mon 10:08 submitted #5 A +2 (after)",
    "Mon 10:08 filled #5 A +2 @ 100 (after)",
]


def trades(lines):
    """Without the records of the day's account."""
    return [
        line
        for line in lines
        if not any(f" {word}" in line for word in ("opening", "expired", "cash_synced"))
    ]


def test_the_changes_are_told(tmp_path):
    case = Case(tmp_path)
    case.run(FIRST, 5)
    assert [one.text() for one in case.changes(SECOND)] == [
        "rules[gone]: when close > 0 becomes true, for A: buy 7 shares by a limit order at 95. → nothing",
        "rules[more]: nothing → when close >= sma(3) becomes true, for B: buy 1 share.",
        'rules[after]: nothing → when an order of "rest" is filled: buy 2 shares.',
        "order of the rules: hold, rest → rest, hold",
    ]
    assert case.changes(FIRST.replace("close > 0", "close>0") + "# words") == []


def test_an_accepted_document_goes_on(tmp_path):
    case = Case(tmp_path)
    case.run(FIRST, 5)
    assert trades(case.sentences()) == BEFORE
    case.accept(SECOND, 5)
    assert "1 open order is cancelled" in case.said
    case.run(SECOND, 10)
    assert trades(case.sentences()) == BEFORE + AFTER
    assert case.journal().header["rules"] == ["hold", "rest", "gone", "more", "after"]
    told = json.loads(facts(case)["accepted"])
    assert [(one["who"], len(one["changes"])) for one in told] == [("ann", 4)]


def facts(case):
    journal = LiveJournal(case.folder / "state" / "journal.db")
    found = {name: journal.fact(name) for name in ("accepted", "texts_before", "resolved")}
    journal.close()
    return found


@pytest.mark.parametrize("stop", [5, 6, 7, 8])
def test_and_is_started_again_wherever_it_stopped(tmp_path, stop):
    case = Case(tmp_path)
    case.run(FIRST, 5)
    case.accept(SECOND, 5)
    case.run(SECOND, stop)
    case.run(SECOND, 10)
    assert trades(case.sentences()) == BEFORE + AFTER
    assert case.changes(SECOND) == []


def test_a_change_and_back_again(tmp_path):
    """Orders go on being numbered; rules that come back begin anew."""
    case = Case(tmp_path)
    case.run(FIRST, 3)
    case.accept(SECOND, 3)
    case.run(SECOND, 5)
    case.accept(FIRST, 5)
    case.run(FIRST, 7)
    assert trades(case.sentences()) == [
        *BEFORE,
        "Mon 10:03 epoch ann: 4 changes of the document accepted",
        "Mon 10:03 cancelled #3 A",
        "Mon 10:04 submitted #4 B +1 (more)",
        "Mon 10:04 filled #4 B +1 @ 100 (more)",
        "Mon 10:05 epoch ann: 4 changes of the document accepted",
        "Mon 10:06 submitted #5 A +7 limit 95 (gone)",
    ]
    assert case.journal().header["rules"] == ["hold", "rest", "gone", "more", "after"]


def test_what_is_checked_is_the_newest_document(tmp_path):
    case = Case(tmp_path)
    case.run(FIRST, 3)
    case.accept(SECOND, 3)
    case.run(SECOND, 5)
    assert all(one.good for one in check(str(tmp_path / "state")))
    with pytest.raises(DataFault, match="had another document before"):
        check(str(tmp_path / "state"), whole=True)


def test_a_symbol_that_is_held_cannot_go(tmp_path):
    case = Case(tmp_path)
    case.run(FIRST, 5)
    only_b = "[{name: more, when: close > 0, buy: 1}]"
    with pytest.raises(DataFault, match="A is no symbol of the document any longer, and 10 shares are held"):
        case.accept(only_b, 5, universe="{symbols: [B]}")
    case.run(FIRST, 10)  # it goes on as it was
    assert "Mon 10:08 filled #2 A +5 @ 90 (rest)" in case.sentences()


def test_columns_are_warmed_from_the_journal_where_the_history_ends(tmp_path):
    """The history has the first bar only; with two of the journal the average of three is known at once."""
    case = Case(tmp_path)
    case.run(FIRST, 3)
    for symbol in "AB":
        path = tmp_path / f"{symbol}.csv"
        path.write_text("\n".join(path.read_text(encoding="utf-8").splitlines()[:2]) + "\n", encoding="utf-8")
    warm = "[{name: more, when: close >= sma(4), symbols: [B], buy: 1}]"
    case.accept(warm, 3)
    case.run(warm, 4)
    assert "Mon 10:04 submitted #4 B +1 (more)" in case.sentences()
