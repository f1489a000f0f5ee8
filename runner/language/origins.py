"""Every key and setting of a strategy as it stands for a run, and where it came from.

The order and the names are the schema's, the values of the account those of `market/brokerages.resolve`: nothing is
listed here by hand, so that a new key or setting is explained as soon as it exists.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from runner.language import units
from runner.language.problems import KEY, Path
from runner.language.read_account import DURATIONS, PERCENTS
from runner.language.scalars import number_text
from runner.language.schema import node_at, schema
from runner.language.source import Source, spot_of
from runner.language.spec import Spec
from runner.language.wording import flow

# Settings whose keys are called otherwise, and those that only conventions, account and margin model decide.
RENAMED: dict[str, Path] = {
    "default_time_in_force": ("default_order_properties", "time_in_force"),
    "benchmark": ("backtest", "benchmark"),
    "warm_up": ("data", "warm_up"),
    "sampling": ("backtest", "sampling"),
    "statistics": ("backtest", "statistics"),
    "margin.model": ("margin_model",),
}
WITHOUT_KEY = "conventions"
# Words of a schema's mapping by which it holds nothing unless it is written: what is inside has no value then.
_ONLY_WRITTEN = ("required", "minProperties", "maxProperties", "x-when-written")
_SENTENCES = ("rules",)  # told in words elsewhere


class Row(NamedTuple):
    """One key or setting: the group (a key of the top), its dotted name inside, its value as text, and where it
    came from; `line` is 0 and `file` empty when no document wrote it."""

    group: str
    key: str
    value: str
    origin: str
    file: str = ""
    line: int = 0


def rows(source: Source, spec: Spec, sets: dict[str, float]) -> list[Row]:
    """All rows, grouped as the document's keys."""
    walk = _Walk(source, spec, sets)
    found: list[Row] = []
    for key, node in schema()["properties"].items():
        if key not in _SENTENCES:
            found += walk.value((key,), node, source.data.get(key), key in source.data)
    for key in source.data:
        if key.startswith("x-"):
            found.append(walk.row((key,), flow(source.data[key]), *walk.written((key,))))
    found += [walk.setting(name, path) for name, path in walk.settings.items()]
    groups = list(dict.fromkeys([*schema()["properties"], *(row.group for row in found)]))
    return sorted(found, key=lambda row: groups.index(row.group))


def rule_rows(source: Source, spec: Spec, sets: dict[str, float]) -> dict[str, list[Row]]:
    """The rows of each rule, by its name; keys as seen from the rule."""
    walk = _Walk(source, spec, sets)
    node = schema()["properties"]["rules"]["items"]
    out = {}
    for i, rule in enumerate(source.data.get("rules", [])):
        found = walk.value(("rules", i), node, rule, True)
        out[str(rule["name"])] = [row._replace(key=row.key.removeprefix(f"[{i}].")) for row in found]
    return out


