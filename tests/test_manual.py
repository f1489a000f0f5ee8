"""The documentation is held to the program: tables to schema and settings, examples to what the commands say.

A row that fails is shown as it should be: put it into the page (or mend the schema, when the page is right).
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runner.commands.explain import explain
from runner.commands.run import run
from runner.commands.validate import validate
from runner.language.read_account import DURATIONS, PERCENTS
from runner.language.schema import schema
from runner.language.source import load
from runner.language.validate import understand
from runner.language.wording import flow
from runner.language.words import ACCOUNT_FUNCTIONS, FUNCTIONS, ORDER_WORDS, SERIES, WORDS
from runner.laws.indicators import INDICATORS
from runner.laws.refusals import REFUSALS
from runner.market.brokerages import BROKERAGES, CONVENTIONS
from runner.market.events import RECORD_KINDS
from runner.market.order import ORDER_KINDS, ORDER_STATES
from tests.results.made_runs import made_run
from tests.sources import ROOT, RUNNER

README, ARCHITECTURE = ROOT / "README.md", RUNNER / "README.md"
LANGUAGE, RESULTS = ROOT / "docs/language.md", ROOT / "docs/results.md"
LIVE = ROOT / "docs/live.md"
PAGES = [README, ARCHITECTURE, LANGUAGE, RESULTS, LIVE]

# One word of the tables for the places that share their keys.
SHORT = {
    "ACTION": ("rules[]", "rules[].do[]", "rules[].choose[]", "rules[].choose[].else"),
    "MODEL": ("margin_model", "margin_models.SYMBOL"),
    "MOMENT": (
        "rules[].at", "rules[].at[]", "portfolio.rebalance", "portfolio.rebalance[]", "portfolio.views[].at",
        "portfolio.views[].at[]", "universe.dynamic.refresh", "universe.dynamic.refresh[]",
        "universe.any[].dynamic.refresh", "universe.any[].dynamic.refresh[]",
    ),
    "SELECTION": ("universe", "universe.any[]"),
    "WINDOWED": tuple(
        f"indicators.NAME.{kind}"
        for kind in ("sma", "ema", "wilder", "rsi", "momentum", "roc", "highest", "lowest",
                     "standard_deviation", "zscore")
    ),
}  # fmt: skip


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def cells(page: Path) -> Iterator[list[str]]:
    """The rows of every table of a page, cut into cells."""
    for line in text_of(page).splitlines():
        if line.startswith("|"):
            yield [cell.strip() for cell in line.strip().strip("|").split(" | ")]


def keys(node: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every key of the schema as a dotted path, with its schema. `NAME` and `SYMBOL` are free, `[]` is an item."""
    dot = f"{path}." if path else ""
    for name, child in node.get("properties", {}).items():
        yield dot + name, child
        yield from keys(child, dot + name)
    for child in node.get("patternProperties", {}).values():
        yield f"{dot}x-...", child
    free = node.get("additionalProperties")
    if isinstance(free, dict):
        name = dot + ("NAME" if path in ("parameters", "indicators") else "SYMBOL")
        yield name, free
        yield from keys(free, name)
    item = node.get("items")
    if isinstance(item, dict) and "properties" in item:
        yield from keys(item, f"{path}[]")


def spelled(path: str) -> list[str]:
    """A path of the tables with its short word written out."""
    word, dot, rest = path.partition(".")
    return [f"{place}{dot}{rest}" for place in SHORT.get(word, (word,))]


# -- the schema and the table of its keys -------------------------------------------------------------------


def test_every_key_is_described():
    lacking = [path for path, node in keys(schema()) if not node.get("description")]
    assert not lacking


