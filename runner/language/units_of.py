"""Units of expressions: dimensions in prices and shares, and what may be added, compared, multiplied.

A price is dollars a share, money is price x shares. A plain number fits anything; a percentage fits only
percentages and computed numbers. Multiplying by a plain number (which may be meant as 100 shares or 1000
dollars) makes a unit `loose`: it then fits what the number could have stood for.
"""

from __future__ import annotations

from typing import NamedTuple


class Unit(NamedTuple):
    """`kind`: quantity, truth or unknown (a fault was reported already). `price`, `shares`: exponents.

    `tag`, for dimensionless ones: ratio (25%), points (0 to 100) or plain. `literal`: numbers as written.
    """

    kind: str = "quantity"
    price: int = 0
    shares: int = 0
    tag: str = ""
    literal: bool = False
    loose: bool = False

    @property
    def plain(self) -> bool:
        """No dimension (ratio and points too)."""
        return self.kind == "quantity" and self.price == 0 and self.shares == 0


NUMBER = Unit()
LITERAL = Unit(literal=True)
RATIO = Unit(tag="ratio")
POINTS = Unit(tag="points")
PRICE = Unit(price=1)
SHARES = Unit(shares=1)
MONEY = Unit(price=1, shares=1)
TRUTH = Unit("truth")
UNKNOWN = Unit("unknown")

_NAMES = {
    (1, 0): "a price",
    (0, 1): "a number of shares",
    (1, 1): "an amount of money",
}


class Clash(NamedTuple):
    """Why two units do not go together, and what to write instead."""

    message: str
    cure: str


def describe(unit: Unit) -> str:
    """In a message: `a price`, `a percentage`, `true or false`."""
    if unit.kind == "truth":
        return "true or false"
    if unit.plain:
        return {"ratio": "a percentage", "points": "a number from 0 to 100"}.get(unit.tag, "a number")
    name = _NAMES.get((unit.price, unit.shares))
    if name:
        return name
    parts = [
        f"{word}^{n}" if n != 1 else word for word, n in (("price", unit.price), ("shares", unit.shares)) if n
    ]
    return "a value in " + " x ".join(parts)


def _could_be(unit: Unit) -> set[tuple[int, int]]:
    own = (unit.price, unit.shares)
    if not unit.loose:
        return {own}
    return {own, (own[0] + 1, own[1]), (own[0], own[1] + 1), (own[0] + 1, own[1] + 1)}


def same(a: Unit, b: Unit) -> Unit | Clash:
    """Unit of a sum, a difference, a rest, a smaller or a larger of two."""
    if "unknown" in (a.kind, b.kind):
        return UNKNOWN
    if "truth" in (a.kind, b.kind):
        return Clash("true or false is no number", "join conditions with and, or, not")
    literal = a.literal and b.literal
    if a.plain and b.plain:
        return Unit(tag=a.tag if a.tag == b.tag else "", literal=literal)
    if a.plain or b.plain:
        number, other = (a, b) if a.plain else (b, a)
        if number.tag == "ratio":
            return Clash(f"a percentage is not {describe(other)}", "multiply, for example close * (1 + 2%)")
        if number.tag == "points":
            return Clash(f"{describe(number)} is not {describe(other)}", "compare like with like")
        return other._replace(literal=False)
    if _could_be(a) & _could_be(b):
        return b if a.loose and not b.loose else a
    return Clash(f"{describe(a)} is not {describe(b)}", _same_cure(a, b))


def _same_cure(a: Unit, b: Unit) -> str:
    pair = {(a.price, a.shares), (b.price, b.shares)}
    if pair == {(1, 0), (0, 1)}:
        return "volume and position are shares; multiply shares by a price to get money"
    if pair == {(1, 0), (1, 1)}:
        return "multiply the price by shares to get money"
    return "divide one by the other for a ratio, or compare like with like"


def compared(a: Unit, b: Unit, a_value: float | None, b_value: float | None) -> Unit | Clash:
    """Unit of a comparison. `a_value`, `b_value`: the constant that the side is, or None."""
    if "unknown" in (a.kind, b.kind):
        return TRUTH
    for ratio, other, value in ((a, b, b_value), (b, a, a_value)):
        if ratio.tag != "ratio" or not other.plain:
            continue
        if other.literal and value is not None and value != 0.0:
            percent = value * 100.0 if abs(value) < 1.0 else value
            return Clash("a percentage is compared with a plain number", f"write {percent:g}%")
        if other.tag == "points":
            return Clash("a number from 0 to 100 is compared with a percentage", "write 30, not 30%")
    unit = same(a, b)
    return unit if isinstance(unit, Clash) else TRUTH


