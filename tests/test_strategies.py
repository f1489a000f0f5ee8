"""Every strategy of `strategies/` is valid, trades, keeps its books, and gives the figures it gave before.

The frozen figures guard against change; they prove nothing (`renew_frozen.py` says what they are and how to
renew them). What holds for any right run is tested beside them.
"""

import numpy as np
import pytest

from runner import assemble
from runner.language.source import load
from runner.language.validate import validate
from runner.market.events import RECORD_KINDS
from runner.market.money import amount
from runner.results.reading import read
from tests.renew_frozen import FROZEN, STRATEGIES, difference, figures, kept, program_of

each = pytest.mark.parametrize("path", STRATEGIES, ids=lambda path: path.stem)


@pytest.fixture
def data(path, request):
    """Skips a strategy whose data is not there."""
    if program_of(path)[0].spec.data.source == "lean":
        request.getfixturevalue("shared")


@each
def test_valid(path):
    assert validate(load(path.read_bytes(), path.name)) == ()


@each
@pytest.mark.usefixtures("data")
def test_figures_as_frozen(path):
    assert kept(path), f"frozen/{path.stem}.json is missing: python -m tests.renew_frozen {path.stem}"
    changed = difference(kept(path), figures(path))
    assert not changed, "\n".join(
        [*changed, "if it is meant: python -m tests.renew_frozen, and read what it prints"]
    )


@each
@pytest.mark.usefixtures("data")
def test_books(path):
    """Cash is the start, less what was paid for shares and fees, plus dividends; equity is cash and shares."""
    program, text = program_of(path)
    done = assemble.run_backtest(assemble.backtest(program, text, path.parent, "loop"))
    reading = read(done.journal, done.bars)
    records, symbols = done.journal.records, done.journal.header["symbols"]
    cash = program.spec.backtest.cash
    shares = dict.fromkeys(range(len(symbols)), 0)
    for fill in reading.ledger.fills:
        assert fill.amount == amount(fill.quantity, fill.price)
        cash -= fill.amount + fill.fee
    for word in ("dividend", "fraction"):
        cash += int(records["amount"][kind_of(records, word)].sum())
    for fill in reading.ledger.fills:
        shares[fill.symbol] = fill.position
    splits = kind_of(records, "split")
    last = done.journal.marks[-1]
    assert cash == last["cash"] == reading.ledger.cash
    value = 0
    for number, symbol in enumerate(symbols):
        held = reading.ledger.holdings.get(number)
        quantity = held.quantity if held else 0
        if not (records["symbol"][splits] == number).any():
            assert quantity == shares[number]
        real = np.flatnonzero(done.bars[symbol].real)
        if quantity:
            value += amount(quantity, float(done.bars[symbol].close[real[-1]]))
    assert cash + value == last["equity"]
    # What the symbols brought is what the account gained, and no round trip ended outside its own excursion.
    assert sum(row.profit or 0 for row in reading.symbols) == last["equity"] - program.spec.backtest.cash
    for trade, went in zip(reading.ledger.trades, reading.excursions, strict=True):
        assert went is not None
        assert went.adverse - 1 <= trade.profit <= went.favorable + 1
    assert len(reading.ledger.fills) > 0


def kind_of(records, word):
    codes = [code for code, (name, _) in RECORD_KINDS.items() if name == word]
    return np.isin(records["kind"], codes)


def test_no_figures_of_strategies_that_are_gone():
    assert {path.stem for path in FROZEN.glob("*.json")} == {path.stem for path in STRATEGIES}
