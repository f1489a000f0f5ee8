"""The dialect of a law, over the syntax trees of all `@compilable` functions.

These are the things that plain Python and compiled code do differently, or that a compiler refuses only
when it is installed (design, section 2). The kernel itself is compared in `test_two_drivers.py`.
"""

import ast
import importlib
import pkgutil

import pytest

import runner
from runner.compilable import COMPILABLE
from tests.sources import files, full_name, known_as, module, shown, tree


def marked():
    """Every function marked `@compilable`: (path, node)."""
    for path in files():
        known = known_as(path)
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef):
                if any(
                    full_name(one, known) == "runner.compilable.compilable" for one in node.decorator_list
                ):
                    yield path, node


FUNCTIONS = list(marked())
NAMED = {f"{module(path)}.{node.name}": node for path, node in FUNCTIONS}
ids = [f"{module(path).removeprefix('runner.')}.{node.name}" for path, node in FUNCTIONS]
every = pytest.mark.parametrize(("path", "node"), FUNCTIONS, ids=ids)

FORBIDDEN = {
    ast.JoinedStr: "an f-string",
    ast.Try: "try",
    ast.With: "with",
    ast.Lambda: "lambda",
    ast.ListComp: "a comprehension",
    ast.SetComp: "a comprehension",
    ast.DictComp: "a comprehension",
    ast.GeneratorExp: "a comprehension",
    ast.Dict: "a dict",
    ast.Set: "a set",
    ast.Global: "global",
    ast.Nonlocal: "nonlocal",
    ast.Import: "an import",
    ast.ImportFrom: "an import",
    ast.ClassDef: "a class",
    ast.AsyncFunctionDef: "async",
    ast.Await: "await",
    ast.YieldFrom: "yield from",
    ast.Starred: "a starred expression",
    ast.Match: "match",
    ast.Delete: "del",
    ast.NamedExpr: "an assignment inside an expression",
    ast.Pow: "** (its last bit differs between the two)",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.Raise: "raise (a refusal is a code)",
    ast.Assert: "assert",
}
# Calls whose result or type differs, and calls that need Python itself.
CALLS = {
    "pow", "sum", "sorted", "map", "filter", "zip", "any", "all", "isinstance", "getattr", "setattr", "hasattr",
    "str", "repr", "print", "dict", "set", "list", "tuple", "divmod", "hash", "type", "super", "open", "format",
    "math.pow", "math.fsum", "math.sumprod", "math.prod", "math.exp", "math.log", "math.sin", "math.cos",
}  # fmt: skip


def body(node):
    """The statements of a function without its docstring, and without annotations."""
    statements = node.body[1:] if ast.get_docstring(node) is not None else node.body
    for statement in statements:
        yield from ast.walk(statement)


def test_the_list_is_the_marked_functions():
    """Importing the whole package puts exactly the marked functions on the kernel's list."""
    for found in pkgutil.walk_packages(runner.__path__, "runner."):
        if not found.name.startswith(("runner.cli", "runner.commands", "runner.adapters")):
            importlib.import_module(found.name)
    listed = {f"{function.__module__}.{function.__name__}" for function in COMPILABLE}
    assert listed == set(NAMED)
    assert len(COMPILABLE) == len(NAMED)


def test_there_is_a_dialect_to_speak():
    assert len(FUNCTIONS) > 50


@every
def test_only_known_forms(path, node):
    said = [
        f"{shown(path, one)}: {FORBIDDEN[type(one)]}"
        if hasattr(one, "lineno")
        else f"{shown(path)}: {FORBIDDEN[type(one)]}"
        for one in body(node)
        if type(one) in FORBIDDEN
    ]
    inner = [one for one in body(node) if isinstance(one, ast.FunctionDef)]
    said += [f"{shown(path, one)}: a function inside a function" for one in inner]
    assert not said, "\n".join(said)


@every
def test_no_text(path, node):
    said = [
        f"{shown(path, one)}: {one.value!r}"
        for one in body(node)
        if isinstance(one, ast.Constant) and isinstance(one.value, str | bytes)
    ]
    assert not said, "\n".join(said)


