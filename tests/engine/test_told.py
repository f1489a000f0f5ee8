"""What a real broker says beyond fills and ends, by hand: executions taken back and corrected (FIX 4.2, appendix D),
quantities and limits that it amended, late answers. The account's cash is what stands at $0.0035 a share, to the millionth,
and the readers of the journal come to the same cash, positions and costs.
"""

from collections.abc import Iterator

import pytest

from runner import assemble
from runner.adapters.clocks import SimulatedClock
from runner.adapters.journal import MemoryJournal
from runner.engine.exact import packed, unpacked
from runner.engine.executions import Execution, Executions
from runner.engine.loop import Loop
from runner.engine.ports import News
from runner.engine.world import Growth, KnownInstants, build_world, law_of
from runner.language.source import load
from runner.language.validate import understand
from runner.market import events
from runner.market.money import amount
from runner.market.order import CANCELLED, EXPIRED, FILLED, REJECTED, WORKING
from runner.results.ledger import fold
from runner.results.orders import order_lines
from tests.engine import tiny


def filled(o, shares, price, name, total, state=WORKING):
    return News(events.FILLED, o, shares, price, 0, state, amount(shares, price), abs(shares) * 3500, total,
                execution=name)  # fmt: skip


def busted(o, shares, price, name, total, state=WORKING):
    """`shares`, `price`: of the execution that never was."""
    return News(events.BUSTED, o, -shares, price, 0, state, -amount(shares, price), -abs(shares) * 3500, total,
                refers=name)  # fmt: skip


def corrected(o, old, new, names, total, state=WORKING):
    (was, at), (shares, price) = old, new
    return News(events.CORRECTED, o, shares - was, price, 0, state, amount(shares, price) - amount(was, at),
                (abs(shares) - abs(was)) * 3500, total, execution=names[1], refers=names[0])  # fmt: skip


def plain(kind, o, state=WORKING, total=0, limit=0.0, answered=False):
    return News(kind, o, state=state, total=total, limit=limit, answered=answered)


class Scripted:
    """A broker whose news stand in a table by the clock; it answers nothing at once. `asked`: what it was asked."""

    def __init__(self, world, script):
        self.world, self.script, self.asked = world, script, []

    def submit(self, admitted) -> Iterator[News]:
        self.asked.append(("submit", admitted.order, admitted.quantity))
        yield from ()

    def replace(self, order) -> Iterator[News]:
        self.asked.append(("replace", order, self.world.orders[order].asked_quantity))
        yield from ()

    def withdraw(self, order) -> Iterator[News]:
        self.asked.append(("withdraw", order, 0))
        yield from ()

    def news(self, instant) -> Iterator[News]:
        yield from self.script.pop(tiny.clock(self.world.instants[instant].time), ())


def run(rules, bars, script, folder, **plan):
    """Sentences of the journal, the world at the end, the broker, and the journal."""
    return play(tiny.ready(rules, bars, folder, **plan), script)


def play(ready, script):
    spec, market = ready.program.spec, ready.prepared.market
    names = len(ready.program.names)
    world = build_world(ready.prepared.rules, market, law_of(spec), spec.backtest.cash, names, False)
    journal, broker = MemoryJournal(), Scripted(world, dict(script))
    Loop(world, KnownInstants(market, SimulatedClock()), Growth(False), broker, journal, ahead=True).run(None)
    assert not broker.script, "news for which there was no instant"
    made = journal.finished(assemble.header(ready, world), ready.prepared.rules.texts)
    agree(world, made)
    return tiny.sentences(assemble.Run(made, ready.prepared.bars)), world, broker, made


def agree(world, journal):
    """What readers make of the journal is what the engine has."""
    ledger, account = fold(journal), world.account[0]
    assert ledger.cash == account.cash + account.unsettled
    assert ledger.cash_values[-1] == ledger.cash
    for s, holding in enumerate(world.holdings):
        found = ledger.holdings.get(s)
        assert (
            (found.quantity, found.cost) == (holding.position, holding.cost)
            if found
            else holding.position == 0
        )
        assert ledger.position_values.get(s, [0])[-1] == holding.position
    for line in order_lines(journal):
        order = world.orders[line.order]
        assert (line.filled, line.quantity) == (order.filled, order.quantity)
        assert (line.state in ("working", "partly filled", "queued")) == (order.state in (1, WORKING))


