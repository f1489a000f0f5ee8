"""What can be borrowed at an instant: the lender's rows laid on the timeline, and what the laws ask of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from runner.compilable import compilable
from runner.engine.instants import Loan
from runner.laws import shorts
from runner.laws.arithmetic import NAN
from runner.market.borrow import UNKNOWN, Loans
from runner.market.calendar import Calendar
from runner.market.rows import row


@row
class Lent:
    """One symbol and its lender: fields of market/borrow.Loans as they stand today (`shares` -2: nobody to ask).

    `charged_day`, `charged_short`: LEAN's clock of interest.
    """

    shares: int = -2
    fee: float = 0.0
    rebate: float = 0.0
    charged_day: int = -1
    charged_short: bool = False


def lay(
    instants: np.ndarray, found: list[Loans], calendar: Calendar, first_day: int, last_day: int
) -> list[Loan]:
    """The rows of all symbols (`found`, in universe order) in order of day; sets `loan_lo` and `loan_hi` of the
    instants. A row holds from the first instant of its day; a day without a row is unknown again."""
    rows: list[tuple[int, int, Loan]] = []
    for s, loans in enumerate(found):
        day = np.asarray(loans.date)
        known = set(day.tolist())
        for i in np.flatnonzero((day >= first_day) & (day <= last_day)).tolist():
            line = Loan(
                symbol=s, shares=int(loans.shares[i]), fee=float(loans.fee[i]), rebate=float(loans.rebate[i])
            )
            rows.append((int(day[i]), s, line))
        ends = {d + 1 for d in known if first_day <= d + 1 <= last_day and d + 1 not in known}
        rows += [(d, s, Loan(symbol=s, shares=UNKNOWN)) for d in ends | ({first_day} - known)]
    rows.sort(key=lambda one: one[:2])
    at = np.searchsorted(instants["time"], [calendar.midnight_of(day) for day, _, _ in rows])
    edges = np.searchsorted(at, np.arange(len(instants) + 1))
    instants["loan_lo"], instants["loan_hi"] = edges[:-1], edges[1:]
    return [line for _, _, line in rows]


@compilable
def take(w: Any, k: int) -> None:
    """What can be borrowed moves to the rows of the day that begins at instant `k`."""
    for j in range(w.instants[k].loan_lo, w.instants[k].loan_hi):
        line = w.loans[j]
        lent = w.lent[line.symbol]
        lent.shares = line.shares
        lent.fee = line.fee
        lent.rebate = line.rebate


@compilable
def ahead(w: Any, s: int) -> int:
    """The position of symbol `s` as it counts against what can be borrowed. Queued orders take nothing until they
    are sent."""
    holding = w.holdings[s]
    return shorts.ahead(w.settings[0], holding.position, holding.working_sells, holding.working_buys)


@compilable
def shortable(w: Any, s: int) -> float:
    """Shares of symbol `s` that can still be sold short; NaN when the lender says nothing."""
    borrowable = w.lent[s].shares
    if borrowable < 0:
        return NAN
    return float(shorts.left(borrowable, ahead(w, s)))


@compilable
def may_short(w: Any, s: int, quantity: int) -> bool:
    """Whether a short sale of `quantity` shares (of either sign) would find shares to borrow now."""
    code = shorts.verdict(w.settings[0], w.lent[s].shares, ahead(w, s), -abs(quantity))
    return bool(code == 0)
