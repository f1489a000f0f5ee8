"""A document's problems, all of them in one pass and in the order of the text; and its program when it has none."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from runner.language.problems import KEY, Fault, Path, Problem
from runner.language.read import read
from runner.language.shape import Shape
from runner.language.source import Source, spot_of

if TYPE_CHECKING:
    from runner.language.program import Program


def validate(source: Source, sets: dict[str, float] | None = None) -> tuple[Problem, ...]:
    """Every problem of the document, by line and column."""
    return understand(source, sets)[1]


def understand(
    source: Source, sets: dict[str, float] | None = None
) -> tuple[Program | None, tuple[Problem, ...]]:
    """The program (None when there is a problem) and the problems. `sets`: values of parameters."""
    from runner.language.program import compile_program
    from runner.language.selection import compile_selection

    if source.data is None:
        return None, source.problems
    if not isinstance(source.data, dict):
        what = "a list" if isinstance(source.data, list) else "a single text"
        problem = Problem(
            *spot_of(source, ()),
            f"the document is {what}, not keys and values",
            "a strategy starts with 'version: 1'",
        )
        return None, (*source.problems, problem)
    # Aliases share their data, and a repair writes into it.
    shape = Shape(copy.deepcopy(source.data), source.reported)
    faults = list(shape.faults)
    program = None
    if isinstance(shape.data, dict):
        spec, meaning = read(shape.data, sets, shape.damaged)
        if spec.symbols or spec.universe.selections:
            program, compiled = compile_program(spec)
            meaning = [*meaning, *compiled]
        for selection in spec.universe.selections:
            meaning += compile_selection(spec, selection)[1]
        if ("extends",) not in source.reported:  # without its base half of the names are not known
            faults += [fault for fault in meaning if _bare(fault.path) not in shape.wrong]
    placed = {_placed(source, fault, shape.renamed): None for fault in faults}
    files = [source.name, *(base.name for base in source.bases)]
    problems = sorted(
        (*source.problems, *placed),
        key=lambda p: (files.index(p.file) if p.file in files else len(files), p.line, p.column),
    )
    return (program if not problems else None), tuple(problems)


def _bare(path: Path) -> Path:
    return path[:-1] if path and path[-1] == KEY else path


def _placed(source: Source, fault: Fault, renamed: dict[Path, str]) -> Problem:
    """The fault at its line and column; a repaired key stands where it was written."""
    path = fault.path
    for n in range(len(path), 0, -1):
        if path[:n] in renamed:
            path = (*path[: n - 1], renamed[path[:n]], *path[n:])
    return Problem(*spot_of(source, path, fault.column), fault.message, fault.cure)
