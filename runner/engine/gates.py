"""What a firing must pass: `between`, `only_if` and `once_per`."""

from __future__ import annotations

from typing import Any

from runner.compilable import compilable
from runner.engine.evaluate import evaluate


@compilable
def gate(w: Any, k: int, rule: Any, memory: Any, s: int) -> bool:
    """Whether `between`, `only_if` and `once_per` let a firing through; uses up `once_per` when they do."""
    now = w.instants[k].time
    if rule.has_window:
        if w.instants[k].close == 0:
            return False
        if rule.after_open >= 0 and now < w.instants[k].open + rule.after_open:
            return False
        if rule.before_close >= 0 and now > w.instants[k].close - rule.before_close:
            return False
        clock = w.instants[k].clock
        if rule.from_time >= 0 and clock < rule.from_time:
            return False
        if rule.to_time >= 0 and clock > rule.to_time:
            return False
    key = 1
    if rule.once == 1 or rule.once == 2:
        key = w.instants[k].day
    if rule.once == 4:
        key = now
        if memory.fired >= 0 and now - memory.fired < rule.once_span:
            return False
    if rule.once > 0 and memory.fired == key:
        return False
    if rule.only_hi > rule.only_lo:
        if evaluate(w, k, rule.only_lo, rule.only_hi, s) == 0.0:
            return False
    if rule.once > 0:
        memory.fired = key
    return True
