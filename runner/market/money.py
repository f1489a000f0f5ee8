"""Money is exact: 64-bit integers in millionths of a dollar. Prices are floats.

The amount is rounded, never the price: amount = quantity x price, half to even, once per fill.
"""

from __future__ import annotations

from runner.compilable import compilable

MICROS = 1_000_000


@compilable
def to_micros(dollars: float) -> int:
    """Dollars to millionths of a dollar, half to even; never beyond a trillion dollars either way, which no
    account has and which leaves room in 64 bits for sums."""
    micros = dollars * 1_000_000.0
    if micros >= 1e18:
        return 1_000_000_000_000_000_000
    if micros <= -1e18:
        return -1_000_000_000_000_000_000
    return round(micros)


@compilable
def amount(quantity: int, price: float) -> int:
    """Value of `quantity` shares at `price` dollars, in millionths of a dollar, half to even (`to_micros`)."""
    return to_micros(quantity * price)


def to_dollars(micros: int) -> float:
    """Millionths of a dollar to dollars, for figures and charts (never for the account)."""
    return micros / MICROS


def money_text(micros: int, places: int = 2) -> str:
    """`-1234567890` -> `-$1,234.57`; rounds half to even at `places` decimals (0 to 6)."""
    unit = 10 ** (6 - places)
    whole, rest = divmod(abs(int(micros)), unit)
    if 2 * rest > unit or (2 * rest == unit and whole % 2):
        whole += 1
    dollars, part = divmod(whole, 10**places)
    sign = "-" if micros < 0 and whole else ""
    return f"{sign}${dollars:,}.{part:0{places}d}" if places else f"{sign}${dollars:,}"
