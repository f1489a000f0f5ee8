"""What happens in a run, said to people as it happens: one short line for a record that matters to who watches."""

from __future__ import annotations

from typing import Any

from runner.laws.refusals import REFUSALS
from runner.market import events
from runner.market.events import RECORD_KINDS
from runner.market.money import money_text
from runner.results.orders import KIND_WORDS
from runner.results.times import moment

# Kinds that are told; the others are in the journal. A refused wish can come at every bar: the journal counts it.
TOLD = {
    *(events.QUEUED, events.SUBMITTED, events.UPDATED, events.FILLED, events.CANCELLED, events.EXPIRED),
    *(events.BUSTED, events.CORRECTED, events.AMENDED),
    *(events.REJECTED, events.INVALID, events.UPDATE_REFUSED, events.CANCEL_REFUSED, events.NOTED),
    *(events.SPLIT, events.DIVIDEND, events.FRACTION, events.RENAMED, events.LAST_DAY, events.DELISTED),
    *(events.MARGIN_WARNING, events.MARGIN_CALL, events.PATTERN_DAY_TRADER, events.GOOD_FAITH_VIOLATION),
    *(events.PROTECTED, events.DAILY_LOSS, events.LIMIT_REACHED, events.CASH),
    *(
        events.PAUSED,
        events.RESUMED,
        events.FLATTEN,
        events.CANCEL_ALL,
        events.STOPPED,
        events.SILENT,
        events.HEARD,
        events.EPOCH,
        events.TOLD,
        events.DEPOSIT,
        events.WITHDRAWAL,
    ),
    *(events.MISSED, events.RAN_LATE, events.NOT_SENT, events.HOLE, events.BARS_LOST),
    *(events.OPENING_CASH, events.OPENING_POSITION, events.ADOPTED, events.MISMATCH, events.UNWOUND),
}
# Of these, what somebody should know who does not watch.
ALARMING = {
    *(events.REJECTED, events.MARGIN_WARNING, events.MARGIN_CALL, events.PATTERN_DAY_TRADER),
    *(events.GOOD_FAITH_VIOLATION, events.DAILY_LOSS, events.LIMIT_REACHED, events.LAST_DAY, events.DELISTED),
    *(
        events.PAUSED,
        events.RESUMED,
        events.FLATTEN,
        events.CANCEL_ALL,
        events.STOPPED,
        events.SILENT,
        events.HEARD,
    ),
    *(events.MISSED, events.RAN_LATE, events.NOT_SENT, events.HOLE, events.BARS_LOST),
    *(events.ADOPTED, events.MISMATCH, events.UNWOUND),
}
RINGING = ("gateway: ", "clock: ")  # so begins what is of no order: connection, orders of others, clocks
MILLISECOND = 1_000_000  # finer nobody reads
ORDERS = {events.QUEUED, events.SUBMITTED, events.INVALID}


def sentence(record: Any, symbols: list[str], rules: list[str], texts: list[str]) -> str:
    """`2026-11-20 09:31:00 order 3: buy 100 SPY at 669.2 or better (join the trend)`; empty for what is not told.

    `record`: a row of `Record.dtype`. Times are New York's.
    """
    kind = int(record["kind"])
    if kind not in TOLD:
        return ""
    symbol = _name(symbols, record["symbol"])
    number = int(record["order"])
    head = f"{moment(int(record['time']) // MILLISECOND * MILLISECOND)} " + (
        f"order {number}: " if number else ""
    )
    rule = _name(rules, record["rule"])
    because = f" ({rule})" if rule else ""
    if kind in ORDERS:
        ahead = {events.QUEUED: "waits for the open: ", events.INVALID: "turned down: "}.get(kind, "")
        why = f": {REFUSALS.get(int(record['code']), '')}" if kind == events.INVALID else ""
        return f"{head}{ahead}{order_text(record, symbol)}{because}{why}"
    if kind == events.UPDATED:
        return f"{head}changed to {_terms(record, symbol)}{because}"
    if kind == events.FILLED:
        shares = int(record["quantity"])
        side = "bought" if shares > 0 else "sold"
        fee = money_text(int(record["fee"]))
        return f"{head}{side} {abs(shares):,} {symbol} at {_price(record['price'])}, fee {fee}{because}"
    if kind == events.TOLD:
        return head + _name(texts, record["text"]) + (f", {symbol}" if symbol else "")
    if (text := _account(record, kind, symbol)) is not None:
        return head + text
    if (text := _live(record, kind, symbol, rule)) is not None:
        return head + text + (f" ({said})" if (said := _name(texts, record["text"])) else "")
    word, fields = RECORD_KINDS[kind]
    parts = [symbol] if symbol else []
    if "quantity" in fields and record["quantity"]:
        parts.append(f"{int(record['quantity']):,} shares")
    if "price" in fields and record["price"]:
        parts.append(_price(record["price"]))
    if "limit" in fields and record["limit"]:
        parts.append(f"limit {_price(record['limit'])}")
    if "amount" in fields:
        parts.append(money_text(int(record["amount"])))
    if "code" in fields and record["code"]:
        parts.append(REFUSALS.get(int(record["code"]), ""))
    if "text" in fields and (text := _name(texts, record["text"])):
        parts.append(text)
    return f"{head}{word.replace('_', ' ')} {', '.join(parts)}{because}".rstrip()


