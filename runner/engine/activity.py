"""Day trades of the account: counted at each fill, asked at each order that opens a position."""

from __future__ import annotations

from typing import Any

from runner.compilable import compilable
from runner.engine.buying_power import equity
from runner.laws import admission
from runner.laws import day_trades as law
from runner.market.rows import row


@row
class Activity:
    """Trades of one session, in a ring of the last five. `session`: its number in the calendar, -1 for none."""

    session: int = -1
    day_trades: int = 0
    trades: int = 0


@compilable
def today(w: Any, k: int) -> int:
    """Row of the session of instant `k`, cleared when it was that of an older one."""
    session = w.instants[k].trade_session
    i = session % law.SESSIONS
    line = w.activity[i]
    if line.session != session:
        line.session = session
        line.day_trades = 0
        line.trades = 0
    return int(i)


@compilable
def day_trades(w: Any, k: int) -> int:
    """Day trades of the five sessions that end with that of instant `k`."""
    found = 0
    for i in range(law.SESSIONS):
        if w.activity[i].session > w.instants[k].trade_session - law.SESSIONS:
            found += w.activity[i].day_trades
    return found


@compilable
def trades(w: Any, k: int) -> int:
    """Orders that filled, wholly or in part, in the five sessions that end with that of instant `k`."""
    found = 0
    for i in range(law.SESSIONS):
        if w.activity[i].session > w.instants[k].trade_session - law.SESSIONS:
            found += w.activity[i].trades
    return found


@compilable
def count(w: Any, k: int, o: int, position: int, quantity: int) -> bool:
    """Count a fill of order `o`, before which the symbol's position was `position`; whether it made a day trade."""
    holding = w.holdings[w.orders[o].symbol]
    day = w.instants[k].day
    line = w.activity[today(w, k)]
    if w.orders[o].filled == 0:
        line.trades += 1
    made = law.is_day_trade(position, quantity, holding.opened_on, day)
    if made:
        line.day_trades += 1
    holding.opened_on = law.opened_after(position, quantity, day)
    return made


@compilable
def barred(w: Any, quantity: int, means: Any) -> bool:
    """Whether an order would open a position in a pattern day trader's account that has too little equity."""
    if not w.account[0].pattern_trader:
        return False
    opening = admission.opening_shares(means.position, means.open_same_side, quantity)
    return opening > 0 and law.below_minimum(equity(w))