def key_table() -> list[tuple[str, list[str]]]:
    """(path, files) of each row of the architecture page's table of keys."""
    table = text_of(ARCHITECTURE).split("## From key to file")[1].split("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("| `")]
    return [
        (path, re.findall(r"`([\w/]+\.\w+)`", row[1]))
        for row in rows
        for path in re.findall(r"`([^`]+)`", row[0])
    ]


def told_with_rules(path: str) -> bool:
    """Whether a key of the portfolio is told with the rules, whose order it is."""
    return path.startswith("portfolio.order.")


def test_the_key_table_is_the_schema():
    told = [path for written, _ in key_table() for path in spelled(written)]
    assert len(told) == len(set(told)), sorted(path for path in set(told) if told.count(path) > 1)
    known = {path for path, _ in keys(schema()) if not told_with_rules(path)}
    assert not known - set(told), "keys without a file"
    assert not set(told) - known, "keys that the schema does not have"


def test_every_key_leads_to_a_file():
    for path, files in key_table():
        assert files, path


def test_the_short_words_are_explained():
    page = text_of(ARCHITECTURE)
    for word, places in SHORT.items():
        line = next(line for line in page.splitlines() if line.startswith(f"* `{word}`"))
        kinds = [place.removeprefix("indicators.NAME.") for place in places] if word == "WINDOWED" else places
        assert re.findall(r"`([^`]+)`", line)[1:] == list(kinds), word


# -- files and links -----------------------------------------------------------------------------------------


def test_files_named_on_the_page_exist():
    """Everything in backticks outside the map that looks like a file or folder of the package is one."""
    before, rest = text_of(ARCHITECTURE).split("## The house")
    page = before + rest.split("\n## ", 1)[1]
    named = set(re.findall(r"`([a-z_]+(?:/[a-z_]+)*(?:\.(?:py|md)|/))`", page))
    assert len(named) > 50
    assert not {name for name in named if not (RUNNER / name).exists() and not (ROOT / name).exists()}


def test_the_map_is_the_house():
    """Every file has its sentence, and every sentence its file."""
    page = text_of(ARCHITECTURE).split("## The house")[1].split("\n## ")[0]
    folder, told = "", []
    for line in page.splitlines():
        found = re.match(r"\| (?:\*\*)?`([a-z_/]+?)(/|\.py)`", line)
        if found and found[2] == "/":
            folder = f"{found[1]}/"
        elif found:
            told.append(f"{found[1]}.py" if "**" in line else f"{folder}{found[1]}.py")
    files = {
        path.relative_to(RUNNER).as_posix() for path in RUNNER.rglob("*.py") if path.name != "__init__.py"
    }
    assert len(told) == len(set(told))
    assert set(told) == {name for name in files if not name.startswith("laws/indicators/")}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path):
    heads = {
        other: {
            re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-")
            for head in re.findall(r"^#+ (.+)$", text_of(other), re.M)
        }
        for other in PAGES
    }
    for target in re.findall(r"\]\(([^)\s]+)\)", text_of(page)):
        name, _, anchor = target.partition("#")
        if "://" in name:
            continue
        path = (page.parent / name).resolve() if name else page
        assert path.exists(), target
        assert not anchor or anchor in heads[path], target


def test_the_picture_is_small():
    assert (ROOT / "docs/report.png").stat().st_size < 200_000


# -- the commands and their output ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["run", "test"])
def test_marked_commands(name: str):
    """The form that `.ci/run` reads: a comment, a block of shell."""
    found = re.findall(rf"^<!-- command: {name} -->\n```sh\n((?:.+\n)+)```$", text_of(README), re.M)
    assert len(found) == 1
    assert ".venv/bin/" in found[0]


def shown_files(page: Path) -> list[tuple[str, str, str]]:
    """(name, document, output) where a page shows a file and what `run validate` says of it."""
    pattern = r"<!-- file: (\S+) -->\n```yaml\n(.*?)```\n.*?```console\n\$ run validate \1\n(.*?)```"
    return re.findall(pattern, text_of(page), re.S)


@pytest.mark.parametrize("page", [README, LANGUAGE], ids=lambda page: page.name)
def test_what_validate_prints(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    shown = shown_files(page)
    assert shown
    monkeypatch.chdir(tmp_path)
    for name, document, output in shown:
        Path(name).write_text(document, encoding="utf-8")
        out = io.StringIO()
        assert validate([name], out=out) == 1
        assert out.getvalue() == output


def test_what_the_first_run_prints(tmp_path: Path):
    """The README's picture of the terminal is the output of the command above it."""
    pytest.importorskip("bokeh_sampledata")
    shown = re.search(r"```console\n\$ run strategies/ema_cross.yaml\n(.*?)```", text_of(README), re.S)
    assert shown
    out = io.StringIO()
    assert (
        run(str(ROOT / "strategies/ema_cross.yaml"), {}, str(tmp_path), "loop", page=False, stream=out) == 0
    )
    for part in shown[1].split("...\n"):
        assert part.strip("\n") in out.getvalue()


def test_what_explain_prints():
    """The README's excerpt is in the output, part by part."""
    shown = re.search(
        r"```console\n\$ run explain strategies/ema_cross.yaml\n(.*?)```", text_of(README), re.S
    )
    assert shown
    out = io.StringIO()
    path = ROOT / "strategies/ema_cross.yaml"
    assert explain(str(path), {}, data=False, stream=out) == 0
    told = single_spaced(out.getvalue().replace(str(path), "strategies/ema_cross.yaml"))
    for part in shown[1].split("...\n"):
        assert single_spaced(part).strip("\n") in told


def single_spaced(text: str) -> str:
    """Columns are as wide as the longest key, which may be one that the page does not show."""
    return "\n".join(" ".join(line.split()) for line in text.splitlines())


# -- documents -----------------------------------------------------------------------------------------------

# What a fragment may take for granted.
AROUND = {
    "version": "version: 1",
    "name": "name: fragment",
    "universe": "universe: {symbols: [SPY, IBM, QQQ]}",
    "data": "data: {source: {lean: data}, resolution: 1m}",
    "indicators": "indicators: {fast: {ema: 20}, slow: {ema: 80}, bands: {bollinger: 20}, range: {atr: 14}}",
    "rules": "rules: [{name: bid, when: close > 5, buy: 100, as: low, order: {limit: {price: bid}}}]",
}


def fragments() -> list[tuple[str, str]]:
    """Every YAML block of the pages, completed to a document; not those that are shown for their mistakes."""
    out = []
    for page in PAGES:
        text = re.sub(r"<!-- file: \S+ -->\n```yaml\n.*?```", "", text_of(page), flags=re.S)
        for number, block in enumerate(re.findall(r"```yaml\n(.*?)```", text, re.S), 1):
            if block.startswith("- "):
                block = "rules:\n" + block
            heads = set(re.findall(r"^([a-z_]+):", block, re.M))
            block += "".join(f"{line}\n" for key, line in AROUND.items() if key not in heads)
            out.append((f"{page.relative_to(ROOT).as_posix()} {number}", block))
    return out


@pytest.mark.parametrize(("name", "document"), fragments(), ids=[name for name, _ in fragments()])
def test_yaml_of_the_pages_is_valid(name: str, document: str):
    program, problems = understand(load(document, name))
    assert not problems, "\n".join(problem.text() for problem in problems) + "\n" + document
    assert program is not None


def test_the_explained_strategy_is_the_file():
    """The README's first strategy differs from the file in its comments only."""
    shown = re.search(r"```yaml\n(version: 1 .*?)```", text_of(README), re.S)
    assert shown
    path = ROOT / "strategies/ema_cross.yaml"
    assert load(shown[1], "shown").data == load(path.read_bytes(), path.name).data


@pytest.mark.parametrize("path", sorted((ROOT / "strategies").glob("*.yaml")), ids=lambda path: path.stem)
def test_strategies_are_valid_and_listed(path: Path):
    _, problems = understand(load(path.read_bytes(), path.name))
    assert problems == ()
    assert f"strategies/{path.name}" in text_of(README)


# -- the manual of the language ------------------------------------------------------------------------------


def in_manual(path: str) -> str | None:
    """The name under which the manual lists a key; None where it is listed with another place of the same keys."""
    if told_with_rules(path) or (
        re.match(r"portfolio\.(rebalance|views\[\]\.(at|between))\b.*\.", path)
        and not path.endswith(".every")
    ):
        return None
    if re.match(r"rules\[\]\.(at|do|choose)\[\]\.", path):
        return (
            path.removeprefix("rules[].")
            if path in ("rules[].choose[].if", "rules[].choose[].else")
            else None
        )
    if re.match(r"universe\.(any\[\]|dynamic\.refresh(\[\])?)\.", path):
        return None  # the keys of a selection, and of a moment
    if path.startswith("margin_models.SYMBOL."):
        return None  # the keys of margin_model
    name = path.removeprefix("rules[].").removeprefix("indicators.NAME.")
    if path == name:
        return name
    kind, _, rest = name.partition(".")
    windowed = f"indicators.NAME.{kind}" in SHORT["WINDOWED"]
    return (
        f"KIND.{rest}"
        if kind in INDICATORS and ((windowed and rest) or rest in ("symbol", "timeframe"))
        else name
    )


def rows_of_keys() -> list[str]:
    """The rows that the manual must have: name, default, example and the schema's own sentence."""
    rows = []
    for path, node in keys(schema()):
        name = in_manual(path)
        if name is None:
            continue
        if "Default: " in node["description"]:
            default = "see right"
        else:
            default = f"`{flow(node['default'])}`" if node.get("default", "") != "" else "–"
        examples = node.get("examples") or [""]
        example = f"`{flow(examples[0])}`" if examples[0] != "" else "–"
        rows.append(f"| `{name}` | {default} | {example} | {node['description']} |")
    return list(dict.fromkeys(rows))


def lacking_rows(page: Path, rows: list[str]) -> str:
    there = set(text_of(page).splitlines())
    return "\n".join(row for row in rows if row not in there)


def test_every_key_has_a_description_and_an_example():
    schema = json.loads((ROOT / "schemas" / "strategy.schema.json").read_text(encoding="utf-8"))
    lacking = []

    def look(node: Any, path: str) -> None:
        for key, value in node.get("properties", {}).items() if isinstance(node, dict) else ():
            meant = schema["definitions"].get(value.get("$ref", "").rpartition("/")[2], {}) | value
            lacking.extend(
                f"{path}.{key}: {word}" for word in ("description", "examples") if not meant.get(word)
            )
        for key, child in node.items() if isinstance(node, dict) else enumerate(node):
            if isinstance(child, (dict, list)) and key not in ("examples", "default", "enum"):
                look(child, f"{path}.{key}")

    look(schema, "")
    assert not lacking, lacking


def test_the_manual_has_every_key():
    lacking = lacking_rows(LANGUAGE, rows_of_keys())
    assert not lacking, f"rows that docs/language.md lacks:\n{lacking}"


def setting_text(name: str, value: Any) -> str:
    """A setting as a document writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if name in DURATIONS:
        seconds = value / 1e9
        size, unit = next((s, u) for s, u in ((3600, "h"), (60, "m"), (1, "s")) if seconds >= s or s == 1)
        return f"{seconds / size:g}{unit}"
    if name in PERCENTS:
        return f"{value * 100:g}%"
    if isinstance(value, float):
        return f"{value:g}"
    return str(value) or "none"


def test_the_table_of_conventions():
    tables = CONVENTIONS.values()
    assert list(CONVENTIONS) == ["atreyu", "lean", "lean_2023", "conservative"]
    rows = [
        f"| `{name}` | " + " | ".join(f"`{setting_text(name, table[name])}`" for table in tables) + " |"
        for name in CONVENTIONS["atreyu"]
    ]
    lacking = lacking_rows(LANGUAGE, rows)
    assert not lacking, f"rows that docs/language.md lacks:\n{lacking}"
    named = {row[0].strip("`") for row in cells(LANGUAGE) if len(row) == 5 and row[0].startswith("`")}
    known = {name for table in tables for name in table}
    assert {name for name in named if re.match(r"(fees|fills)\.", name)} <= known


def test_the_table_of_brokerages():
    words = {number: word for word, number in ORDER_KINDS.items()}
    rows = []
    for name, about in BROKERAGES.items():
        kinds = ", ".join(f"`{words[kind]}`" for kind in about["order_kinds"])
        times = ", ".join(f"`{word}`" for word in about["times_in_force"])
        own = ", ".join(f"`{key}: {setting_text(key, value)}`" for key, value in about["settings"].items())
        rows.append(f"| `{name}` | {kinds} | {times} | {own or '–'} |")
    lacking = lacking_rows(LANGUAGE, rows)
    assert not lacking, f"rows that docs/language.md lacks:\n{lacking}"


def test_the_words_of_expressions():
    rows = [f"| `{name}` | {word.scope} | {word.about} |" for name, word in WORDS.items()]
    rows += [f"| `NAME.{name}` | {word.scope} | {word.about} |" for name, word in ORDER_WORDS.items()]
    lacking = lacking_rows(LANGUAGE, rows)
    assert not lacking, f"rows that docs/language.md lacks:\n{lacking}"
    page = text_of(LANGUAGE)
    for word in [*SERIES, *FUNCTIONS, *ACCOUNT_FUNCTIONS, "rank"]:
        assert f"`{word}" in page, word


def test_the_table_of_indicators():
    rows = []
    for name, kind in INDICATORS.items():
        numbers = [p.name + ("" if p.default is None else f" {p.default:g}") for p in kind.parameters]
        outputs = ", ".join(f"`.{o}`" for o in kind.outputs) or "–"
        unit = {"same": "of its input", "points": "0 to 100"}.get(kind.unit, kind.unit)
        rows.append(f"| `{name}` | {', '.join(numbers) or '–'} | {outputs} | {unit} | {kind.about} |")
    lacking = lacking_rows(LANGUAGE, rows)
    assert not lacking, f"rows that docs/language.md lacks:\n{lacking}"


# -- the page of results -------------------------------------------------------------------------------------


def test_columns_and_fields_of_results():
    from runner.results import figure_tables, tables
    from runner.results.reading import read
    from runner.results.summary import plain

    run_journal, bars = made_run(fills=4, mark_count=50, length=780)
    reading = read(run_journal, bars)
    page = text_of(RESULTS)
    for name, table in {
        "orders.csv": tables.orders_csv(reading.journal, reading.orders),
        "fills.csv": tables.fills_csv(reading.journal, reading.ledger),
        "trades.csv": tables.trades_csv(reading.journal, reading.ledger, reading.excursions),
        "months.csv": figure_tables.months_csv(reading),
        "symbols.csv": figure_tables.symbols_csv(reading),
        "drawdowns.csv": figure_tables.drawdowns_csv(reading),
        "rolling.csv": figure_tables.rolling_csv(reading),
        "equity.csv": tables.equity_csv(reading.journal),
    }.items():
        columns = table.splitlines()[0].replace(",", " ")
        assert f"\n`{columns}`\n" in page, f"{name}: `{columns}`"
    named = {row[0].strip("`") for row in cells(RESULTS) if row[0].startswith("`")}
    written = plain(reading)
    figures = written["figures"]
    fields = {*written, *figures}
    fields |= {f"{group}.{name}" for group in ("drawdown", "trades") for name in figures[group]}
    assert not fields - named, "fields that docs/results.md does not explain"


def test_the_page_of_results_is_its_schema():
    """Every field of results.json has a row with the schema's own sentence; `figures.` is left out."""
    node = json.loads((ROOT / "schemas/results.schema.json").read_text(encoding="utf-8"))
    rows = []

    def look(at: dict[str, Any], path: str) -> None:
        for name, child in at.get("properties", {}).items():
            here = f"{path}.{name}" if path else name
            if "description" in child:
                rows.append(f"| `{here.removeprefix('figures.')}` | {child['description']} |")
            look(child, here)
            look(child.get("items", {}), f"{here}[]")
            if isinstance(child.get("additionalProperties"), dict):
                look(child["additionalProperties"], f"{here}.WINDOW")

    look(node, "")
    lacking = lacking_rows(RESULTS, rows)
    assert len(rows) > 100
    assert not lacking, f"rows that docs/results.md lacks:\n{lacking}"


def test_records_and_refusals_of_the_journal():
    rows = [f"| `{word}` | {', '.join(fields)} |" for word, fields in RECORD_KINDS.values()]
    page = text_of(RESULTS)
    lacking = [row for row in rows if row.removesuffix(" |") not in page]
    assert not lacking, "\n".join(lacking)
    for words in REFUSALS.values():
        assert words in page, words
    for state in ORDER_STATES[1:]:
        assert f"`{state}`" in page, state


def test_the_manifest():
    """Every field of a real manifest is explained."""
    named = {row[0].strip("`") for row in cells(RESULTS) if row[0].startswith("`")}
    fields = {"version", "code", "schema", "document", "bases", "parameters", "data", "driver", "calendar"}
    assert fields <= named


@pytest.mark.slow
def test_what_a_paper_run_prints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The README's first run on paper, line by line."""
    pytest.importorskip("bokeh_sampledata")
    from runner.commands.live import live

    shown = re.search(
        r"```console\n\$ run strategies/ema_cross.yaml --paper\n(.*?)```", text_of(README), re.S
    )
    assert shown
    monkeypatch.chdir(tmp_path)
    out = io.StringIO()
    assert live(str(ROOT / "strategies/ema_cross.yaml"), "paper", {}, None, False, out) == 0
    for part in shown[1].split("...\n"):
        assert part.strip("\n") in out.getvalue()
