"""Executions, busts and corrections in any order: shares and cash are those of what stands, summed up here; cost and profit are
the same in the engine and in what readers make of its journal."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from runner.market.order import FILLED, WORKING
from tests.engine.test_told import busted, corrected, filled, minutes, run

RULES = (
    "[{name: b, when: close > 0, every_bar: true, buy: 100 shares, order: {limit: {price: 20}}}, "
    "{name: s, when: close > 0, every_bar: true, sell: 70 shares, order: {limit: {price: 5}}}]"
)
BARS = 6
step = st.tuples(
    st.sampled_from(("fill", "fill", "fill", "bust", "correct")),
    st.integers(0, 10_000),
    st.integers(1, 100),
    st.integers(900, 1_600),
)


class Market:
    """The broker's own books: `standing` are (order, shares, price in cents) by name."""

    def __init__(self):
        self.standing, self.names = {}, 0

    def total(self, order):
        return 100 if order % 2 else -70

    def left(self, order):
        done = sum(shares for o, shares, _ in self.standing.values() if o == order)
        return self.total(order) - done

    def name(self):
        self.names += 1
        return f"e{self.names}"

    def news(self, orders, what, which, shares, cents):
        """One event, or None when there is nothing for it to be about."""
        if what == "fill":
            order = which % orders + 1
            left = self.left(order)
            if left == 0:
                return None
            size = min(shares, abs(left)) * (1 if left > 0 else -1)
            name = self.name()
            self.standing[name] = order, size, cents
            return filled(order, size, cents / 100, name, self.total(order), self.state(order))
        if not self.standing:
            return None
        old = sorted(self.standing)[which % len(self.standing)]
        order, was, at = self.standing.pop(old)
        if what == "bust":
            return busted(order, was, at / 100, old, self.total(order), WORKING)
        size = min(shares, abs(self.left(order))) * (1 if was > 0 else -1)
        name = self.name()
        self.standing[name] = order, size, cents
        state = self.state(order)
        return corrected(order, (was, at / 100), (size, cents / 100), (old, name), self.total(order), state)

    def state(self, order):
        return FILLED if self.left(order) == 0 else WORKING


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(step, max_size=6), min_size=BARS - 1, max_size=BARS - 1))
def test_what_stands_is_what_counts(steps):
    market, script = Market(), {}
    for minute, asked in enumerate(steps, 1):
        found = [market.news(2 * minute, *one) for one in asked]
        script[f"Mon 10:{minute:02d}"] = [one for one in found if one is not None]
    with tempfile.TemporaryDirectory() as folder:
        _, world, _, journal = run(RULES, minutes(*[13] * BARS), script, Path(folder), cash=10_000_000)
    shares = [one[1] for one in market.standing.values()]
    spent = sum(size * cents for _, size, cents in market.standing.values()) * 10_000
    fees = 3_500 * sum(map(abs, shares))
    assert world.holdings[0].position == sum(shares)
    assert world.account[0].cash == 10_000_000_000_000 - spent - fees
    executions = journal.records[[int(kind) in (4, 17, 18) for kind in journal.records["kind"]]]
    assert int(executions["fee"].sum()) == fees
