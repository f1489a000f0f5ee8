"""What LEAN's algorithms assert of their own runs (`asserted_facts` of a case), shown on our records.

One test for each case with facts that orders, fills, marks or bars can show. Facts about LEAN's own objects
(data points, callbacks of the engine, warning events) have no counterpart here; README.md says so.
"""

from __future__ import annotations

import csv
import datetime
from collections import Counter
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from runner.laws import refusals
from runner.market import events
from runner.market.order import LIMIT, MARKET, MARKET_ON_CLOSE, MARKET_ON_OPEN
from tests.golden.playing import new_york, play

pytestmark = [pytest.mark.golden, pytest.mark.usefixtures("shared")]

DOLLAR = 1_000_000


def session_time(time: int) -> str:
    """New York clock time, HH:MM."""
    return new_york(time)[11:16]


def noted(name: str) -> list[tuple[str, str]]:
    """Notes of a case: New York time and text."""
    played = play(name)
    return [
        (new_york(int(one["time"])), played.run.journal.texts[one["text"]])
        for one in played.records(events.NOTED)
    ]


def test_basic_template_atreyu():
    """One market order, 172 shares at the ask close of 09:31, 144.78172417; fee 0.0035 x 172 = 0.602."""
    played = play("basic_template_atreyu")
    (order,) = played.orders
    (fill,) = played.fills()
    assert (order.kind, order.quantity, order.state) == (MARKET, 172, "filled")
    assert new_york(int(fill["time"])) == "2013-10-07 09:31:00"
    assert fill["price"] == pytest.approx(144.78172417, abs=1e-9)
    assert fill["fee"] == 602_000


def test_basic_template_daily():
    """697 shares, sized at the close 143.078409768, filled at 143.372382812."""
    played = play("basic_template_daily")
    (sent,), (fill,) = played.records(events.SUBMITTED), played.fills()
    assert (sent["quantity"], fill["quantity"]) == (697, 697)
    assert sent["price"] == pytest.approx(143.078409768, abs=1e-9)
    assert fill["price"] == pytest.approx(143.372382812, abs=1e-9)


def test_set_holdings_staircase():
    """Exactly 4 orders, all filled."""
    assert [order.state for order in play("set_holdings_staircase").orders] == ["filled"] * 4


def test_set_holdings_two_targets_daily():
    """The first call makes two orders, later calls none."""
    played = play("set_holdings_two_targets_daily")
    assert len(played.orders) == 2
    assert len({order.created for order in played.orders}) == 1


def test_zero_fee():
    """Cash less the profit of the last trade is 100,000; the closed trade paid no fees."""
    played = play("zero_fee")
    assert [fill["fee"] for fill in played.fills()] == [0, 0]
    bought, sold = played.fills()
    profit = round((sold["price"] - bought["price"]) * bought["quantity"], 6)
    assert played.run.journal.marks[-1]["cash"] / DOLLAR - profit == pytest.approx(100_000, abs=1e-6)


def test_scheduled_events_order():
    """28 firings of the six daily callbacks (nothing comes after 16:00 of the last day), one of the weekly."""
    notes = noted("scheduled_events_order")
    counts = Counter(text for _, text in notes)
    assert sum(count for text, count in counts.items() if text != "start of the week") == 28
    assert [time for time, text in notes if text == "start of the week"] == ["2013-10-07 09:30:00"]


def test_scheduled_events_order_at_equal_times():
    """Equal times fire in order of the file, time never goes back, and 16:05 of the last day never comes."""
    notes = [one for one in noted("scheduled_events_order") if one[1] != "start of the week"]
    counts = Counter(text for _, text in notes)
    assert {text: n for text, n in counts.items() if "16:05" in text} == {
        "first at 16:05": 4,
        "second at 16:05": 4,
    }
    for (time, first), (again, second) in zip(notes[::2], notes[1::2], strict=True):
        assert time == again
        assert (first.split()[0], second.split()[0]) == ("first", "second")
    assert all(a[0] <= b[0] for a, b in pairwise(notes))