@every
def test_calls(path, node):
    known = known_as(path)
    said = []
    for one in body(node):
        if not isinstance(one, ast.Call):
            continue
        name = full_name(one.func, known)
        if name in CALLS or name.startswith("numpy."):
            said.append(f"{shown(path, one)}: {name}()")
        if name == "round" and (len(one.args) != 1 or one.keywords):
            said.append(f"{shown(path, one)}: round() with two arguments")
        if any(word.arg is None for word in one.keywords):
            said.append(f"{shown(path, one)}: ** in a call")
    assert not said, "\n".join(said)


@every
def test_signature(path, node):
    """Positional parameters without defaults, all annotated: one signature for both drivers."""
    arguments = node.args
    assert not arguments.defaults
    assert not arguments.kwonlyargs
    assert arguments.vararg is None
    assert arguments.kwarg is None
    assert all(one.annotation is not None for one in arguments.args)
    assert node.returns is not None


# Kinds of values, as far as the tree shows them; "" is unknown.
def kind(node, path):
    if isinstance(node, ast.Constant):
        return "None" if node.value is None else type(node.value).__name__
    if isinstance(node, ast.Tuple):
        return tuple(kind(one, path) for one in node.elts)
    if isinstance(node, ast.Compare):
        return "bool"
    if isinstance(node, ast.BoolOp):
        return agreed([kind(one, path) for one in node.values])
    if isinstance(node, ast.IfExp):
        return agreed([kind(node.body, path), kind(node.orelse, path)])
    if isinstance(node, ast.UnaryOp):
        return "bool" if isinstance(node.op, ast.Not) else kind(node.operand, path)
    if isinstance(node, ast.BinOp):
        if isinstance(node.op, ast.Div):
            return "float"
        sides = {kind(node.left, path), kind(node.right, path)}
        return "float" if "float" in sides else "int" if sides == {"int"} else ""
    return kind_of_call(node, path) if isinstance(node, ast.Call) else ""


def kind_of_call(node, path):
    name = full_name(node.func, known_as(path))
    plain = {"round": "int", "len": "int", "int": "int", "float": "float", "bool": "bool", "math.floor": "int",
             "math.ceil": "int", "math.sqrt": "float", "math.isnan": "bool"}  # fmt: skip
    if name in plain:
        return plain[name]
    if name in ("abs", "min", "max"):
        return agreed([kind(one, path) for one in node.args])
    called = NAMED.get(name) or NAMED.get(f"{module(path)}.{name}")
    if called is not None:
        return annotated(called.returns)
    last = name.rpartition(".")[2]
    return last if last[:1].isupper() else ""


def annotated(node):
    text = ast.unparse(node)
    return (
        text
        if text in ("int", "float", "bool", "None")
        else text.rpartition(".")[2]
        if text.isidentifier()
        else ""
    )


def agreed(kinds):
    known = {one for one in kinds if one}
    assert len(known) <= 1, f"branches of different kinds: {kinds}"
    return known.pop() if known else ""


def fits(found, wanted):
    if isinstance(found, tuple) or not found or not wanted or wanted in ("Any", "T"):
        return True
    return found == wanted


@every
def test_every_return_is_of_one_kind(path, node):
    """The compiler unifies an int and a float to a float, Python does not: each return is what is announced."""
    wanted = annotated(node.returns)
    kinds = []
    for one in body(node):
        if isinstance(one, ast.Return):
            found = "None" if one.value is None else kind(one.value, path)
            assert fits(found, wanted), (
                f"{shown(path, one)}: {found}, announced as {ast.unparse(node.returns)}"
            )
            kinds.append(found)
    shapes = {shape(found) for found in kinds if found}
    assert len(shapes) <= 1, f"{shown(path, node)}: returns of different shapes {shapes}"


def shape(found):
    """A tuple's length, and its known parts' shapes are compared elsewhere (by its named fields)."""
    return ("tuple", len(found)) if isinstance(found, tuple) else found