def minutes(*closes):
    return "; ".join(f"Mon 10:{i:02d} {c} {c} {c} {c}" for i, c in enumerate(closes))


BUY = "[{name: r, when: close > 0, once_per: run, buy: 100 shares, order: {limit: {price: 20}}}]"
ROUND = (
    "[{name: r, when: close > 0, once_per: run, enter: long, size: {shares: 10}}, "
    "{name: x, at: {time: '10:02'}, exit: position}]"
)
HEAD = "Mon 10:00 submitted #1 +100 limit 20; "
TWO = {"Mon 10:01": [filled(1, 60, 10, "a", 100), filled(1, 40, 12, "b", 100, FILLED)]}
TWICE = "Mon 10:01 filled #1 +60 @ 10; Mon 10:01 filled #1 +40 @ 12; "
IN = {"Mon 10:01": [filled(1, 10, 100, "a", 10, FILLED)]}
IN_OUT = IN | {"Mon 10:03": [filled(2, -10, 101, "b", -10, FILLED)]}
CAME = "Mon 10:00 submitted #1 +10; Mon 10:01 filled #1 +10 @ 100; Mon 10:02 submitted #2 -10; "
WENT = "Mon 10:03 filled #2 -10 @ 101; "


@pytest.mark.parametrize(
    ("later", "expected", "cash", "position", "cost"),
    [
        (  # the order works again, and what it lost is bought anew: 480 + 660 + 100 x 0.0035
            {"Mon 10:02": [busted(1, 60, 10, "a", 100)], "Mon 10:03": [filled(1, 60, 11, "c", 100, FILLED)]},
            "Mon 10:02 busted #1 -60 @ 10; Mon 10:02 amended #1 +100 limit 20; Mon 10:03 filled #1 +60 @ 11",
            100_000 - 1_140.35, 100, 1_140,
        ),
        (  # it had ended, and stays so: 480 + 40 x 0.0035
            {"Mon 10:02": [busted(1, 60, 10, "a", 100, FILLED)]},
            "Mon 10:02 busted #1 -60 @ 10", 100_000 - 480.14, 40, 480,
        ),
        (  # another price: 60 x 9.5 + 480
            {"Mon 10:02": [corrected(1, (60, 10), (60, 9.5), "ac", 100, FILLED)]},
            "Mon 10:02 busted #1 -60 @ 10; Mon 10:02 corrected #1 +60 @ 9.5", 100_000 - 1_050.35, 100, 1_050,
        ),
        (  # fewer shares, then the correction is corrected, then it is taken back altogether
            {"Mon 10:02": [corrected(1, (60, 10), (50, 10), "ac", 100), corrected(1, (50, 10), (55, 10.1), "cd", 100),
                           busted(1, 55, 10.1, "d", 100)],
             "Mon 10:03": [plain(events.CANCELLED, 1, CANCELLED, 100)]},
            "Mon 10:02 busted #1 -60 @ 10; Mon 10:02 corrected #1 +50 @ 10; Mon 10:02 amended #1 +100 limit 20; "
            "Mon 10:02 busted #1 -50 @ 10; Mon 10:02 corrected #1 +55 @ 10.1; Mon 10:02 busted #1 -55 @ 10.1; "
            "Mon 10:03 cancelled #1",
            100_000 - 480.14, 40, 480,
        ),
        (  # an execution that nobody knows: its shares leave at the mean cost, 1,080 x 90/100
            {"Mon 10:02": [busted(1, 10, 10, "zz", 100, FILLED)]},
            "Mon 10:02 busted #1 -10 @ 10", 100_000 - 1_080.35 + 100.035, 90, 972,
        ),
    ],
)  # fmt: skip
def test_executions_taken_back(later, expected, cash, position, cost, tmp_path):
    said, world, _, _ = run(BUY, minutes(13, 13, 13, 13), TWO | later, tmp_path)
    assert said == tiny.told(HEAD + TWICE + expected)
    assert world.account[0].cash == round(cash * 1_000_000)
    assert (world.holdings[0].position, world.holdings[0].cost) == (position, cost * 1_000_000)