def test_ema_bb_custom_fee():
    """Each fee is max(1, last price x shares x 0.00002)."""
    played = play("ema_bb_custom_fee")
    last = {one["order"]: one["price"] for one in played.records(events.SUBMITTED)}
    assert played.fills()
    for fill in played.fills():
        wanted = max(1.0, last[fill["order"]] * abs(fill["quantity"]) * 0.00002)
        assert fill["fee"] / DOLLAR == pytest.approx(wanted, abs=1e-6)


def test_hourly_consolidator_buys():
    """As many orders as hourly bars: 35, 7 a session."""
    played = play("hourly_consolidator_buys")
    assert len(played.orders) == 35
    assert set(Counter(new_york(order.created)[:10] for order in played.orders).values()) == {7}


def test_time_in_force():
    """GTC at 100 works on, at 160 filled; Day at 140 ends, at 180 filled; GTD at 100 ends, at 160 filled."""
    states = [order.state for order in play("time_in_force").orders]
    assert states == ["working", "filled", "expired", "filled", "expired", "filled"]
    day, dated = play("time_in_force").orders[2], play("time_in_force").orders[4]
    assert (new_york(day.ended), new_york(dated.ended)) == ("2013-10-07 16:00:00", "2013-10-10 16:00:00")


def test_async_orders():
    """4 orders in all; the market orders fill at once, the limit orders are sent at once."""
    played = play("async_orders")
    assert [order.kind for order in played.orders] == [MARKET, MARKET, LIMIT, LIMIT]
    market = played.orders[:2]
    assert all(order.created == order.sent == order.ended for order in market)
    assert all(order.created == order.sent for order in played.orders)


def test_order_update_daily_limit():
    """The order's time is that of its sending; after the update it is for 20 shares and tagged Pepe."""
    played = play("order_update_daily_limit")
    (order,) = played.orders
    assert new_york(order.sent) == "2013-10-07 16:00:00"
    assert (order.quantity, played.run.journal.texts[order.text]) == (20, "Pepe")


def test_moc_hourly():
    """Sent at noon, filled at the close of that day."""
    (order,) = play("moc_hourly").orders
    assert order.kind == MARKET_ON_CLOSE
    assert (new_york(order.sent), new_york(order.ended)) == ("2021-03-02 12:00:00", "2021-03-02 16:00:00")


def test_moo_hourly():
    """The market order has become a market-on-open order; both are filled."""
    orders = play("moo_hourly").orders
    assert [(order.kind, order.state) for order in orders] == [(MARKET_ON_OPEN, "filled")] * 2


def test_moc_buffer_extended_hours():
    """The orders of 15:49, 16:48 and midnight fill, that of 15:51 is refused; 3 orders in all."""
    played = play("moc_buffer_extended_hours")
    assert [order.state for order in played.orders] == ["filled"] * 3
    assert [session_time(order.created) for order in played.orders] == ["15:49", "16:48", "00:00"]
    refused = [session_time(int(one["time"])) for one in played.records(events.REFUSED)]
    assert refused == ["15:51"]


def test_liquidate_midnight():
    """All 6 orders end cancelled, nothing is held."""
    played = play("liquidate_midnight")
    assert [order.state for order in played.orders] == ["cancelled"] * 6
    assert not played.fills()


def test_liquidate_using_set_holdings():
    """All orders end cancelled, and are good till cancelled. (LEAN tags them with the call's tag.)"""
    played = play("liquidate_using_set_holdings")
    assert [order.state for order in played.orders] == ["cancelled"] * 6
    assert all(order.flags & events.FLAG_GTC for order in played.orders)


