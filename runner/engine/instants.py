"""What a run meets, in rows: its instants, the bars that become known at them, corporate actions."""

from __future__ import annotations

import numpy as np

from runner.market.bar import DAY
from runner.market.rows import row


@row
class Instant:
    """One instant of a run, in rows ascending by `time` (ns UTC).

    `day`: days since 1970, New York. `open`, `close`: the session of the day (0, 0 when it has none).
    `next_close`: first close after the instant; `next_open`: the open of that session, `session`: its row among the sessions.
    `trade_session`: row of the session of the day, or of the one before. `settles_1` to `settles_3`: the
    settlement time of the sessions after the day. `year` to `weekday`: New York's date; `clock`: its time of day (ns). `flags`: bit sum of
    INSTANT_*; `marks`: bit sum of MARK_*. `benchmark`: its newest price, 0 without one. Rows of other tables from
    `*_lo` to before `*_hi`: `bar_*` of arrivals, `moment_*` of moments, `action_*` of actions, `loan_*` of what can
    be borrowed, `change_*` of changes of the universe.
    """

    time: int = 0
    day: int = 0
    open: int = 0
    close: int = 0
    next_close: int = 0
    next_open: int = 0
    session: int = 0
    trade_session: int = 0
    settles_1: int = 0
    settles_2: int = 0
    settles_3: int = 0
    year: int = 0
    month: int = 0
    day_of_month: int = 0
    weekday: int = 0
    clock: int = 0
    flags: int = 0
    marks: int = 0
    benchmark: float = 0.0
    bar_lo: int = 0
    bar_hi: int = 0
    moment_lo: int = 0
    moment_hi: int = 0
    action_lo: int = 0
    action_hi: int = 0
    loan_lo: int = 0
    loan_hi: int = 0
    change_lo: int = 0
    change_hi: int = 0


@row
class Arrival:
    """A bar as it becomes known, in rows by instant, then by the universe (market/bar.Bars for its fields).

    `row`: where the symbol's columns stand at this bar.
    """

    symbol: int = 0
    row: int = 0
    start: int = 0
    end: int = 0
    open: float = 0.0
    high: float = 0.0
    low: float = 0.0
    close: float = 0.0
    bid: float = 0.0
    ask: float = 0.0
    quote_end: int = 0
    real: bool = False
    volume: float = 0.0


ACTION_PAYS, ACTION_RENAMED, ACTION_LAST_DAY, ACTION_DELISTED = 0, 1, 2, 3
INSTANT_OPEN, INSTANT_CLOSE, INSTANT_SLICE = 1, 2, 4
# Live only. MISSED: it is worked on so late that nothing is decided on it. EXTRA: no day has it; news made it.
INSTANT_MISSED, INSTANT_EXTRA = 8, 16


@row
class Action:
    """A corporate action at the first instant of a day: `split` new shares per old, `dividend` dollars a share.
    `kind`: what becomes of the symbol (ACTION_*)."""

    symbol: int = 0
    kind: int = 0
    split: float = 1.0
    dividend: float = 0.0


@row
class Loan:
    """What can be borrowed of a symbol from an instant on: fields of market/borrow.Loans."""

    symbol: int = 0
    shares: int = -1
    fee: float = 0.0
    rebate: float = 0.0


@row
class Change:
    """A symbol joins the universe or leaves it; `symbol` -1: a selection was made, whatever came of it."""

    symbol: int = -1
    joins: bool = False


def looks(instants: np.ndarray) -> list[int]:
    """The first slice of each UTC date, and the last of the run: when LEAN takes stock of capacity."""
    times = instants["time"][instants["flags"] & INSTANT_SLICE != 0]
    if not len(times):
        return []
    _, first = np.unique(times // DAY, return_index=True)
    return sorted({*times[first].tolist(), int(times[-1])})