class _Walk:
    """One walk over schema and document; settings that it passes are taken off its list."""

    def __init__(self, source: Source, spec: Spec, sets: dict[str, float]) -> None:
        self.source, self.spec, self.sets = source, spec, sets
        model = str(spec.settings["margin.model"])
        self.settings = {name: path_of_setting(name, model) for name in spec.settings}
        self._at = {path: name for name, path in self.settings.items()}

    def value(self, path: Path, node: dict[str, Any], value: Any, is_written: bool) -> Iterator[Row]:
        """The rows of a key and of all below it."""
        name = self._at.get(path)
        inside = node.get("properties", {})
        if isinstance(value, str) and "name" in inside:
            value = {"name": value}  # a word is short for its name
        if name is not None and name in self.settings:
            del self.settings[name]
            if not is_written or self.spec.origins[name] in ("document", "margin_model"):
                yield self.setting(name, path)
                if not isinstance(value, dict):
                    return
        if isinstance(value, dict):
            free = node.get("additionalProperties")
            if not value or (not inside and not isinstance(free, dict)):
                yield self.row(path, flow(value), *self.written(path))
                return
            for key, child in inside.items():
                if node.get("maxProperties") != 1 or key in value:
                    yield from self.value((*path, key), child, value.get(key), key in value)
            for key, child in value.items():
                if key not in inside:
                    yield from self.value((*path, key), free if isinstance(free, dict) else {}, child, True)
        elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
            for i, item in enumerate(value):
                yield from self.value((*path, i), node.get("items", {}), item, True)
        elif is_written:
            yield self.row(path, self.text(value), *self.written(path))
        elif name is None:
            yield from self._absent(path, node)

    def _absent(self, path: Path, node: dict[str, Any]) -> Iterator[Row]:
        """What holds where nothing is written: a default, or the defaults of the keys inside."""
        if node.get("default", {}) != {}:
            yield self.row(path, flow(node["default"]), "default")
        elif "Default: " in node.get("description", ""):
            yield self.row(path, node["description"].partition("Default: ")[2].rstrip("."), "default")
        elif not any(node.get(word) for word in _ONLY_WRITTEN):
            for key, child in node.get("properties", {}).items():
                yield from self.value((*path, key), child, None, False)

    def written(self, path: Path) -> tuple[str, str, int]:
        """Origin, file and line of a written key; a parameter's value may have been set for this run."""
        where = (*path, KEY) if (*path, KEY) in self.source.places else path
        file, line, _ = spot_of(self.source, where)
        if path[0] == "parameters" and path[1] in self.sets and (len(path) == 2 or path[2] == "default"):
            return "--set", file, line
        return "document", file, line

    def text(self, value: Any) -> str:
        """A written value; that of a parameter beside its name."""
        shown = flow(value)
        if isinstance(value, str) and value.startswith("$") and value[1:] in self.spec.parameters:
            return f"{quantity_text(self.spec.parameters[value[1:]], self.spec.parameter_units[value[1:]])} ({value})"
        return shown

    def row(self, path: Path, value: str, origin: str, file: str = "", line: int = 0) -> Row:
        if origin == "--set":
            name = str(path[1])
            now = quantity_text(self.spec.parameters[name], self.spec.parameter_units[name])
            value = f"{now} (written {value})"
        dotted = "".join(
            f"[{part}]" if isinstance(part, int) else f".{part}" for part in path[1:]
        ).removeprefix(".")
        return Row(str(path[0]), dotted, value, origin, file, line)

    def setting(self, name: str, path: Path) -> Row:
        """A setting of the account with the origin that `resolve` gave it."""
        value, origin = self.spec.settings[name], self.spec.origins[name]
        shown = self.row(path, setting_text(name, value), origin)
        if origin == "document" or (origin == "margin_model" and path in self.source.places):
            file, line, _ = spot_of(self.source, path)
            return shown._replace(origin="document", file=file, line=line)
        if origin == "margin_model":  # the numbers of the model that the document names
            file, line, _ = spot_of(self.source, ("margin_model",))
            return shown._replace(
                origin=f"margin model {self.spec.settings['margin.model']}", file=file, line=line
            )
        return shown


def path_of_setting(name: str, model: str) -> Path:
    """The document's key for a setting; under a word of its own where there is none. `model`: the margin model."""
    if name in RENAMED:
        return RENAMED[name]
    parts = tuple(name.split("."))
    if parts[0] == "margin":
        path: Path = ("margin_model", model, *parts[1:])
        return path if node_at(path) else ("margin_model", *parts[1:])
    return next((path for path in (("brokerage", *parts), parts) if node_at(path)), (WITHOUT_KEY, *parts))


def setting_text(name: str, value: Any) -> str:
    """A setting as a document writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if name in DURATIONS:
        return quantity_text(float(value), units.DURATION)
    if name in PERCENTS or (
        name.startswith("margin.") and isinstance(value, float) and not name.endswith("_factor")
    ):
        return quantity_text(float(value), units.PERCENT)
    if isinstance(value, int | float):
        return f"{value:g}"
    return str(value) or "none"


def quantity_text(value: float, unit: str) -> str:
    """A number with its unit: `25%`, `2x`, `5m`, `20`."""
    if unit == units.PERCENT:
        return f"{value * 100:g}%"
    if unit == units.LEVERAGE:
        return f"{value:g}x"
    if unit == units.DURATION:
        seconds = value / units.SECOND
        size, word = next((s, w) for s, w in ((3600, "h"), (60, "m"), (1, "s")) if seconds >= s or s == 1)
        return f"{seconds / size:g}{word}"
    return number_text(value)
