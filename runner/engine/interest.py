"""Interest charged and paid: at the first instant of a day for the nights before it, or on LEAN's clock."""

from __future__ import annotations

from typing import Any

from runner.compilable import compilable
from runner.engine.book import record
from runner.engine.instants import INSTANT_SLICE
from runner.laws import interest
from runner.market import events
from runner.market.bar import HOUR
from runner.market.settings import FEES_HOURLY, FEES_NIGHTLY


@compilable
def charge(w: Any, k: int, s: int, rate: float, days: int, amount: int) -> None:
    """Book interest of symbol `s` (-1: of cash)."""
    if amount == 0:
        return
    w.account[0].cash += amount
    line = record(w, k, events.INTEREST, s, -1, 0)
    line.price = rate
    line.quantity = days
    line.amount = amount


@compilable
def overnight(w: Any, k: int) -> None:
    """At the first instant of a day: what was held and owed at the end of the day before, for the nights since.

    It comes before the day's bars and rates: the values are those of the last prices, the rates those of the day
    before.
    """
    settings = w.settings[0]
    account = w.account[0]
    day = w.instants[k].day
    if not settings.bears_interest or day == account.charged_day:
        return
    days = day - account.charged_day if account.charged_day >= 0 else 0
    account.charged_day = day
    if days == 0:
        return
    balance = interest.cash_balance(account.cash, account.unsettled, account.short_value)
    rate = settings.interest_debit if balance < 0 else settings.interest_credit
    charge(w, k, -1, rate, days, interest.of_cash(settings, balance, days))
    if settings.short_fees == FEES_NIGHTLY:
        for s in range(len(w.holdings)):
            position_interest(w, k, s, days)


@compilable
def position_interest(w: Any, k: int, s: int, days: int) -> None:
    """Fee or rebate of one position for some nights."""
    value = w.holdings[s].value
    lent = w.lent[s]
    rate = lent.fee if value < 0 else lent.rebate
    charge(w, k, s, rate, days, interest.of_position(value, lent.fee, lent.rebate, days))


@compilable
def hourly(w: Any, k: int) -> None:
    """LEAN's clock: looked at in the first slice of each hour, it starts with a position and charges once a date, at
    that date's value and rate; without a rate it starts anew (its short margin interest rate model)."""
    account = w.account[0]
    now = w.instants[k].time
    if (
        w.settings[0].short_fees != FEES_HOURLY
        or not w.instants[k].flags & INSTANT_SLICE
        or now < account.next_look
    ):
        return
    account.next_look = now - now % HOUR + HOUR
    day = w.instants[k].day
    for s in range(len(w.holdings)):
        lent = w.lent[s]
        short = w.holdings[s].position < 0
        if w.holdings[s].position == 0:
            lent.charged_day = -1
        elif lent.charged_day < 0 or lent.charged_short != short:
            lent.charged_day = day
            lent.charged_short = short
        elif day != lent.charged_day:
            position_interest(w, k, s, day - lent.charged_day)
            rate = lent.fee if short else lent.rebate
            lent.charged_day = day if rate != 0.0 else -1
