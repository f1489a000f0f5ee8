"""What rules remember of symbols, as rows."""

from __future__ import annotations

from runner.market.rows import row


@row
class Memory:
    """What a rule remembers of one symbol, and what became of its bars.

    `active`: the rule looks at this symbol. `truth`: the condition at the last bar at which it was known.
    `newest`: number of the view it gave last. `fired`: day, session close or 1 at which `once_per` was used up. `asked`: of which
    joining or leaving the rule was asked. The tallies count bars (for moments:
    firings) and add up to all that the rule saw.
    """

    active: bool = False
    newest: int = 0
    truth: bool = False
    fired: int = -1
    asked: int = 0
    not_ready: int = 0
    false: int = 0
    gated: int = 0
    skipped: int = 0
    refused: int = 0
    sent: int = 0
