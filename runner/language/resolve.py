"""Trees to meanings: names looked up in the strategy and the tables of words, faults with their column."""

from __future__ import annotations

from runner.language import units
from runner.language.account_calls import ACCOUNT_FUNCTIONS, account_call
from runner.language.expression import Mistake, Tree, parse
from runner.language.hints import ACCOUNT_INSIDE, SOME_NAMES, call_example, example, nearest_or
from runner.language.indicators import Calls, Definitions
from runner.language.meaning import BROKEN, OWN, Meaning, constant, crossing, field, lagged, operation, ranked
from runner.language.problems import Fault, did_you_mean
from runner.language.spec import Spec, Text
from runner.language.units_of import LITERAL, NUMBER, RATIO, Clash
from runner.language.words import FOREIGN_WORDS, FUNCTIONS, ORDER_WORDS, RANK, SERIES, WORDS
from runner.laws.indicators import INDICATORS, LONGEST
from runner.market.bar import DAY, RESOLUTIONS


class Resolver:
    """One strategy's names. `faults` grows as texts are resolved; each text adds all that it has."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.faults: list[Fault] = []
        self.path: tuple[str | int, ...] = ()
        self.own = OWN
        self.timeframe = 0
        self.calls = Calls(self)
        self.definitions = Definitions(self)
        self.names = order_names(spec)
        self.adjusted = spec.data.prices != "raw"
        self._resolutions = dict(spec.data.resolutions)

    def step_of(self, symbol: str) -> tuple[str, int]:
        """Resolution of a symbol's data: its word and its nanoseconds."""
        word = self._resolutions.get(symbol, self.spec.data.resolution)
        return word, RESOLUTIONS.get(word, DAY)

    def resolve(self, text: Text, own: str = OWN, timeframe: int = 0, account: bool = True) -> Meaning:
        """The meaning of `text`, BROKEN (or broken inside) when it has a fault.

        `own`: the symbol that a bare `close` belongs to. `account`: whether account words may stand here.
        """
        saved = self.path, self.own, self.timeframe
        self.path, self.own, self.timeframe = text.path, own, timeframe
        try:
            value = self.value(parse(text.text))
            if value.account and not account:
                value = self.fault(0, *ACCOUNT_INSIDE)
            return value
        except Mistake as mistake:
            return self.fault(mistake.column, mistake.message, mistake.cure)
        finally:
            self.path, self.own, self.timeframe = saved

    def fault(self, column: int, message: str, cure: str) -> Meaning:
        """Note a fault of the text at hand."""
        self.faults.append(Fault(self.path, message, cure, column))
        return BROKEN

    def checked(self, found: Meaning | Clash, column: int) -> Meaning:
        """`found`, or its clash as a fault."""
        return self.fault(column, found.message, found.cure) if isinstance(found, Clash) else found

    def value(self, tree: Tree) -> Meaning:
        """The meaning of a tree; its parts first."""
        if tree.op == "number":
            return constant(tree.value, LITERAL, tree.column)
        if tree.op == "percent":
            return constant(tree.value, RATIO, tree.column)
        if tree.op == "parameter":
            if tree.text not in self.spec.parameters:
                cure = nearest_or(tree.text, self.spec.parameters, "name it under parameters")
                return self.fault(tree.column, f"no parameter is named '{tree.text}'", cure)
            unit = RATIO if self.spec.parameter_units.get(tree.text) == units.PERCENT else NUMBER
            return constant(float(self.spec.parameters[tree.text]), unit, tree.column)
        if tree.op == "name":
            return self.name(tree)
        if tree.op == "call":
            return self.call(tree)
        if tree.op == "output":
            return self.output(tree)
        if tree.op == "lag":
            return self.lag(tree)
        inputs = tuple(self.value(i) for i in tree.inputs)
        if tree.op in ("crosses_above", "crosses_below"):
            if any(i.account for i in inputs):
                return self.fault(tree.column, *ACCOUNT_INSIDE)
            a, b = inputs
            return self.checked(crossing(tree.op, a, b, self.own, self.timeframe, tree.column), tree.column)
        return self.checked(operation(tree.op, inputs, tree.column), tree.column)

    def lag(self, tree: Tree) -> Meaning:
        """`close[3]`."""
        value, bars = self.value(tree.inputs[0]), self.value(tree.inputs[1])
        where = tree.inputs[1].column
        if bars.broken or value.broken:
            return BROKEN
        count = bars.constant
        if count is None or count != int(count):
            return self.fault(
                where, "the number of bars ago is no whole number", "write, for example, close[3]"
            )
        if count < 0:
            return self.fault(
                where, "nothing can name a later bar", f"write a number of bars ago: [{-count:g}]"
            )
        if count > LONGEST:
            return self.fault(where, f"{count:g} bars ago is more than {LONGEST}", "write a smaller number")
        if value.account:
            return self.fault(tree.column, *ACCOUNT_INSIDE)
        return lagged(value, int(count), self.own, self.timeframe, tree.column)

    def output(self, tree: Tree) -> Meaning:
        """`macd(12, 26, 9).signal`."""
        inner = tree.inputs[0]
        if inner.op != "call" or inner.text.split("\0")[-1] not in INDICATORS:
            return self.fault(
                tree.column, f"nothing here has an output '{tree.text}'", "write the name alone"
            )
        return self.calls.call(inner, tree.text)

    def call(self, tree: Tree) -> Meaning:
        """`max(open, close)`, or an indicator."""
        name = tree.text.split("\0")[-1]
        if name in INDICATORS:
            return self.calls.call(tree, "")
        if tree.text == RANK:
            return self.rank(tree)
        if name in ACCOUNT_FUNCTIONS and tree.text.count("\0") < 2:
            return account_call(self, tree)
        if name not in FUNCTIONS or "\0" in tree.text:
            known = [*FUNCTIONS, RANK, *ACCOUNT_FUNCTIONS, *INDICATORS]
            cure = FOREIGN_WORDS.get(name.lower()) or nearest_or(
                name, known, f"the functions are {', '.join(FUNCTIONS)}, and the indicators"
            )
            if name in SERIES or name in WORDS:
                cure = f"write {name} without parentheses, and {name}[3] for three bars ago"
            return self.fault(tree.column, f"there is no function '{name}'", cure)
        least, most = FUNCTIONS[name]
        inputs = [self.value(i) for i in tree.inputs]
        if not least <= len(inputs) <= most:
            want = f"{least}" if least == most else f"{least} to {most}"
            return self.fault(
                tree.column,
                f"{name} takes {want} values, not {len(inputs)}",
                f"write {name}({example(least)})",
            )
        value = inputs[0]
        for more in inputs[1:]:
            value = self.checked(operation(name, (value, more), tree.column), tree.column)
        if len(inputs) == 1:
            value = self.checked(operation(name, (value,), tree.column), tree.column)
        return value

    def rank(self, tree: Tree) -> Meaning:
        """`rank(momentum)`: the place of the rule's own symbol among the universe's, 1 for the highest."""
        if len(tree.inputs) != 1:
            return self.fault(tree.column, f"rank takes 1 value, not {len(tree.inputs)}", "write rank(close)")
        value = self.value(tree.inputs[0])
        if value.broken:
            return BROKEN
        if value.account:
            return self.fault(tree.column, *ACCOUNT_INSIDE)
        if value.symbols != {OWN}:
            return self.fault(
                tree.column,
                "rank compares one value of every symbol",
                "write rank(close), without a symbol's name",
            )
        if value.unit.kind == "truth":
            return self.fault(
                tree.column, "rank orders numbers, not conditions", "write, for example, rank(close)"
            )
        return ranked(value, tree.column)

    def name(self, tree: Tree) -> Meaning:
        """`close`, `SPY.close`, `low.open`, `bands.upper`."""
        parts = tree.text.split("\0")
        if len(parts) == 1:
            return self.single(parts[0], tree.column)
        first, rest = parts[0], parts[1:]
        if first in self.spec.symbols:
            return self.of_symbol(first, rest, tree.column)
        if tree.quoted:
            return self.unknown_symbol(first, tree.column)
        if first in self.names and len(rest) == 1 and rest[0] in ORDER_WORDS:
            word = ORDER_WORDS[rest[0]]
            return Meaning(
                "order_word",
                unit=word.unit,
                account=True,
                code=word.code,
                which=self.names.index(first),
                column=tree.column,
            )
        if first in self.definitions.by_name and len(rest) == 1:
            return self.definitions.value(first, rest[0], self.own, tree.column)
        if f"{first}.{rest[0]}" in WORDS:
            return self.word(f"{first}.{rest[0]}", -1, tree.column)
        return self.unknown_dotted(first, rest, tree)

    def of_symbol(self, symbol: str, rest: list[str], column: int) -> Meaning:
        """`SPY.close`, `SPY.position`, `SPY.fast`, `SPY.bands.upper`."""
        word = rest[0]
        if len(rest) == 1 and word in SERIES:
            return field(word, SERIES[word], symbol, self.timeframe, column)
        if len(rest) == 1 and word in WORDS and WORDS[word].scope == "symbol":
            return self.word(word, self.spec.symbols.index(symbol), column)
        if word in self.definitions.by_name:
            return self.definitions.value(word, rest[1] if len(rest) > 1 else "", symbol, column)
        known = [
            *SERIES,
            *(w for w, entry in WORDS.items() if entry.scope == "symbol"),
            *self.definitions.by_name,
        ]
        wrong = ".".join(rest)
        return self.fault(
            column,
            f"a symbol has no '{wrong}'",
            nearest_or(word, known, f"write, for example, {symbol}.close"),
        )

    def single(self, name: str, column: int) -> Meaning:
        """A name without dots."""
        if name in SERIES:
            return field(name, SERIES[name], self.own, self.timeframe, column)
        if name in self.definitions.by_name:
            return self.definitions.value(name, "", self.own, column)
        if name in WORDS:
            own = (
                self.spec.symbols.index(self.own) if self.own != OWN and WORDS[name].scope == "symbol" else -1
            )
            return self.word(name, own, column)
        return self.unknown(name, column)

    def word(self, name: str, symbol: int, column: int) -> Meaning:
        """A word of the account; `symbol` its index, -1 for the rule's own."""
        entry = WORDS[name]
        return Meaning("word", unit=entry.unit, account=True, code=entry.code, which=symbol, column=column)

    def unknown(self, name: str, column: int) -> Meaning:
        """A name without dots that nothing has."""
        if name in self.spec.parameters:
            return self.fault(column, f"'{name}' is a parameter", f"write ${name}")
        if name in self.spec.symbols:
            return self.fault(column, f"the symbol {name} stands alone", f"write {name}.close")
        if name in INDICATORS or name in FUNCTIONS:
            return self.fault(column, f"'{name}' stands without its values", f"write {call_example(name)}")
        if name in self.names:
            return self.fault(
                column, f"the order '{name}' stands alone", f"write {name}.open or {name}.filled"
            )
        cure = FOREIGN_WORDS.get(name.lower()) or nearest_or(name, self.known(), SOME_NAMES)
        return self.fault(column, f"unknown name '{name}'", cure)

    def unknown_dotted(self, first: str, rest: list[str], tree: Tree) -> Meaning:
        """A name with dots that nothing has."""
        if first == "portfolio":
            return self.fault(
                tree.column,
                f"the portfolio has no '{rest[0]}'",
                "write portfolio.invested, equity, cash or exposure",
            )
        if first in self.names:
            return self.fault(tree.column, f"an order has no '{rest[0]}'", did_you_mean(rest[0], ORDER_WORDS))
        if first in self.definitions.by_name:
            return self.fault(
                tree.column, f"'{'.'.join([first, *rest])}' has too many dots", f"write {first}.{rest[0]}"
            )
        if rest[0] in ORDER_WORDS and first.islower():
            cure = nearest_or(first, self.names, "name the order where it is sent: as: " + first)
            return self.fault(tree.column, f"no order is named '{first}'", cure)
        if first.upper() == first:
            return self.unknown_symbol(first, tree.column)
        known = [*self.spec.symbols, *self.definitions.by_name, *self.names, "portfolio"]
        return self.fault(tree.column, f"unknown name '{first}'", nearest_or(first, known, SOME_NAMES))

    def unknown_symbol(self, symbol: str, column: int) -> Meaning:
        """A symbol that is not traded."""
        cure = nearest_or(symbol, self.spec.symbols, f"add it: universe: {{symbols: [..., {symbol}]}}")
        return self.fault(column, f"{symbol} is not in the universe", cure)

    def known(self) -> list[str]:
        """Every word that may stand alone."""
        return [
            *SERIES,
            *(w for w in WORDS if "." not in w),
            *self.definitions.by_name,
            *INDICATORS,
            *FUNCTIONS,
            *self.spec.symbols,
        ]


def order_names(spec: Spec) -> tuple[str, ...]:
    """Names given to orders with `as`, in order of appearance, each once."""
    return tuple(dict.fromkeys(step.name for rule in spec.rules for step in rule.steps if step.name))
