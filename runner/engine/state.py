"""The run's state as tables. Only `engine/step.py` and `engine/decide.py` write them.

The loop keeps each table as a list of objects, the kernel as a record array (market/rows); the code that
reads and writes them is the same.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from runner.engine.steps import ACTIONS as ACTIONS
from runner.engine.steps import ALL as ALL
from runner.engine.steps import CANCEL as CANCEL
from runner.engine.steps import CANCEL_ALL as CANCEL_ALL
from runner.engine.steps import DOLLARS as DOLLARS
from runner.engine.steps import ENTER as ENTER
from runner.engine.steps import EXIT as EXIT
from runner.engine.steps import EXIT_EVERYTHING as EXIT_EVERYTHING
from runner.engine.steps import NOTE as NOTE
from runner.engine.steps import PERCENT_OF_EQUITY as PERCENT_OF_EQUITY
from runner.engine.steps import PERCENT_OF_POSITION as PERCENT_OF_POSITION
from runner.engine.steps import REBALANCE as REBALANCE
from runner.engine.steps import RISK as RISK
from runner.engine.steps import SHARES as SHARES
from runner.engine.steps import TARGET as TARGET
from runner.engine.steps import TRADE as TRADE
from runner.engine.steps import UNITS as UNITS
from runner.engine.steps import UPDATE as UPDATE
from runner.engine.steps import VIEW as VIEW
from runner.engine.steps import StepRow as StepRow
from runner.engine.wanted import REPLACE as REPLACE
from runner.engine.wanted import SUBMIT as SUBMIT
from runner.engine.wanted import WITHDRAW as WITHDRAW
from runner.engine.wanted import Wanted as Wanted
from runner.laws.arithmetic import NAN
from runner.market.rows import row


@row
class Account:
    """Totals, kept by difference (exact, because integers): millionths of a dollar.

    `long_value`, `short_value`: absolute values of the positions at last prices. `opening_value`: absolute
    value of working orders that open positions, as long as all symbols have one requirement. `positions`: how many symbols are held. `next_call`: ns before which margin is not checked again; `warned`: of
    the present shortage of margin. `pattern_trader`: the account has been found to be a pattern day trader's. `charged_day`: day up to which interest is charged, -1 before the first;
    `next_look`: ns before which LEAN's clock of interest is not looked at. `last_fill`: ns of the newest fill, 0 before the first;
    `synced`: ns at which cash was last compared with the account's (live).
    """

    cash: int = 0
    unsettled: int = 0
    long_value: int = 0
    short_value: int = 0
    opening_value: int = 0
    positions: int = 0
    next_call: int = 0
    warned: bool = False
    pattern_trader: bool = False
    charged_day: int = -1
    next_look: int = 0
    last_fill: int = 0
    synced: int = 0


@row
class Counters:
    """How much of each growing table is in use. `orders` counts from 1: row 0 is never an order. `most`: rows
    that the busiest instant can add, beside those of open orders; `members`: of the universe; `pending`: symbols
    that left it and may be held; `held_back`: symbols whose exit waits for an answer; `call_tag`: text of a margin call's orders;
    `reprices`: orders of some step follow their price; `protects`: entries of some step are protected; `follows`: some rule follows order events, `fill_*`: of the
    event at hand. `most_each`: rows for every order that is open. `surplus`: open exits may be more than their position. `scan`: where the walk over working orders stands. `rules`: how many rules come before those of the portfolio."""

    orders: int = 0
    working: int = 0
    records: int = 0
    marks: int = 0
    wanted: int = 0
    queued: int = 0
    unsettled: int = 0
    rules: int = 0
    members: int = 0
    pending: int = 0
    held_back: int = 0
    most: int = 0
    call_tag: int = -1
    delisting_tag: int = -1
    reprices: bool = False
    protects: bool = False
    follows: bool = False
    happened: int = 0
    surplus: bool = False
    scan: int = 0
    most_each: int = 8
    fill_price: float = NAN
    fill_quantity: float = NAN


@row
class Holding:
    """One symbol's position and open orders.

    `position`: signed shares. `cost`, `value`: signed millionths. `open_quantity`: signed shares of all open
    orders; `open_entries`: how many of them are entries; `exit_quantity`: signed shares of open exits;
    `market_quantity`: signed shares of open market and market-on-open orders. `working_buys`, `working_sells`:
    signed shares at the broker; `reserved`: what they hold of buying power. `bars_held`: bars since the position
    was opened. `exiting`: number of the step (plus one) that wants the
    symbol flat, 0 for none. `retry`: ns before which a refused exit is not sent again. `member`: the symbol
    belongs to the universe at this instant (always, when the universe is a list). `group`: number of the symbol's
    margin requirement. `opened_on`: day of the newest opening whose closing has not begun, -1 for none
    (`laws/day_trades`). `settlement`: code of when the cash of its sales settles.
    `held_back`: its exit waits until the broker has said that an order of it ended.
    """

    position: int = 0
    cost: int = 0
    value: int = 0
    open_quantity: int = 0
    open_buys: int = 0
    open_sells: int = 0
    working_buys: int = 0
    working_sells: int = 0
    reserved: int = 0
    open_entries: int = 0
    open_orders: int = 0
    exit_quantity: int = 0
    market_quantity: int = 0
    bars_held: int = 0
    exiting: int = 0
    exiting_rule: int = -1
    retry: int = 0
    member: bool = True
    group: int = 0
    opened_on: int = -1
    settlement: int = 0
    held_back: bool = False


@row
class Quote:
    """One symbol's newest real bar and quote (dollars, ns), and where its columns stand.

    `row`: index of the newest row of the symbol's columns, -1 before the first. `fresh`: a real bar came at
    this instant. `daily`: the symbol has daily bars only. `last`: price at which the position is valued.
    `room`: shares that the newest bar has left for orders (`fills.participation`).
    `split_since`: new shares per share of the newest row of the columns. `silent`: bars that were due did not come, in a
    live run: nothing is opened, and exits are queued, until the symbol is heard again.
    """

    start: int = 0
    end: int = 0
    open: float = 0.0
    high: float = 0.0
    low: float = 0.0
    close: float = 0.0
    bid: float = 0.0
    ask: float = 0.0
    quote_end: int = 0
    last: float = 0.0
    split_since: float = 1.0
    row: int = -1
    fresh: bool = False
    daily: bool = False
    room: int = 0
    silent: bool = False


@row
class RuleRow:
    """One rule. Spans of decision code are `*_lo` to `*_hi`; an empty span (lo = hi) is absent.

    `moment`: fires at moments, not at bars. `level`: fires on every bar while true. `basket`: decided once
    an instant, not per symbol. `home`: the symbol under which a basket keeps its memory. `of_position`:
    its condition asks for the entry price, which a flat symbol has not; `of_others`: for that of a symbol by name. `flattens`: it exits
    everything, once an instant however many symbols fire. `notes`: it only
    writes notes, for which no price is needed. Bounds of `between`: ns, -1 none.
    `once`: 0 no limit, 1 a day, 2 a session, 3 a run, 4 a span of `once_span` ns.
    `upon`: events of orders of rule `follows` at which it fires
    (happenings.UPON); `followed`: some rule does so with its orders. `scope`: which of
    its symbols it looks at, when the universe changes.
    """

    moment: bool = False
    level: bool = False
    basket: bool = False
    choose: bool = False
    notes: bool = False
    flattens: bool = False
    home: int = 0
    of_position: bool = False
    of_others: bool = False
    when_lo: int = 0
    when_hi: int = 0
    only_lo: int = 0
    only_hi: int = 0
    has_window: bool = False
    after_open: int = -1
    before_close: int = -1
    from_time: int = -1
    to_time: int = -1
    once: int = 0
    once_span: int = 0
    upon: int = 0
    follows: int = -1
    followed: bool = False
    scope: int = 0
    step_lo: int = 0
    step_hi: int = 0


@row
class WeightRow:
    """One target: `symbol` index (-1: the rule's own) and the code of its share of equity."""

    symbol: int = -1
    lo: int = 0
    hi: int = 0


class World(NamedTuple):
    """Everything a step may read or write."""

    settings: Any
    account: Any
    requirements: Any
    groups: Any
    counters: Any
    holdings: Any
    quotes: Any
    orders: Any
    working: Any
    leave: Any
    named: Any
    rules: Any
    steps: Any
    weights: Any
    protects: Any
    protections: Any
    limits: Any
    controls: Any
    repeated: Any
    pace: Any
    memory: Any
    code: Any
    stack: Any
    columns: Any
    instants: Any
    arrivals: Any
    moments: Any
    actions: Any
    loans: Any
    changes: Any
    stays: Any
    lent: Any
    listings: Any
    unsettled: Any
    activity: Any
    unpaid: Any
    violations: Any
    faith: Any
    portfolio: Any
    drawdowns: Any
    names: Any
    views: Any
    sessions: Any
    wanted: Any
    candidates: Any
    happenings: Any
    records: Any
    marks: Any
