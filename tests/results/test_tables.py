"""Tables as text: exact to the character."""

from __future__ import annotations

import csv
import io
import json

from runner.market.events import (
    CANCELLED,
    FILLED,
    FLAG_ENTRY,
    FLAG_POST_ONLY,
    INVALID,
    MARGIN_WARNING,
    NOTED,
    QUEUED,
    RECORD_KINDS,
    REFUSED,
    SPLIT,
    SUBMITTED,
    UPDATED,
)  # fmt: skip
from runner.market.order import LIMIT
from runner.results.ledger import fold
from runner.results.orders import order_lines
from runner.results.tables import dollars, equity_csv, fills_csv, journal_text, orders_csv, trades_csv
from runner.results.times import date_text, day_number, iso, moment
from tests.results.lean_files import bought, journal, marks, ns
from tests.results.made_runs import NASTY, made_run

HEAD = {"start_cash": 100_000_000_000, "symbols": ["SPY"], "rules": ["join"], "start": ns("2013-10-07 00:00")}
AT = ns("2013-10-07 09:31")


def run():
    common = {"order": 1, "symbol": 0, "rule": 0}
    items = [
        {**common, "time": AT, "kind": QUEUED, "order_kind": LIMIT, "quantity": 10, "limit": 167.4, "text": 0},
        {**common, "time": AT, "kind": SUBMITTED, "order_kind": LIMIT, "quantity": 10, "limit": 167.4, "price": 167.44,
         "bid": 167.43, "ask": 167.45, "flags": FLAG_POST_ONLY | FLAG_ENTRY, "text": 0},
        {**common, "time": AT + 60_000_000_000, "kind": UPDATED, "quantity": 12, "limit": 167.41, "text": -1},
        {**common, "time": AT + 60_000_000_000, "kind": FILLED, "quantity": 4, "price": 167.41, "amount": 669_640_000, "fee": 14_000},
        {**common, "time": AT + 120_500_000_000, "kind": CANCELLED, "text": 1},
        {"time": AT, "kind": REFUSED, "symbol": 0, "rule": 0, "code": 5, "quantity": 7, "price": 167.0},
        {"time": AT, "kind": NOTED, "symbol": -1, "rule": -1, "text": -1},
        {"time": AT, "kind": MARGIN_WARNING, "amount": -1},
        {"time": AT, "kind": INVALID, "order": 2, "symbol": 0, "rule": 0, "code": 5, "quantity": 7},
    ]  # fmt: skip
    return journal(HEAD, items, marks([(AT, 1, 100_000_000_000, 0, 0.0)]), ["ema-long", 'a, "b"'])


def test_journal_is_one_object_a_line() -> None:
    lines = journal_text(run()).splitlines()
    assert lines[0] == (
        '{"time":"2013-10-07T09:31:00-04:00","kind":"queued","order":1,"symbol":"SPY","rule":"join",'
        '"order_kind":"limit","quantity":10,"limit":167.4,"stop":0.0,"by":0.0,"text":"ema-long"}'
    )
    assert lines[3] == (
        '{"time":"2013-10-07T09:32:00-04:00","kind":"filled","order":1,"symbol":"SPY","rule":"join",'
        '"quantity":4,"price":167.41,"amount":"669.640000","fee":"0.014000"}'
    )
    assert json.loads(lines[1])["flags"] == ["post_only", "entry"]
    assert json.loads(lines[5])["reason"] == "not enough buying power"
    assert json.loads(lines[6]) == {
        "time": "2013-10-07T09:31:00-04:00", "kind": "noted", "symbol": None, "rule": None, "text": None, "price": 0.0,
    }  # fmt: skip
    assert json.loads(lines[7])["amount"] == "-0.000001"
    for line in lines:
        got = json.loads(line)
        fields = next(f for word, f in RECORD_KINDS.values() if word == got["kind"])
        named = [f for f in got if f not in ("time", "kind", "reason")]
        assert named == list(fields)


