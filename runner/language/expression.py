"""The grammar of expressions: text to tree, by operator precedence (Pratt). Never Python's eval.

From loose to tight: or; and; not; comparisons and crosses (they do not chain); + -; * / mod; unary -;
[3], .name and calls. What a name means, and whether units agree, is the next step's (`meaning.py`).
"""

from __future__ import annotations

from typing import NamedTuple

from runner.language.problems import nearest
from runner.language.tokens import Mistake as Mistake
from runner.language.tokens import Token, tokens
from runner.language.words import FOREIGN_WORDS, KEYWORDS

NESTED = 40  # levels of parentheses, calls and signs
CHAINED = 150  # operations on the way from the root to a leaf; the passes over the tree are recursive


class Tree(NamedTuple):
    """`op`: number, percent, parameter, name, call, lag, output, or an operation of words.OPERATIONS, or
    crosses_above, crosses_below. `text`: the name; of `lag` and `output` what stands after. `quoted`: the
    first part of a dotted name was in quotes. `column`, `end`: place in the expression. `depth`: levels below.
    """

    op: str
    inputs: tuple[Tree, ...]
    text: str
    value: float
    column: int
    end: int
    depth: int
    quoted: bool = False


_COMPARISONS = {
    "<": "less",
    "<=": "less_equal",
    ">": "greater",
    ">=": "greater_equal",
    "==": "equal",
    "!=": "not_equal",
}
# text -> (operation, precedence)
_INFIX: dict[str, tuple[str, int]] = {
    "or": ("or", 1),
    "and": ("and", 2),
    **{sign: (op, 4) for sign, op in _COMPARISONS.items()},
    "crosses": ("crosses", 4),
    "+": ("add", 5),
    "-": ("subtract", 5),
    "*": ("multiply", 6),
    "/": ("divide", 6),
    "mod": ("mod", 6),
}
_NOT, _COMPARE, _UNARY = 3, 4, 7


