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
from runner.market.calendar import Calendar, Int64s

T_PLUS_2 = 17_414  # 2017-09-05, days since 1970
T_PLUS_1 = 19_871  # 2024-05-28


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


def sessions_after(rule: str, day: Int64s) -> Int64s:
    """How many sessions after the trade date (days since 1970) cash settles, by `settlement`."""
    if rule == "by_date":
        return np.where(day >= T_PLUS_1, 1, np.where(day >= T_PLUS_2, 2, 3))
    return np.full(len(day), 0 if rule == "immediate" else int(rule[2:]), np.int64)


def due(calendar: Calendar, day: Int64s, rule: str, time_of_day: int) -> Int64s:
    """The instant at which a trade of each `day` settles: its n-th following session at `time_of_day` (ns since New
    York's midnight). A trade on a day without a session counts from the session before."""
    traded = np.searchsorted(calendar.date, day, "right") - 1
    session = np.minimum(traded + sessions_after(rule, day), len(calendar.date) - 1)
    return calendar.midnight[calendar.date[session] - calendar.first_day] + time_of_day