@pytest.mark.parametrize(
    ("script", "expected", "position"),
    [
        (  # the exit is over at the broker: the next bar's is for what is held again
            IN_OUT | {"Mon 10:04": [busted(2, -10, 101, "b", -10, FILLED)],
                      "Mon 10:05": [filled(3, -10, 99, "c", -10, FILLED)]},
            CAME + WENT + "Mon 10:04 busted #2 +10 @ 101; Mon 10:04 submitted #3 -10; Mon 10:05 filled #3 -10 @ 99", 0,
        ),
        (  # the exit works again: no second one beside it
            IN_OUT | {"Mon 10:04": [busted(2, -10, 101, "b", -10)],
                      "Mon 10:05": [filled(2, -10, 99, "c", -10, FILLED)]},
            CAME + WENT + "Mon 10:04 busted #2 +10 @ 101; Mon 10:04 amended #2 -10; Mon 10:05 filled #2 -10 @ 99", 0,
        ),
        (  # the entry never was: what was sold is bought back
            IN_OUT | {"Mon 10:04": [busted(1, 10, 100, "a", 10, FILLED)],
                      "Mon 10:05": [filled(3, 10, 102, "c", 10, FILLED)]},
            CAME + WENT + "Mon 10:04 busted #1 -10 @ 100; Mon 10:04 submitted #3 +10; Mon 10:05 filled #3 +10 @ 102", 0,
        ),
        (  # both never were: nothing is owed
            IN_OUT | {"Mon 10:04": [busted(1, 10, 100, "a", 10, FILLED), busted(2, -10, 101, "b", -10, FILLED)]},
            CAME + WENT + "Mon 10:04 busted #1 -10 @ 100; Mon 10:04 busted #2 +10 @ 101", 0,
        ),
        (  # part of the entry never was while its exit works: the exit is cut to what is held
            {"Mon 10:01": [filled(1, 6, 100, "a", 10), filled(1, 4, 100, "b", 10, FILLED)],
             "Mon 10:03": [busted(1, 4, 100, "b", 10, FILLED)],
             "Mon 10:04": [News(events.UPDATED, 2, state=WORKING, total=-6, answered=True)],
             "Mon 10:05": [filled(2, -6, 99, "c", -6, FILLED)]},
            "Mon 10:00 submitted #1 +10; Mon 10:01 filled #1 +6 @ 100; Mon 10:01 filled #1 +4 @ 100; "
            "Mon 10:02 submitted #2 -10; Mon 10:03 busted #1 -4 @ 100; Mon 10:04 updated #2 -6; "
            "Mon 10:05 filled #2 -6 @ 99", 0,
        ),
        (  # a purchase that comes after its cancellation, when all was sold: it is sold too
            {"Mon 10:01": [filled(1, 6, 100, "a", 10)],
             "Mon 10:03": [plain(events.CANCELLED, 1, CANCELLED, 10), filled(2, -6, 99, "b", -6, FILLED)],
             "Mon 10:04": [filled(1, 2, 100, "c", 10, CANCELLED)],
             "Mon 10:05": [filled(3, -2, 98, "d", -2, FILLED)]},
            "Mon 10:00 submitted #1 +10; Mon 10:01 filled #1 +6 @ 100; Mon 10:02 submitted #2 -6; "
            "Mon 10:03 cancelled #1; Mon 10:03 filled #2 -6 @ 99; Mon 10:04 filled #1 +2 @ 100; "
            "Mon 10:04 submitted #3 -2; Mon 10:05 filled #3 -2 @ 98", 0,
        ),
    ],
)  # fmt: skip
def test_an_exit_goes_on_until_flat(script, expected, position, tmp_path):
    said, world, _, _ = run(ROUND, minutes(*[100] * 6), script, tmp_path)
    assert said == tiny.told(expected)
    assert world.holdings[0].position == position


MOVE = (
    "[{name: r, when: close > 0, once_per: run, buy: 100 shares, as: low, order: {limit: {price: 20}}}, "
    "{name: u, at: {time: '10:01'}, update: low, quantity: 50, limit: 19}]"
)


