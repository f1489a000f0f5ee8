"""What a day trade is, and when an account is a pattern day trader's.

Source: FINRA Rule 4210(f)(8)(B). (i): buying and selling, or selling and buying, one security on one day in a margin
account; selling what was held overnight before anything new is bought is none. (ii): four or more in five business
days make a pattern day trader, unless they are 6 % or less of all trades of these days. (iv)(a): $25,000 of equity.
Counted by Interpretation /02 (Regulatory Notice 21-13): by changes of direction, so that several purchases in a row
followed by several sales in a row are one. Fact 13 of the Atreyu page says the same of residents of the United States.
"""

from __future__ import annotations

from runner.compilable import compilable

SESSIONS = 5
FEWEST = 4
MINIMUM = 25_000_000_000  # millionths of a dollar
NEVER = -1


@compilable
def closes(position: int, quantity: int) -> bool:
    """Whether a fill of `quantity` signed shares takes something off `position`."""
    return position != 0 and (position > 0) != (quantity > 0)


@compilable
def is_day_trade(position: int, quantity: int, opened: int, day: int) -> bool:
    """Whether a fill completes a day trade. `opened`: see `opened_after`."""
    return closes(position, quantity) and opened == day


@compilable
def opened_after(position: int, quantity: int, day: int) -> int:
    """After a fill, the day of the newest opening whose closing has not begun, or NEVER.

    A fill through zero closes one position and opens another.
    """
    if not closes(position, quantity) or abs(quantity) > abs(position):
        return day
    return NEVER


@compilable
def is_pattern(day_trades: int, trades: int) -> bool:
    """Whether so many day trades among so many trades of five sessions make a pattern day trader."""
    return day_trades >= FEWEST and 100 * day_trades > 6 * trades


@compilable
def below_minimum(equity: int) -> bool:
    """Whether a pattern day trader's account has too little equity to go on trading."""
    return equity < MINIMUM