def test_orders() -> None:
    made = run()
    rows = list(csv.DictReader(io.StringIO(orders_csv(made, order_lines(made)))))
    first = rows[0]
    assert (first["kind"], first["quantity"], first["limit"], first["filled"]) == (
        "limit",
        "12",
        "167.41",
        "4",
    )
    assert (first["state"], first["price"], first["fee"]) == ("cancelled", "167.41", "0.014000")
    assert (first["created"], first["sent"]) == ("2013-10-07T09:31:00-04:00",) * 2
    assert first["ended"] == "2013-10-07T09:33:00.5-04:00"
    assert (first["flags"], first["tag"]) == ("post_only entry", "ema-long")
    assert (rows[1]["state"], rows[1]["kind"], rows[1]["reason"]) == (
        "invalid",
        "",
        "not enough buying power",
    )


def test_fills_and_equity() -> None:
    made = run()
    assert fills_csv(made, fold(made)).splitlines()[1] == (
        "2013-10-07T09:32:00-04:00,1,SPY,join,4,167.41,669.640000,0.014000,4"
    )
    assert equity_csv(made).splitlines()[1] == (
        "2013-10-07T09:31:00-04:00,100000.000000,100000.000000,0.000000,0.000000,0.000000,0.000000,"
    )


def test_trades() -> None:
    items = bought(1, AT, 10, 5.0, 35_000) + bought(2, AT + 60_000_000_000, -10, 5.5, 35_000)
    made = journal(HEAD, items, marks([]))
    row = next(csv.DictReader(io.StringIO(trades_csv(made, fold(made), [None] * len(fold(made).trades)))))
    assert (row["profit"], row["fees"], row["net"]) == ("5.000000", "0.070000", "4.930000")


def test_average_price_of_two_fills() -> None:
    two = [
        {"time": AT, "kind": SUBMITTED, "order": 1, "symbol": 0, "quantity": 10},
        {
            "time": AT,
            "kind": FILLED,
            "order": 1,
            "symbol": 0,
            "quantity": 4,
            "price": 10.0,
            "amount": 40_000_000,
        },
        {
            "time": AT + 1,
            "kind": FILLED,
            "order": 1,
            "symbol": 0,
            "quantity": 6,
            "price": 11.0,
            "amount": 66_000_000,
        },
    ]
    (line,) = order_lines(journal(HEAD, two, marks([])))
    assert (line.state, line.filled, line.price, line.ended) == ("filled", 10, 10.6, AT + 1)


def test_an_order_that_a_split_meets_half_filled() -> None:
    """By hand: 4 of 10 at $79 are 8 of 20 after 2:1; with 12 at $39 they cost (316 + 468) / 20 = $39.20 a share."""
    items = [
        {"time": AT, "kind": SUBMITTED, "order": 1, "symbol": 0, "quantity": 10},
        {"time": AT, "kind": FILLED, "order": 1, "symbol": 0, "quantity": 4, "price": 79.0},
        {"time": AT + 1, "kind": SPLIT, "symbol": 0, "quantity": 8, "price": 2.0},
        {"time": AT + 1, "kind": UPDATED, "order": 1, "symbol": 0, "quantity": 20},
        {"time": AT + 2, "kind": FILLED, "order": 1, "symbol": 0, "quantity": 12, "price": 39.0},
        {"time": AT + 3, "kind": SPLIT, "symbol": 0, "quantity": 40, "price": 2.0},
    ]
    (line,) = order_lines(journal(HEAD, items, marks([])))
    assert (line.state, line.quantity, line.filled, line.price) == ("filled", 20, 20, 39.2)
    assert line.ended == AT + 2


def test_awkward_text_survives() -> None:
    made, _ = made_run(fills=6, mark_count=10, length=400)
    rows = list(csv.DictReader(io.StringIO(orders_csv(made, order_lines(made)))))
    assert rows[0]["tag"] == NASTY
    assert json.loads(journal_text(made).splitlines()[1])["text"] == NASTY


def test_new_york_time() -> None:
    assert iso(ns("2013-11-03 00:30")) == "2013-11-03T00:30:00-04:00"
    assert iso(ns("2013-11-03 12:00")) == "2013-11-03T12:00:00-05:00"  # clocks went back at 02:00 that day
    assert moment(ns("1999-12-31 23:59")) == "1999-12-31 23:59:00"
    assert date_text(day_number("2013-10-07")) == "2013-10-07"
    assert dollars(-1_500_000) == "-1.500000"