def test_liquidate_all_except():
    """4 orders cancelled, 1 not, all tagged LiquidatedTest."""
    played = play("liquidate_all_except")
    states = Counter(order.state for order in played.orders)
    assert states == {"cancelled": 4, "filled": 1}
    assert {played.run.journal.texts[order.text] for order in played.orders} == {"LiquidatedTest"}


def test_market_order_stale_hourly():
    """Not filled at 10:55 but at 11:00, at that bar's close; it stays a market order."""
    played = play("market_order_stale_hourly")
    (order,), (fill,) = played.orders, played.fills()
    assert (order.kind, new_york(order.sent)) == (MARKET, "2013-10-08 10:55:00")
    assert new_york(int(fill["time"])) == "2013-10-08 11:00:00"
    bars = played.run.bars["SPY"]
    assert fill["price"] == bars.close[np.searchsorted(bars.end, fill["time"])]


def test_daily_market_order_conversion():
    """The order sent in session fills at the close of 10-08, the one sent near the close in a later session."""
    played = play("daily_market_order_conversion")
    by_kind = {order.kind: order for order in played.orders}
    assert sorted(by_kind) == [MARKET, MARKET_ON_OPEN, MARKET_ON_CLOSE]
    assert new_york(by_kind[MARKET_ON_CLOSE].ended) == "2013-10-08 16:00:00"
    assert new_york(by_kind[MARKET_ON_OPEN].ended) > "2013-10-09"


def test_trade_and_quotes_ibm():
    """Buys fill at the ask, sales at the bid of that moment; 5 x 390 quote bars."""
    played = play("trade_and_quotes_ibm")
    sent = {one["order"]: one for one in played.records(events.SUBMITTED)}
    assert len(played.fills()) == 250
    for fill in played.fills():
        assert fill["price"] == sent[fill["order"]]["ask" if fill["quantity"] > 0 else "bid"]
    quotes = np.unique(played.run.bars["IBM"].quote_end)
    assert len(quotes[quotes > 0]) == 1950


def test_extended_hours_limit():
    """Nothing happens to an order strictly inside regular hours."""
    played = play("extended_hours_limit")
    times = [session_time(int(one["time"])) for one in played.records() if one["order"]]
    assert len(times) >= 10
    assert not [time for time in times if "09:30" < time < "16:00"]


def test_margin_remaining_two_stocks():
    """There is always margin left."""
    marks = play("margin_remaining_two_stocks").run.journal.marks
    assert len(marks) > 700
    assert np.all(marks["equity"] > marks["margin_used"])


def test_no_margin_call_expected():
    """No margin call."""
    assert not play("no_margin_call_expected").records(events.MARGIN_CALL)


def test_no_margin_call_outside_hours():
    """Margin calls come in regular hours only."""
    calls = play("no_margin_call_outside_hours").records(events.MARGIN_CALL)
    assert not [one for one in calls if not "09:30" <= session_time(int(one["time"])) < "16:00"]


def test_dividend_raw_daily(shared: Path):
    """Dividends received are the sum of distribution x shares, each distribution from the factor file
    (round(reference x (1 - ratio), 2), section 12); the net profit realised is that less the fees."""
    played = play("dividend_raw_daily")
    table = shared / "lean-data" / "equity" / "usa" / "factor_files" / "spy.csv"
    rows = [(row[0], *map(Decimal, row[1:])) for row in csv.reader(table.read_text().splitlines())]
    paid = {}
    for (day, price, _, reference), (_, following, _, _) in pairwise(rows):
        amount = (reference * (1 - price / following)).quantize(Decimal("0.01"), ROUND_HALF_EVEN)
        paid[day] = float(amount)
    received = played.records(events.DIVIDEND)
    assert len(received) > 4
    (fill,) = played.fills()
    for one in received:
        ex_date = datetime.date.fromisoformat(new_york(int(one["time"]))[:10])
        last = max(day for day in paid if day < ex_date.strftime("%Y%m%d"))
        assert one["price"] == paid[last]
        assert one["quantity"] == fill["quantity"]
        assert one["amount"] == round(paid[last] * int(one["quantity"]) * DOLLAR)
    total = sum(int(one["amount"]) for one in received)
    cash = int(played.run.journal.marks[-1]["cash"])
    assert cash == 100_000 * DOLLAR - int(fill["amount"]) - int(fill["fee"]) + total


