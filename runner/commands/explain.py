"""`run explain FILE`: what a run would go by. Every key and setting with its origin, the rules in words, the data."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from runner.adapters import documents
from runner.commands.understood import understood

if TYPE_CHECKING:
    from runner.assemble import Backtest
    from runner.language.origins import Row
    from runner.language.program import Program

FINE, OUTSIDE = 0, 3
VALUES = 28  # characters of a value before its origin moves to the right


def explain(
    file: str, sets: dict[str, float], form: str = "text", data: bool = True, stream: TextIO | None = None
) -> int:
    """Print what the strategy in `file` goes by; returns the exit code.

    `form`: text or json. `data`: whether the data is opened, to say what it holds and from when rules are ready.
    """
    out = stream or sys.stdout
    read = understood(file, sets, out)
    if isinstance(read, int):
        return read
    program, document = read
    told = _told(document, program, sets)
    fault = ""
    if data:
        told["data"], fault = _data(document, program, Path(file))
    if form == "json":
        print(json.dumps(told, indent=1, ensure_ascii=False, allow_nan=False), file=out)
    else:
        for line in _lines(told):
            print(line, file=out)
    if fault:
        print(f"{file}: {fault}", file=sys.stderr)
    return OUTSIDE if fault else FINE


def _told(document: documents.Document, program: Program, sets: dict[str, float]) -> dict[str, Any]:
    """Everything but the data, as plain values."""
    from runner.language.origins import rows
    from runner.language.sentences import sentence
    from runner.language.source import spot_of

    source, spec = document.source, program.spec
    rules = []
    for i, rule in enumerate(source.data.get("rules", [])):
        path, line, _ = spot_of(source, ("rules", i))
        needs = max((span.warm_up for at, span in program.spans.items() if at[:2] == ("rules", i)), default=0)
        rules.append(
            {"name": rule["name"], "words": sentence(rule), "bars": needs, "file": path, "line": line}
        )
    return {
        "strategy": spec.name,
        "file": source.name,
        "bases": [base.name for base in source.bases],
        "settings": [_plain(row) for row in rows(source, spec, sets)],
        "rules": rules,
        "reads": "" if spec.settings["warm_up"] == "computed" else "; none before the start are read",
        "warm_up": max((span.warm_up for span in program.spans.values()), default=0),
    }


def _plain(row: Row) -> dict[str, Any]:
    key = f"{row.group}.{row.key}" if row.key else row.group
    return {"key": key, "value": row.value, "origin": row.origin, "file": row.file, "line": row.line}


def _data(document: documents.Document, program: Program, path: Path) -> tuple[dict[str, Any], str]:
    """What the data hold for this strategy, and why they cannot be had."""
    from runner import assemble
    from runner.adapters.coverage import DataFault

    try:
        ready = assemble.backtest(program, document.text, path.resolve().parent)
    except DataFault as fault:
        return {"fault": str(fault)}, str(fault)
    return _held(ready), ""


def _held(ready: Backtest) -> dict[str, Any]:
    from runner.adapters.coverage import day_text
    from runner.commands import opening
    from runner.results.times import iso

    return {
        "first_day": day_text(ready.prepared.first_day),
        "last_day": day_text(ready.prepared.last_day),
        "symbols": opening.said(ready),
        "notes": list(ready.notes),
        "ready": {symbol: iso(since) if since else None for symbol, since in ready.prepared.ready.items()},
        "files": list(ready.history.files()),
        "driver": ready.driver,
    }


def _lines(told: dict[str, Any]) -> Iterator[str]:
    """The same for a terminal."""
    over = f" over {', '.join(told['bases'])}" if told["bases"] else ""
    yield f"{told['strategy']}: {told['file']}{over}"
    rows = [(row["key"].partition("."), row["value"], _origin(row, told["file"])) for row in told["settings"]]
    width = 2 + max(len(key[2]) for key, _, _ in rows)
    for top, group in groupby(rows, key=lambda row: row[0][0]):
        inside = list(group)
        lone = not inside[0][0][2]
        if len(inside) > 1 or not lone:
            yield ""
        if not lone:
            yield top
        for (_, _, key), value, origin in inside:
            yield f"{'  ' + key if key else top:<{width}}  {_cut(value):<{VALUES}}  {origin}".rstrip()
    if told["rules"]:
        yield ""
        yield "rules"
    for rule in told["rules"]:
        place = _origin({**rule, "origin": "document"}, told["file"])
        yield f"  {rule['name']} ({place}{_needs(rule['bars'])})"
        yield f"    {rule['words']}"
    if "data" not in told:
        return
    yield ""
    yield "data"
    data = told["data"]
    for line in [*data.get("symbols", []), *data.get("notes", [])]:
        yield f"  {line}"
    if "fault" in data:
        yield f"  {data['fault']}"
        return
    yield f"  {data['first_day']} to {data['last_day']}, driver {data['driver']}"
    yield from _warm_up(told)


def _warm_up(told: dict[str, Any]) -> Iterator[str]:
    yield ""
    yield "warm-up"
    if not told["warm_up"]:
        yield "  no rule looks back"
        return
    yield f"  the rules look back {_bars(told['warm_up'])}" + told["reads"]
    for symbol, since in told["data"]["ready"].items():
        yield f"  {symbol}: " + (
            f"all rules are ready from {since}" if since else "never all ready in these data"
        )


def _needs(bars: int) -> str:
    return f", looks back {_bars(bars)}" if bars else ""


def _bars(count: int) -> str:
    return "1 bar" if count == 1 else f"{count:,} bars"


def _cut(value: str, most: int = 70) -> str:
    """One line of a long value."""
    line = " ".join(value.split())
    return line if len(line) <= most else line[: most - 1] + "…"


def _origin(row: dict[str, Any], own: str) -> str:
    if not row["line"]:
        return str(row["origin"])
    place = f"line {row['line']}" if row["file"] == own else f"{row['file']}:{row['line']}"
    return f"{row['origin']}, {place}" if row["origin"] != "document" else place
