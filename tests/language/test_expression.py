"""The grammar: what binds to what, and every fault with its column and its cure."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.language.expression import Mistake, parse
from runner.language.tokens import LONGEST


def shape(tree):
    """`(add a (multiply b c))`."""
    leaf = tree.text.replace("\0", ".")
    if tree.op in ("number", "percent"):
        return f"{tree.value:g}"
    if tree.op == "parameter":
        return "$" + leaf
    if tree.op == "name":
        return leaf
    inside = " ".join(shape(i) for i in tree.inputs)
    if tree.op == "call":
        return f"{leaf}({inside})"
    if tree.op == "output":
        return f"{inside}.{leaf}"
    return f"({tree.op} {inside})"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a + b * c", "(add a (multiply b c))"),
        ("a - b - c", "(subtract (subtract a b) c)"),
        ("a / b / c", "(divide (divide a b) c)"),
        ("a mod b * c", "(multiply (mod a b) c)"),
        ("(a + b) * c", "(multiply (add a b) c)"),
        ("-a * b", "(multiply (negate a) b)"),
        ("-a[1]", "(negate (lag a 1))"),
        ("a - -b", "(subtract a (negate b))"),
        ("a < b + c", "(less a (add b c))"),
        ("not a < b", "(not (less a b))"),
        ("not a and b", "(and (not a) b)"),
        ("not not a", "(not (not a))"),
        ("a or b and c", "(or a (and b c))"),
        ("a and b or c and d", "(or (and a b) (and c d))"),
        ("a and not b", "(and a (not b))"),
        ("a crosses above b + 1 and c", "(and (crosses_above a (add b 1)) c)"),
        ("a crosses  below\n b", "(crosses_below a b)"),
        ("a == b or a != b", "(or (equal a b) (not_equal a b))"),
        ("a >= 1 and a <= 2 and a > 3", "(and (and (greater_equal a 1) (less_equal a 2)) (greater a 3))"),
        ("close[3]", "(lag close 3)"),
        ("(a + b)[3][1]", "(lag (lag (add a b) 3) 1)"),
        ("sma(close, 20)[1]", "(lag sma(close 20) 1)"),
        ("macd(12, 26, 9).signal", "macd(12 26 9).signal"),
        ("SPY.close", "SPY.close"),
        ('"BRK.B".close', "BRK.B.close"),
        ("'BRK.B'.close", "BRK.B.close"),
        ("SPY.bands.upper", "SPY.bands.upper"),
        ("$fast_bars * 2", "(multiply $fast_bars 2)"),
        (".5 + 1e5 + 2. + 1.5E-2", "(add (add (add 0.5 100000) 2) 0.015)"),
        ("25% * equity", "(multiply 0.25 equity)"),
        ("a > 2% and b", "(and (greater a 0.02) b)"),
        ("max(a, b, c)", "max(a b c)"),
        ("ema()", "ema()"),
    ],
)
def test_shapes(text, expected):
    assert shape(parse(text)) == expected


def test_percentages_are_read_through_their_decimal_point():
    assert parse("7%").value == 0.07  # 7 / 100 is 0.07000000000000001
    assert parse("0.25%").value == 0.0025
    assert parse("1e1%").value == 0.1


@pytest.mark.parametrize(
    ("text", "column", "message", "cure"),
    [
        ("a = b", 2, "'=' is no comparison", "write =="),
        ("a && b", 2, "'&&' is not in the language", "write and"),
        ("a || b", 2, "'||' is not in the language", "write or"),
        ("a & b", 2, "'&' is not in the language", "write and"),
        ("!a", 0, "'!' is not in the language", "write not"),
        ("a >=< b", 2, "'>=<' is not in the language", "write >=, <= or =="),
        ("a => b", 2, "'=>' is not in the language", "write >="),
        ("a <> b", 2, "'<>' is not in the language", "write !="),
        ("a ** 2", 2, "'**' is not in the language", "multiply, or use sqrt"),
        ("a ^ 2", 2, "'^' is not in the language", "multiply, or use sqrt"),
        ("a // b", 2, "'//' is not in the language", "write floor(a / b)"),
        (
            "a % b",
            2,
            "'%' is no operator; it ends a percentage, as in 25%",
            "write mod for the rest of a division",
        ),
        (
            "5 % 3",
            2,
            "'%' is no operator; it ends a percentage, as in 25%",
            "write mod for the rest of a division",
        ),
        (
            "5%3",
            1,
            "'%' is no operator; it ends a percentage, as in 25%",
            "write mod for the rest of a division",
        ),
        ("a ≥ b", 2, "'≥' is not in the language", "write >="),
        ("a - “b”", 4, "a typographic quote", 'write "BRK.B".close'),
        ("a < b < c", 6, "comparisons do not chain", "write: a < b and b < ..."),
        ("a < b crosses above c", 6, "comparisons do not chain", "write: a < b and b crosses ..."),
        ("a AND b", 2, "'AND' is not in the language", "write and: keywords are in lower case"),
        ("a is b", 2, "'is' is not in the language", "write =="),
        ("a in b", 2, "'in' is not in the language", "write comparisons joined by or"),
        ("a if b else c", 2, "'if' is not in the language", "put the condition under only_if, or use choose"),
        ("a crosses b", 2, "'crosses' wants 'above' or 'below'", "write: a crosses above b"),
        ("a crosses abve b", 10, "'crosses abve' is not in the language", "did you mean 'above'?"),
        ("a crosses over b", 10, "'crosses over' is not in the language", "write: crosses above"),
        ("a > 5m", 4, "the duration 5m cannot stand in an expression", "use between, at or timeframe"),
        ("a > 4x", 4, "the multiple 4x cannot stand in an expression", "write 4"),
        ("a > 1_000", 4, "1_000 is no number", "write 1000"),
        ("a > 50bps", 4, "50bps is no number", "write 0.5%"),
        ("a > 5k", 4, "5k is no number", "write all its digits"),
        ("a > 2close", 4, "2close is no number", "write a space or an operator after 2"),
        ("a > $", 4, "a '$' stands alone", "write $name for a parameter; money is a plain number"),
        ("a > $5", 4, "a '$' stands alone", "write $name for a parameter; money is a plain number"),
        ("a > 1e999", 4, "1e999 is too large a number", "write a smaller one"),
        ("a >", 3, "something is missing after '>'", "write a value, for example close > 100"),
        ("", 0, "the expression is empty", "write a value, for example close > 100"),
        ("  ", 2, "the expression is empty", "write a value, for example close > 100"),
        ("> a", 0, "'>' is not expected here", "write a value before it"),
        ("a b", 2, "'b' is not expected here", "write an operator before it"),
        ("a == not b", 5, "'not' is not expected here", "put it in parentheses: (not ...)"),
        ("(a", 0, "'(' is not closed", "write ')' where it ends"),
        ("a)", 1, "')' closes nothing", "leave it out"),
        ("a, b", 1, "a comma stands outside a call", "write one expression"),
        ("a[1", 1, "'[' is not closed", "write ']' where it ends"),
        ("max(a,)", 6, "')' is not expected here", "write a value"),
        ('"SPY" > 3', 0, "a text stands where a value is needed", 'quotes are for symbols: "SPY".close'),
        ('"SPY.close', 0, "a quote is not closed", 'write "BRK.B".close'),
        ("SPY.a.b.c", 8, "too many dots in a name", "write SYMBOL.word or SYMBOL.indicator.output"),
        ("SPY.3", 3, "'.3' is not expected here", "write an operator before it"),
        ("a; b", 1, "';' is not in the language", "write one expression"),
        (
            "x.__class__.__base__.y",
            21,
            "too many dots in a name",
            "write SYMBOL.word or SYMBOL.indicator.output",
        ),
    ],
)
def test_faults(text, column, message, cure):
    with pytest.raises(Mistake) as caught:
        parse(text)
    assert (caught.value.column, caught.value.message, caught.value.cure) == (column, message, cure)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 10_000,
        "(" * 900 + "a" + ")" * 900,
        "-" * 1_900 + "a",
        "not " * 400 + "a",
        "f(" * 900,
        "a[" * 600,
        "a" + "[1]" * 600,
        "+".join("a" * 900),
        " or ".join("a" * 380),
        "a<" * 900,
        "a" * 100_000,
        "9" * 1_500,
        "." * 1_500,
        "a" + ".b" * 900,
        "\0" * 50,
        "\N{NO-BREAK SPACE}a > ٣",
    ],
    ids=lambda text: text[:8].encode("unicode_escape").decode(),
)
def test_adversarial_texts_are_faults(text):
    with pytest.raises(Mistake) as caught:
        parse(text)
    assert 0 <= caught.value.column <= len(text)
    assert caught.value.cure


def test_a_long_text_says_how_long_it_may_be():
    with pytest.raises(Mistake, match=f"more than {LONGEST}"):
        parse("a" * (LONGEST + 1))


def test_a_hundred_terms_are_allowed():
    assert parse(" and ".join(["close > 1"] * 100)).depth == 101


WORDS = st.sampled_from(
    [
        "close",
        "fast",
        "3",
        "25%",
        ".5",
        "(",
        ")",
        "[",
        "]",
        ",",
        ".",
        "+",
        "-",
        "*",
        "/",
        "mod",
        "<",
        "<=",
        "==",
        "!=",
        "crosses",
        "above",
        "below",
        "and",
        "or",
        "not",
        "SPY",
        "$x",
        '"B.C"',
        "sma",
        "%",
        "=",
        "&",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=25).map(" ".join)))
def test_any_text_is_a_tree_or_a_fault(text):
    found = read(text)
    if isinstance(found, Mistake):
        assert found.message
        assert found.cure
        assert 0 <= found.column <= len(text)
    else:
        assert 0 <= found.column < found.end <= len(text)


def read(text):
    try:
        return parse(text)
    except Mistake as mistake:
        return mistake
