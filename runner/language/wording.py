"""A schema error in the user's words: what was found, and what to write instead.

The cure is the schema's own (`x-cure`, else `description` and `examples`), so that an editor's hover, the
documentation and the message share one text.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from runner.language.problems import Path, did_you_mean, nearest, quoted
from runner.language.scalars import number_text

_WHAT = {
    "symbol": "a symbol",
    "day": "a date",
    "clock": "a time of day",
    "duration": "a duration",
    "percent": "a percentage",
    "leverage": "a multiple of equity",
    "money": "an amount of dollars",
    "bars": "a number of bars",
    "quantity": "a number",
    "shares": "a number of shares",
    "expression": "an expression",
}
_TYPES = {
    "string": "text",
    "object": "a mapping",
    "array": "a list",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}
_DURATION = re.compile(
    r"\s*([0-9]+(?:\.[0-9]+)?)\s*(s|sec|secs|seconds?|m|min|mins|minutes?|h|hr|hrs|hours?)\s*", re.I
)
_TOO_LONG = (
    "the number is too large or too fine",
    "write at most six digits before its point and nine after it",
)


class Bad(NamedTuple):
    """`better`: a value to go on with, None for none. `deeper`: from the value's path to the culprit."""

    message: str
    cure: str
    better: Any = None
    deeper: Path = ()


def label(path: Path) -> str:
    """`'cash'`, or `item 2 of 'symbols'`."""
    if not path:
        return "the document"
    last = path[-1]
    if isinstance(last, int):
        return f"item {last + 1} of {quoted(path[-2])}" if len(path) > 1 else f"item {last + 1}"
    return quoted(last)


def where(path: Path, data: Any) -> str:
    """` in 'order'`, ` in rule 'leave'`, or nothing at the top."""
    if not path:
        return ""
    if len(path) == 2 and path[0] == "rules" and isinstance(data, dict):
        rules = data.get("rules")
        rule = rules[path[1]] if isinstance(rules, list) and isinstance(path[1], int) else None
        name = rule.get("name") if isinstance(rule, dict) else None
        return f" in rule {quoted(name)}" if isinstance(name, str) else f" in {label(path)}"
    return f" in {label(path)}"


def example(node: dict[str, Any]) -> str:
    """The first example of a key, as YAML in one line."""
    examples = node.get("examples")
    return flow(examples[0]) if examples else ""


