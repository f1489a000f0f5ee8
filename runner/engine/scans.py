"""An indicator's step run over whole columns: in plain Python, or compiled when that pays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from runner.engine.compiler import compiled_scan, installed
from runner.engine.elementwise import Floats

# Steps of plain Python (0.3 us each) that take longer than importing the compiler and compiling one loop.
WORTH_COMPILING = 6_000_000.0


def scan(
    step: Callable[..., Any], state: Any, columns: list[Floats], outputs: int, compiled: bool
) -> list[Floats]:
    """The values of every output at every row."""
    if compiled:
        out = np.empty((outputs, len(columns[0])))
        compiled_scan(step, len(columns), outputs)(
            arrays(state), *(np.ascontiguousarray(c) for c in columns), out
        )
        return list(out)
    values: list[Any] = []
    keep = values.append
    if len(columns) == 1:
        for x in columns[0].tolist():
            state, y = step(state, x)
            keep(y)
    else:
        for row in zip(*(c.tolist() for c in columns), strict=True):
            state, y = step(state, *row)
            keep(y)
    if outputs == 1:
        return [np.array(values, dtype=np.float64)]
    table = np.array(values, dtype=np.float64).reshape(len(values), outputs)
    return [np.ascontiguousarray(table[:, i]) for i in range(outputs)]


def arrays(state: Any) -> Any:
    """A state as compiled code takes it: windows are arrays."""
    if isinstance(state, tuple):
        return tuple(arrays(part) for part in state)
    return np.array(state, dtype=np.float64) if isinstance(state, list) else state


def worth_compiling(work: float) -> bool:
    """Whether `work` (steps of an exponential average) is done sooner compiled, and can be."""
    return work > WORTH_COMPILING and installed()