@every
def test_local_names_keep_their_kind(path, node):
    """`x = 0` here and `x = 0.5` there is an int in one driver and a float in the other."""
    kinds = {}
    for one in body(node):
        if isinstance(one, ast.Assign) and len(one.targets) == 1 and isinstance(one.targets[0], ast.Name):
            found = kind(one.value, path)
            if found in ("int", "float", "bool"):
                kinds.setdefault(one.targets[0].id, {}).setdefault(found, one)
    mixed = {
        name: {k: shown(path, n) for k, n in found.items()} for name, found in kinds.items() if len(found) > 1
    }
    assert not mixed


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("return x ** 2", test_only_known_forms),
        ("return round(x, 2)", test_calls),
        ("return np.sum(x)", test_calls),
        ("return 'text'", test_no_text),
        ("return f'{x}'", test_only_known_forms),
        ("return [y for y in x]", test_only_known_forms),
        ("return 1 if x > 0.0 else 0.0", test_every_return_is_of_one_kind),
        ("if x > 0.0:\n        return 1\n    return x / 2", test_every_return_is_of_one_kind),
        ("y = 0\n    if x > 0.0:\n        y = 0.5\n    return y", test_local_names_keep_their_kind),
        ("try:\n        return x\n    finally:\n        x", test_only_known_forms),
    ],
)
def test_the_look_sees_what_it_should(text, fault, tmp_path, monkeypatch):
    path = tmp_path / "law.py"
    path.write_text(f"import numpy as np\n\ndef law(x: float) -> float:\n    {text}\n")
    monkeypatch.setattr("tests.sources.ROOT", tmp_path)
    node = tree(path).body[1]
    with pytest.raises(AssertionError):
        fault(path, node)


# Tables whose rows change while a run goes on (engine/state.World).
CHANGING = {"account", "counters", "holdings", "quotes", "orders", "memory", "wanted", "records", "marks"}


def kept_over_a_yield(node):
    """Uses of a changing row's field after a yield, the row having been fetched before it.

    A compiled generator keeps its variables in its own frame, and of a row it keeps a copy: what is written
    to it afterwards is lost, and what is read is old. Plain Python keeps the row itself.
    """
    fetches, uses, yields, loops = [], [], [], []
    for one in body(node):
        if isinstance(one, ast.Assign) and isinstance(one.value, ast.Subscript) and len(one.targets) == 1:
            table = one.value.value
            if (
                isinstance(table, ast.Attribute)
                and table.attr in CHANGING
                and isinstance(one.targets[0], ast.Name)
            ):
                fetches.append((one.lineno, one.targets[0].id))
        elif isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name):
            uses.append((one.lineno, one.value.id, one))
        elif isinstance(one, ast.Yield):
            yields.append(one.lineno)
        elif isinstance(one, ast.For | ast.While):
            loops.append((one.lineno, one.end_lineno))
    rows = {name for _, name in fetches}
    for line, name, use in uses:
        if name not in rows:
            continue
        fetched = max((at for at, who in fetches if who == name and at < line), default=0)
        between = any(fetched < at < line for at in yields)
        around = any(  # a loop that yields further down and comes back here without a new fetch
            start <= line <= end and not start <= fetched <= end and any(start <= at <= end for at in yields)
            for start, end in loops
        )
        if between or around:
            yield use


@every
def test_no_row_is_kept_over_a_yield(path, node):
    found = [f"{shown(path, use)}: {ast.unparse(use)}" for use in kept_over_a_yield(node)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("row = w.orders[0]\n    yield 1\n    row.state = 2", 1),
        ("row = w.orders[0]\n    yield row.state", 0),
        ("row = w.orders[0]\n    yield 1\n    row = w.orders[0]\n    row.state = 2", 0),
        ("row = w.orders[0]\n    for i in range(3):\n        row.state = i\n        yield i", 1),
        ("for i in range(3):\n        row = w.orders[i]\n        row.state = i\n        yield i", 0),
        ("row = w.rules[0]\n    yield 1\n    yield row.moment", 0),
    ],
)
def test_the_look_sees_a_row_kept_over_a_yield(text, faults):
    node = ast.parse(f"def law(w):\n    {text}\n").body[0]
    assert len(list(kept_over_a_yield(node))) == faults
