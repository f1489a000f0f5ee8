"""Journal, client and account compared, by hand."""

import csv
from pathlib import Path

import pytest

from runner.adapters.atreyu_news import CANCELLED, WORKING
from runner.adapters.atreyu_view import OrderView, Snapshot
from runner.adapters.reconcile import Ours, compare, decide

with (Path(__file__).parents[1] / "worked/reconcile.csv").open(encoding="utf-8") as file:
    ROWS = list(csv.DictReader(file))


def held(text):
    words = text.split()
    return {symbol: int(shares) for symbol, shares in zip(words[::2], words[1::2], strict=True)}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["case"])
def test_positions(row):
    seen = Snapshot({}, held(row["client"]), held(row["account"]), [])
    found = compare(Ours(held(row["run"]), {}, set()), seen, not row["shared"])
    verdict = decide(found, row["on_mismatch"], {"SPY", "QQQ"})
    assert row["refused"] in verdict.refused
    assert bool(row["refused"]) == bool(verdict.refused)
    assert (verdict.adopt, verdict.leave) == (held(row["adopt"]), held(row["leave"]))
    assert not verdict.refused or "What to do: " in verdict.refused


def order(ref, state):
    return OrderView(ref, "SPY", 1, 10, 0.0, state, 0, 0.0, 0, [ref], True, False)


def verdict_of(ours, seen, whole=True, on_mismatch="flatten"):
    return decide(compare(ours, seen, whole), on_mismatch, {"SPY"}).refused


def test_orders_that_only_one_side_knows_refuse_every_start():
    nobodys = Snapshot({}, {}, {}, [])
    assert "order X1 works by the journal, and the gateway's client does not know it" in verdict_of(
        Ours({}, {"X1": "SPY"}, set()), nobodys
    )
    known = Snapshot({"X1": order("X1", WORKING)}, {}, {}, [])
    assert "order X1 works at the gateway, and is not in the journal" in verdict_of(
        Ours({}, {}, set()), known
    )
    assert verdict_of(Ours({}, {"X1": "SPY"}, set()), known) == ""


def test_an_order_that_ended_is_waited_for_while_its_news_are_on_their_way():
    ended = Snapshot({"X1": order("X1", CANCELLED)}, {}, {}, [])
    assert verdict_of(Ours({}, {"X1": "SPY"}, {"X1"}), ended) == ""
    assert "has ended (cancelled)" in verdict_of(Ours({}, {"X1": "SPY"}, set()), ended)


def test_orders_of_others_refuse_an_exclusive_account_only():
    seen = Snapshot({}, {}, {}, ["HAND1"])
    assert "order HAND1 is open in the account, and no order of this run" in verdict_of(
        Ours({}, {}, set()), seen
    )
    assert verdict_of(Ours({}, {}, set()), seen, whole=False) == ""
