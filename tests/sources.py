"""The project's own sources as syntax trees, for the tests that hold the house's rules."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RUNNER = ROOT / "runner"


@cache
def tree(path):
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def files():
    """Every source file of the package, in order of name."""
    return sorted(RUNNER.rglob("*.py"))


def shown(path, node=None):
    """`runner/laws/fees.py:12`, for messages."""
    place = path.relative_to(ROOT).as_posix()
    return f"{place}:{node.lineno}" if node is not None else place


def module(path):
    """Dotted name of a source file."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def known_as(path):
    """What each imported name of a file stands for: `np` -> `numpy`, `sqrt` -> `math.sqrt`."""
    out = {}
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                out[alias.asname or alias.name.split(".")[0]] = (
                    alias.name if alias.asname else alias.name.split(".")[0]
                )
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                out[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return out


def full_name(node, known):
    """`np.random.rand` with imports resolved: `numpy.random.rand`; empty for anything but a dotted name."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join([known.get(node.id, node.id), *reversed(parts)])
