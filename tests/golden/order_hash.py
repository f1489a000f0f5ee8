"""LEAN's order list and its MD5 (`OrderListHash`), from a journal.

The text is the compact JSON of every order, joined by commas (lean-semantics.md, section 14). Two layouts:
that of LEAN today ("HEAD") and that of November 2023, which wrote names with capitals, no empty tag and no
price adjustment mode.
"""

from __future__ import annotations

import bisect
import datetime
import hashlib
import json
from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Context, Decimal
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from runner.language.program import Program
from runner.language.spec import Spec
from runner.laws import refusals
from runner.market import events
from runner.market.bar import DAY
from runner.market.events import Journal
from runner.market.order import (
    LIMIT,
    LIMIT_IF_TOUCHED,
    MARKET,
    MARKET_ON_CLOSE,
    MARKET_ON_OPEN,
    STOP,
    STOP_LIMIT,
    TRAILING_STOP,
)
from tests.golden.exact import Prices, hour_ends

NET = Context(prec=28, rounding=ROUND_HALF_EVEN)
SEVEN = Context(prec=7, rounding=ROUND_HALF_EVEN)
NEW_YORK = ZoneInfo("America/New_York")
EPOCH = datetime.date(1970, 1, 1)
# LEAN's numbers for the states of an order.
SUBMITTED, FILLED, CANCELLED, INVALID, UPDATED = 1, 3, 5, 7, 9
ADJUSTMENT = {"raw": 0, "adjusted": 1, "split_adjusted": 2}
LIQUIDATED = "Liquidated"  # LEAN's own tag of an order that leaves a position, when no other is given
FORCES = "QuantConnect.Orders.TimeInForces."


class OrderText(NamedTuple):
    """One order as LEAN's list shows it; times in ns, 0 for never. `properties`: finished JSON."""

    number: int
    kind: int
    symbol: str
    security_id: str
    price: Decimal
    created: int
    filled: int
    updated: int
    cancelled: int
    quantity: int
    status: int
    tag: str
    properties: str
    submission: (
        tuple[Decimal, Decimal, Decimal] | None
    )  # bid, ask, last; None when it was refused before that
    limit: Decimal | None
    stop: Decimal | None  # or trigger
    by: Decimal | None
    by_ratio: bool
    triggered: bool
    placed: bool  # the brokerage took it: it has an id there
    adjustment: int


def plain(value: Decimal) -> Decimal:
    """Without trailing zeros."""
    return Decimal(f"{value.normalize(NET):f}") if value else Decimal(0)


def number(value: Decimal) -> str:
    """A decimal in JSON: at least one decimal place, its own scale otherwise."""
    text = f"{value:f}"
    return text if "." in text else text + ".0"


def smart(value: Decimal) -> Decimal:
    """4 decimals above 1000, else 7 significant digits; no trailing zeros."""
    if value > 1000:
        return plain(value.quantize(Decimal("0.0001"), rounding=ROUND_HALF_EVEN))
    return plain(SEVEN.plus(value))


def written(value: float) -> Decimal:
    """A computed price (a limit) as the decimal that LEAN would have had: 15 digits are exact arithmetic's."""
    return Decimal(f"{value:.15g}")


