"""Two runs compared: journals laid by hand whose differences are known, and real runs over bars that differ in one place."""

import io
import json

import numpy as np
import pytest

from runner import assemble  # noqa: F401  the runs below are made through tests.engine.tiny
from runner.adapters import bars_file, output
from runner.assemble import past
from runner.commands.diff import diff
from runner.laws import refusals
from runner.market import events
from runner.market.bar import MINUTE
from runner.market.money import amount
from runner.results.compare import compare
from runner.results.compare_text import comparison_text, plain
from runner.results.matching import matched
from runner.results.reading import read
from runner.results.sides import Side
from tests.engine import tiny
from tests.paper_runs import paper
from tests.results.lean_files import bars, journal, marks, ns

START, END = ns("2013-10-07 09:30"), ns("2013-10-07 16:00")
CASH = 100_000_000_000
HEADER = {
    "strategy": "made", "symbols": ["A", "B"], "rules": ["in", "out"], "spec": {"fills.market": "last"},
    "resolution": {"A": "1m", "B": "1m"}, "prices": "raw", "start_cash": CASH, "first_day": 15985, "last_day": 15985,
    "start": START, "end": END, "conventions": "atreyu", "driver": "loop", "manifest": {"document": "d" * 64, "data": {}},
}  # fmt: skip


def at(clock):
    return ns(f"2013-10-07 {clock}")


def sent(number, clock, quantity, symbol=0, rule=0, limit=0.0):
    return {
        "time": at(clock), "kind": events.SUBMITTED, "order": number, "symbol": symbol, "rule": rule, "quantity": quantity,
        "order_kind": 1 if limit else 0, "limit": limit, "price": 100.0, "bid": 100.0, "ask": 100.0,
    }  # fmt: skip


def filled(number, clock, quantity, price, symbol=0, rule=0, fee=0):
    return {
        "time": at(clock), "kind": events.FILLED, "order": number, "symbol": symbol, "rule": rule, "quantity": quantity,
        "price": price, "amount": amount(quantity, price), "fee": fee,
    }  # fmt: skip


def whole(number, clock, quantity, price, fee=0, **more):
    return [sent(number, clock, quantity, **more), filled(number, clock, quantity, price, fee=fee, **more)]


def minutes(count=60, **other):
    """Minute bars from 09:30 at 100.00; `other`: closes by the number of their bar."""
    rows = [
        (START + i * MINUTE, START + (i + 1) * MINUTE, other.get(f"c{i}", 100.0), 500.0) for i in range(count)
    ]
    return bars(rows)


def side(items, kept=None, texts=(), instants=None, equity=CASH, taken=None, **header):
    rows = marks([(END, events.MARK_SESSION, equity, 0, 0.0)])
    found = journal(HEADER | header, items, rows, list(texts))
    return Side(found, kept, None, instants, taken or {}, "side")


def first(a, b):
    found = compare(a, b)
    return found, found.first, found.reasons[0]


def test_alike():
    """The same orders; the live one is filled a second and a quarter later, in two pieces: alike, and the lateness is told."""
    a = side(whole(1, "09:40", 10, 100.0))
    pieces = [filled(1, "09:40:01", 4, 100.0), filled(1, "09:40:01", 6, 100.0)]
    pieces[1]["time"] += 250_000_000
    b = side([sent(1, "09:40", 10), *pieces])
    found = compare(a, b)
    assert found.alike
    assert [cost.late for cost in found.costs] == [1_250_000_000]
    assert plain(found, a, b)["costs"] == {
        "orders": 1, "traded": 1000.0, "slippage": 0.0, "slippage_basis_points": 0.0, "fees": 0.0, "late_mean": 1.25,
        "late_worst": 1.25,
    }  # fmt: skip


def test_pieces_of_one_price():
    """200 shares at 99.61, or 1, 164 and 35 of them: the mean of the pieces is 99.60999999999999."""
    a = side(whole(1, "09:40", 200, 99.61))
    b = side([sent(1, "09:40", 200), *(filled(1, "09:40", n, 99.61) for n in (1, 164, 35))])
    assert compare(a, b).decisions.pairs[0].b.line.price != 99.61
    assert compare(a, b).alike


def test_another_bar():
    a = side(whole(1, "09:40", 10, 100.0), {"A": minutes()})
    b = side([], {"A": minutes(c8=99.5)})
    found, difference, reason = first(a, b)
    assert not found.alike
    assert (difference.time, difference.symbol, difference.rule, difference.b) == (
        at("09:40"),
        "A",
        "in",
        None,
    )
    assert reason.code == "bar"
    assert "09:39:00 A: open 100 in A, 99.5 in B" in reason.text
    assert found.bars.alike == 59