@pytest.mark.parametrize(
    ("rules", "script", "expected"),
    [
        (  # taken for another quantity than was asked for
            BUY,
            {"Mon 10:01": [plain(events.AMENDED, 1, WORKING, 80, 20.0), filled(1, 80, 13, "a", 80, FILLED)]},
            "Mon 10:01 amended #1 +80 limit 20; Mon 10:01 filled #1 +80 @ 13",
        ),
        (  # the broker's own word on quantity and limit, no more said when it repeats itself
            BUY,
            {"Mon 10:01": [plain(events.UPDATED, 1, WORKING, 100, 19.5), plain(events.UPDATED, 1, WORKING, 100, 19.5)]},
            "Mon 10:01 amended #1 +100 limit 19.5; Mon 16:00 expired #1",
        ),
        (MOVE, {"Mon 10:02": [plain(events.UPDATED, 1, WORKING, 50, 19.0, True)]},
         "Mon 10:02 updated #1 +50 limit 19; Mon 16:00 expired #1"),
        (MOVE, {"Mon 10:02": [plain(events.UPDATED, 1, WORKING, 60, 19.0, True)]},
         "Mon 10:02 amended #1 +60 limit 19; Mon 16:00 expired #1"),
        (  # a change to what has been executed, or less, ends the order (FIX 4.2, D10)
            MOVE,
            {"Mon 10:02": [filled(1, 60, 13, "a", 100), plain(events.UPDATED, 1, FILLED, 60, 19.0, True)]},
            "Mon 10:02 filled #1 +60 @ 13; Mon 10:02 amended #1 +60 limit 19",
        ),
        (  # filled, and open again because a change that added to it was granted (D8)
            MOVE,
            {"Mon 10:02": [filled(1, 100, 13, "a", 100, FILLED), plain(events.UPDATED, 1, WORKING, 120, 19.0, True)],
             "Mon 10:03": [filled(1, 20, 13, "b", 120, FILLED)]},
            "Mon 10:02 filled #1 +100 @ 13; Mon 10:02 amended #1 +120 limit 19; Mon 10:03 filled #1 +20 @ 13",
        ),
        (  # more than was asked for
            BUY,
            {"Mon 10:01": [filled(1, 110, 13, "a", 100, FILLED)]},
            "Mon 10:01 filled #1 +110 @ 13; Mon 10:01 amended #1 +110 limit 20",
        ),
        (  # turned down after part of it was filled
            BUY,
            {"Mon 10:01": [filled(1, 30, 13, "a", 100), plain(events.REJECTED, 1, REJECTED, 100)]},
            "Mon 10:01 filled #1 +30 @ 13; Mon 10:01 rejected #1 turned_down",
        ),
        (  # done for the day, after which part of it is reported yet
            BUY,
            {"Mon 10:01": [plain(events.EXPIRED, 1, EXPIRED, 100), filled(1, 30, 13, "a", 100, EXPIRED)]},
            "Mon 10:01 expired #1; Mon 10:01 filled #1 +30 @ 13",
        ),
    ],
)  # fmt: skip
def test_the_broker_has_the_last_word(rules, script, expected, tmp_path):
    if "16:00" in expected:
        script = script | {"Mon 16:00": [plain(events.EXPIRED, 1, EXPIRED)]}
    bars = minutes(13, 13, 13, 13) + "; Mon 16:00 13 13 13 13"
    said, _, _, _ = run(rules, bars, script, tmp_path)
    assert said == tiny.told(HEAD + expected)


PATIENT = (
    "[{name: r, when: close > 0, once_per: run, enter: long, size: {shares: 100}, order: {limit: {price: 'close - 1'}, "
    "reprice: {every: 1m, for: 2m, then: market}}}MORE]"
)
LEFT = "Mon 10:00 submitted #1 +100 limit 12; "
ENDS = {"Mon 10:04": [plain(events.CANCELLED, 1, CANCELLED, 100, 12.0, True)]}


