"""Whether the open exits of a symbol have become more than its position. `engine/surplus.py` then cuts them."""

from __future__ import annotations

from typing import Any

from runner.compilable import compilable


@compilable
def watch_exits(w: Any, s: int) -> None:
    """See whether the open exits of symbol `s` are more than its position."""
    holding = w.holdings[s]
    leave = holding.exit_quantity
    if leave != 0 and w.settings[0].exits == 0:
        if (leave > 0) == (holding.position > 0) or abs(leave) > abs(holding.position):
            w.counters[0].surplus = True
