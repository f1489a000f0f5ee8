"""Every word that an expression may use, each in one table, with its code in compiled decisions.

Codes are what `engine/decide.py` reads; they may change between versions, the words may not. Operation
codes are those of `laws/arithmetic.py`.
"""

from __future__ import annotations

from typing import NamedTuple

from runner.language.units_of import MONEY, NUMBER, PRICE, RATIO, SHARES, TRUTH, UNKNOWN, Unit
from runner.laws.arithmetic import OPERATIONS as OPERATIONS
from runner.laws.arithmetic import UNARY as UNARY

# Instructions that push a value; every other instruction's op is one of OPERATIONS.
CONSTANT, COLUMN, WORD, ORDER_WORD = 0, 1, 2, 3
ACCOUNT_CALL = 8  # takes a value from the stack and puts back what the account says of it


class Word(NamedTuple):
    """`code`: in instructions. `scope`: symbol (`IBM.position` too), portfolio, order (`NAME.open`), fill (rules with `upon: {filled: ...}`), instant."""

    code: int
    unit: Unit
    scope: str
    about: str


POSITION, INVESTED, LONG, SHORT, ENTRY_PRICE, UNREALIZED, UNREALIZED_PERCENT = 0, 1, 2, 3, 4, 5, 6
BARS_HELD, OPEN_ORDERS = 7, 8
SHORTABLE = 9
MAY_SHORT, ORDER_SHARES = 10, 11  # of ACCOUNT_CALL
MEMBER, MEMBERS = 16, 17
DELISTING_SOON, GONE = 12, 13
EQUITY, CASH, EXPOSURE, PORTFOLIO_INVESTED = 20, 21, 22, 23
DAY_TRADES, SETTLED_CASH, GOOD_FAITH_VIOLATIONS = 24, 25, 26
ORDER_OPEN, ORDER_FILLED, ORDER_LIMIT, ORDER_QUANTITY = 40, 41, 42, 43
ORDER_STOP, ORDER_BY, ORDER_UPDATES, ORDER_TRIGGER = 44, 45, 46, 49
FILL_PRICE, FILL_QUANTITY = 47, 48
YEAR, MONTH, DAY, WEEKDAY, HOUR, MINUTE = 60, 61, 62, 63, 64, 65

WORDS: dict[str, Word] = {
    "position": Word(POSITION, SHARES, "symbol", "shares held, negative when short"),
    "invested": Word(INVESTED, TRUTH, "symbol", "whether there is a position"),
    "long": Word(LONG, TRUTH, "symbol", "whether the position is above zero"),
    "short": Word(SHORT, TRUTH, "symbol", "whether the position is below zero"),
    "entry_price": Word(ENTRY_PRICE, PRICE, "symbol", "average price of the position; unknown when flat"),
    "unrealized": Word(
        UNREALIZED, MONEY, "symbol", "profit of the position in dollars, before fees to close"
    ),
    "unrealized_percent": Word(
        UNREALIZED_PERCENT, RATIO, "symbol", "that profit over the position's cost; 0 when flat"
    ),
    "bars_held": Word(BARS_HELD, NUMBER, "symbol", "bars since the position was opened; 0 when flat"),
    "open_orders": Word(OPEN_ORDERS, NUMBER, "symbol", "working orders of the symbol"),
    "delisting_soon": Word(
        DELISTING_SOON, TRUTH, "symbol", "whether this is the symbol's last day on the exchange"
    ),
    "delisted": Word(GONE, TRUTH, "symbol", "whether the symbol has left the exchange"),
    "shortable": Word(
        SHORTABLE,
        SHARES,
        "symbol",
        "shares that can still be sold short; unknown when the source says nothing",
    ),
    "member": Word(MEMBER, TRUTH, "symbol", "whether the symbol is in the universe now"),
    "members": Word(MEMBERS, NUMBER, "portfolio", "how many symbols are in the universe now"),
    "equity": Word(EQUITY, MONEY, "portfolio", "cash and the value of all positions"),
    "cash": Word(CASH, MONEY, "portfolio", "settled and unsettled cash"),
    "settled_cash": Word(
        SETTLED_CASH,
        MONEY,
        "portfolio",
        "cash that has settled; below zero when borrowed, or when purchases wait for proceeds",
    ),
    "day_trades": Word(
        DAY_TRADES, NUMBER, "portfolio", "day trades in the five sessions that end with this one"
    ),
    "good_faith_violations": Word(
        GOOD_FAITH_VIOLATIONS,
        NUMBER,
        "portfolio",
        "good-faith violations in the twelve months that end today",
    ),
    "exposure": Word(EXPOSURE, MONEY, "portfolio", "value of all positions, longs and shorts added"),
    "portfolio.invested": Word(PORTFOLIO_INVESTED, TRUTH, "portfolio", "whether any symbol has a position"),
    "fill_price": Word(FILL_PRICE, PRICE, "fill", "price of the fill that the rule follows"),
    "fill_quantity": Word(FILL_QUANTITY, SHARES, "fill", "shares of that fill, negative for a sale"),
    "year": Word(YEAR, NUMBER, "instant", "calendar year in New York"),
    "month": Word(MONTH, NUMBER, "instant", "1 to 12"),
    "day": Word(DAY, NUMBER, "instant", "day of the month"),
    "weekday": Word(WEEKDAY, NUMBER, "instant", "1 is Monday, 7 Sunday"),
    "hour": Word(HOUR, NUMBER, "instant", "0 to 23 in New York"),
    "minute": Word(MINUTE, NUMBER, "instant", "0 to 59"),
}