def times(a: Unit, b: Unit) -> Unit | Clash:
    """Unit of a product."""
    return _scaled(a, b, 1)


def over(a: Unit, b: Unit) -> Unit | Clash:
    """Unit of a quotient."""
    return _scaled(a, b, -1)


def _scaled(a: Unit, b: Unit, sign: int) -> Unit | Clash:
    if "unknown" in (a.kind, b.kind):
        return UNKNOWN
    if "truth" in (a.kind, b.kind):
        return Clash("true or false is no number", "join conditions with and, or, not")
    price, shares = a.price + sign * b.price, a.shares + sign * b.shares
    if a.plain and b.plain:
        ratio = a.tag == b.tag == "ratio" and sign > 0
        return Unit(tag="ratio" if ratio else "", literal=a.literal and b.literal)
    mixed = a.plain != b.plain and not (a if a.plain else b).tag
    if price == 0 and shares == 0:
        return NUMBER
    return Unit(price=price, shares=shares, loose=mixed or a.loose or b.loose)


def root(a: Unit) -> Unit | Clash:
    """Unit of a square root."""
    if a.kind == "unknown" or (a.kind == "quantity" and a.price % 2 == 0 and a.shares % 2 == 0):
        return a._replace(price=a.price // 2, shares=a.shares // 2, tag="")
    return Clash(f"the square root of {describe(a)} has no meaning", "take the root of a number or a ratio")


def truth(a: Unit) -> Unit | Clash:
    """`a` must be a condition."""
    if a.kind in ("truth", "unknown"):
        return TRUTH
    return Clash(f"{describe(a)} is no condition", "compare it with something, for example > 0")


def quantity(a: Unit) -> Unit | Clash:
    """`a` must not be a condition."""
    if a.kind == "truth":
        return Clash("a condition stands where a number is needed", "write the value, not a comparison")
    return a


# What a place of the document wants -> units that fit (besides a plain number).
ROLES: dict[str, frozenset[tuple[int, int]]] = {
    "shares": frozenset({(0, 1)}),
    "money": frozenset({(1, 1)}),
    "price": frozenset({(1, 0)}),
    "distance": frozenset({(1, 0)}),
    "share of equity": frozenset(),
    "share of the position": frozenset(),
}


def fits(unit: Unit, role: str, value: float | None) -> Clash | None:
    """Whether a value of `unit` (constant `value`, or None) may stand in a place that wants `role`."""
    if role == "condition":
        found = truth(unit)
        return found if isinstance(found, Clash) else None
    if unit.kind == "unknown":
        return None
    if unit.kind == "truth":
        return Clash(
            f"a condition stands where {_ARTICLE[role]} is needed", "write the value, not a comparison"
        )
    if role == "any number":
        return None
    if role.startswith("share of"):
        return _fits_share(unit, role, value)
    if role == "distance" and value is not None and value <= 0.0:
        return Clash("a distance of nothing stands where one above zero is needed", _CURES[role])
    if unit.plain:
        if unit.tag and not (role == "distance" and unit.tag == "ratio"):
            return Clash(f"{describe(unit)} stands where {_ARTICLE[role]} is needed", _CURES[role])
        if role == "shares" and value is not None and value != int(value):
            return Clash("a fraction of a share cannot be traded", "write a whole number, or floor(...)")
        return None
    if _could_be(unit) & ROLES[role]:
        return None
    return Clash(f"{describe(unit)} stands where {_ARTICLE[role]} is needed", _CURES[role])


def _fits_share(unit: Unit, role: str, value: float | None) -> Clash | None:
    if not unit.plain or unit.tag == "points":
        return Clash(
            f"{describe(unit)} stands where {_ARTICLE[role]} is needed", "write a percentage, for example 25%"
        )
    if unit.literal and value:
        percent = value * 100.0 if abs(value) <= 1.0 else value
        return Clash("a bare number is never a percentage", f"write {percent:g}%")
    return None


_ARTICLE = {
    "any number": "a number",
    "shares": "a number of shares",
    "money": "an amount of money",
    "price": "a price",
    "distance": "a distance from the price",
    "share of equity": "a percentage of equity",
    "share of the position": "a percentage of the position",
}
_CURES = {
    "shares": "write shares, for example 100, or money divided by a price",
    "money": "write dollars, for example 5000, or shares times a price",
    "price": "write a price, for example close - 0.02",
    "distance": "write a percentage such as 2%, or dollars a share such as 2 * atr(14)",
}