@pytest.mark.parametrize(
    ("more", "script", "expected"),
    [
        ("", ENDS, "Mon 10:04 cancelled #1; Mon 10:04 submitted #2 +100"),
        ("", ENDS | {"Mon 10:03": [filled(1, 30, 12, "a", 100)]},
         "Mon 10:03 filled #1 +30 @ 12; Mon 10:04 cancelled #1; Mon 10:04 submitted #2 +70"),
        ("", {"Mon 10:03": [filled(1, 100, 12, "a", 100, FILLED)]}, "Mon 10:03 filled #1 +100 @ 12"),
        ("", {"Mon 10:04": [plain(events.EXPIRED, 1, EXPIRED, 100)]}, "Mon 10:04 expired #1"),
        (  # it would not end: it is asked again at the next step
            "", {"Mon 10:03": [plain(events.CANCEL_REFUSED, 1, WORKING, 100, 12.0, True)]} | ENDS,
            "Mon 10:03 cancel_refused #1; Mon 10:04 cancelled #1; Mon 10:04 submitted #2 +100",
        ),
        (  # its symbol is to be left meanwhile
            ", {name: x, at: {time: '10:03'}, exit: position}",
            ENDS | {"Mon 10:03": [filled(1, 30, 12, "a", 100)]},
            "Mon 10:03 filled #1 +30 @ 12; Mon 10:03 submitted #2 -30; Mon 10:04 cancelled #1",
        ),
        (  # it is cancelled by a rule meanwhile
            ", {name: x, at: {time: '10:03'}, cancel: all}", ENDS, "Mon 10:04 cancelled #1"),
    ],
)  # fmt: skip
def test_the_rest_goes_to_the_market_when_the_end_is_known(more, script, expected, tmp_path):
    said, _, broker, _ = run(PATIENT.replace("MORE", more), minutes(*[13] * 6), script, tmp_path)
    assert said == tiny.told(LEFT + expected)
    assert ("withdraw", 1, 0) in broker.asked


def test_a_cancel_is_not_answered_by_a_change(tmp_path):
    """The change asked for first holds, the cancel is on its way: the exit still waits for it."""
    rules = (
        "[{name: r, when: close > 0, once_per: run, enter: long, size: {shares: 10}, protect: {stop: 5%}}, "
        "{name: l, at: {time: '10:01'}, exit: position, "
        "order: {limit: {price: close + 10}, reprice: {every: 1m}}}]"
    )
    script = {
        "Mon 10:01": [filled(1, 10, 100, "a", 10, FILLED)],
        "Mon 10:04": [plain(events.UPDATED, 2, WORKING, -10, 111.0)],
        "Mon 10:05": [plain(events.CANCELLED, 2, CANCELLED, -10, 111.0, True)],
    }
    said, _, _, _ = run(rules, minutes(100, 100, 101, 94, 94, 94), script, tmp_path)
    assert said == tiny.told(
        "Mon 10:00 submitted #1 +10; Mon 10:01 filled #1 +10 @ 100; Mon 10:01 submitted #2 -10 limit 110; "
        "Mon 10:03 protected stop +10 @ 94 level 95; Mon 10:04 updated #2 -10 limit 111; Mon 10:05 cancelled #2; "
        "Mon 10:05 submitted #3 -10"
    )


def test_one_change_at_a_time(tmp_path):
    """A second change is refused while the first is not answered, and a change does not hide a cancel."""
    rules = MOVE[:-1] + (
        ", {name: v, at: {time: '10:02'}, update: low, quantity: 40}"
        ", {name: c, at: {time: '10:03'}, cancel: low}, {name: d, at: {time: '10:04'}, update: low, quantity: 30}]"
    )
    script = {
        "Mon 10:03": [plain(events.UPDATED, 1, WORKING, 50, 19.0, True)],
        "Mon 10:05": [plain(events.CANCELLED, 1, CANCELLED, 50, 19.0, True)],
    }
    said, _, broker, _ = run(rules, minutes(*[13] * 6), script, tmp_path)
    assert said == tiny.told(
        HEAD + "Mon 10:02 refused +40 unanswered; Mon 10:03 updated #1 +50 limit 19; "
        "Mon 10:04 refused +30 unanswered; Mon 10:05 cancelled #1"
    )
    assert broker.asked == [("submit", 1, 100), ("replace", 1, 50), ("withdraw", 1, 0)]