def test_raw_data_googl():
    """The daily closes received, through a change of ticker and a split."""
    closes = play("raw_data_googl").run.bars["GOOGL"].close
    wanted = [1158.72, 1131.97, 1114.28, 1120.15, 1114.51, 1134.89, 1135.1, 571.50, 545.25, 540.63]
    assert [round(float(price), 4) for price in closes] == wanted


def test_split_adjusted_volume():
    """The first ten adjusted volumes."""
    bars = play("split_adjusted_volume").run.bars["AAPL"]
    wanted = [6164842, 3044047, 3680347, 3468303, 2169943, 2652523, 1499707, 1518215, 1655219, 1510487]
    assert bars.volume[:10].tolist() == wanted


def test_split_hour_adjusted():
    """14 bars; adjusted prices know no split."""
    played = play("split_hour_adjusted")
    assert int(np.count_nonzero(played.run.bars["AAPL"].real)) == 14
    assert not played.records(events.SPLIT)


def test_split_partial_share_cash():
    """At the split cash rises by less than split factor x reference price (0.1428572 x 645.57): the fraction."""
    played = play("split_partial_share_cash")
    (split,) = played.records(events.SPLIT)
    (fraction,) = played.records(events.FRACTION)
    assert new_york(int(split["time"])) == "2014-06-09 00:00:00"
    assert 0 < fraction["amount"] / DOLLAR < 0.1428572 * 645.57
    before = [mark["cash"] for mark in played.run.journal.marks if mark["time"] < split["time"]]
    assert len(set(before[-100:])) == 1, "the warning, a day before, moves no cash"


def test_split_short_holdings_hour():
    """Still short after the split, at the scaled price: equity does not move by more than the fraction."""
    played = play("split_short_holdings_hour")
    (split,) = played.records(events.SPLIT)
    assert split["price"] == pytest.approx(7.0, rel=1e-4)
    sold = played.fills()[0]["quantity"]
    assert sold < 0
    assert split["quantity"] == int(sold * split["price"])
    marks = played.run.journal.marks
    k = int(np.searchsorted(marks["time"], split["time"]))
    assert marks[k]["equity"] == pytest.approx(marks[k - 1]["equity"], rel=1e-3)


def test_split_trade_builder_raw():
    """One closed trade: entry at the fill x split factor, quantity the whole part of 100 / factor."""
    played = play("split_trade_builder_raw")
    bought, sold = played.fills()
    factor = 0.03571430 / 0.25  # aapl.csv, rows of 2014-06-06 and 2014-08-06
    assert (bought["quantity"], sold["quantity"]) == (100, -int(100 / factor))
    (trade,) = played.reading.ledger.trades
    assert trade.quantity == int(100 / factor)
    # Our trades keep the price as filled; the cost of what was sold is at the scaled one.
    assert trade.entry_price == bought["price"]
    split_price = played.records(events.SUBMITTED)[1]["price"]
    assert split_price == pytest.approx(645.57 * factor, abs=1e-9)


def test_symbol_change_hour():
    """Data come under the new ticker too: the last on the end date."""
    bars = play("symbol_change_hour").run.bars["SPWR"]
    assert new_york(int(bars.end[-1]))[:10] == "2008-10-01"


def test_fill_forward_out_of_order_shy():
    """The close of the bar bought on is 84.09."""
    played = play("fill_forward_out_of_order_shy")
    (sent,) = played.records(events.SUBMITTED)
    assert new_york(int(sent["time"])) == "2008-03-10 09:31:00"
    assert sent["price"] == pytest.approx(84.09, abs=1e-9)