def test_a_missing_bar_and_a_late_one():
    """B lacks the bar of 09:39 and took that of 09:35 at 09:37."""
    some = minutes()
    kept = np.arange(60) != 8
    b_bars = some._replace(**{name: column[kept] for name, column in some._asdict().items()})
    taken = b_bars.end.copy()
    taken[4] = at("09:37")
    a, b = side([], {"A": some}), side([], {"A": b_bars}, taken={"A": taken}, instants=b_bars.end)
    found = compare(a, b)
    assert [(d.what, d.end) for d in found.bars.differences] == [
        ("late", at("09:35")),
        ("only in A", at("09:39")),
    ]
    assert not found.alike
    text = comparison_text(found, a, b)
    assert "59 bars alike, 1 only in A, 1 late to B" in text


def test_only_the_volume():
    """Said, but a differing price is the likelier reason."""
    other = minutes(c8=99.5)
    other.volume[3] = 400.0
    found, _, reason = first(side(whole(1, "09:45", 1, 100.0), {"A": minutes()}), side([], {"A": other}))
    assert found.bars.differences[0].fields == ("volume",)
    assert "09:39:00" in reason.text


def test_a_fill_price_makes_another_size():
    """A buys 10 at 100, B at 100.02: the next size is 9 instead of 10. 0.20 dollars of 1,000, 2 basis points; of the second
    order 9 shares were filled by both at 101."""
    a = side([*whole(1, "09:40", 10, 100.0, fee=35_000), *whole(2, "10:00", 10, 101.0, symbol=1)])
    b = side([*whole(1, "09:40", 10, 100.02, fee=70_000), *whole(2, "10:00", 9, 101.0, symbol=1)])
    found, difference, reason = first(a, b)
    assert difference.fields == ("quantity",)
    assert difference.time == at("10:00")
    assert (reason.code, reason.time) == ("fill_price", at("09:40"))
    assert "filled at 100 in A, 100.02 in B" in reason.text
    costs = plain(found, a, b)
    assert costs["orders"][0]["cost"] == {
        "slippage": 0.2,
        "slippage_basis_points": 2.0,
        "fees": 0.035,
        "late": 0.0,
    }
    assert costs["costs"]["traded"] == 1000.0 + 909.0
    assert [p.outcome for p in found.outcomes] == [("price",), ("filled",)]


@pytest.mark.parametrize(
    ("code", "fills"),
    [
        ("fill_time", [filled(1, "10:30", 10, 100.0)]),
        ("fill_quantity", [filled(1, "09:41", 6, 100.0)]),
    ],
)
def test_a_fill_that_comes_later_or_never(code, fills):
    a = side([*whole(1, "09:40", 10, 100.0), *whole(2, "10:00", -10, 101.0, rule=1)])
    b = side([sent(1, "09:40", 10), *fills])
    _, difference, reason = first(a, b)
    assert (difference.rule, difference.b) == ("out", None)
    assert reason.code == code


def test_a_refusal():
    a = side(whole(1, "09:40", 10, 100.0))
    refused = {
        "time": at("09:40"),
        "kind": events.REFUSED,
        "symbol": 0,
        "rule": 0,
        "code": 10,
        "quantity": 10,
    }
    found, _, reason = first(a, side([refused]))
    assert reason.code == "refusal"
    assert "refused: " in reason.text
    assert len(found.decisions.differences) == 2  # the order, and the refusal


def test_an_operator():
    """A pause before it, not taken back."""
    pause = {"time": at("09:35"), "kind": events.PAUSED, "text": 0}
    a = side(whole(1, "09:40", 10, 100.0))
    _, _, reason = first(a, side([pause], texts=["anna: lunch"]))
    assert (reason.code, reason.time) == ("operator", at("09:35"))
    assert reason.text == "in B, 2013-10-07 09:35:00: paused: anna: lunch"
    resumed = {"time": at("09:37"), "kind": events.RESUMED, "text": 0}
    _, _, reason = first(a, side([pause, resumed], texts=["anna: lunch"]))
    assert reason.code == "unknown"


def test_who_paused_stands_before_what_was_refused():
    pause = {"time": at("09:35"), "kind": events.PAUSED, "text": 0}
    refused = {
        "time": at("09:40"),
        "kind": events.REFUSED,
        "symbol": 0,
        "rule": 0,
        "code": refusals.PAUSED,
        "quantity": 10,
    }
    found, _, _ = first(side(whole(1, "09:40", 10, 100.0)), side([pause, refused], texts=["anna: lunch"]))
    assert [one.code for one in found.reasons] == ["operator", "refusal"]