# Asked of an order that a step named with `as`.
ORDER_WORDS: dict[str, Word] = {
    "open": Word(ORDER_OPEN, TRUTH, "order", "whether the order is working"),
    "filled": Word(ORDER_FILLED, TRUTH, "order", "whether the order is filled completely"),
    "limit": Word(ORDER_LIMIT, PRICE, "order", "its limit price"),
    "quantity": Word(ORDER_QUANTITY, SHARES, "order", "its shares, negative for a sale"),
    "stop": Word(ORDER_STOP, PRICE, "order", "its stop; that of a trailing stop as it stands"),
    "trigger": Word(ORDER_TRIGGER, PRICE, "order", "its trigger"),
    "by": Word(ORDER_BY, UNKNOWN, "order", "distance of a trailing stop: dollars, or a percentage"),
    "updates": Word(ORDER_UPDATES, NUMBER, "order", "how often it has been changed"),
}

# Columns of a bar.
SERIES: dict[str, Unit] = {
    "open": PRICE,
    "high": PRICE,
    "low": PRICE,
    "close": PRICE,
    "volume": SHARES,
    "bid": PRICE,
    "ask": PRICE,
}

# Function -> fewest and most arguments.
FUNCTIONS: dict[str, tuple[int, int]] = {
    "abs": (1, 1),
    "min": (2, 16),
    "max": (2, 16),
    "floor": (1, 1),
    "ceil": (1, 1),
    "round": (1, 1),
    "sqrt": (1, 1),
}

# Functions of one value that ask the account; a symbol may stand before the value.
ACCOUNT_FUNCTIONS: dict[str, Word] = {
    "shortable": Word(MAY_SHORT, TRUTH, "symbol", "whether so many shares could be sold short now"),
    "order_quantity": Word(
        ORDER_SHARES, SHARES, "symbol", "shares to order so that the position is that percentage of equity"
    ),
}

# rank(x): 1 for the symbol of the universe with the highest known x at this instant, then 2, and so on.
RANK = "rank"

KEYWORDS = ("and", "or", "not", "mod", "crosses", "above", "below")
RESERVED = frozenset({*KEYWORDS, *SERIES, *WORDS, *FUNCTIONS, *ACCOUNT_FUNCTIONS, RANK, "portfolio"})

# Words of other languages and platforms -> what to write here.
FOREIGN_WORDS: dict[str, str] = {
    "true": "write the condition itself",
    "false": "write the condition itself",
    "none": "an unknown value needs no test: a rule with an unknown input sleeps",
    "nan": "an unknown value needs no test: a rule with an unknown input sleeps",
    "null": "an unknown value needs no test: a rule with an unknown input sleeps",
    "is": "write ==",
    "if": "put the condition under only_if, or use choose",
    "else": "use choose",
    "in": "write comparisons joined by or",
    "xor": "write (a or b) and not (a and b)",
    "lambda": "an expression is arithmetic and comparisons of named values",
    "import": "an expression is arithmetic and comparisons of named values",
    "crosses_above": "write: a crosses above b",
    "crosses_below": "write: a crosses below b",
    "crossover": "write: a crosses above b",
    "crossunder": "write: a crosses below b",
    "cross": "write: a crosses above b, or a crosses below b",
    "price": "write close",
    "last": "write close",
    "mean": "write sma",
    "average": "write sma",
    "ma": "write sma or ema",
    "rma": "write wilder",
    "stdev": "write standard_deviation",
    "stddev": "write standard_deviation",
    "std": "write standard_deviation",
    "mom": "write momentum",
    "vwap": "write session_vwap()",
    "bb": "write bollinger",
    "bbands": "write bollinger",
    "quantity": "write position",
    "shares": "write position for the shares held",
    "pow": "multiply, or use sqrt",
    "shift": "write close[1] for the bar before",
    "ref": "write close[1] for the bar before",
}
