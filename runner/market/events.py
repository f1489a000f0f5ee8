"""Everything that can happen, as records: the journal's vocabulary.

A record is one row of numbers; texts (tags, notes, rule names, symbols) are indices into the journal's
text table. `RECORD_KINDS` names the fields that each kind of record uses, in the order in which the
canonical text shows them. Backtest and live write the same records.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from runner.market.rows import row


@row
class Record:
    """One thing that happened at `time` (ns UTC).

    `symbol`, `rule`: index or -1. `order`: order number from 1, 0 for none. `quantity`: signed shares.
    `price`, `limit`, `bid`, `ask`: dollars (0 when unused). `amount`, `fee`: millionths of a dollar.
    `stop`: price that triggers an order; `by`: distance of a trailing stop, in dollars or (FLAG_BY_RATIO) as a ratio.
    `code`: why not (laws/refusals). `order_kind`: market/order. `good_till`: ns at which a good-till-date order
    ends. `text`: index into texts or -1.
    """

    time: int = 0
    kind: int = 0
    symbol: int = -1
    rule: int = -1
    order: int = 0
    quantity: int = 0
    price: float = 0.0
    limit: float = 0.0
    stop: float = 0.0
    by: float = 0.0
    bid: float = 0.0
    ask: float = 0.0
    amount: int = 0
    fee: int = 0
    code: int = 0
    order_kind: int = -1
    good_till: int = 0
    flags: int = 0
    text: int = -1


@row
class Mark:
    """The account as it stood at `time` (ns UTC), after everything of that instant.

    `equity`, `cash`, `unsettled`, `long_value`, `short_value` (negative), `margin_used`: millionths of a
    dollar. `benchmark`: price of the benchmark, 0 without one. `flags`: bit sum of MARK_*.
    """

    time: int = 0
    flags: int = 0
    equity: int = 0
    cash: int = 0
    unsettled: int = 0
    long_value: int = 0
    short_value: int = 0
    margin_used: int = 0
    benchmark: float = 0.0


# A mark may be taken for several readers at once.
MARK_SESSION = 1  # close of a session: the session-based figures
MARK_DAY = 2  # midnight of a calendar day: LEAN's daily sample
MARK_CURVE = 4  # LEAN's equity curve: every five minutes or run / 4000
MARK_FINAL = 8  # the last instant of the run
MARK_FLOW = 16  # right after a deposit or withdrawal: one mark for each record

# Kinds of record.
QUEUED, SUBMITTED, UPDATED, FILLED, CANCELLED, EXPIRED, REJECTED, INVALID = 1, 2, 3, 4, 5, 6, 7, 8
REFUSED, SKIPPED, GATED, NOTED = 9, 10, 11, 12
TRIGGERED, TRAILED, UPDATE_REFUSED, CANCEL_REFUSED = 13, 14, 15, 16
BUSTED, CORRECTED, AMENDED = 17, 18, 19
SPLIT, DIVIDEND, FRACTION, SETTLED, CASH, INTEREST = 20, 21, 22, 23, 24, 25
RENAMED, LAST_DAY, DELISTED = 26, 27, 28
MARGIN_WARNING, MARGIN_CALL = 30, 31
PATTERN_DAY_TRADER, MINIMUM_EQUITY = 32, 33
GOOD_FAITH_VIOLATION, SETTLED_CASH_ONLY, UNSETTLED_PURCHASE = 34, 35, 36
PROTECTED, DAILY_LOSS = 40, 41
JOINED, LEFT = 50, 51
VIEW, VIEWS_CANCELLED, WEIGHT, LIMIT_REACHED = 60, 61, 62, 63
MISMATCH, UNWOUND = 64, 65
OPENING_CASH, OPENING_POSITION, DEPOSIT, WITHDRAWAL, CASH_SYNCED, ADOPTED = 80, 81, 82, 83, 84, 85
PAUSED, RESUMED, FLATTEN, CANCEL_ALL, STOPPED, SILENT, HEARD, TOLD = 70, 71, 72, 73, 74, 75, 76, 77
MISSED, RAN_LATE, NOT_SENT, HOLE, BARS_LOST = 86, 87, 88, 89, 90
EPOCH = 96

RECORD_KINDS: dict[int, tuple[str, tuple[str, ...]]] = {
    # INVALID is an order that was sent and turned down; REFUSED is one that never became an order.
    QUEUED: ("queued", ("order", "symbol", "rule", "order_kind", "quantity", "limit", "stop", "by", "text")),
    SUBMITTED: (
        "submitted",
        (
            "order",
            "symbol",
            "rule",
            "order_kind",
            "quantity",
            "limit",
            "stop",
            "by",
            "price",
            "bid",
            "ask",
            "flags",
            "good_till",
            "text",
        ),
    ),
    UPDATED: ("updated", ("order", "symbol", "rule", "quantity", "limit", "stop", "by", "text")),
    FILLED: ("filled", ("order", "symbol", "rule", "quantity", "price", "amount", "fee")),
    CANCELLED: ("cancelled", ("order", "symbol", "rule", "text")),
    EXPIRED: ("expired", ("order", "symbol", "rule")),
    REJECTED: ("rejected", ("order", "symbol", "rule", "code")),
    INVALID: (
        "invalid",
        (
            "order",
            "symbol",
            "rule",
            "order_kind",
            "code",
            "quantity",
            "limit",
            "stop",
            "by",
            "price",
            "bid",
            "ask",
            "flags",
        ),
    ),
    REFUSED: ("refused", ("symbol", "rule", "code", "quantity", "price")),
    SKIPPED: ("skipped", ("symbol", "rule", "code")),
    GATED: ("gated", ("symbol", "rule")),
    NOTED: ("noted", ("symbol", "rule", "text", "price")),
    TRIGGERED: ("triggered", ("order", "symbol", "rule", "stop")),
    TRAILED: ("trailed", ("order", "symbol", "rule", "stop")),
    # What a broker would not do with a working order: it works on as it was.
    UPDATE_REFUSED: ("update_refused", ("order", "symbol", "rule")),
    CANCEL_REFUSED: ("cancel_refused", ("order", "symbol", "rule")),
    # A fill that never was, with the opposite signs; what stands in its place; an order as the broker has it.
    BUSTED: ("busted", ("order", "symbol", "rule", "quantity", "price", "amount", "fee")),
    CORRECTED: ("corrected", ("order", "symbol", "rule", "quantity", "price", "amount", "fee")),
    AMENDED: ("amended", ("order", "symbol", "rule", "quantity", "limit", "stop", "by", "text")),
    SPLIT: ("split", ("symbol", "price", "quantity")),
    DIVIDEND: ("dividend", ("symbol", "price", "quantity", "amount")),
    FRACTION: ("fraction", ("symbol", "price", "amount")),
    SETTLED: ("settled", ("amount",)),
    # `price` is the yearly rate, `quantity` the nights; without a symbol it is interest of cash.
    INTEREST: ("interest", ("symbol", "price", "quantity", "amount")),
    RENAMED: ("renamed", ("symbol",)),
    LAST_DAY: ("last_day", ("symbol",)),
    DELISTED: ("delisted", ("symbol", "quantity", "price")),
    CASH: ("cash", ("amount", "text")),
    MARGIN_WARNING: ("margin_warning", ("amount",)),
    MARGIN_CALL: ("margin_call", ("order", "symbol", "quantity")),
    # `quantity`: day trades of the last five sessions. MINIMUM_EQUITY: an order that opens a position with too little.
    PATTERN_DAY_TRADER: ("pattern_day_trader", ("quantity", "amount")),
    MINIMUM_EQUITY: ("minimum_equity", ("order", "symbol", "amount")),
    # `quantity`: shares sold that were not paid for; of SETTLED_CASH_ONLY, violations of the last twelve months.
    GOOD_FAITH_VIOLATION: ("good_faith_violation", ("order", "symbol", "rule", "quantity")),
    SETTLED_CASH_ONLY: ("settled_cash_only", ("quantity",)),
    UNSETTLED_PURCHASE: ("unsettled_purchase", ("order", "symbol")),
    # What protects a position was reached: `limit` is the level, `text` says which it was.
    PROTECTED: ("protected", ("symbol", "rule", "text", "quantity", "price", "limit")),
    # VIEW: `quantity` is its direction. WEIGHT: `price` is the new share of equity.
    VIEW: ("view", ("symbol", "rule", "quantity", "good_till")),
    VIEWS_CANCELLED: ("views_cancelled", ("symbol",)),
    WEIGHT: ("weight", ("symbol", "rule", "price")),
    JOINED: ("joined", ("symbol",)),
    LEFT: ("left", ("symbol", "quantity")),
    # A limit of loss or gain was reached: `price` is what was measured, a ratio; `text` says which limit.
    LIMIT_REACHED: ("limit_reached", ("symbol", "text", "quantity", "price")),
    DAILY_LOSS: ("daily_loss", ("amount",)),
    # The account at the start of a live run; `amount` of a position is what it cost, `price` what it is valued at.
    OPENING_CASH: ("opening_cash", ("amount",)),
    OPENING_POSITION: ("opening_position", ("symbol", "quantity", "price", "amount")),
    # Cash that came or went (below zero) without a trade. CASH_SYNCED: `amount` is the account's cash, `text` who says so.
    DEPOSIT: ("deposit", ("amount", "text")),
    WITHDRAWAL: ("withdrawal", ("amount", "text")),
    CASH_SYNCED: ("cash_synced", ("amount", "text")),
    # The position is taken as the account has it: `quantity` shares were added at `price`, for `amount` of cash.
    ADOPTED: ("adopted", ("symbol", "quantity", "price", "amount", "text")),
    # `quantity`: the account's shares less the run's; nothing is done about it.
    MISMATCH: ("mismatch", ("symbol", "quantity", "text")),
    # `quantity`: shares that the run had not, and that are to be closed.
    UNWOUND: ("unwound", ("symbol", "quantity", "text")),
    # What operators and feeds say to a live run: `text` is who and why.
    PAUSED: ("paused", ("text",)),
    RESUMED: ("resumed", ("text",)),
    FLATTEN: ("flatten", ("text",)),
    CANCEL_ALL: ("cancel_all", ("text",)),
    STOPPED: ("stopped", ("text",)),
    SILENT: ("silent", ("symbol", "text")),
    HEARD: ("heard", ("symbol", "text")),
    TOLD: ("told", ("symbol", "text")),
    # Live: a moment of a rule (or, of a rule that leaves a position, its condition at a bar) that the run did not see in time.
    MISSED: ("missed", ("symbol", "rule")),
    # What leaves of such a rule, done now; `good_till` is when it should have been.
    RAN_LATE: ("ran_late", ("symbol", "rule", "good_till")),
    # An order that was decided and is too old to be sent: a stop came between.
    NOT_SENT: ("not_sent", ("order", "symbol", "rule", "code")),
    # Bars that nobody has: `quantity` of them after `good_till`, the end of the newest one before. After a hole the
    # symbol's columns begin anew; BARS_LOST are too few for that.
    HOLE: ("hole", ("symbol", "quantity", "good_till")),
    BARS_LOST: ("bars_lost", ("symbol", "quantity", "good_till")),
    # The run goes on with another document, or from another state: `text` says who took it, and what changed.
    EPOCH: ("epoch", ("text",)),
}

# Bits of `flags` in a SUBMITTED or INVALID record.
FLAG_POST_ONLY, FLAG_GTC, FLAG_GTD, FLAG_CALL, FLAG_ENTRY, FLAG_EXIT = 1, 2, 4, 8, 16, 32
FLAG_BY_RATIO = 64

FLAG_PROTECT = 256


class Journal(NamedTuple):
    """A finished run as its readers see it: never the engine.

    `header`: plain values (strategy name and text, symbols, rules, settings, manifest, tallies).
    `records`: NumPy array of `Record.dtype`. `marks`: NumPy array of `Mark.dtype`.
    `texts`: the text table.
    """

    header: dict[str, Any]
    records: np.ndarray
    marks: np.ndarray
    texts: list[str]