def test_another_refusal_is_no_pause():
    """Refused for want of buying power while paused: the pause has nothing to do with it."""
    pause = {"time": at("09:35"), "kind": events.PAUSED, "text": 0}
    refused = {
        "time": at("09:40"),
        "kind": events.REFUSED,
        "symbol": 0,
        "rule": 0,
        "code": 10,
        "quantity": 10,
    }
    found, _, _ = first(side(whole(1, "09:40", 10, 100.0)), side([pause, refused], texts=["anna: lunch"]))
    assert [one.code for one in found.reasons] == ["refusal"]


@pytest.mark.parametrize(("symbol", "code"), [(0, "operator"), (1, "unknown")])
def test_a_silent_symbol(symbol, code):
    silent = {"time": at("09:35"), "kind": events.SILENT, "symbol": symbol}
    assert first(side(whole(1, "09:40", 10, 100.0)), side([silent]))[2].code == code


def test_a_flatten_sells():
    """The order that only B has is the operator's."""
    bought = whole(1, "09:40", 10, 100.0)
    command = {"time": at("09:50"), "kind": events.FLATTEN, "text": 0}
    sold = whole(2, "09:51", -10, 100.0, rule=-1)
    _, difference, reason = first(side(bought), side([*bought, command, *sold], texts=["anna: enough"]))
    assert difference.a is None
    assert (reason.code, reason.text) == ("operator", "in B, 2013-10-07 09:50:00: flatten: anna: enough")


def test_a_moment_that_came_too_late():
    late = {"time": at("09:40"), "kind": events.MISSED, "symbol": 0, "rule": 0}
    assert first(side(whole(1, "09:40", 10, 100.0)), side([late]))[2].code == "not_at_work"


def test_bars_that_nobody_has():
    hole = {"time": at("09:35"), "kind": events.HOLE, "symbol": 0, "quantity": 4}
    assert first(side(whole(1, "09:40", 10, 100.0)), side([hole]))[2].code == "hole"


def test_a_missed_moment():
    """B was down from 09:36 to 09:50."""
    clocks = [START + i * MINUTE for i in range(1, 60) if not 6 < i < 20]
    a = side(whole(1, "09:40", 10, 100.0))
    _, _, reason = first(a, side([], instants=np.array(clocks)))
    assert reason.code == "not_at_work"
    assert "since 2013-10-07 09:36:00, again at 2013-10-07 09:50:00" in reason.text


def test_a_split_that_only_one_knows():
    split = {"time": at("09:31"), "kind": events.SPLIT, "symbol": 0, "price": 2.0, "quantity": 0}
    a = side([split, *whole(1, "09:40", 20, 50.0)])
    _, difference, reason = first(a, side(whole(1, "09:40", 10, 100.0)))
    assert difference.fields == ("quantity",)
    assert (reason.code, reason.text) == ("corporate_action", "only in A, 2013-10-07 09:31:00: split A")


def test_another_document():
    a = side(whole(1, "09:40", 10, 100.0, rule=1))
    b = side([], rules=["in"], spec={"fills.market": "next_open"}, manifest={"document": "e" * 64})
    found, _, reason = first(a, b)
    assert (reason.code, reason.text) == ("document", "the document of B has no rule out")
    assert [one.name for one in found.runs] == ["document", "rules", "setting fills.market"]
    assert found.reasons[1].code == "settings"


def test_an_order_that_comes_minutes_later():
    """The rule fired at another bar: one order, at another time."""
    found, difference, _ = first(side(whole(1, "09:40", 10, 100.0)), side(whole(1, "09:43", 10, 100.0)))
    assert len(found.decisions.pairs) == 1
    assert difference.fields == ("time",)


def test_changes_of_an_order():
    """B moved its limit once more."""
    change = {"kind": events.UPDATED, "order": 1, "symbol": 0, "rule": 0, "quantity": 10, "text": -1}
    moved = [{**change, "time": at("09:41"), "limit": 99.9}]
    more = [*moved, {**change, "time": at("09:42"), "limit": 99.8}]
    order = sent(1, "09:40", 10, limit=99.95)
    found, difference, _ = first(side([order, *moved]), side([order, *more]))
    assert (difference.fields, difference.time) == (("changes",), at("09:42"))
    assert "10 at 99.9 in A, 10 at 99.9, 10 at 99.8 in B" in comparison_text(found, side([]), side([]))


def test_before_and_after_the_common_time():
    """B began at 10:00: what A did before does not count, what it did later does."""
    a = side([*whole(1, "09:40", 10, 100.0), *whole(2, "10:30", -10, 100.0, rule=1)])
    b = side([], start=at("10:00"))
    found = compare(a, b)
    assert [d.time for d in found.decisions.differences] == [at("10:30")]
    assert found.reasons[0].code == "start"
    assert compare(a, side([], start=END)) is None