def test_user_universe_second_symbol():
    """Two symbols with a bar each, in every slice."""
    bars = play("user_universe_second_symbol").run.bars
    assert sorted(bars) == ["AAPL", "SPY"]
    np.testing.assert_array_equal(bars["AAPL"].end, bars["SPY"].end)


def test_equity_margin_call():
    """Warnings and calls happen, calls in regular hours only, and margin is left at the end."""
    played = play("equity_margin_call")
    assert played.records(events.MARGIN_WARNING)
    calls = played.records(events.MARGIN_CALL)
    assert len(calls) == 6  # seven orders, the first of them the strategy's own
    for one in calls:
        day, clock = new_york(int(one["time"])).split()
        assert "09:30:00" <= clock < ("13:00:00" if day == "2015-12-24" else "16:00:00")
    last = played.run.journal.marks[-1]
    assert last["equity"] - last["margin_used"] >= 0


def test_shortable_orders_rejected():
    """Refused orders are invalid and counted; the accepted one is changed, not enlarged, and cancelled; -1000 SPY."""
    played = play("shortable_orders_rejected")
    states = [(order.quantity, order.state) for order in played.orders]
    assert states == [
        (-1001, "invalid"),
        (-999, "cancelled"),
        (-10, "invalid"),
        (-1000, "filled"),
        (-1, "invalid"),
        (-1001, "filled"),
    ]
    lending = {refusals.NOTHING_TO_BORROW}
    assert {int(one["code"]) for one in played.records(events.INVALID)} == lending
    (refused,) = played.records(events.REFUSED)
    assert (refused["quantity"], refused["code"]) == (-1001, refusals.NOTHING_TO_BORROW)
    assert played.reading.ledger.holdings[0].quantity == -1000


def test_split_open_orders_raw():
    """After the split of 7:1 every order is for 69 shares; prices in cents, or in hundredths of a cent below a dollar."""
    played = play("split_open_orders_raw")
    orders = {
        int(one["order"]): (int(one["quantity"]), float(one["stop"]), float(one["limit"]), float(one["by"]))
        for one in played.records(events.UPDATED)
    }
    assert [quantity for quantity, *_ in orders.values()] == [69] * 5
    assert orders[1][1:3] == (1.43, 1.43)
    assert orders[2][2] == 0.7143
    assert orders[3][1] == 2.14
    assert [orders[o][3] for o in (4, 5)] == [8.57, 0.1]


def test_beta_sma_orders():
    """One market order fills; a limit at a tenth and a stop at ten times the price stay open to the end."""
    assert [order.state for order in play("beta_sma_orders").orders] == ["filled", "working", "working"]


def test_short_interest_fee():
    """The short SPY pays, the long AAPL earns, each once a date after its first."""
    played = play("short_interest_fee")
    amounts: dict[int, list[int]] = {0: [], 1: []}
    for one in played.records(events.INTEREST):
        amounts[int(one["symbol"])].append(int(one["amount"]))
        assert new_york(int(one["time"]))[11:] == "10:00:00"
    assert [len(found) for found in amounts.values()] == [4, 4]
    assert all(amount < 0 for amount in amounts[0])
    assert all(amount > 0 for amount in amounts[1])


def test_delisting_events():
    """The last day and the delisting are told, 13 bars are seen, and the symbol is not traded once it is gone."""
    played = play("delisting_events")
    (last,), (gone,) = played.records(events.LAST_DAY), played.records(events.DELISTED)
    assert new_york(int(last["time"])) == "2007-05-18 00:00:00"
    assert new_york(int(gone["time"])) == "2007-05-19 00:00:00"
    assert sum(len(bars.end) for bars in played.run.bars.values()) == 13
    (refused,) = played.records(events.REFUSED)
    assert refused["code"] == refusals.DELISTED
