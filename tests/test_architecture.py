"""The house of design section 2: storeys, names, sizes, and who may catch everything."""

import ast
import re

import pytest

from tests.sources import RUNNER, files, full_name, known_as, module, shown, tree

# From the top; a storey imports those below it. Names on one line stand beside each other and import neither.
STOREYS = (
    ("cli",),
    ("commands",),
    ("operate", "sweep", "web", "rehearsal"),
    ("assemble",),
    ("adapters",),
    ("engine",),
    ("language", "results"),
    ("laws",),
    ("market",),
    ("compilable",),
)
FLOOR = {name: i for i, names in enumerate(STOREYS) for name in names}
MOST_LINES = 300
EMPTY_NAMES = {"utils", "util", "common", "base", "manager", "handler", "helpers", "helper", "misc"}


def storey(dotted):
    """`runner.laws.fees` -> `laws`; empty for the package itself, which holds the version."""
    parts = dotted.split(".")
    return parts[1] if len(parts) > 1 else ""


def imports(path):
    """Every module of the package that a file imports, wherever in the file, with the line."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module == "runner":
            names = [f"runner.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{shown(path, node)}: a relative import hides its storey"
            names = [node.module or ""]
        else:
            continue
        for name in names:
            if name.split(".")[0] == "runner":
                yield node, name


def test_every_file_stands_on_a_storey():
    strangers = {storey(module(path)) for path in files()} - set(FLOOR) - {""}
    assert not strangers, f"no storey is called {strangers}"


def test_imports_point_down():
    up = []
    for path in files():
        own = storey(module(path))
        for node, name in imports(path):
            other = storey(name)
            if not own or not other or other == own or other not in FLOOR:
                continue
            if FLOOR[other] <= FLOOR[own]:
                up.append(f"{shown(path, node)}: {own} imports {other}")
    assert not up, "\n".join(up)


def test_the_package_itself_imports_nothing():
    assert not list(imports(RUNNER / "__init__.py"))


def test_laws_and_nouns_open_nothing():
    """No file, socket, process or thread below the engine (research/style.md, section 3, example 1)."""
    closed = {
        "io",
        "os",
        "pathlib",
        "socket",
        "subprocess",
        "threading",
        "sqlite3",
        "tempfile",
        "logging",
        "asyncio",
    }
    found = []
    for path in files():
        if storey(module(path)) not in ("laws", "market", "compilable"):
            continue
        for node in ast.walk(tree(path)):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            elif (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in ("open", "print")
            ):
                found.append(f"{shown(path, node)}: {node.func.id}()")
            found += [f"{shown(path, node)}: {name}" for name in names if name.split(".")[0] in closed]
    assert not found, "\n".join(found)


def test_only_assemble_names_concrete_parts():
    """The engine knows ports, never an adapter: no text of the engine imports one, not even for types."""
    found = [
        shown(path, node)
        for path in files()
        if storey(module(path)) in ("engine", "language", "results", "laws", "market")
        for node, name in imports(path)
        if storey(name) in ("adapters", "assemble")
    ]
    assert not found, "\n".join(found)


def test_the_compiler_is_imported_late_and_by_the_engine_only():
    """Everything also runs without numba, and nothing pays for it before it is needed (design, section 7)."""
    found = []
    for path in files():
        for node in ast.walk(tree(path)):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            if any(name.split(".")[0] == "numba" for name in names):
                top = node in tree(path).body
                if top or storey(module(path)) != "engine":
                    found.append(shown(path, node))
    assert not found, "\n".join(found)


def words_of(name):
    """`OrderManager2` -> order, manager; `data_utils` -> data, utils."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return {word for word in re.split(r"[^a-z0-9]+", spaced.lower()) if word}


def test_no_empty_names():
    found = []
    for path in files():
        for part in path.relative_to(RUNNER).with_suffix("").parts:
            if words_of(part) & EMPTY_NAMES:
                found.append(shown(path))
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ClassDef | ast.FunctionDef) and words_of(node.name) & EMPTY_NAMES:
                found.append(f"{shown(path, node)}: {node.name}")
    assert not found, "\n".join(found)


@pytest.mark.parametrize("path", files(), ids=shown)
def test_no_file_is_longer_than_a_reader_likes(path):
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= MOST_LINES, f"{lines} lines"


def test_only_the_command_line_catches_everything():
    """A fault of ours ends in exit 70 with a report, and nowhere else is a fault swallowed."""
    broad = {"Exception", "BaseException"}
    found = []
    for path in files():
        known = known_as(path)
        for node in ast.walk(tree(path)):
            caught = []
            if isinstance(node, ast.ExceptHandler):
                kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
                caught = ["everything" if kind is None else full_name(kind, known) for kind in kinds]
            elif isinstance(node, ast.Call) and full_name(node.func, known) == "contextlib.suppress":
                caught = [full_name(kind, known) for kind in node.args]
            if (broad | {"everything"}) & set(caught) and path != RUNNER / "cli.py":
                found.append(shown(path, node))
    assert not found, "\n".join(found)


def test_every_module_says_what_it_is():
    lacking = [shown(path) for path in files() if not ast.get_docstring(tree(path))]
    assert not lacking, "\n".join(lacking)


def test_no_machine_path_is_written():
    """The repository names neither this machine's folders nor the team's."""
    places = re.compile(r"[\"'`(= ](/work|/home|/tmp|/root|/farm)/")
    sources = [*files(), *sorted((RUNNER.parent / "tests").rglob("*.py"))]
    found = [shown(path) for path in sources if places.search(path.read_text(encoding="utf-8"))]
    assert not found, "\n".join(found)
