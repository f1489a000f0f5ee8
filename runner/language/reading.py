"""One reading of a document: its parameters, and the faults found so far. Values that are None were dropped
by the schema pass and count as absent."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from runner.language import units
from runner.language.problems import KEY, Fault, Path, choices, did_you_mean, quoted
from runner.language.scalars import number_text
from runner.language.spec import Text

_PARAMETER = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)")
_LITERAL = re.compile(r"-?(?:[0-9]{1,15}(?:\.[0-9]{0,15})?|\.[0-9]{1,15})")
_KIND = {
    units.NUMBER: "a plain number",
    units.PERCENT: "a percentage",
    units.LEVERAGE: "a multiple of equity",
    units.DURATION: "a duration",
}


_SUCH_AS = {units.NUMBER: "20", units.PERCENT: "25%", units.LEVERAGE: "2x", units.DURATION: "5m"}


class Parameter(NamedTuple):
    """A parameter's value for this run and its unit (see `units`)."""

    value: float
    unit: str


class Reading:
    """`damaged`: mappings of which the schema pass dropped something: what they lack is no news."""

    def __init__(self, damaged: Iterable[Path] = ()) -> None:
        self.faults: list[Fault] = []
        self.damaged = set(damaged)
        self.parameters: dict[str, Parameter] = {}
        self._comparisons = (
            300_000  # of words that may still be made: thousands against thousands take minutes
        )

    def suggest(self, word: str, known: Iterable[str], label: str = "write") -> str:
        """The cure for an unknown word: the nearest known one, else all of them."""
        words = list(known)
        self._comparisons -= len(words)
        if self._comparisons < 0:
            return f"{label} {choices(words)}"
        return did_you_mean(word, words, label)

    def fault(self, path: Path, message: str, cure: str, column: int = 0) -> None:
        """A mistake in what is written."""
        self.faults.append(Fault(path, message, cure, column))

    def lacking(self, mapping: Path, message: str, cure: str, at: Path | None = None) -> None:
        """A mistake in what is not written; silent where something of the mapping was dropped."""
        if mapping not in self.damaged:
            self.faults.append(Fault(mapping if at is None else at, message, cure))

    def number(self, value: Any, path: Path, unit: str = units.NUMBER, default: float = 0.0) -> float:
        """A number, `25%`, `5m`, `2x` or `$name`, as `unit` asks; `default` when absent or wrong."""
        if value is None:
            return default
        if not isinstance(value, str):
            return value if isinstance(value, int) else float(value)
        if not value.startswith("$"):
            return units.quantity(value)[0]
        parameter = self.parameter(value, path)
        if parameter is None:
            return default
        if parameter.unit != unit:
            self._misfit(value, path, parameter.unit, unit)
            return default
        return parameter.value

    def _misfit(self, name: str, path: Path, found: str, wanted: str) -> None:
        message = f"{quoted(name)} is {_KIND[found]}, where {_KIND[wanted]} is expected"
        self.fault(path, message, f"give the parameter a value such as {_SUCH_AS[wanted]}")

    def whole(self, value: Any, path: Path, default: int, low: int = 1, high: int = 10_000) -> int:
        """A whole number of bars, or a parameter that is one."""
        number = self.number(value, path, default=default)
        if isinstance(value, str) and (number != int(number) or not low <= number <= high):
            message = f"{quoted(value)} is {number_text(number)}, where a whole number from {low} to {high} is expected"
            self.fault(path, message, "change the parameter")
            return default
        return int(number)

    def duration(self, value: Any, path: Path, default: int = -1) -> int:
        """Nanoseconds."""
        return round(self.number(value, path, units.DURATION, default))

    def date(self, value: Any, path: Path) -> int | None:
        """Days since 1970-01-01."""
        if value is None:
            return None
        try:
            return units.date(value)
        except ValueError:
            self.fault(path, f"there is no day {value}", "write a date of the calendar as year-month-day")
            return None

    def parameter(self, text: str, path: Path) -> Parameter | None:
        """The parameter of `$name`; a fault when there is none."""
        found = self.parameters.get(text[1:])
        if found is None:
            cure = f"declare it: parameters: {{{text[1:]}: 20}}"
            if self.parameters:
                cure = self.suggest(text[1:], self.parameters, "write one of the parameters:")
            self.fault(path, f"unknown parameter {quoted(text)}", cure)
        return found

    def expression(self, value: Any, path: Path) -> Text | None:
        """An expression or a number as text."""
        if value is None:
            return None
        return Text(value if isinstance(value, str) else number_text(value), path)

    def percentage(self, value: Any, path: Path) -> Text | None:
        """An expression that is a share: a bare number is never one."""
        text = self.expression(value, path)
        if text is not None and _LITERAL.fullmatch(text.text.strip()) and float(text.text) != 0.0:
            bare = text.text.strip()
            self.fault(path, f"{quoted(path[-1])} is {bare}: a percentage needs its sign", f"write {bare}%")
            return Text("0%", path)
        if text is not None and _PARAMETER.fullmatch(text.text.strip()):
            parameter = self.parameters.get(text.text.strip()[1:])
            if parameter is not None and parameter.unit != units.PERCENT:
                self._misfit(text.text.strip(), path, parameter.unit, units.PERCENT)
                return Text("0%", path)
        return text

    def shares(self, value: Any, path: Path, what: str = "") -> Text | None:
        """A number of shares: whole and above zero when it is written as a number."""
        text = self.expression(value, path)
        if text is None or not _LITERAL.fullmatch(text.text.strip()):
            return text
        name = what or quoted(path[-1])
        number = float(text.text)
        if number != int(number):
            self.fault(
                path,
                f"{name} is {text.text.strip()} shares: orders are for whole shares",
                f"write {int(number)} or {int(number) + 1}",
            )
        elif number <= 0:
            self.fault(
                path,
                f"{name} is {text.text.strip()} shares: a number above zero is expected",
                "the action says the direction, not the sign",
            )
        else:
            return text
        return Text("1", path)

    def one_of(
        self,
        mapping: dict[str, Any],
        path: Path,
        known: tuple[str, ...],
        what: str,
        place: Path | None = None,
    ) -> str | None:
        """The one key of `known` that the mapping has; faults when there is none, or more than one."""
        found = [key for key in mapping if key in known and mapping[key] is not None]
        if not found:
            self.lacking(
                path, f"{what} says nothing of {choices(known)}", f"write one of {choices(known)}", place
            )
            return None
        for key in found[1:]:
            self.fault(
                (*path, key, KEY),
                f"{quoted(found[0])} and {quoted(key)} stand beside each other in {what}",
                "keep one of the two",
            )
        return found[0]


