"""What a night costs or earns: shares borrowed and lent, money borrowed and idle.

Rates are yearly, a year has 360 days (the money market's day count; fact sheet 13: rate x holdings value / 360 x
days). Amounts are millionths of a dollar, half to even.
"""

from __future__ import annotations

from runner.compilable import compilable
from runner.market.settings import Settings


@compilable
def of_position(value: int, fee: float, rebate: float, days: int) -> int:
    """Cash that `days` nights bring: a short position (`value` below zero) pays `fee`, a long one earns `rebate`."""
    return round(value * (fee if value < 0 else rebate) / 360.0 * days)


@compilable
def cash_balance(cash: int, unsettled: int, short_value: int) -> int:
    """What bears interest: cash without the proceeds of short sales, which the lender of the shares holds (at the
    shares' present value, `short_value`, not negative)."""
    return cash + unsettled - short_value


@compilable
def of_cash(settings: Settings, balance: int, days: int) -> int:
    """Cash that `days` nights bring on a balance: a debit pays, a credit earns."""
    rate = settings.interest_debit if balance < 0 else settings.interest_credit
    return round(balance * rate / 360.0 * days)
