"""What the portfolio keeps between instants, as rows. `engine/portfolio.py` and `engine/views.py` write them."""

from __future__ import annotations

from runner.market.rows import row

# How weights are made.
EQUAL, SCORE, CONFIDENCE, INVERSE, EACH, FIXED, ACCUMULATE = 0, 1, 2, 3, 4, 5, 6
WEIGHTINGS = ("equal", "score", "confidence", "inverse", "each", "fixed", "accumulate")
# What is held when `only_if` is false.
STAY, CASH, HOLD = 0, 1, 2
OTHERWISE = ("stay", "cash", "hold")
FOREVER = 1 << 62  # ns: of a view without an end


@row
class Portfolio:
    """The portfolio, one row. `rule`: its rule (-1: there is none), `step`: of its orders; `runs`: it has anything to do. Spans of decision code
    are `*_lo` to `*_hi`, empty when absent. `first_bar`: a moment waits for the first bar from then on, `awaited`: one does. `every`: ns between two renewals, `due`: ns of the next.

    `view_lo`, `view_hi`: rules that are views. `home`: the symbol for which what is asked once is evaluated.
    `piles`: a view does not take the place of an earlier one of the same rule. `views`: how many rows of the table of views are in use; `given`: one came or went since the last renewal;
    `serial`: views given so far; `first_end`: ns at which the first of them ends. `live`: targets not reached yet (`targets: until_reached`).
    """

    rule: int = -1
    runs: bool = False
    step: int = 0
    home: int = 0
    every_bar: bool = False
    first_bar: bool = False
    awaited: bool = False
    every: int = 0
    due: int = 0
    upon_views: bool = False
    upon_members: bool = False
    view_lo: int = 0
    view_hi: int = 0
    only_lo: int = 0
    only_hi: int = 0
    otherwise: int = STAY
    hold: int = -1
    where_lo: int = 0
    where_hi: int = 0
    score_lo: int = 0
    score_hi: int = 0
    weighting: int = EQUAL
    value_lo: int = 0
    value_hi: int = 0
    scale_lo: int = 0
    scale_hi: int = 0
    accumulate: float = 0.0
    top: int = 0
    keep: int = 0
    max_weight: float = 0.0
    min_trade: float = 0.0
    max_positions: int = 0
    drift: float = 0.0
    piles: bool = False
    views: int = 0
    serial: int = 0
    given: bool = False
    first_end: int = FOREVER
    live: int = 0


@row
class Name:
    """What the portfolio thinks of one symbol.

    `candidate`: it may be held. `fixed_*`: code of its fixed weight. `bar`: ns of its bars (a daily bar is a
    session). Renewed each time: `touched`: it gets a target; `sign`: of its view; `score`, `raw`: before weights are in
    proportion; `share`: of equity, signed; `chosen`. `told`: the share last written down. `target`: shares wanted, `live` until they are reached;
    `rule`, `step`: who wants them. `fresh`: the target is of this instant. `best`: best price since the position was opened, on `side` (0: not looked at yet). `place`, `spare`: rows of a list that is being sorted.
    """

    candidate: bool = False
    fixed_lo: int = 0
    fixed_hi: int = 0
    bar: int = 0
    touched: bool = False
    chosen: bool = False
    sign: int = 0
    score: float = 0.0
    raw: float = 0.0
    share: float = 0.0
    told: float = 0.0
    target: int = 0
    live: bool = False
    fresh: bool = False
    best: float = 0.0
    side: int = 0
    rule: int = 0
    step: int = 0
    place: int = 0
    spare: int = 0


@row
class View:
    """One opinion: `number` in order of giving, `direction` -1, 0 or 1, `given` and `ends` in ns (it holds at its end still), `confidence` NaN for none."""

    symbol: int = 0
    rule: int = 0
    number: int = 0
    direction: int = 0
    given: int = 0
    ends: int = 0
    confidence: float = 0.0


@row
class Session:
    """One session of the calendar, in ns; `day` since 1970."""

    open: int = 0
    close: int = 0
    midnight: int = 0
    day: int = 0