def test_a_change_of_two_halves_is_told_once(tmp_path):
    """A sale through zero is two orders on the wire: each grants its own part of one change."""
    rules = (
        "[{name: r, when: close > 0, once_per: run, sell: 100 shares, as: low, order: {limit: {price: 20}}}, "
        "{name: u, at: {time: '10:01'}, update: low, limit: 21}]"
    )
    half = News(events.UPDATED, 1, state=WORKING, total=-100, limit=21.0)
    script = {
        "Mon 10:02": [half, half._replace(answered=True)],
        "Mon 10:03": [plain(events.CANCELLED, 1, CANCELLED)],
    }
    said, _, _, _ = run(rules, minutes(*[13] * 4), script, tmp_path)
    assert said == tiny.told(
        "Mon 10:00 submitted #1 -100 limit 20; Mon 10:02 updated #1 -100 limit 21; Mon 10:03 cancelled #1"
    )


def test_what_is_remembered_can_be_put_back():
    """100 at 10, half of them sold at 12, all written down and put back: without the purchase it is a sale short."""
    one = Executions()
    one.add(3, 0, 0, Execution(1, "0/a", 10, 100, 10.0, 1_000_000_000, 350_000))
    one.add(3, 100, 1_000_000_000, Execution(2, "0/b", 20, -50, 12.0, -600_000_000, 175_000))
    two = Executions()
    two.restore(unpacked(packed(one.state())))
    old = two.find(3, 1, "0/a")
    assert old is not None
    assert two.put(3, 50, 500_000_000, old, None) == (-50, -600_000_000)
    assert two.find(3, 1, "0/a") is None


def test_a_sale_that_never_was_settles_nothing(tmp_path):
    """A cash account: what the sale of Monday was to bring on Thursday does not come; the fee is given back."""
    script = IN_OUT | {"Mon 10:04": [busted(2, -10, 101, "b", -10)]}
    _, world, _, _ = run(ROUND, minutes(*[100] * 6), script, tmp_path, more="brokerage: {account: cash}")
    account = world.account[0]
    assert (account.cash, account.unsettled) == (round((100_000 - 1_000 - 0.035) * 1_000_000), 0)


LASTING = "brokerage: {name: default}\ndefault_order_properties: {time_in_force: good_till_cancelled}"


def test_a_change_that_a_split_meets_is_in_the_new_shares(tmp_path):
    """50 shares at 19 were asked for; two for one, the broker grants 100 at 9.50: that is what was asked."""
    bars = minutes(13, 13, 13) + "; Tue 09:31 6.5 6.5 6.5 6.5 split 2; Tue 09:32 6.5 6.5 6.5 6.5"
    script = {"Tue 09:31": [plain(events.UPDATED, 1, WORKING, 100, 9.5, True)]}
    said, world, _, _ = run(MOVE, bars, script, tmp_path, more=LASTING)
    assert said == tiny.told(
        HEAD
        + "Tue 00:00 split 2 -> 0; Tue 00:00 updated #1 +200 limit 10; Tue 09:31 updated #1 +100 limit 9.5"
    )
    assert world.orders[1].pending == 0


def test_an_order_that_a_delisting_ends_is_ended_at_the_broker(shared):
    """Good till cancelled, it would wait at the broker for shares that are no more; what the broker answers then is no news."""
    rule = "{name: buy, symbols: [AAA.1], at: {after_open: 0m}, once_per: run, buy: 100 shares, order: {limit: {price: 20}}}"
    text = f"""\
version: 1
name: gone
universe: {{symbols: [AAA.1, SPY]}}
data: {{source: {{lean: {shared / "lean-data"}}}, resolution: 1d}}
{LASTING}
rules: [{rule}, {{name: other, symbols: [SPY], when: close < 0, note: never}}]
backtest: {{start: "2007-05-15", end: "2007-05-25", cash: 100000}}
"""
    program, problems = understand(load(text, "gone.yaml"))
    assert not problems, "\n".join(problem.text() for problem in problems)
    script = {"2007-05-21 16:00": [plain(events.CANCELLED, 1, CANCELLED, 100, 20.0, True)]}
    said, _, broker, _ = play(assemble.backtest(program, text, shared, "loop"), script)
    assert [line for line in said if "gated" not in line] == [
        "2007-05-16 09:30 submitted #1 AAA.1 +100 limit 20",
        "2007-05-18 00:00 last_day AAA.1",
        "2007-05-19 00:00 delisted AAA.1",
        "2007-05-19 00:00 cancelled #1 AAA.1",
    ]
    assert broker.asked == [("submit", 1, 100), ("withdraw", 1, 0)]
