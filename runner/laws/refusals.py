"""Why an order was not sent, or was turned down: codes for the laws, words for people. One table."""

from __future__ import annotations

FINE = 0
ZERO_QUANTITY = 1
NO_PRICE = 2
MARKET_CLOSED = 3
CLOSING_TOO_LATE = 4
BUYING_POWER = 5
SHORT_IN_CASH_ACCOUNT = 6
POST_ONLY_WOULD_TAKE = 7
ALREADY_ON_THAT_SIDE = 8
ENTRY_IS_OPEN = 9
NOTHING_TO_EXIT = 10
AT_TARGET = 11
NO_SUCH_ORDER = 12
UNKNOWN_VALUE = 13
BAD_PRICE = 14
EXIT_IS_OPEN = 15
UNCHANGED = 16
OPENING_WHILE_OPEN = 17
UNANSWERED = 18
TURNED_DOWN = 19
MAX_SHARES = 30
MAX_DOLLARS = 31
PRICE_COLLAR = 32
DUPLICATE = 33
TOO_MANY_ORDERS = 34
GROSS_EXPOSURE = 35
NET_EXPOSURE = 36
MAX_POSITIONS = 37
DAILY_LOSS = 38
UNPROTECTED = 39
NOTHING_TO_BORROW = 40
BORROW_UNKNOWN = 41
DELISTED = 42
NOT_TRADABLE = 43
BAD_STOP = 20
BAD_DISTANCE = 21
NOT_A_MEMBER = 50
PATTERN_DAY_TRADER = 70
GOOD_FAITH = 71
PAUSED = 80
SILENT = 81
TOO_LATE = 90

REFUSALS: dict[int, str] = {
    FINE: "",
    ZERO_QUANTITY: "the size comes to no whole share",
    NO_PRICE: "no price is known yet",
    MARKET_CLOSED: "the market is closed",
    CLOSING_TOO_LATE: "too late for this session's closing auction",
    BUYING_POWER: "not enough buying power",
    SHORT_IN_CASH_ACCOUNT: "a cash account cannot sell short",
    POST_ONLY_WOULD_TAKE: "a post-only order would have taken liquidity",
    ALREADY_ON_THAT_SIDE: "the position is on that side already",
    ENTRY_IS_OPEN: "an entry of the symbol is open",
    NOTHING_TO_EXIT: "there is no position to exit",
    AT_TARGET: "the position is at its target",
    NO_SUCH_ORDER: "no open order has that name",
    UNKNOWN_VALUE: "the size or price is unknown at this bar",
    BAD_PRICE: "the limit price is not above zero",
    EXIT_IS_OPEN: "an exit for the whole position is open",
    UNCHANGED: "the update changes nothing",
    OPENING_WHILE_OPEN: "a market-on-open order was sent while the market is open",
    TURNED_DOWN: "the broker turned it down",
    UNANSWERED: "the broker has not answered what it was asked of an order before",
    MAX_SHARES: "more shares than one order may have (risk.max_order)",
    MAX_DOLLARS: "more dollars than one order may have (risk.max_order)",
    PRICE_COLLAR: "the limit is too far through the last price (risk.price_collar)",
    DUPLICATE: "the rule has just sent this symbol on this side (risk.duplicates)",
    TOO_MANY_ORDERS: "too many orders in sixty seconds (risk.max_orders_per_minute)",
    GROSS_EXPOSURE: "the gross exposure would be too large (risk.max_gross_exposure)",
    NET_EXPOSURE: "the net exposure would be too large (risk.max_net_exposure)",
    MAX_POSITIONS: "there would be too many positions (risk.max_positions)",
    DAILY_LOSS: "the day's loss has reached its limit (risk.max_daily_loss)",
    UNPROTECTED: "a distance of its protection is unknown, or not above zero",
    NOTHING_TO_BORROW: "not enough shares can be borrowed",
    BORROW_UNKNOWN: "it is not known whether shares can be borrowed",
    DELISTED: "the symbol is delisted",
    NOT_TRADABLE: "the account may not trade this symbol",
    BAD_STOP: "the stop or trigger price is not above zero",
    BAD_DISTANCE: "the distance of the trailing stop is not above zero, or not below the price",
    NOT_A_MEMBER: "the symbol is no member of the universe now",
    PATTERN_DAY_TRADER: "a pattern day trader with less than $25,000 of equity opens no position",
    PAUSED: "entries are paused",
    SILENT: "the symbol is silent: no bars of it come",
    GOOD_FAITH: "after three good-faith violations in twelve months purchases may use settled cash only",
    TOO_LATE: "it was decided too long ago, and nothing is entered late (live.late_after)",
}
