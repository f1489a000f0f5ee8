"""Plain words of YAML, read by the 1.2 core rules made stricter: a symbol is always text.

Only `true`, `false`, `null`, `~` and numbers are more than text. `ON`, `NO`, `TRUE` are tickers, `9:30` is a
clock time (YAML 1.1 reads 570), `2013-10-07` is a date and a date is text. Infinity and not-a-number
cannot be written: no setting has a meaning for them.
"""

from __future__ import annotations

import re

Scalar = str | int | float | bool | None

_INT = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEX = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_WORDS: dict[str, Scalar] = {"true": True, "false": False, "null": None, "~": None, "": None}
_LONGEST = 40  # digits; Python itself refuses to read a number of 4,300


def plain(text: str) -> Scalar:
    """The value of an unquoted scalar. ValueError: a number too large to hold."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "-+.0123456789":
        return text
    if _INT.fullmatch(text):
        return int(_short(text))
    if _OCTAL.fullmatch(text):
        return int(_short(text)[2:], 8)
    if _HEX.fullmatch(text):
        return int(_short(text)[2:], 16)
    if _FLOAT.fullmatch(text):
        number = float(_short(text))
        if number in (float("inf"), float("-inf")):
            raise ValueError("the number is too large")
        return number
    return text


def _short(text: str) -> str:
    if len(text) > _LONGEST:
        raise ValueError(f"the number has more than {_LONGEST} characters")
    return text


def number_text(value: float) -> str:
    """A number as an expression writes it: no exponent, no trailing `.0`."""
    if isinstance(value, int):
        return str(value)
    return (
        str(int(value))
        if value.is_integer()
        else (repr(value) if "e" not in repr(value) else f"{value:.20f}".rstrip("0"))
    )
