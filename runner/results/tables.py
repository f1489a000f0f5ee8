"""Tables as text: orders, fills and equity as CSV, and the journal's canonical form.

Amounts are dollars with six decimals (exact), prices the shortest text that reads back to the same double,
times New York with their offset.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from typing import Any

from runner.laws.refusals import REFUSALS
from runner.market import events
from runner.market.events import RECORD_KINDS, Journal
from runner.results.excursions import Excursion
from runner.results.ledger import Ledger
from runner.results.orders import KIND_WORDS, OrderLine
from runner.results.times import iso

FLAG_WORDS = {
    events.FLAG_POST_ONLY: "post_only",
    events.FLAG_GTC: "good_till_cancelled",
    events.FLAG_GTD: "good_till_date",
    events.FLAG_CALL: "margin_call",
    events.FLAG_ENTRY: "entry",
    events.FLAG_EXIT: "exit",
    events.FLAG_PROTECT: "protect",
    events.FLAG_BY_RATIO: "by_ratio",
}


def dollars(micros: int) -> str:
    """`-1234567` -> `-1.234567`: exact."""
    whole, part = divmod(abs(micros), 1_000_000)
    return f"{'-' if micros < 0 else ''}{whole}.{part:06d}"


def flag_words(flags: int) -> list[str]:
    """The names of the bits of an order's flags."""
    return [word for bit, word in FLAG_WORDS.items() if flags & bit]


def _name(names: list[str], index: int) -> str:
    return names[index] if 0 <= index < len(names) else ""


def _price(value: float) -> str:
    return repr(value) if value else ""


def csv_text(head: list[str], rows: Iterable[list[Any]]) -> str:
    """A table with its first line."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return out.getvalue()


def orders_csv(journal: Journal, orders: list[OrderLine]) -> str:
    """One line for each order."""
    header, texts = journal.header, journal.texts
    head = ["order", "symbol", "rule", "kind", "quantity", "limit", "created", "sent", "ended", "state",
            "filled", "price", "fee", "reason", "flags", "tag"]  # fmt: skip
    return csv_text(
        head,
        (
            [
                line.order, _name(header["symbols"], line.symbol), _name(header["rules"], line.rule),
                KIND_WORDS.get(line.kind, ""), line.quantity, _price(line.limit), iso(line.created),
                iso(line.sent) if line.sent else "", iso(line.ended) if line.ended else "", line.state,
                line.filled, _price(line.price), dollars(line.fee), REFUSALS.get(line.reason, str(line.reason)),
                " ".join(flag_words(line.flags)), _name(texts, line.text),
            ]
            for line in orders
        ),
    )  # fmt: skip


def fills_csv(journal: Journal, ledger: Ledger) -> str:
    """One line for each fill; `position` is the symbol's position afterwards."""
    header = journal.header
    head = ["time", "order", "symbol", "rule", "quantity", "price", "amount", "fee", "position"]
    return csv_text(
        head,
        (
            [iso(f.time), f.order, _name(header["symbols"], f.symbol), _name(header["rules"], f.rule), f.quantity,
             repr(f.price), dollars(f.amount), dollars(f.fee), f.position]
            for f in ledger.fills
        ),
    )  # fmt: skip


def trades_csv(journal: Journal, ledger: Ledger, went: list[Excursion | None]) -> str:
    """One line for each round trip; `went`: how far the price went against and for each."""
    header = journal.header
    head = ["symbol", "quantity", "opened", "closed", "entry_price", "exit_price", "entry_order", "exit_order",
            "entry_rule", "exit_rule", "profit", "fees", "net", "held_seconds", "adverse", "favorable"]  # fmt: skip
    return csv_text(
        head,
        (
            [_name(header["symbols"], t.symbol), t.quantity, iso(t.opened), iso(t.closed), repr(t.entry_price),
             repr(t.exit_price), t.entry_order, t.exit_order, _name(header["rules"], t.entry_rule),
             _name(header["rules"], t.exit_rule), dollars(t.profit), dollars(t.fees), dollars(t.net),
             (t.closed - t.opened) // 1_000_000_000, *(("", "") if e is None else (dollars(e.adverse), dollars(e.favorable)))]
            for t, e in zip(ledger.trades, went, strict=True)
        ),
    )  # fmt: skip


def equity_csv(journal: Journal) -> str:
    """One line for each mark."""
    names = ("time", "equity", "cash", "unsettled", "long_value", "short_value", "margin_used", "benchmark")
    columns = [journal.marks[name].tolist() for name in names]
    rows = (
        [iso(time), *(dollars(amount) for amount in amounts), _price(benchmark)]
        for time, *amounts, benchmark in zip(*columns, strict=True)
    )
    return csv_text(list(names), rows)


def journal_lines(journal: Journal) -> Iterable[str]:
    """The canonical text of the records, one JSON object a line: what tests compare.

    Fields in the order of RECORD_KINDS, after time and kind. Names for symbols, rules and texts (null for
    none), words for kinds of order, refusals as code and words, amounts as exact dollars in text, prices as
    JSON numbers.
    """
    symbols, rules = journal.header["symbols"], journal.header["rules"]
    names = journal.records.dtype.names or ()
    columns = {name: journal.records[name].tolist() for name in names}
    for i, kind in enumerate(columns["kind"]):
        word, fields = RECORD_KINDS[kind]
        line: dict[str, Any] = {"time": iso(columns["time"][i]), "kind": word}
        for field in fields:
            value = columns[field][i]
            if field == "symbol":
                line[field] = _name(symbols, value) or None
            elif field == "rule":
                line[field] = _name(rules, value) or None
            elif field == "text":
                line[field] = _name(journal.texts, value) or None
            elif field in ("amount", "fee"):
                line[field] = dollars(value)
            elif field == "flags":
                line[field] = flag_words(value)
            elif field == "order_kind":
                line[field] = KIND_WORDS.get(value, value)
            elif field == "good_till":
                line[field] = iso(value) if value else None
            elif field == "code":
                line["code"] = value
                line["reason"] = REFUSALS.get(value, "")
            else:
                line[field] = value
        yield json.dumps(line, ensure_ascii=False, separators=(",", ":"))


def journal_text(journal: Journal) -> str:
    """`journal_lines` as one text, a newline after each record."""
    return "".join(f"{line}\n" for line in journal_lines(journal))