def stamp(time: int) -> str:
    """UTC; whole seconds, as all instants of these runs are."""
    return datetime.datetime.fromtimestamp(time // 10**9, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def order_json(order: OrderText, head: bool) -> str:
    """The JSON of one order in the layout of today or (`head` false) of 2023."""
    price = smart(order.price)
    is_limit = order.kind == LIMIT
    limit = smart(order.limit) if order.limit is not None else Decimal(0)
    crosses, data = False, "null"
    if order.submission is not None:
        bid, ask, last = order.submission
        crosses = limit >= ask if order.quantity > 0 else limit <= bid
        pairs = (("bidPrice", bid), ("askPrice", ask), ("lastPrice", last))
        data = "{" + ",".join(f"{key(k, head)}:{number(v)}" for k, v in pairs) + "}"
    before, after = own_fields(order, number(limit))
    fields: list[tuple[str, str]] = list(before)
    symbol = {"value": order.symbol, "id" if head else "ID": order.security_id, "permtick": order.symbol}
    fields += [
        ("type", str(order.kind)),
        *after,
        ("id", str(order.number)),
        ("contingentId", "0"),
        ("brokerId", f'["{order.number}"]' if order.placed else "[]"),
        ("symbol", "{" + ",".join(f"{key(k, head)}:{json.dumps(v)}" for k, v in symbol.items()) + "}"),
        ("price", number(price)),
        ("priceCurrency", '"USD"'),
        ("time", json.dumps(stamp(order.created))),
        ("createdTime", json.dumps(stamp(order.created))),
    ]
    moments = (
        ("lastFillTime", order.filled),
        ("lastUpdateTime", order.updated),
        ("canceledTime", order.cancelled),
    )
    fields += [(name, json.dumps(stamp(time))) for name, time in moments if time]
    fields += [("quantity", number(Decimal(order.quantity))), ("status", str(order.status))]
    if head or order.tag:
        fields.append(("tag", json.dumps(order.tag)))
    marketable = order.kind == MARKET or (is_limit and crosses)
    fields += [
        ("properties", order.properties),
        ("securityType", "1"),
        ("direction", "0" if order.quantity > 0 else "1"),
        ("value", number(order.quantity * price if price else price)),  # .NET has no minus zero
        ("orderSubmissionData", data),
        ("isMarketable", "true" if marketable else "false"),
    ]
    if head:
        fields.append(("priceAdjustmentMode", str(order.adjustment)))
    return "{" + ",".join(f"{key(name, head)}:{text}" for name, text in fields) + "}"


def own_fields(order: OrderText, limit: str) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Fields of the order's own class: those before `type` and those after it, in the order of LEAN's declarations (a
    class's own members come before those of the class that it extends)."""
    stop = number(smart(order.stop)) if order.stop is not None else ""
    triggered = "true" if order.triggered else "false"
    if order.kind == LIMIT:
        return [("limitPrice", limit)], []
    if order.kind == STOP:
        return [("stopPrice", stop)], []
    if order.kind == STOP_LIMIT:
        return [("stopPrice", stop), ("stopTriggered", triggered), ("limitPrice", limit)], []
    if order.kind == TRAILING_STOP:
        by = number(smart(order.by)) if order.by is not None else ""
        ratio = "true" if order.by_ratio else "false"
        return [("trailingAmount", by), ("trailingAsPercentage", ratio)], [("stopPrice", stop)]
    if order.kind == LIMIT_IF_TOUCHED:
        return [], [("triggerPrice", stop), ("limitPrice", limit), ("triggerTouched", triggered)]
    return [], []


def key(name: str, head: bool) -> str:
    """A field's name, quoted."""
    return json.dumps(name if head else name[0].upper() + name[1:])


def properties_json(force: str, good_till: int, atreyu: bool, post_only: bool, head: bool) -> str:
    """Time in force, and what Atreyu's properties add; `good_till` days since 1970."""
    value: dict[str, Any] = {}
    if force == "day":
        value = {"$type": FORCES + "DayTimeInForce"}
    elif force == "good_till_date":
        date = EPOCH + datetime.timedelta(days=good_till)
        value = {"$type": FORCES + "GoodTilDateTimeInForce", "Expiry": f"{date.isoformat()}T00:00:00"}
    fields = [f"{key('timeInForce', head)}:{json.dumps(value, separators=(',', ':'))}"]
    if atreyu:
        fields.append(f"{key('postOnly', head)}:{'true' if post_only else 'false'}")
    return "{" + ",".join(fields) + "}"


def orders_of(journal: Journal, ends: Iterable[int], program: Program, data_folder: Path) -> list[OrderText]:
    """Every order of a run under LEAN's conventions that LEAN would list, in order of its number.

    `ends`: ends of the run's bars, ns. `data_folder`: the LEAN folder that the run has read. An order's price is made exact only if all of it
    filled at one price, as LEAN's whole fills do.
    """
    header, spec = journal.header, program.spec
    head = header["conventions"] != "lean_2023"
    prices = header["prices"]
    first, last = (EPOCH + datetime.timedelta(days=header[name]) for name in ("first_day", "last_day"))
    exact = {
        symbol: Prices(data_folder, symbol, header["resolution"][symbol], prices, first, last)
        for symbol in header["symbols"]
    }
    # A cancel at a moment between two slices waits for the next order sent at that moment, else for the next slice;
    # the benchmark's hourly bars make slices too. (Found by recomputing the three liquidate_… cases.)
    slices = sorted({*ends, *hour_ends(data_folder, spec.backtest.benchmark, first, last)})
    sent = np.flatnonzero(journal.records["kind"] == events.SUBMITTED)
    last_sent = {int(journal.records["time"][i]): int(i) for i in sent}
    leaving = exit_tag(spec)
    orders: dict[int, OrderText] = {}
    for i, one in enumerate(journal.records):
        o, kind, time = int(one["order"]), int(one["kind"]), int(one["time"])
        if not o:
            continue
        tag = journal.texts[one["text"]] if one["text"] >= 0 else ""
        if not tag and one["flags"] & events.FLAG_EXIT:
            tag = LIQUIDATED
        if o not in orders and kind in (events.SUBMITTED, events.INVALID):
            symbol = header["symbols"][one["symbol"]]
            source = exact[symbol]
            submission = [
                source.exact(float(one[name])) or written(float(one[name]))
                for name in ("bid", "ask", "price")
            ]
            order_kind = int(one["order_kind"])
            force, good_till = force_of(one, order_kind)
            by, by_ratio = price_of(one["by"], None), bool(one["flags"] & events.FLAG_BY_RATIO)
            if not tag and by:  # LEAN's own tag of a trailing stop
                tag = f"Trailing Amount: {by * 100}%" if by_ratio else f"Trailing Amount: ${by}"
            orders[o] = OrderText(
                number=o, kind=order_kind, symbol=symbol.upper(), security_id=header["security_ids"][symbol],
                price=Decimal(0), created=time, filled=0, updated=0, cancelled=0, quantity=int(one["quantity"]),
                status=SUBMITTED if kind == events.SUBMITTED else INVALID, tag=tag,
                properties=properties_json(
                    force, good_till, header["brokerage"] == "atreyu", bool(one["flags"] & events.FLAG_POST_ONLY), head
                ),
                submission=(submission[0], submission[1], submission[2]),
                limit=price_of(one["limit"], source), stop=price_of(one["stop"], source),
                by=by, by_ratio=by_ratio, triggered=False,
                placed=kind == events.SUBMITTED, adjustment=ADJUSTMENT[prices],
            )  # fmt: skip
            if one["code"] == refusals.NOTHING_TO_BORROW:
                orders[o] = not_lent(orders[o], shares_to_borrow(spec, data_folder, symbol, time))
            continue
        order = orders.get(o)
        if order is None:
            continue
        if kind == events.FILLED:
            symbol = header["symbols"][one["symbol"]]
            price = float(one["price"])
            known = (
                order.limit
                if order.limit is not None and float(order.limit) == price
                else exact[symbol].exact(price)
            )
            order = order._replace(price=known or written(price), filled=time, status=FILLED)
        elif kind == events.UPDATED:
            source = exact[header["symbols"][one["symbol"]]]
            order = order._replace(
                quantity=int(one["quantity"]), updated=time, status=UPDATED, tag=tag or order.tag,
                limit=price_of(one["limit"], source), stop=price_of(one["stop"], source), by=price_of(one["by"], None),
            )  # fmt: skip
        elif kind == events.TRIGGERED:
            order = order._replace(triggered=True)
        elif kind == events.TRAILED:
            order = order._replace(stop=written(float(one["stop"])))
        elif kind == events.EXPIRED:
            order = order._replace(cancelled=time, status=CANCELLED)
        elif kind == events.CANCELLED:
            if spec.rules[one["rule"]].at and i > last_sent.get(time, -1):
                time = slices[bisect.bisect_left(slices, time)]
            order = order._replace(cancelled=time, status=CANCELLED, tag=order.tag or leaving)
        elif kind == events.INVALID:
            order = order._replace(status=INVALID)
        orders[o] = order
    return [orders[o] for o in sorted(orders)]


def not_lent(order: OrderText, shares: int) -> OrderText:
    """An order refused for want of shares to borrow: it never reached submission, and its tag says why."""
    tag = f"Order exceeds shortable quantity {shares} for Symbol {order.symbol} requested {order.quantity})"
    return order._replace(submission=None, adjustment=ADJUSTMENT["raw"], tag=tag)


def shares_to_borrow(spec: Spec, data_folder: Path, symbol: str, time: int) -> int:
    """What the run's folder of shares to borrow says of a symbol on the date of `time`."""
    folder = data_folder / "equity/usa/shortable" / Path(spec.lending.path).name / "symbols"
    day = datetime.datetime.fromtimestamp(time // 10**9, NEW_YORK).strftime("%Y%m%d")
    lines = (folder / f"{symbol.lower()}.csv").read_text().splitlines()
    return next(int(line.split(",")[1]) for line in lines if line.startswith(day))


def price_of(price: float, source: Prices | None) -> Decimal | None:
    """A price of an order: one of the data's as it is there, else as computed; None for none."""
    if not price:
        return None
    return (source.exact(float(price)) if source else None) or written(float(price))


def force_of(one: Any, kind: int) -> tuple[str, int]:
    """Time in force of a submitted order, and its date (days since 1970).

    LEAN turns good-till-date into good-till-cancelled for market-on-open and market-on-close orders.
    """
    flags = int(one["flags"])
    if flags & events.FLAG_GTD and kind not in (MARKET_ON_OPEN, MARKET_ON_CLOSE):
        return "good_till_date", int(one["good_till"]) // DAY
    gtc = flags & (events.FLAG_GTC | events.FLAG_GTD)
    return ("good_till_cancelled" if gtc else "day"), 0


def exit_tag(spec: Spec) -> str:
    """The tag that an exit leaves on the orders it cancels; none where a `cancel` may have done it instead."""
    steps = [step for rule in spec.rules for step in rule.steps]
    tags = {step.order.tag or LIQUIDATED for step in steps if step.action == "exit"}
    cancels = any(step.action == "cancel" for step in steps)
    return tags.pop() if len(tags) == 1 and not cancels else ""


def order_list(orders: list[OrderText], head: bool) -> str:
    """The text that is hashed."""
    return ",".join(order_json(order, head) for order in orders)


def order_list_hash(text: str) -> str:
    """`OrderListHash`; of no orders it is the MD5 of the empty text."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
