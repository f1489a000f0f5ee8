"""The account of `live.initial`, and what the gateway adds to it, as the account with which a run begins."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from runner.adapters.coverage import DataFault
from runner.engine.opening_account import Opening, Position
from runner.language.spec_live import LiveSpec
from runner.market.money import amount, money_text, to_micros

CASH_CURE = "write live: {initial: {cash: ...}}, the account's US dollars: the gateway does not tell them"


class Found(NamedTuple):
    """An account, and what a reader of the run should know of it."""

    opening: Opening
    notes: list[str]


class Figures(NamedTuple):
    """What the start of a run knows. `symbols`: of the run; `last`: newest price of each in dollars, 0 without one;
    `cash_account`; `identify`: an identifier of LEAN's to the symbol that has it today, None when nobody knows."""

    symbols: Sequence[str]
    last: Mapping[str, float]
    cash_account: bool
    identify: Callable[[str], str | None]


def paper(plan: LiveSpec, figures: Figures, cash: int, time: int) -> Found:
    """The account of a run on paper. `cash`: of the backtest, millionths, when `live.initial` names none; `time`: ns UTC.
    Raises `DataFault`."""
    dollars = cash if plan.cash is None else to_micros(plan.cash)
    return _found(plan, figures, dollars, {}, time)


def live(plan: LiveSpec, figures: Figures, positions: Mapping[str, int] | None, time: int) -> Found:
    """The account of a live run. `positions`: signed shares by symbol as the gateway's logon told them, None when it
    answered none. Raises `DataFault`: without cash; and where holdings are neither written nor told."""
    if plan.cash is None:
        raise DataFault(f"a live run needs the account's cash: {CASH_CURE}")
    told: dict[str, int] = {}
    if not plan.holdings and not plan.empty and plan.account == "exclusive":
        if positions is None:
            raise DataFault(
                "the gateway has not told the account's positions, since it has no session now: start while it has, "
                "or write them as live: {initial: {holdings: [...]}}, and [] when there are none"
            )
        told = {symbol: shares for symbol, shares in sorted(positions.items()) if shares}
    return _found(plan, figures, to_micros(plan.cash), told, time)


def held(found: Found) -> dict[str, int]:
    """Signed shares by symbol, as the gateway's client wants them at its very first start."""
    return {one.symbol: one.shares for one in found.opening.positions}


def _found(plan: LiveSpec, figures: Figures, cash: int, told: Mapping[str, int], time: int) -> Found:
    notes: list[str] = []
    for code, value, rate in plan.currencies:
        if rate is None:
            notes.append(f"{value:,.2f} {code} of the account are listed and count nothing: no rate is given")
        elif figures.cash_account:
            notes.append(f"{value:,.2f} {code} count nothing: a cash account buys with US dollars")
        else:
            worth = to_micros(value * rate)
            cash += worth
            notes.append(f"{value:,.2f} {code} at {rate:g} count as {money_text(worth)} of cash")
    sums: dict[str, tuple[int, int]] = {}
    for one in plan.holdings:
        symbol = _symbol(one.symbol, one.id, figures, notes)
        shares, cost = sums.get(symbol, (0, 0))
        sums[symbol] = (shares + one.quantity, cost + amount(one.quantity, one.average_price))
    for symbol, shares in told.items():
        if symbol not in figures.symbols:
            continue  # the comparison that follows says so
        price = figures.last[symbol]
        if price <= 0.0:
            raise DataFault(
                f"the account holds {shares:+d} {symbol}, and no price of it is known: write it as live: {{initial: "
                f"{{holdings: [{{symbol: {symbol}, quantity: {shares}, average_price: ...}}]}}}}"
            )
        sums[symbol] = (shares, amount(shares, price))
        notes.append(f"{shares:+d} {symbol} of the account cost what they are worth: ${price:g} a share")
    positions = []
    for symbol, (shares, cost) in sums.items():
        if shares == 0:
            continue
        price = figures.last[symbol] or cost / shares / 1e6
        positions.append(Position(symbol, shares, cost, price))
    return Found(Opening(time, cash, tuple(sorted(positions))), notes)


def _symbol(written: str, identifier: str, figures: Figures, notes: list[str]) -> str:
    """The symbol of the run that a holding is: its identifier wins over a ticker that has changed."""
    symbol = figures.identify(identifier) if identifier else written
    if symbol is None:
        notes.append(f"{written}: nobody here knows the identifier {identifier}, so the ticker counts")
        symbol = written
    elif symbol != written:
        notes.append(f"the holding {written} is {symbol} today, by its identifier {identifier}")
    if symbol not in figures.symbols:
        was = "" if symbol == written else f" ({written} by its identifier)"
        raise DataFault(
            f"the account holds {symbol}{was}, which the strategy does not follow: put it under universe.symbols, or "
            "leave the holding out"
        )
    return symbol
