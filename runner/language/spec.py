"""The strategy as frozen values, every default filled in. Nothing below this file sees a dictionary.

`language/read.py` makes a `Spec` from a valid document; `language/program.py` compiles it.
Durations are int64 nanoseconds; days are counted from 1970-01-01; money is millionths of a dollar.
"""

from __future__ import annotations

from typing import Any

import msgspec

from runner.language.lending import Lending as Lending
from runner.language.lending import Tradable as Tradable
from runner.language.risk import Drawdowns as Drawdowns
from runner.language.risk import Risk as Risk
from runner.language.spec_data import Backtest as Backtest
from runner.language.spec_data import DataPlan as DataPlan
from runner.language.spec_live import LiveSpec as LiveSpec

NEW_YORK = "America/New_York"


class Text(msgspec.Struct, frozen=True):
    """An expression as written, with the path of its key in the document (for `file:line:column`)."""

    text: str
    path: tuple[str | int, ...] = ()


class Days(msgspec.Struct, frozen=True):
    """The days on which a moment happens.

    `on`: every_session, every_day (weekends too), week_start, week_end, month_start, month_end,
    quarter_start, quarter_end, year_start, year_end (first or last session of it), weekdays or dates.
    """

    on: str = "every_session"
    weekdays: tuple[int, ...] = ()  # 0 is Monday
    dates: tuple[int, ...] = ()  # days since 1970-01-01


class Moment(msgspec.Struct, frozen=True):
    """A moment of the schedule: one of after_open, before_open, after_close, before_close, time."""

    kind: str
    offset: int  # ns after (or before) the named edge; for `time`, ns since midnight of `zone`
    days: Days = Days()
    path: tuple[str | int, ...] = ()
    zone: str = NEW_YORK


class Window(msgspec.Struct, frozen=True):
    """`between`: from open + after_open to close - before_close (both ends belong); ns, or -1 for no bound.

    `from_time`, `to_time`: ns since midnight New York, or -1.
    """

    after_open: int = -1
    before_close: int = -1
    from_time: int = -1
    to_time: int = -1


class Size(msgspec.Struct, frozen=True):
    """How much: `unit` is percent_of_equity (value 0.25 is 25 %), shares, dollars or risk.

    `value`: an expression (a plain number is one too). `stop`: for risk, the distance in dollars per
    share from the price at which the loss is to be `value` of equity.
    """

    unit: str
    value: Text
    stop: Text | None = None


class Reprice(msgspec.Struct, frozen=True):
    """How a working limit order follows its price: `every`, `lasts` ns from acceptance (`lasts` 0: as long as it
    works); `then` cancel, market or keep."""

    every: int
    lasts: int = 0
    then: str = "keep"


class OrderPlan(msgspec.Struct, frozen=True):
    """The order that a step sends. `good_till` days since 1970. `limit`, `stop` (or trigger), `by` (distance of a
    trailing stop, dollars or a percentage): the prices that go with the kind. `reprice` for limit orders only."""

    kind: str = "market"
    limit: Text | None = None
    stop: Text | None = None
    by: Text | None = None
    post_only: bool = False
    time_in_force: str = "day"
    good_till: int = 0
    tag: str = ""
    reprice: Reprice | None = None


class Protect(msgspec.Struct, frozen=True):
    """What protects an entry: distances (a ratio of the entry price, or dollars a share) and an age in bars, 0 for none."""

    stop: Text | None = None
    target: Text | None = None
    trail: Text | None = None
    after: int = 0


class Lifetime(msgspec.Struct, frozen=True):
    """How long a view holds: ns of open market time, sessions, or bars of its symbol; all zero: until the next."""

    open_time: int = 0
    sessions: int = 0
    bars: int = 0


class Step(msgspec.Struct, frozen=True):
    """One thing that a rule does.

    `action`: enter, exit, target, buy, sell, update, cancel, note; of the portfolio: view, rebalance.
    enter: `side` long or short, `size`, `add`, `protect`. exit: `scope` position or everything, `size` None for all,
    else percent_of_position (0.5) or shares. target: `weights`, symbol to weight; the empty symbol is the
    rule's own; `others` exit or keep; `size` unused. buy, sell: `size`.
    update, cancel: `refers` names the order (all for every open order of the symbol); update changes
    `size` (shares), the prices of `order`, and `retag`. `name`: the order's own name (`as`).
    view: `side` up, down or flat, `lifetime`, `size` its confidence or None. `when`: the branch's condition inside `choose`, or None.
    """

    action: str
    side: str = ""
    scope: str = ""
    size: Size | None = None
    weights: tuple[tuple[str, Text], ...] = ()
    others: str = "keep"
    order: OrderPlan = OrderPlan()
    add: bool = False
    protect: Protect | None = None
    name: str = ""
    refers: str = ""
    retag: str | None = None
    note: str = ""
    when: Text | None = None
    lifetime: Lifetime = Lifetime()
    path: tuple[str | int, ...] = ()


