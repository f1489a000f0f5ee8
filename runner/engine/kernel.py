"""The run compiled: the functions of `compilable.COMPILABLE`, over the same tables as arrays.

Holds no law and no order of work: it compiles `instant.run_span` and calls it in pieces. Needs the extra
`fast` (numba), which is imported here and only when a run asks for the kernel.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

from runner.engine import compiler, instant
from runner.engine.ports import JournalWriter, Progress
from runner.engine.state import World
from runner.engine.world import Growth
from runner.engine.world_reference import by_reference

PIECE = 200_000  # instants between two reports of progress


@functools.cache
def compiled(cache: str) -> Callable[[Any, int, int], int]:
    """`instant.run_span`, compiled; from the compiler's files in `cache` when they are there.

    The compiler notices a change of the compiled file only, not of the laws that it calls: the caller names
    a folder that belongs to this version of the code. Without one (empty text) nothing is kept.
    """
    import numba

    if cache:
        numba.config.CACHE_DIR = cache  # type: ignore[attr-defined]
    compiler.register()
    options: dict[str, Any] = {"cache": bool(cache), "_nrt": False}
    refer, span = by_reference(), instant.run_span

    def run(world: Any, first: int, last: int) -> Any:
        return span(refer(world), first, last)

    found: Callable[[Any, int, int], int] = numba.njit(**options)(run)
    return found


def compiled_before(cache: str) -> bool:
    """Whether the compiler has left its files in `cache`."""
    return bool(cache) and any(Path(cache).rglob("*.nbi"))


class Kernel:
    """Drives a world of arrays through its timeline."""

    def __init__(self, world: World, growth: Growth, journal: JournalWriter, cache: str = "") -> None:
        self._cache = cache
        self._world = world
        self._growth = growth
        self._journal = journal

    def run(self, progress: Progress | None = None) -> World:
        """Run every instant, in order; returns the world at its end, with everything in the journal."""
        span = compiled(self._cache)
        total = len(self._world.instants)
        k, full = 0, False
        while k < total:
            target = min(k + PIECE, total)
            reached = span(self._world, k, target)
            if full and reached == k:
                raise AssertionError(f"no room for instant {k} although the tables have just grown")
            full = reached < target
            if full:
                self._world = self._growth.drain(self._world, self._journal)
            k = reached
            if progress is not None:
                progress.at(k, total)
        return self._growth.drain(self._world, self._journal)
