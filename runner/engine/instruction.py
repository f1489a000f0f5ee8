"""Decision code as rows."""

from __future__ import annotations

from runner.market.rows import row


@row
class Instruction:
    """One instruction of decision code (`language/program.Instruction`): columns renumbered. `exponent`: of a column,
    its power of the split factor."""

    op: int = 0
    a: int = 0
    b: int = 0
    exponent: int = 0
    value: float = 0.0
