"""An expression's text cut into tokens; what other languages write gets its cure here."""

from __future__ import annotations

import re
from typing import NamedTuple

from runner.language.words import KEYWORDS

LONGEST = 2000  # characters of an expression


class Mistake(Exception):  # noqa: N818 - the user's, not the program's
    """What is wrong with an expression, at `column` (from 0), and what to write instead."""

    def __init__(self, message: str, cure: str, column: int) -> None:
        super().__init__(message)
        self.message, self.cure, self.column = message, cure, column


class Token(NamedTuple):
    """`kind`: number, percent, parameter, name, quoted, word (a keyword), sign or end. `end`: past its last."""

    kind: str
    text: str
    column: int
    end: int


_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    |(?P<parameter>\$[A-Za-z_][A-Za-z0-9_]*)
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<quoted>"[^"]*"|'[^']*')
    |(?P<foreign>>=<|<=>|===|!==|\*\*|//|&&|\|\||<>|=>|=<|:=|\+=|-=|->)
    |(?P<sign><=|>=|==|!=|[-+*/<>()\[\],.])""",
    re.VERBOSE,
)

# Signs of other languages -> (what it is, cure).
_FOREIGN: dict[str, tuple[str, str]] = {
    "=": ("'=' is no comparison", "write =="),
    "===": ("'===' is not in the language", "write =="),
    "!==": ("'!==' is not in the language", "write !="),
    "<>": ("'<>' is not in the language", "write !="),
    ">=<": ("'>=<' is not in the language", "write >=, <= or =="),
    "<=>": ("'<=>' is not in the language", "write <, == or >"),
    "=>": ("'=>' is not in the language", "write >="),
    "=<": ("'=<' is not in the language", "write <="),
    ":=": ("':=' is not in the language", "name a value under indicators or parameters"),
    "+=": ("'+=' is not in the language", "an expression changes nothing; it has a value"),
    "-=": ("'-=' is not in the language", "an expression changes nothing; it has a value"),
    "->": ("'->' is not in the language", "write a comparison"),
    "&&": ("'&&' is not in the language", "write and"),
    "||": ("'||' is not in the language", "write or"),
    "&": ("'&' is not in the language", "write and"),
    "|": ("'|' is not in the language", "write or"),
    "!": ("'!' is not in the language", "write not"),
    "~": ("'~' is not in the language", "write not"),
    "%": ("'%' is no operator; it ends a percentage, as in 25%", "write mod for the rest of a division"),
    "**": ("'**' is not in the language", "multiply, or use sqrt"),
    "^": ("'^' is not in the language", "multiply, or use sqrt"),
    "//": ("'//' is not in the language", "write floor(a / b)"),
    "$": ("a '$' stands alone", "write $name for a parameter; money is a plain number"),
    "?": ("'?' is not in the language", "use choose for alternatives"),
    ":": ("':' is not in the language", "use choose for alternatives, or between for a time of the session"),
    ";": ("';' is not in the language", "write one expression"),
    "{": ("'{' is not in the language", "write ( )"),
    "}": ("'}' is not in the language", "write ( )"),
    "@": ("'@' is not in the language", "write the name alone"),
    "#": ("'#' is not in the language", "comments go outside the expression"),
    "\\": ("a backslash is not in the language", "leave it out"),
    '"': ("a quote is not closed", 'write "BRK.B".close'),
    "'": ("a quote is not closed", 'write "BRK.B".close'),
    "≥": ("'≥' is not in the language", "write >="),
    "≤": ("'≤' is not in the language", "write <="),
    "≠": ("'≠' is not in the language", "write !="),
    "×": ("'×' is not in the language", "write *"),
    "·": ("'·' is not in the language", "write *"),
    "÷": ("'÷' is not in the language", "write /"),
    "−": ("'−' is not the minus of the keyboard", "write -"),
    "–": ("'–' is not the minus of the keyboard", "write -"),
    "\u201c": ("a typographic quote", 'write "BRK.B".close'),
    "\u201d": ("a typographic quote", 'write "BRK.B".close'),
}


def tokens(text: str) -> list[Token]:
    """The tokens of `text`, an `end` token last. Raises Mistake."""
    if len(text) > LONGEST:
        raise Mistake(
            f"the expression is {len(text)} characters long, more than {LONGEST}",
            "split it: use only_if, or several rules",
            0,
        )
    found: list[Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        kind = match.lastgroup if match else None
        if match is None or kind is None or kind == "foreign":
            sign = match.group() if match else text[at]
            message, cure = _FOREIGN.get(sign, (f"{sign!r} is not in the language", "leave it out"))
            raise Mistake(message, cure, at)
        end = match.end()
        if kind == "number":
            end = _number(text, at, end, found)
        elif kind != "space":
            word = match.group()
            found.append(Token("word" if word in KEYWORDS else kind, word, at, end))
        at = end
    found.append(Token("end", "", len(text), len(text)))
    return found


def _number(text: str, at: int, end: int, found: list[Token]) -> int:
    """Append the number that starts at `at` (a percentage when % follows at once); its end."""
    number = text[at:end]
    after = re.compile(r"[A-Za-z0-9_]+").match(text, end)
    if after:
        _suffix(number, after.group(), at)
    if float(number) == float("inf"):
        raise Mistake(f"{number} is too large a number", "write a smaller one", at)
    if text[end : end + 1] == "%":
        if re.compile(r"\s*[0-9A-Za-z_.$(]").match(text, end + 1) and not re.compile(
            rf"\s*(?:{'|'.join(KEYWORDS)})\b"
        ).match(text, end + 1):
            message, cure = _FOREIGN["%"]
            raise Mistake(message, cure, end)
        found.append(Token("percent", number, at, end + 1))
        return end + 1
    found.append(Token("number", number, at, end))
    return end


def _suffix(number: str, suffix: str, at: int) -> None:
    """Raise for a number that runs into letters."""
    whole = number + suffix
    if suffix in ("s", "m", "h", "d"):
        raise Mistake(
            f"the duration {whole} cannot stand in an expression", "use between, at or timeframe", at
        )
    if suffix == "x":
        raise Mistake(f"the multiple {whole} cannot stand in an expression", f"write {number}", at)
    if suffix.startswith("_"):
        raise Mistake(f"{whole} is no number", f"write {whole.replace('_', '')}", at)
    if suffix in ("bp", "bps"):
        raise Mistake(f"{whole} is no number", f"write {float(number) / 100:g}%", at)
    if suffix.lower() in ("k", "mm", "mn"):
        raise Mistake(f"{whole} is no number", "write all its digits", at)
    raise Mistake(f"{whole} is no number", f"write a space or an operator after {number}", at)
