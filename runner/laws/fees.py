"""What a fill costs."""

from __future__ import annotations

from runner.compilable import compilable
from runner.market.money import amount, to_micros
from runner.market.settings import Settings


@compilable
def fee(settings: Settings, quantity: int, price: float) -> int:
    """Fee in millionths of a dollar for filling `quantity` shares (any sign), whose order is worth `price` a share.

    Per share plus a share of value; not less than the minimum; above the minimum not more than the
    maximum share of value. Sources: the Atreyu page ($0.0035 a share, no minimum); Interactive Brokers'
    fixed schedule as LEAN's default model charges it ($0.005, at least $1, at most 0.5 % of value).
    """
    shares = abs(quantity)
    value = amount(shares, price)
    cost = round(shares * settings.fee_per_share * 1_000_000.0) + round(value * settings.fee_rate)
    minimum = to_micros(settings.fee_minimum)
    if cost < minimum:
        return minimum
    maximum = round(value * settings.fee_maximum_rate)
    if settings.fee_maximum_rate > 0.0 and cost > maximum:
        return maximum
    return cost