def flow(value: Any) -> str:
    """A value as YAML in flow style; text with a comma or a bracket in quotes."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {flow(child)}" for key, child in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow(child) for child in value) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value)
    return f'"{text}"' if isinstance(value, str) and re.search(r"[,\[\]{}#]|: |^$|^[0-9]+$", text) else text


def shown(value: Any, path: Path) -> str:
    """The value in a message."""
    if value is True or value is False:
        return str(value).lower()
    if isinstance(value, int | float):
        return number_text(value) if abs(value) < 1e16 else f"{value:g}"
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    return quoted(value)


def cure_of(node: dict[str, Any]) -> str:
    """What to write, from the schema."""
    if "x-cure" in node:
        return str(node["x-cure"])
    text = str(node.get("description", "")).rstrip(".")
    return f"{text}; for example {example(node)}" if node.get("examples") else text


def bad_value(error: Any, path: Path) -> Bad:
    """Words for an error of a value (anything but a missing or unknown key)."""
    value, node, rule = error.instance, error.schema, error.validator
    if value is None:
        return Bad(f"{label(path)} is empty", cure_of(node))
    if rule in ("type", "pattern", "enum", "const"):
        return _wrong_word(value, node, path) if isinstance(value, str) else _wrong_type(value, node, path)
    cure = cure_of(node)
    if rule in ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"):
        bound = number_text(error.validator_value)
        than = {"minimum": "less than", "exclusiveMinimum": "not more than", "maximum": "more than"}[rule]
        return Bad(f"{label(path)} is {shown(value, path)}, {than} {bound}", cure)
    if rule in ("minLength", "minItems", "minProperties"):
        return Bad(f"{label(path)} is empty", cure)
    if rule == "maxLength":
        return Bad(
            f"{label(path)} has {len(value)} characters, more than {error.validator_value}", "make it shorter"
        )
    if rule == "maxItems":
        return Bad(f"{label(path)} has {len(value)} items, more than {error.validator_value}", "write fewer")
    if rule == "maxProperties":
        names = ", ".join(str(key) for key in value)
        return Bad(
            f"{label(path)} has {len(value)} keys where one is expected: {names}",
            f"keep one: it is {node.get('x-one', 'one thing')}",
        )
    if rule == "uniqueItems":
        twice = next(i for i, item in enumerate(value) if item in value[:i])
        return Bad(
            f"{label(path)} lists {shown(value[twice], path)} twice", "keep one of the two", None, (twice,)
        )
    return Bad(f"{label(path)} is wrong", cure)


def _types(node: dict[str, Any]) -> list[str]:
    kinds = node.get("type", [])
    return [kinds] if isinstance(kinds, str) else list(kinds)


def _wrong_type(value: Any, node: dict[str, Any], path: Path) -> Bad:
    name, form, found = label(path), node.get("format", ""), shown(value, path)
    if isinstance(value, bool):
        if "string" in _types(node):
            cure = (
                f'a text that reads {found} needs quotes: "{found}"'
                if form in ("", "symbol") and "x-words" not in node
                else cure_of(node)
            )
            return Bad(f"{name} is {found}: {_expected(node)} is expected", cure)
        return Bad(f"{name} is {found}: {_expected(node)} is expected", cure_of(node))
    if isinstance(value, int | float):
        unit = {"percent": "%", "leverage": "x", "duration": "m"}.get(form)
        if unit and value >= 0 and not _fits(f"{found}{unit}", node):
            return Bad(f"{name} is {found}: {_TOO_LONG[0]}", _TOO_LONG[1])
        if unit and value >= 0:
            what = {
                "%": "a percentage needs its sign",
                "x": "a multiple of equity needs its x",
                "m": "a duration needs its unit",
            }[unit]
            cure = f"write {found}{unit}" + (f", {found}s or {found}h" if unit == "m" else "")
            return Bad(f"{name} is {found}: {what}", cure, f"{found}{unit}")
        if "integer" in _types(node):
            return Bad(f"{name} is {found}, not a whole number", cure_of(node))
        if form == "expression":
            return Bad(f"{name} is the number {found}: a condition is expected", cure_of(node))
        if "const" in node:
            return Bad(
                f"{name} is {found}: this runner knows {node['const']}",
                f"write {path[-1]}: {node['const']}",
                node["const"],
            )
        if (
            "x-words" not in node
            and "enum" not in node
            and form == ""
            and "string" in _types(node)
            and "x-cure" not in node
        ):
            return Bad(
                f"{name} is the number {found}: text is expected", f'put it in quotes: "{found}"', found
            )
    return Bad(f"{name} is {found}: {_expected(node)} is expected", cure_of(node))


def _fits(text: str, node: dict[str, Any]) -> bool:
    """Whether a better way of writing a value would be taken: a cure is never a mistake itself."""
    return re.search(node.get("pattern", ""), text) is not None


def _expected(node: dict[str, Any]) -> str:
    if "x-words" in node or "enum" in node:
        return "a word" if "object" not in _types(node) else "a word or a mapping"
    if node.get("format") in _WHAT:
        return _WHAT[node["format"]]
    names = [_TYPES[kind] for kind in _types(node) if kind in _TYPES]
    return " or ".join(names) if names else "something else"


def _wrong_word(value: str, node: dict[str, Any], path: Path) -> Bad:
    name, form, found = label(path), node.get("format", ""), shown(value, path)
    words = [str(w) for w in node.get("enum", node.get("x-words", []))]
    if words:
        meant = node.get("x-meant", {}).get(value) or node.get("x-meant", {}).get(value.lower())
        better = meant or nearest(value, words)
        cure = (
            f"did you mean {quoted(better)}?" if better else node.get("x-cure") or did_you_mean(value, words)
        )
        return Bad(f"{name} cannot be {found}", cure, better if better in words else None)
    meant = node.get("x-meant", {}).get(value.lower())
    if meant:
        return Bad(f"{name} cannot be {found}", f"did you mean {quoted(meant)}?", meant)
    if form == "symbol" and re.fullmatch(r"[a-z][a-z0-9.]{0,11}", value):
        return Bad(
            f"{name} is {found}: symbols have capital letters",
            f"did you mean {quoted(value.upper())}?",
            value.upper(),
        )
    if form == "money" and re.fullmatch(r"\$?\s*[0-9][0-9,_' ]*(\.[0-9]+)?\s*(dollars|usd)?", value, re.I):
        plain = re.sub(r"[^0-9.]", "", value)
        if float(plain) > node.get("maximum", float("inf")):
            return Bad(f"{name} is more than {number_text(node['maximum'])}", cure_of(node))
        return Bad(f"{name} is {found}: dollars are a plain number", f"write {plain}", float(plain))
    if form == "duration" and (found_duration := _DURATION.fullmatch(value)):
        text = found_duration.group(1) + found_duration.group(2)[0].lower()
        if not _fits(text, node):
            return Bad(f"{name} is {found}: {_TOO_LONG[0]}", _TOO_LONG[1])
        return Bad(f"{name} is {found}: not a duration", f"write {text}", text)
    if form == "percent" and (match := re.fullmatch(r"\s*([0-9]+(?:\.[0-9]+)?)\s*(%|percent)?\s*", value)):
        if not _fits(f"{match[1]}%", node):
            return Bad(f"{name} is {found}: {_TOO_LONG[0]}", _TOO_LONG[1])
        return Bad(f"{name} is {found}: a percentage needs its sign", f"write {match[1]}%", f"{match[1]}%")
    if (
        "string" not in _types(node)
        and re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value)
        and {"integer", "number"} & set(_types(node))
    ):
        return Bad(f"{name} is the text {found}: a number is expected", f"write {value}, without quotes")
    if _types(node) == ["boolean"] and value.lower() in ("true", "yes", "on", "false", "no", "off"):
        truth = value.lower() in ("true", "yes", "on")
        return Bad(
            f"{name} is the text {found}: true or false is expected", f"write {str(truth).lower()}", truth
        )
    if "string" in _types(node):
        return Bad(f"{name} cannot be {found}", cure_of(node))
    # A text instead of a whole block of `live` might be a credential.
    text = "a text" if path[:1] == ("live",) else f"the text {found}"
    return Bad(f"{name} is {text}: {_expected(node)} is expected", cure_of(node))
