"""What a good-faith violation is, and when an account may spend settled cash only.

Source: Regulation T, 12 CFR 220.8(a) to (c). A cash account may buy on the good faith that the purchase is paid in full
before the security is sold ((a)(1)(ii)); proceeds of a sale pay for it once they have settled; a security sold before
it was paid for costs the account its credit for 90 days ((c)(1)). Brokers count: shares bought with proceeds that have not settled
and sold before they settle are one violation; the third within twelve months restricts the account to settled cash for
90 days. Shares leave in the order in which they came, first in, first out.
"""

from __future__ import annotations

from runner.compilable import compilable

FEWEST = 3
DAYS = 90
YEAR = 10_000  # of `date_number`


@compilable
def lacking(cash: int, unsettled: int) -> int:
    """What proceeds that have not settled pay of purchases, millionths of a dollar: settled cash is below zero."""
    if cash >= 0 or unsettled <= 0:
        return 0
    return -cash if -cash < unsettled else unsettled


@compilable
def unpaid_sold(position: int, unpaid: int, quantity: int) -> int:
    """How many of `unpaid` shares a fill of `quantity` signed shares takes off a long `position`: those that are paid
    for came first, because nothing is paid for out of turn."""
    if quantity >= 0 or unpaid <= 0:
        return 0
    sold = -quantity - (position - unpaid)
    if sold <= 0:
        return 0
    return sold if sold < unpaid else unpaid


@compilable
def date_number(year: int, month: int, day: int) -> int:
    """A date as one number: 2013-10-07 is 20131007."""
    return year * YEAR + month * 100 + day


@compilable
def within_a_year(then: int, now: int) -> bool:
    """Whether date number `then` is in the twelve months that end with `now`; the same date a year ago is not."""
    return now - then < YEAR


@compilable
def restricts(violations: int) -> bool:
    """Whether so many violations of twelve months restrict the account."""
    return violations >= FEWEST


@compilable
def free_again(day: int) -> int:
    """The day on which an account restricted on `day` may spend unsettled cash again: after 90 calendar days following it."""
    return day + DAYS + 1
