"""When the cash of a sale becomes spendable.

Sources: the Atreyu page, fact 18 (three sessions after the trade date in cash accounts, at once in margin
accounts); fact sheet 11 (positive amounts wait until the n-th following session at a time of day; what is paid
leaves settled cash at once). By date: SEC Rule 15c6-1 as amended, T+2 for trades from 2017-09-05 and T+1 from
2024-05-28, T+3 before.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from runner.compilable import compilable
from runner.laws.sizing import shares_for_dollars
from runner.market.calendar import Calendar, Int64s
from runner.market.settings import Settings

T_PLUS_2 = 17_414  # 2017-09-05, days since 1970
T_PLUS_1 = 19_871  # 2024-05-28
IMMEDIATE, BY_DATE = 0, 4  # codes of `settlement` (market/settings.WORDS): 1 to 3 are sessions


class Split(NamedTuple):
    """Where an amount goes: to settled cash at once, and to cash that is not settled yet."""

    settled: int
    unsettled: int


@compilable
def proceeds(delayed: bool, amount: int) -> Split:
    """What a fill brings (`amount`, millionths of a dollar; negative: what it costs) before its fee."""
    if delayed and amount > 0:
        return Split(0, amount)
    return Split(amount, 0)


@compilable
def sessions_after(rule: int, day: int) -> int:
    """How many sessions after the trade date (days since 1970) cash settles, by the code of `settlement`."""
    if rule != BY_DATE:
        return rule
    if day >= T_PLUS_1:
        return 1
    return 2 if day >= T_PLUS_2 else 3


@compilable
def paid_for(settings: Settings, cash: int, price: float) -> int:
    """Whole shares that settled `cash` pays for at `price`, their fee included (Regulation T, 12 CFR 220.8(a): a cash
    account pays in full)."""
    return shares_for_dollars(settings, cash / 1_000_000.0, price) if cash > 0 else 0


def due(calendar: Calendar, day: Int64s, sessions: int, time_of_day: int) -> Int64s:
    """The instant at which a trade of each `day` settles: its n-th following session at `time_of_day` (ns since New
    York's midnight). A trade on a day without a session counts from the session before."""
    traded = np.searchsorted(calendar.date, day, "right") - 1
    session = np.minimum(traded + sessions, len(calendar.date) - 1)
    return calendar.midnight[calendar.date[session] - calendar.first_day] + time_of_day