def test_days_of_bars(monkeypatch):
    """Too many bars to keep: the day is named on which they differ, where it lies whole in the common time."""
    text = "; ".join(f"{day} 10:0{i} 100 101 99 100" for day in ("Mon", "Tue", "Wed") for i in range(3))
    found = []
    for content in (text, text.replace("Tue 10:01 100 101 99 100", "Tue 10:01 100 101 99 101")):
        found.append(content)
    assert found[0] != found[1]
    rows = [tiny_bars(content) for content in found]
    monkeypatch.setattr(bars_file, "MOST", 0)
    digests = [digest_of(one) for one in rows]
    header = {"start": ns("2013-10-07 00:00"), "end": ns("2013-10-09 16:00")}
    a, b = (Side(side([], **header).journal, None, one, None, {}, "") for one in digests)
    compared = compare(a, b).bars
    assert compared.how == "digests"
    assert [d.symbol for d in compared.differences] == ["A"]
    mixed = compare(a, Side(b.journal, {"A": rows[1]}, None, None, {}, "")).bars
    assert mixed == compared
    assert "2013-10-08 A: one or more of 3 bars differ" in comparison_text(compare(a, b), a, b)


def tiny_bars(text):
    rows = []
    for line in text.split(";"):
        day, clock, *_, close = line.split()
        end = ns(f"{tiny.WEEK[day]} {clock}")
        rows.append((end - MINUTE, end, float(close), 100.0))
    return bars(rows)


def digest_of(one):
    from runner.results.kept_bars import digest

    return {"A": digest(one, daily=False)}


def test_matching():
    """In order, by key, less than `apart` away."""
    pairs, left, right = matched(
        [(1, "x"), (10, "x"), (11, "y")],
        [(2, "x"), (14, "x"), (15, "y")],
        lambda i: i[1],
        lambda i: i[0],
        lambda i: 4,
    )
    assert pairs == [((1, "x"), (2, "x"))]
    assert (left, right) == ([(10, "x"), (11, "y")], [(14, "x"), (15, "y")])


RULES = """[{name: in, when: close > 100, enter: long, size: {percent_of_equity: 50%}, order: {tag: up}},
  {name: out, when: close < 100, exit: position}]"""
BARS = (
    "Mon 10:00 100 101 99 101; Mon 10:01 101 103 101 102; Mon 10:02 102 103 98 99; Mon 16:00 102 103 98 99; "
    "Tue 10:00 99 103 98 103; Tue 10:01 98 99 97 97; Tue 16:00 97 99 96 98"
)


def results(folder, content, **plan):
    folder.mkdir()
    ready = tiny.ready(RULES, content, folder, **plan)
    done = past.run_backtest(ready)
    output.write(folder / "out", read(done.journal, done.bars), done.bars, page=False)
    return ready


def test_the_command(tmp_path, capsys):
    """Backtest against paper: alike. Against a backtest whose bar of 10:02 closed above 100: the exit comes at the close."""
    ready = results(tmp_path / "a", BARS)
    results(tmp_path / "b", BARS.replace("Mon 10:02 102 103 98 99", "Mon 10:02 102 103 98 100.5"))
    paper(ready, tmp_path / "live" / "journal.db")
    assert diff(str(tmp_path / "a" / "out"), str(tmp_path / "live")) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("Alike\nA  backtest  tiny: 2013-10-07 to 2013-10-08, A at 1m")
    assert "7 bars alike" in shown
    assert "4 of both (4 alike), 0 only in A, 0 only in B" in shown
    said = io.StringIO()
    assert diff(str(tmp_path / "live"), str(tmp_path / "b" / "out"), "json", said) == 1
    found = json.loads(said.getvalue())
    assert found["first_difference"]["time"] == "2013-10-07T10:02:00-04:00"
    assert found["first_difference"]["a"].startswith("#2 sells 493 A")
    assert found["first_difference"]["b"] == "nothing"
    assert found["first_difference"]["reasons"][0]["code"] == "bar"
    assert found["bars"]["first"] == "2013-10-07 10:02:00 A: close 99 in A, 100.5 in B"
    assert len(found["orders"]) == 3


def test_other_settings(tmp_path):
    """The careful fills: the first order is sent alike and fills elsewhere."""
    traded = BARS.replace(";", " volume 1000;") + " volume 1000"
    results(tmp_path / "a", traded)
    results(tmp_path / "b", traded, more="brokerage: {name: default, conventions: conservative}")
    said = io.StringIO()
    assert diff(str(tmp_path / "a" / "out"), str(tmp_path / "b" / "out"), "json", said) == 1
    found = json.loads(said.getvalue())
    assert {"conventions", "setting fills.market"} <= {one["name"] for one in found["runs"]}
    assert found["first_difference"]["reasons"]


def test_what_cannot_be_read(tmp_path, capsys):
    assert diff(str(tmp_path), str(tmp_path / "x")) == 3
    assert "holds no journal" in capsys.readouterr().err
