"""The functions that the kernel may compile. Imports no compiler.

A law is plain Python. Marking it `@compilable` puts it on this list and hands it back unchanged: the
loop calls it as it is, the kernel registers the whole list with its compiler when it is first needed.
The dialect that marked functions keep to (so that plain and compiled give the same bits) is held by
`tests/test_dialect.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])

COMPILABLE: list[Callable[..., Any]] = []


def compilable(function: Function) -> Function:
    """Put `function` on the kernel's list and return it unchanged."""
    COMPILABLE.append(function)
    return function
