"""The report as one HTML file that asks the network for nothing.

The charts are drawn twice: as SVG, which every reader sees, and by plotly where its script is installed.
Strategy text, tags and names are untrusted: the template escapes everything, data for the script is JSON
without `<`, and the page's own policy runs only the scripts whose hashes it names.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import json
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.laws.refusals import REFUSALS
from runner.market.bar import Bars
from runner.market.events import MARK_DAY
from runner.market.money import money_text
from runner.results import charts, live_run, page_figures, pictures, text
from runner.results.orders import KIND_WORDS
from runner.results.reading import Reading
from runner.results.times import date_text, moment

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup

MOST_ROWS = 500
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
SECTIONS = (
    ("equity", "Equity"), ("figures", "Key figures"), ("months", "Months"), ("risk", "Risk"), ("symbols", "Symbols"),
    ("prices", "Prices"), ("trades", "Trades"), ("rules", "Rules"), ("orders", "Orders"), ("lean", "LEAN's statistics"),
    ("data", "Data"), ("strategy", "Strategy"),
)  # fmt: skip


def page(reading: Reading, bars: dict[str, Bars], *, library: bool = True) -> str:
    """The whole page as text. Needs jinja2 (ImportError without it: the `report` extra).

    `library`: whether to put plotly's script into the page when it is installed (4.8 MB)."""
    header = reading.journal.header
    drawn = pictures.charts(reading, bars)
    source = plotly_source() if library else ""
    scripts = (source, _file("page.js")) if source else ()
    months = _months(reading)
    return _template().render(
        policy=_policy(scripts),
        css=_trusted(_file("page.css")),
        library=_trusted(source),
        script=_trusted(_file("page.js")),
        name=header.get("strategy", "strategy"),
        period=f"{date_text(header['first_day'])} to {date_text(header['last_day'])}",
        subtitle=text.title(header).partition(": ")[2],
        description=header.get("description", ""),
        sections=[(key, label) for key, label in SECTIONS if key != "months" or months],
        **page_figures.sections(reading),
        tiles=_tiles(reading),
        figures=text.figure_rows(reading),
        charts=drawn,
        drawings={chart.key: _trusted(charts.svg(chart)) for chart in drawn},
        chart_data=_chart_data(drawn) if source else _trusted("[]"),
        months=months,
        month_names=[MONTHS[month - 1] for month in _months_seen(reading)],
        not_shown=_not_shown(reading, drawn),
        **_tables(reading),
        lean=list(reading.statistics.items()),
        lean_note=_lean_note(reading),
        notes=text.data_notes(header),
        manifest=[(str(key), _plain(value)) for key, value in header.get("manifest", {}).items()],
        document=str(header.get("document", "")).splitlines(),
    )


@lru_cache(maxsize=1)
def plotly_source() -> str:
    """plotly.min.js as installed, without importing plotly; empty when it is absent."""
    spec = importlib.util.find_spec("plotly")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / "package_data" / "plotly.min.js"
        if path.is_file():
            found = path.read_text(encoding="utf-8")
            # Inside a script element only these two would end or change it.
            return "" if "</script" in found.lower() or "<!--" in found else found
    return ""


@lru_cache(maxsize=8)
def _file(name: str) -> str:
    return (resources.files("runner.results") / "report" / name).read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    frame = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return frame.from_string(_file("page.html.j2"))


@lru_cache(maxsize=4)
def _policy(scripts: tuple[str, ...]) -> str:
    hashes = [base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts]
    allowed = " ".join(f"'sha256-{h}'" for h in hashes) or "'none'"
    return f"default-src 'none'; style-src 'unsafe-inline'; img-src data: blob:; script-src {allowed}"


def _trusted(written: str) -> Markup:
    """Text of our own making that the template must not escape: our files, plotly's script, numbers as SVG,
    JSON without `<`. Nothing from a strategy may pass through here as it is."""
    from markupsafe import Markup

    return Markup(written)  # noqa: S704  the one place, reasons above


def _chart_data(drawn: list[charts.Chart]) -> Markup:
    data = [
        {
            "key": c.key, "span": c.span, "low": c.low, "high": c.high, "unit": c.unit,
            "lines": [line._asdict() for line in c.lines], "dots": [dots._asdict() for dots in c.dots],
            "ticks": [[c.span[0] + place * (c.span[1] - c.span[0]), label] for place, label in c.ticks_x],
            "levels": [[c.low + place * (c.high - c.low), label] for place, label in c.ticks_y],
        }
        for c in drawn
    ]  # fmt: skip
    dumped = json.dumps(data, separators=(",", ":"))
    return _trusted(dumped.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))


def _tone(value: float) -> str:
    return "gain" if value > 0 else "loss" if value < 0 else ""