def parse(text: str) -> Tree:
    """The tree of `text`. Raises Mistake with the column of the offending token."""
    parser = _Parser(text)
    tree = parser.expression(0, 0)
    parser.finish()
    return tree


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokens(text)
        self.at = 0

    @property
    def here(self) -> Token:
        return self.tokens[self.at]

    def take(self) -> Token:
        token = self.tokens[self.at]
        self.at += 1
        return token

    def accept(self, sign: str) -> bool:
        if self.here.kind in ("sign", "word") and self.here.text == sign:
            self.at += 1
            return True
        return False

    def expect(self, sign: str, opened: Token) -> Token:
        if self.here.text != sign or self.here.kind != "sign":
            if self.here.kind == "end":
                raise Mistake(
                    f"'{opened.text}' is not closed", f"write '{sign}' where it ends", opened.column
                )
            raise self.unexpected(f"write '{sign}' or an operator before it")
        return self.take()

    def unexpected(self, cure: str) -> Mistake:
        token = self.here
        if token.kind == "name":
            found = _foreign(token)
            if found:
                return found
        name = "the end of the expression" if token.kind == "end" else f"'{token.text}'"
        return Mistake(f"{name} is not expected here", cure, token.column)

    def finish(self) -> None:
        if self.here.kind == "end":
            return
        if self.here.text in (")", "]"):
            raise Mistake(f"'{self.here.text}' closes nothing", "leave it out", self.here.column)
        if self.here.text == ",":
            raise Mistake("a comma stands outside a call", "write one expression", self.here.column)
        raise self.unexpected("write an operator before it")

    def tree(self, op: str, inputs: tuple[Tree, ...], text: str, column: int, value: float = 0.0) -> Tree:
        depth = 1 + max((i.depth for i in inputs), default=0)
        if depth > CHAINED:
            raise Mistake(
                f"the expression has more than {CHAINED} operations in a row",
                "split it: use only_if, or several rules",
                column,
            )
        return Tree(op, inputs, text, value, column, self.tokens[self.at - 1].end, depth)

    def expression(self, least: int, nested: int) -> Tree:
        """An expression whose operators bind at least as tightly as `least`."""
        if nested > NESTED:
            raise Mistake(
                f"the expression is nested more than {NESTED} deep",
                "split it into simpler parts",
                self.here.column,
            )
        left = self.operand(least, nested)
        while True:
            token = self.here
            if token.kind not in ("sign", "word") or token.text not in _INFIX:
                return left
            op, precedence = _INFIX[token.text]
            if precedence < least:
                return left
            self.take()
            if op == "crosses":
                op = self.crossing(token)
            right = self.expression(precedence + 1, nested + 1)
            left = self.tree(op, (left, right), token.text, token.column)._replace(column=left.column)
            if precedence == _COMPARE and _INFIX.get(self.here.text, ("", 0))[1] == _COMPARE:
                raise self.chain(left)

    def crossing(self, token: Token) -> str:
        if self.accept("above"):
            return "crosses_above"
        if self.accept("below"):
            return "crosses_below"
        after = self.here
        if after.kind == "name" and after.text in ("over", "up"):
            raise Mistake(
                f"'crosses {after.text}' is not in the language", "write: crosses above", after.column
            )
        if after.kind == "name" and after.text in ("under", "down"):
            raise Mistake(
                f"'crosses {after.text}' is not in the language", "write: crosses below", after.column
            )
        near = nearest(after.text, ("above", "below")) if after.kind == "name" else None
        if near:
            message = f"'crosses {after.text}' is not in the language"
            raise Mistake(message, f"did you mean '{near}'?", after.column)
        raise Mistake("'crosses' wants 'above' or 'below'", "write: a crosses above b", token.column)

    def chain(self, left: Tree) -> Mistake:
        """A second comparison follows `left`, which is one already."""
        token = self.here
        middle = self.text[left.inputs[1].column : left.inputs[1].end]
        first = self.text[left.column : left.end]
        return Mistake(
            "comparisons do not chain", f"write: {first} and {middle} {token.text} ...", token.column
        )

    def operand(self, least: int, nested: int) -> Tree:
        token = self.here
        if token.kind == "word" and token.text == "not":
            if least > _NOT:
                raise Mistake("'not' is not expected here", "put it in parentheses: (not ...)", token.column)
            self.take()
            inner = self.expression(_NOT, nested + 1)
            return self.tree("not", (inner,), "not", token.column)
        if token.kind == "sign" and token.text == "-":
            self.take()
            inner = self.expression(_UNARY, nested + 1)
            return self.tree("negate", (inner,), "-", token.column)
        return self.postfix(self.primary(nested), nested)

    def primary(self, nested: int) -> Tree:
        token = self.here
        if token.kind == "number":
            self.take()
            return self.tree("number", (), token.text, token.column, float(token.text))
        if token.kind == "percent":
            self.take()
            # Through the decimal point of the text, not by a division: 7% is 0.07, not 0.07000000000000001.
            plain = "e" not in token.text and "E" not in token.text
            value = float(token.text + "e-2") if plain else float(token.text) / 100.0
            return self.tree("percent", (), token.text, token.column, value)
        if token.kind == "parameter":
            self.take()
            return self.tree("parameter", (), token.text[1:], token.column)
        if token.kind == "sign" and token.text == "(":
            self.take()
            inner = self.expression(0, nested + 1)
            self.expect(")", token)
            return inner._replace(column=token.column, end=self.tokens[self.at - 1].end)
        if token.kind in ("name", "quoted"):
            return self.name(nested)
        if token.kind == "end":
            before = self.tokens[self.at - 1].text if self.at else ""
            message = f"something is missing after '{before}'" if before else "the expression is empty"
            raise Mistake(message, "write a value, for example close > 100", token.column)
        raise self.unexpected("write a value before it" if token.text in _INFIX else "write a value")

    def name(self, nested: int) -> Tree:
        """A name with its dots, or a call."""
        token = self.take()
        quoted = token.kind == "quoted"
        text = token.text[1:-1] if quoted else token.text
        if quoted and not (self.here.kind == "sign" and self.here.text == "."):
            raise Mistake(
                "a text stands where a value is needed",
                f"quotes are for symbols: {token.text}.close",
                token.column,
            )
        if quoted and not text.strip():
            raise Mistake("the symbol is empty", 'write "BRK.B".close', token.column)
        parts = [text]
        while self.accept("."):
            part = self.here
            if part.kind not in ("name", "word"):
                raise self.unexpected(f"write a word after '{parts[-1]}.'")
            if len(parts) == 3:
                raise Mistake(
                    "too many dots in a name", "write SYMBOL.word or SYMBOL.indicator.output", part.column
                )
            parts.append(self.take().text)
        opened = self.here
        joined = "\0".join(parts)  # a quoted symbol may contain dots of its own
        if not self.accept("("):
            return self.tree("name", (), joined, token.column)._replace(quoted=quoted)
        arguments: list[Tree] = []
        if not (self.here.kind == "sign" and self.here.text == ")"):
            arguments.append(self.expression(0, nested + 1))
            while self.accept(","):
                arguments.append(self.expression(0, nested + 1))
        self.expect(")", opened)
        return self.tree("call", tuple(arguments), joined, token.column)._replace(quoted=quoted)

    def postfix(self, tree: Tree, nested: int) -> Tree:
        while self.here.kind == "sign" and self.here.text in ("[", "."):
            opened = self.take()
            if opened.text == ".":
                word = self.here
                if word.kind != "name":
                    raise self.unexpected("write the name of an output after the dot")
                self.take()
                tree = self.tree("output", (tree,), word.text, word.column)._replace(column=tree.column)
                continue
            bars = self.expression(0, nested + 1)
            self.expect("]", opened)
            tree = self.tree("lag", (tree, bars), "", opened.column)._replace(column=tree.column)
        return tree


def _foreign(token: Token) -> Mistake | None:
    """The fault of a word that another language would take, or None."""
    folded = token.text.lower()
    if folded in KEYWORDS and token.text != folded:
        return Mistake(
            f"'{token.text}' is not in the language",
            f"write {folded}: keywords are in lower case",
            token.column,
        )
    if folded in FOREIGN_WORDS:
        return Mistake(f"'{token.text}' is not in the language", FOREIGN_WORDS[folded], token.column)
    return None