class Upon(msgspec.Struct, frozen=True):
    """An event (filled, cancelled, expired, rejected) of the orders of the rule of that name."""

    event: str
    rule: str
    path: tuple[str | int, ...] = ()


class Rule(msgspec.Struct, frozen=True):
    """One rule. Exactly one of `when`, `at` and `upon` is set (`only_if` may stand beside each).

    `part`: rule, view or portfolio: views and the portfolio are rules with a step of their own.
    """

    name: str
    steps: tuple[Step, ...]
    when: Text | None = None
    every_bar: bool = False
    at: tuple[Moment, ...] = ()
    upon: Upon | None = None
    only_if: Text | None = None
    between: Window | None = None
    once_per: str = ""  # day, session, run, span or empty
    once_span: int = 0  # ns, of span
    symbols: tuple[str, ...] | None = None  # None: every symbol of the universe
    scope: str = ""  # members, joined, left, or empty: members and what is held beside them
    choose: bool = False  # steps are branches: the first that holds is taken
    part: str = "rule"
    path: tuple[str | int, ...] = ()


class Portfolio(msgspec.Struct, frozen=True):
    """Target weights. When it is looked at, its `only_if` and its order are those of its rule (`part` portfolio).

    `every`: ns since the last renewal, 0 for none. `every_bar`: at every bar; `first_bar`: at the first bar of the days of its moments. `upon_views`: when a view is given
    or has ended; `upon_members`: when the universe changes. `symbols`: what it is made of; `whole`: and all that a selection finds. `otherwise`: stay, cash or hold. `where`, `score`: of a symbol. `top`, `keep`,
    `max_positions`: 0 for none. `weighting`: equal, score, confidence, inverse, each, fixed, accumulate; `value`
    goes with inverse and each, `fixed` with fixed, `accumulate` with its own. `max_weight`, `min_trade`, `drift`: shares of equity, 0 none.
    """

    symbols: tuple[str, ...]
    whole: bool = False
    every: int = 0
    every_bar: bool = False
    first_bar: bool = False
    upon_views: bool = True
    upon_members: bool = False
    otherwise: str = "stay"
    hold: str = ""
    score: Text | None = None
    where: Text | None = None
    top: int = 0
    keep: int = 0
    weighting: str = "equal"
    value: Text | None = None
    fixed: tuple[tuple[str, Text], ...] = ()
    accumulate: float = 0.0
    scale: Text | None = None
    max_weight: float = 0.0
    min_trade: float = 0.0
    max_positions: int = 0
    drift: float = 0.0


class Selection(msgspec.Struct, frozen=True):
    """Members that change: one of file, constituents and dynamic (`kind`).

    `name`: the path of the file, or the folder of constituents. Of a dynamic one: `source` bars or coarse;
    `among` the candidates, or `among_file` a file of them, both empty for all; `besides` who is never chosen; `keep` 0 for all that pass.
    """

    kind: str
    name: str = ""
    source: str = "bars"
    among: tuple[str, ...] = ()
    among_file: str = ""
    besides: tuple[str, ...] = ()
    where: tuple[Text, ...] = ()
    rank_by: Text | None = None
    keep: int = 0
    refresh: tuple[Moment, ...] = ()
    path: tuple[str | int, ...] = ()


class Universe(msgspec.Struct, frozen=True):
    """Who may be traded when. `listed`: symbols that always belong. `since`: day before the run from which selections are made. `selections`: empty when nothing else does."""

    listed: tuple[str, ...] = ()
    since: int | None = None
    selections: tuple[Selection, ...] = ()


class Indicator(msgspec.Struct, frozen=True):
    """A named indicator: `kind` from the table of indicators, `of` its input, `symbol` empty for the rule's own."""

    name: str
    kind: str
    parameters: dict[str, float]
    of: Text | None = None
    symbol: str = ""
    timeframe: int = 0  # ns, 0: the resolution of the data
    path: tuple[str | int, ...] = ()


class Spec(msgspec.Struct, frozen=True):
    """One strategy, whole. `settings`: every account setting by its dotted name, resolved; `origins`:
    where each came from (brokerage, conventions, margin_model, document). `symbols`: all that the run has, members
    or not; of a universe that changes the document names a few, `adapters/membership.py` finds the others."""

    version: int
    name: str
    description: str
    brokerage: str
    account: str
    resident: str
    conventions: str
    settings: dict[str, Any]
    origins: dict[str, str]
    symbols: tuple[str, ...]
    data: DataPlan
    parameters: dict[str, float]
    indicators: tuple[Indicator, ...]
    rules: tuple[Rule, ...]
    default_order: OrderPlan
    backtest: Backtest
    lending: Lending = Lending()
    tradable: Tradable = Tradable()
    risk: Risk = Risk()
    live: LiveSpec = LiveSpec()
    universe: Universe = Universe()
    parameter_units: dict[str, str] = {}  # number, percent, leverage or duration (ns); see `units`
    portfolio: Portfolio | None = None
    drawdowns: Drawdowns = Drawdowns()