def _tiles(reading: Reading) -> list[tuple[str, str, str]]:
    m = reading.measures
    return [
        ("Total return", text.percent(m.total_return), _tone(m.total_return)),
        ("Annual return", text.percent(m.annual_return), _tone(m.annual_return or 0.0)),
        ("Sharpe ratio", text.number(m.sharpe), ""),
        ("Largest drawdown", text.percent(m.drawdown.depth), ""),
        ("Closed trades", f"{m.trades.number:,}", ""),
        ("Final equity", money_text(m.end_equity, 0), ""),
    ]


def _months(reading: Reading) -> list[tuple[int, list[dict[str, Any] | None], str]]:
    months = reading.measures.months
    deepest = max((abs(value) for value in months.values()), default=0.0) or 1.0
    seen = _months_seen(reading)
    table = []
    for year, whole in sorted(reading.measures.years.items()):
        cells: list[dict[str, Any] | None] = []
        for month in seen:
            value = months.get((year, month))
            cells.append(
                None if value is None
                else {"text": _tenths(value), "tone": "up" if value >= 0 else "down",
                      "deep": round(abs(value) / deepest * 55)}
            )  # fmt: skip
        table.append((year, cells, _tenths(whole)))
    return table


def _tenths(value: float) -> str:
    shown = f"{value * 100:.1f}"
    return "0.0" if shown == "-0.0" else shown


def _months_seen(reading: Reading) -> list[int]:
    """The months that any year has: a short run gets no empty columns."""
    return sorted({month for _, month in reading.measures.months})


def _not_shown(reading: Reading, drawn: list[charts.Chart]) -> str:
    shown = {chart.title for chart in drawn}
    left = [name for name in reading.journal.header["symbols"] if name not in shown]
    return ", ".join(left[:30]) + (f" and {len(left) - 30} more" if len(left) > 30 else "")


def _tables(reading: Reading) -> dict[str, Any]:
    header, texts = reading.journal.header, reading.journal.texts
    symbols, rules = header["symbols"], header["rules"]

    def name(names: list[str], index: int) -> str:
        return names[index] if 0 <= index < len(names) else ""

    trades = [
        {
            "symbol": name(symbols, t.symbol), "quantity": f"{t.quantity:,}", "opened": moment(t.opened),
            "closed": moment(t.closed), "entry": f"{t.entry_price:,.4f}", "exit": f"{t.exit_price:,.4f}",
            "net": money_text(t.net), "tone": _tone(t.net), "held": text.held_text(t.closed - t.opened),
            "adverse": money_text(e.adverse) if e else "", "favorable": money_text(e.favorable) if e else "",
            "rules": " / ".join(dict.fromkeys([name(rules, t.entry_rule), name(rules, t.exit_rule)])),
        }
        for t, e in zip(reading.ledger.trades[:MOST_ROWS], reading.excursions, strict=False)
    ]  # fmt: skip
    orders = [
        [
            (str(o.order), "n"), (moment(o.sent or o.created), ""), (name(symbols, o.symbol), ""),
            (name(rules, o.rule), "wrap"), (KIND_WORDS.get(o.kind, "").replace("_", " "), ""),
            (f"{o.quantity:,}", "n"), (f"{o.limit:,.4f}" if o.limit else "", "n"),
            (o.state + (f": {REFUSALS.get(o.reason, o.reason)}" if o.reason else ""), ""),
            (f"{o.filled:,}" if o.filled else "", "n"), (f"{o.price:,.4f}" if o.price else "", "n"),
            (money_text(o.fee, 3) if o.fee else "", "n"), (name(texts, o.text), "wrap"),
        ]
        for o in reading.orders[:MOST_ROWS]
    ]  # fmt: skip
    tallies = [
        (rule, [f"{n:,}" for n in (sum(counts), *counts)])
        for rule, counts in text.rule_tallies(header).items()
    ]
    return {
        "trades": trades,
        "trades_left": _left(len(reading.ledger.trades), "trades", "trades.csv"),
        "orders": orders,
        "orders_left": _left(len(reading.orders), "orders", "orders.csv"),
        "tally_heads": ["Bars", *(head.capitalize() for head in text.HEADS)],
        "tallies": tallies,
        "tallies_unknown": live_run.UNKNOWN_TALLIES if header.get("tallies", {}) is None else "",
        "refusals": [
            f"{count:,} × {rule + ', ' if rule else ''}{reason}"
            for count, rule, reason in text.refusal_counts(reading.journal)
        ],
    }


def _left(count: int, what: str, table: str) -> str:
    return (
        f"The first {MOST_ROWS:,} of {count:,} {what}; all of them are in {table}."
        if count > MOST_ROWS
        else ""
    )


def _lean_note(reading: Reading) -> str:
    if bool((reading.journal.marks["flags"] & MARK_DAY).any()):
        return "LEAN's own names and formulas, from samples of every calendar day; they differ from the key figures."
    return (
        "LEAN's names and formulas over session closes: this run was not sampled as LEAN samples, so they are "
        "not comparable to the last digit."
    )


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
