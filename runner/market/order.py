"""Orders: their kinds, states and the row in which the engine keeps one."""

from __future__ import annotations

from runner.compilable import compilable
from runner.market.rows import row

# Kinds of order (numbers as in LEAN's OrderType, so that a journal and an order list agree).
MARKET, LIMIT, STOP, STOP_LIMIT, MARKET_ON_OPEN, MARKET_ON_CLOSE = 0, 1, 2, 3, 4, 5
LIMIT_IF_TOUCHED, TRAILING_STOP = 7, 11
ORDER_KINDS = {
    "market": MARKET,
    "limit": LIMIT,
    "stop": STOP,
    "stop_limit": STOP_LIMIT,
    "market_on_open": MARKET_ON_OPEN,
    "market_on_close": MARKET_ON_CLOSE,
    "trailing_stop": TRAILING_STOP,
    "limit_if_touched": LIMIT_IF_TOUCHED,
}

# Time in force.
DAY, GOOD_TILL_CANCELLED, GOOD_TILL_DATE = 0, 1, 2
TIMES_IN_FORCE = {"day": DAY, "good_till_cancelled": GOOD_TILL_CANCELLED, "good_till_date": GOOD_TILL_DATE}

# States. A NEW order has not been sent; QUEUED waits for the next open; WORKING is at the broker.
NEW, QUEUED, WORKING, FILLED, CANCELLED, EXPIRED, REJECTED, INVALID = 0, 1, 2, 3, 4, 5, 6, 7
ORDER_STATES = ("new", "queued", "working", "filled", "cancelled", "expired", "rejected", "invalid")
CLOSED_STATES = (FILLED, CANCELLED, EXPIRED, REJECTED, INVALID)

# What a broker has been asked to do with a working order.
UNASKED, CHANGE, CANCEL = 0, 1, 2

# What an order is for; `exit: position` cancels entries and counts exits.
PLAIN, ENTRY, EXIT, REBALANCE, CALL, PROTECT, DELISTING = 0, 1, 2, 3, 4, 5, 6
PURPOSES = ("plain", "entry", "exit", "rebalance", "margin_call", "protect", "delisting")


@row
class Order:
    """One order. `quantity` is signed shares (a sale is negative) and `filled` has its sign.

    `limit` in dollars (0 when none). `stop`: price that triggers it (0 when none); `triggered`: it has been reached.
    `by`: how far a trailing stop follows, in dollars or (`by_ratio`) as a ratio. `sent`: ns when it reached the broker (0 before). `since`: ns from
    which its present limit holds. `created`: ns of the decision. `expires`: ns of the session close or date that ends it (0: never). `close`: ns of the
    session close at which a closing order fills, `opened`: of that session's open. `name`: index of the order's name, `tag`: index into the
    run's texts, -1 for none. `may_cut`: a computed size that buying power may cut. `next_step`: ns at which its
    price is worked out anew (0: never). `pending`: what the broker has been asked and has not answered (UNASKED,
    CHANGE, CANCEL); the `asked_*` are the change. `stop_distance`, `target_distance`, `trail_distance`: what protects
    the entry (engine/protections), 0.0 for none. `updates`: how often it was changed. `sent_closed`: the market was closed when it was sent.
    `violates`: a good-faith violation has been counted. `rest`: what is left of it goes to the market when its end is
    known.
    """

    symbol: int = 0
    rule: int = -1
    step: int = -1
    purpose: int = PLAIN
    kind: int = MARKET
    quantity: int = 0
    filled: int = 0
    limit: float = 0.0
    stop: float = 0.0
    by: float = 0.0
    by_ratio: bool = False
    triggered: bool = False
    time_in_force: int = DAY
    good_till: int = 0  # ns of the close of the date
    post_only: bool = False
    state: int = NEW
    created: int = 0
    sent: int = 0
    since: int = 0
    expires: int = 0
    close: int = 0
    opened: int = 0
    name: int = -1
    tag: int = -1
    may_cut: bool = False
    next_step: int = 0
    pending: int = UNASKED
    asked_quantity: int = 0
    asked_limit: float = 0.0
    asked_stop: float = 0.0
    asked_by: float = 0.0
    asked_tag: int = -1
    stop_distance: float = 0.0
    target_distance: float = 0.0
    trail_distance: float = 0.0
    updates: int = 0
    sent_closed: bool = False
    violates: bool = False
    rest: bool = False


@compilable
def decisive(kind: int, limit: float, stop: float) -> float:
    """The price that an order itself names: the limit where it has one, else the stop; 0.0 for market orders."""
    if kind == LIMIT or kind == STOP_LIMIT or kind == LIMIT_IF_TOUCHED:
        return limit
    if kind == STOP or kind == TRAILING_STOP:
        return stop
    return 0.0


@compilable
def ends_by_date(kind: int) -> bool:
    """Whether a good-till date ends an order of `kind`: not one that fills at a known time or at once."""
    return kind != MARKET and kind != MARKET_ON_CLOSE and kind != MARKET_ON_OPEN