def _account(record: Any, kind: int, symbol: str) -> str | None:
    """What happens to the account and its shares by itself; None for all else."""
    count = int(record["quantity"])
    if kind == events.SPLIT:
        return f"split of {symbol}: {float(record['price']):g} new shares for one; {count:,} shares held"
    if kind == events.DIVIDEND:
        amount = money_text(int(record["amount"]))
        return f"dividend of {symbol}: {count:,} shares at ${_price(record['price'])}, {amount}"
    if kind == events.PATTERN_DAY_TRADER:
        amount = money_text(int(record["amount"]))
        return f"pattern day trader from now on: {count:,} day trades in five sessions, equity {amount}"
    return None


def _live(record: Any, kind: int, symbol: str, rule: str) -> str | None:
    """What only live runs have, where the record's own words would be too few; None for all else."""
    count = int(record["quantity"])
    if kind == events.MISSED:
        return f"missed: {rule}" + (f" of {symbol}" if symbol else "")
    if kind == events.RAN_LATE:
        return f"late: {rule} of {symbol}, due at {moment(int(record['good_till']))}"
    if kind in (events.HOLE, events.BARS_LOST):
        anew = "; its indicators begin anew" if kind == events.HOLE else ""
        bars = f"1 bar of {symbol} is" if count == 1 else f"{count:,} bars of {symbol} are"
        return f"{bars} nowhere to be had, after {moment(int(record['good_till']))}{anew}"
    if kind == events.OPENING_CASH:
        return f"begins with {money_text(int(record['amount']))}"
    if kind == events.OPENING_POSITION:
        return f"begins with {count:,} {symbol}, which cost {money_text(abs(int(record['amount'])))}"
    if kind == events.ADOPTED:
        return f"taken over from the account: {count:+,} {symbol} at {_price(record['price'])}"
    if kind == events.MISMATCH:
        return (
            f"the account has {count:+,} {symbol} beside the run's own"
            if symbol
            else "the account is not the run's"
        )
    if kind == events.UNWOUND:
        return f"to be closed, since the run had them not: {count:+,} {symbol}"
    return None


def rings(record: Any, texts: list[str]) -> bool:
    """Whether a record is one that somebody should know of who does not watch."""
    kind = int(record["kind"])
    return kind in ALARMING or (kind == events.TOLD and _name(texts, record["text"]).startswith(RINGING))


def order_text(record: Any, symbol: str) -> str:
    """`buy 100 SPY at 669.2 or better, post-only`: what an order says, from its record."""
    shares = int(record["quantity"])
    kind = KIND_WORDS.get(int(record["order_kind"]), "")
    at = {"market": "at market", "limit": f"at {_price(record['limit'])} or better"}.get(
        kind, kind.replace("_", "-")
    )
    if record["stop"]:
        at += f", stop {_price(record['stop'])}"
    if kind != "limit" and record["limit"]:
        at += f", limit {_price(record['limit'])}"
    if int(record["flags"]) & events.FLAG_POST_ONLY:
        at += ", post-only"
    return f"{'buy' if shares > 0 else 'sell'} {abs(shares):,} {symbol} {at}"


def _terms(record: Any, symbol: str) -> str:
    shares = int(record["quantity"])
    terms = f"{'buy' if shares > 0 else 'sell'} {abs(shares):,} {symbol}"
    if record["limit"]:
        terms += f" at {_price(record['limit'])} or better"
    return terms + (f", stop {_price(record['stop'])}" if record["stop"] else "")


def _name(names: list[str], index: Any) -> str:
    return names[int(index)] if 0 <= int(index) < len(names) else ""


def _price(value: Any) -> str:
    text = f"{float(value):,.4f}"
    return text[:-2] + text[-2:].rstrip("0")  # two digits at least, as dollars are written
