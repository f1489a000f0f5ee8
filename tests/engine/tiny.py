"""Whole runs in a few lines: bars as text, a strategy in flow YAML, the journal as sentences.

Bars: `Mon 15:59 100 101 99 100.5; Tue 09:31 ...`: end of the bar (New York), open, high, low, close. Daily
bars leave the time out. `B@` before a row is another symbol than A. After the close: `bid 100 ask 101`,
`split 2`, `dividend 0.5`, `volume 900`. Mon to Fri are 2013-10-07 to 2013-10-11, other days written out.

The journal: `Mon 16:00 queued #1 A +10; Tue 09:31 filled #1 +10 @ 101`, one sentence for each record.
"""

import datetime
from collections.abc import Iterable

from runner import assemble
from runner.language.source import load
from runner.language.validate import understand
from runner.laws import refusals
from runner.market import events
from runner.market.money import MICROS
from tests.made import NEW_YORK

MONDAY = datetime.date(2013, 10, 7)
WEEK = {
    name: MONDAY + datetime.timedelta(days=i) for i, name in enumerate(("Mon", "Tue", "Wed", "Thu", "Fri"))
}
DAYS = {day: name for name, day in WEEK.items()}
REASONS = {
    code: name.lower() for name, code in vars(refusals).items() if name.isupper() and isinstance(code, int)
}
EXTRA = ("volume", "bid", "ask", "split", "dividend")
KINDS = {code: word for code, (word, _) in events.RECORD_KINDS.items()}


def date_of(word):
    return WEEK[word] if word in WEEK else datetime.date.fromisoformat(word)


def files(text, folder):
    """Write the bars as one CSV file a symbol; returns the symbols in order and the days that they span."""
    rows = {}
    days = []
    for line in text.split(";"):
        words = line.split()
        symbol, _, words[0] = words[0].rpartition("@")
        day = date_of(words[0])
        days.append(day)
        clock = words.pop(1) if ":" in words[1] else ""
        extra = dict(zip(words[5::2], words[6::2], strict=True))
        assert set(extra) <= set(EXTRA), line
        cells = [f"{day} {clock}".strip(), *words[1:5], *(extra.get(name, "") for name in EXTRA)]
        rows.setdefault(symbol or "A", []).append(",".join(cells))
    for symbol, lines in rows.items():
        head = ",".join(("time", "open", "high", "low", "close", *EXTRA))
        (folder / f"{symbol}.csv").write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    return sorted(rows), min(days), max(days)


def document(rules, symbols, first, last, *, more="", resolution="1m", cash=100_000, universe=""):
    label = "start" if resolution == "1d" else "end"
    universe = universe or "{symbols: [" + ", ".join(symbols) + "]}"
    return f"""\
version: 1
name: tiny
universe: {universe}
data: {{source: {{csv: {{path: "{{symbol}}.csv", label: {label}}}}}, resolution: {resolution}}}
{f"rules: {rules}" if rules else ""}
{more}
backtest: {{start: "{first}", end: "{last}", cash: {cash}}}
"""


def ready(rules, bars, folder, driver="loop", **plan):
    """A backtest of `rules` (flow YAML) over `bars`, laid out but not run."""
    symbols, first, last = files(bars, folder)
    text = document(rules, symbols, plan.pop("first", first), plan.pop("last", last), **plan)
    program, problems = understand(load(text, "tiny.yaml"))
    assert not problems, "\n".join(problem.text() for problem in problems)
    return assemble.backtest(program, text, folder, driver)


def run(rules, bars, folder, driver="loop", **plan):
    return assemble.run_backtest(ready(rules, bars, folder, driver, **plan))


LIVE = ("paused", "resumed", "flatten", "cancel_all", "stopped", "silent", "heard", "told", "epoch")


def said(journal, line):
    return f" {journal.texts[line['text']]}" if line["text"] >= 0 else ""


def clock(time):
    at = datetime.datetime.fromtimestamp(time // 1_000_000_000, NEW_YORK)
    seconds = f":{at.second:02d}" if at.second else ""
    return f"{DAYS.get(at.date(), at.date())} {at:%H:%M}{seconds}"


def number(value):
    return repr(float(value)).removesuffix(".0")


def sentence(journal, line):
    """One record in words. Only what a hand calculation would say of it."""
    kind = KINDS[int(line["kind"])]
    symbol = (
        f" {journal.header['symbols'][line['symbol']]}"
        if len(journal.header["symbols"]) > 1 and line["symbol"] >= 0
        else ""
    )
    order = f" #{line['order']}" if line["order"] else ""
    head = f"{clock(int(line['time']))} {kind}{order}{symbol}"
    quantity = f" {line['quantity']:+d}"
    limit = f" limit {number(line['limit'])}" if line["limit"] else ""
    limit += f" stop {number(line['stop'])}" if line["stop"] else ""
    limit += f" by {number(line['by'])}" if line["by"] else ""
    reason = f" {REASONS[int(line['code'])]}"
    money = f" ${number(line['amount'] / MICROS)}"
    ends = {
        "queued": quantity + limit,
        "submitted": quantity + limit,
        "updated": quantity + limit,
        "filled": f"{quantity} @ {number(line['price'])}",
        "busted": f"{quantity} @ {number(line['price'])}",
        "corrected": f"{quantity} @ {number(line['price'])}",
        "amended": quantity + limit,
        "triggered": "",
        "trailed": limit,
        "rejected": reason,
        "invalid": quantity + reason,
        "refused": quantity + reason,
        "skipped": reason,
        "split": f" {number(line['price'])} -> {line['quantity']}",
        "dividend": money,
        "fraction": money,
        "margin_call": quantity,
        "view": quantity,
        "limit_reached": f" {number(line['price'])}",
        "weight": f" {number(line['price'])}",
        "settled": money,
        "pattern_day_trader": f" {line['quantity']}{money}",
        "minimum_equity": money,
        "good_faith_violation": quantity,
        "settled_cash_only": f" {line['quantity']}",
        "interest": money,
        "margin_warning": money,
        "daily_loss": money,
        "opening_cash": money,
        "opening_position": f"{quantity} @ {number(line['price'])}{money}",
        "deposit": money,
        "withdrawal": money,
        "cash_synced": money,
        "adopted": f"{quantity} @ {number(line['price'])}{money}",
        "mismatch": quantity,
        "unwound": quantity,
        "protected": f" {journal.texts[line['text']]}{quantity} @ {number(line['price'])}"
        + (f" level {number(line['limit'])}" if line["limit"] else ""),
        "left": quantity if line["quantity"] else "",
        **{kind: said(journal, line) for kind in LIVE},
        "noted": f" {journal.texts[line['text']]}" if line["text"] >= 0 else "",
    }
    return head + ends.get(kind, "")


def sentences(run) -> Iterable[str]:
    return [sentence(run.journal, line) for line in run.journal.records]


def told(text):
    """The expected sentences of a table's cell."""
    return [" ".join(part.split()) for part in text.split(";") if part.strip()]
