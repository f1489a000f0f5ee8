"""The one gate that every order passes before it is sent: what the pre-trade controls need to know, and their memory.

Orders of rules, of protections and of the daily loss; margin calls are the broker's own and pass.
"""

from __future__ import annotations

from typing import Any

from runner.compilable import compilable
from runner.engine.buying_power import capital, equity
from runner.laws import controls, refusals
from runner.laws.admission import opening_shares
from runner.market.money import amount
from runner.market.order import CALL, EXIT, LIMIT, MARKET_ON_CLOSE, PROTECT
from runner.market.rows import row

NEVER = -1


@row
class Controls:
    """`base`: equity at the session's open, millionths. `stopped`: the daily loss was reached in this session.
    `sent`: orders that passed; the times of the newest stand in `pace`. Of a live run (engine/notices): `paused`:
    entries are, `said`: text of who and why; `unsure`: entries stop because the cash sync fails; `flattening`: every
    position is on its way out, by the step `flatten` (-1 in a backtest)."""

    base: int = 0
    stopped: bool = False
    sent: int = 0
    paused: bool = False
    unsure: bool = False
    said: int = -1
    flattening: bool = False
    flatten: int = -1


@compilable
def open_session(w: Any) -> None:
    """A session opens: its losses count from here."""
    w.controls[0].base = equity(w)
    w.controls[0].stopped = False


@compilable
def place(w: Any, o: int) -> int:
    """Where the time of the newest order of this order's rule, symbol and side is kept; -1 when no rule asked."""
    order = w.orders[o]
    if order.rule < 0 or w.limits[0].duplicates == 0:
        return NEVER
    return 2 * (order.rule * len(w.holdings) + order.symbol) + (1 if order.quantity > 0 else 0)


@compilable
def apart(w: Any, k: int, o: int) -> int:
    """Ns since the rule sent the symbol on this side; -1 never before."""
    at = place(w, o)
    if at < 0 or w.repeated[at] == 0:
        return NEVER
    return w.instants[k].time - w.repeated[at]


@compilable
def recent(w: Any, k: int) -> int:
    """Orders sent in the last sixty seconds, counted as far as the limit."""
    most = w.limits[0].per_minute
    count = 0
    while count < most and count < w.controls[0].sent:
        if w.pace[(w.controls[0].sent - 1 - count) % most] <= w.instants[k].time - controls.MINUTE:
            break
        count += 1
    return count


@compilable
def gross_after(w: Any, s: int, quantity: int) -> int:
    """Absolute value of all positions and of what working orders would open, this one among them."""
    account = w.account[0]
    holding = w.holdings[s]
    buys = holding.working_buys + (quantity if quantity > 0 else 0)
    sells = holding.working_sells + (quantity if quantity < 0 else 0)
    most = max(abs(holding.position), abs(holding.position + buys), abs(holding.position + sells))
    others = account.long_value + account.short_value - abs(holding.value)
    return others + account.opening_value - holding.reserved + amount(most, w.quotes[s].last)


@compilable
def net_after(w: Any, s: int, quantity: int) -> int:
    """Positions and working orders in the direction of an order of symbol `s`, it among them; positive that way."""
    side = 1 if quantity > 0 else -1
    total = amount(quantity, w.quotes[s].last)
    for t in range(len(w.holdings)):
        holding = w.holdings[t]
        working = holding.working_buys if quantity > 0 else holding.working_sells
        total += holding.value + (amount(working, w.quotes[t].last) if working != 0 else 0)
    return side * total


@compilable
def positions_after(w: Any, s: int) -> int:
    """Symbols that are held or have working orders, symbol `s` among them."""
    count = 0
    for t in range(len(w.holdings)):
        holding = w.holdings[t]
        if t == s or holding.position != 0 or holding.working_buys != 0 or holding.working_sells != 0:
            count += 1
    return count


@compilable
def asked(w: Any, k: int, o: int, quantity: int, limit: float, again: bool) -> controls.Asked:
    """What the controls need to know of order `o`, not among the open ones now. `again`: it was sent before."""
    order = w.orders[o]
    limits = w.limits[0]
    s = order.symbol
    holding = w.holdings[s]
    same = holding.working_buys if quantity > 0 else holding.working_sells
    opens = opening_shares(holding.position, same, quantity) > 0
    return controls.Asked(
        quantity,
        limit if order.kind == LIMIT else 0.0,
        w.quotes[s].last,
        again or order.purpose == EXIT or order.purpose == PROTECT,
        opens,
        apart(w, k, o),
        recent(w, k) if limits.per_minute > 0 else 0,
        capital(w),
        gross_after(w, s, quantity) if opens and limits.gross > 0.0 else 0,
        net_after(w, s, quantity) if opens and limits.net > 0.0 else 0,
        positions_after(w, s) if opens and limits.positions > 0 else 0,
        w.controls[0].stopped,
    )


@compilable
def part(w: Any, o: int) -> int:
    """The shares of order `o` that may be sent as one: an exit that persists until flat goes out in slices."""
    order = w.orders[o]
    leaves = order.purpose == EXIT or order.purpose == PROTECT
    if not leaves or w.holdings[order.symbol].exiting == 0:
        return int(order.quantity)
    price = order.limit if order.limit > 0.0 else w.quotes[order.symbol].last
    return controls.slice_of(w.limits[0], order.quantity, price)


@compilable
def held_up(w: Any, s: int, purpose: int, quantity: int) -> int:
    """FINE, or why an order of `quantity` signed shares may not be sent while entries are paused or symbol `s` is silent.
    Exits, protections and margin calls always pass."""
    stopped = w.controls[0].paused or w.controls[0].unsure
    if not stopped and not w.quotes[s].silent:
        return refusals.FINE
    if purpose == EXIT or purpose == PROTECT or purpose == CALL:
        return refusals.FINE
    holding = w.holdings[s]
    same = holding.working_buys if quantity > 0 else holding.working_sells
    opens = opening_shares(holding.position, same, quantity) > 0
    return controls.standing(stopped, w.quotes[s].silent, opens)


@compilable
def waits_to_be_heard(w: Any, s: int, kind: int) -> bool:
    """Whether an order that passes is kept until its symbol is heard again; the closing auction needs no bars."""
    return bool(w.quotes[s].silent and kind != MARKET_ON_CLOSE)


@compilable
def refusal(w: Any, k: int, o: int, quantity: int) -> int:
    """FINE, or why order `o` may not be sent for `quantity` signed shares."""
    if w.orders[o].purpose == CALL:
        return refusals.FINE
    return controls.verdict(w.limits[0], asked(w, k, o, quantity, w.orders[o].limit, False))


@compilable
def change_refusal(w: Any, k: int, o: int, quantity: int, limit: float) -> int:
    """FINE, or why working order `o` may not be changed so; it is not counted as a new order."""
    return controls.verdict(w.limits[0], asked(w, k, o, quantity, limit, True))


@compilable
def remember(w: Any, k: int, o: int) -> None:
    """Order `o` is sent: the next of its kind and the pace are measured from here."""
    at = place(w, o)
    if at >= 0:
        w.repeated[at] = w.instants[k].time
    most = w.limits[0].per_minute
    if most > 0:
        w.pace[w.controls[0].sent % most] = w.instants[k].time
    w.controls[0].sent += 1


@compilable
def let_follow(w: Any, o: int) -> None:
    """What follows order `o` in its place (its rest at the market) repeats nothing."""
    at = place(w, o)
    if at >= 0:
        w.repeated[at] = 0