def check_symbol(symbol: str | None, path: Path, symbols: tuple[str, ...], out: Reading) -> None:
    """A fault when a symbol is not of the universe."""
    if symbol is not None and symbols and symbol not in symbols and ("universe",) not in out.damaged:
        out.fault(path, f"{quoted(symbol)} is not in the universe", out.suggest(symbol, symbols))


def read_parameters(data: dict[str, Any], sets: dict[str, float], out: Reading) -> None:
    """Fills `out.parameters` from the document and from the values that this run sets."""
    written = data.get("parameters") or {}
    for name, value in written.items():
        path: Path = ("parameters", name)
        entry = value if isinstance(value, dict) else {"default": value}
        if entry.get("default") is None:
            out.parameters[name] = Parameter(1.0, units.NUMBER)
            continue
        parts = {
            key: _quantity(entry[key])
            for key in ("default", "min", "max", "step")
            if entry.get(key) is not None
        }
        number, unit = parts["default"]
        for key, (_, other) in parts.items():
            if other != unit:
                out.fault(
                    (*path, key),
                    f"{quoted(key)} is {_KIND[other]}, the default of {quoted(name)} is {_KIND[unit]}",
                    "use one unit for all of them",
                )
        low, high = parts.get("min", (float("-inf"), ""))[0], parts.get("max", (float("inf"), ""))[0]
        place = (*path, "default") if isinstance(value, dict) else path
        if low > high:
            out.fault((*path, "min"), f"'min' of {quoted(name)} is above its 'max'", "exchange them")
        elif not low <= number <= high:
            out.fault(
                place,
                f"the default of {quoted(name)} is {_written(entry['default'])}, outside {_written(entry.get('min'))} to {_written(entry.get('max'))}",
                "move it, or the bounds",
            )
        if parts.get("step", (1.0, ""))[0] <= 0:
            out.fault(
                (*path, "step"), f"'step' of {quoted(name)} is not above zero", "write a step such as 1"
            )
        if name in sets:
            number = sets[name]
            if not low <= number <= high:
                out.fault(
                    path,
                    f"{name} is set to {number_text(number)}, outside {_written(entry.get('min'))} to {_written(entry.get('max'))}",
                    "set a value inside the bounds",
                )
                number = parts["default"][0]
        out.parameters[name] = Parameter(number, unit)
    for name in sets:
        if name not in written:
            cure = out.suggest(name, written) if written else "this strategy has no parameters"
            out.fault(("parameters",), f"no parameter {quoted(name)} to set", cure)


def _quantity(value: float | str) -> tuple[float, str]:
    return units.quantity(value) if isinstance(value, str) else (float(value), units.NUMBER)


def _written(value: Any) -> str:
    if value is None:
        return "any number"
    return value if isinstance(value, str) else number_text(value)
