"""The laws registered with the compiler (numba), once, when it is first needed; imported only then."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from functools import cache
from typing import Any

from runner.compilable import COMPILABLE

_registered: set[int] = set()


@cache
def installed() -> bool:
    """Whether the extra `fast` is there. Looks for it without importing it."""
    return importlib.util.find_spec("numba") is not None


def register() -> None:
    """Let compiled code call every law on the list (those added since the last call too)."""
    from numba.extending import register_jitable

    for function in COMPILABLE:
        if id(function) not in _registered:
            _registered.add(id(function))
            # The kernel's functions allocate nothing and count no references, which is three times as fast and
            # half the compile. Indicators keep windows, whose memory must be counted.
            windows = function.__module__.startswith("runner.laws.indicators")
            register_jitable(_nrt=windows)(function)


@cache
def compiled_scan(step: Callable[..., Any], inputs: int, outputs: int) -> Callable[..., Any]:
    """A compiled loop that runs `step` over arrays: scan(state, *columns, out), out of shape (outputs, rows)."""
    from numba import njit

    register()
    if (inputs, outputs) == (1, 1):

        def one(state: Any, a: Any, out: Any) -> None:
            for i in range(len(a)):
                state, out[0, i] = step(state, a[i])

        return njit(one)
    if (inputs, outputs) == (1, 3):

        def three(state: Any, a: Any, out: Any) -> None:
            for i in range(len(a)):
                state, y = step(state, a[i])
                out[0, i], out[1, i], out[2, i] = y

        return njit(three)
    if (inputs, outputs) == (2, 1):

        def two_in(state: Any, a: Any, b: Any, out: Any) -> None:
            for i in range(len(a)):
                state, out[0, i] = step(state, a[i], b[i])

        return njit(two_in)
    if (inputs, outputs) == (3, 1):

        def three_in(state: Any, a: Any, b: Any, c: Any, out: Any) -> None:
            for i in range(len(a)):
                state, out[0, i] = step(state, a[i], b[i], c[i])

        return njit(three_in)
    raise ValueError(f"no loop for {inputs} inputs and {outputs} outputs")
