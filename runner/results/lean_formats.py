"""Numbers as LEAN prints them: decimals keep their scale, halves go to even, doubles drop their zeros.

Facts: lean-semantics.md section 15, "Formatting". A .NET decimal has 28 digits and remembers trailing
zeros (0.005 rounded to 3 places and times 100 is `0.500`, a whole 0 is `0`); so does Python's.
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal

NET = Context(prec=28, rounding=ROUND_HALF_EVEN)
_UNIT = Decimal("0.000001")
ZERO = Decimal(0)
HUNDRED = Decimal(100)


def plain(value: Decimal) -> Decimal:
    """The same value without trailing zeros and without an exponent."""
    if not value:
        return ZERO
    small = value.normalize(NET)
    return (
        small.quantize(Decimal(1), context=Context(prec=60)) if int(small.as_tuple().exponent) > 0 else small
    )


def from_double(value: float) -> Decimal:
    """A double as .NET casts it to decimal: 15 significant digits, 0 when not a number, clamped at 28 digits."""
    if math.isnan(value) or not value:
        return ZERO
    value = min(max(value, -7.9e28), 7.9e28)
    return plain(Decimal(f"{value:.15g}"))


def from_micros(micros: int) -> Decimal:
    """Millionths of a dollar in dollars, as a decimal without trailing zeros."""
    return plain(Decimal(int(micros)) * _UNIT)


def divide(left: Decimal, right: Decimal) -> Decimal:
    """Quotient to 28 digits; exact quotients carry no extra zeros."""
    return plain(NET.divide(left, right))


def smart_round(value: Decimal) -> Decimal:
    """LEAN's rounding of charted values: 4 decimals above 1000, else 7 significant digits."""
    if abs(value) > 1000:
        return plain(places(value, 4))
    return plain(Context(prec=7, rounding=ROUND_HALF_EVEN).plus(value))


def places(value: Decimal, count: int) -> Decimal:
    """Half to even at `count` decimals; fewer decimals are left as they are. A decimal zero has no sign."""
    if int(value.as_tuple().exponent) >= -count:
        return value
    out = value.quantize(Decimal(1).scaleb(-count), rounding=ROUND_HALF_EVEN, context=Context(prec=60))
    return out if out else abs(out)


def unsigned_zero(value: Decimal) -> Decimal:
    """A decimal as .NET writes it: a zero has no sign, its scale stays."""
    return value if value else abs(value)


def decimal_text(value: Decimal, count: int) -> str:
    """A decimal at `count` places: `0` stays `0`, 28.1 stays 28.1, 104486.2183 becomes 104486.22."""
    return f"{unsigned_zero(places(value, count)):f}"


def percent_text(value: Decimal, count: int) -> str:
    """A ratio as a percentage: 0.005 at scale 3 is `0.500%`."""
    return f"{unsigned_zero(places(value * HUNDRED, count)):f}%"


def double_text(value: float) -> str:
    """A double at 3 places, halves to even, without trailing zeros: `-19`, `0.02`, `-0`."""
    if not math.isfinite(value):
        return "0"
    scaled = math.copysign(round(abs(value) * 1000) / 1000, value)
    if abs(value) >= 1e12:  # past this 3 places are finer than a double: the fewest digits that name it
        return f"{plain(Decimal(repr(scaled))):f}"
    return f"{scaled:.3f}".rstrip("0").rstrip(".")


def fees_text(micros: int) -> str:
    """`$3.49`: two decimals, halves away from zero."""
    return f"${(Decimal(int(micros)) * _UNIT).quantize(Decimal('0.01'), rounding=ROUND_HALF_UP):f}"


def capacity_text(dollars: float) -> str:
    """`$150000000.00`: to the nearest thousand, then 2 significant digits; `$0` when there is none."""
    thousands = (Decimal(f"{dollars:.15g}") / 1000).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    if not thousands:
        return "$0"
    significant = Context(prec=2, rounding=ROUND_HALF_UP).plus(thousands * 1000)
    return f"${int(significant)}.00"
