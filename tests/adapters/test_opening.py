"""The account of `live.initial` and of the gateway's logon, by hand; identities from map files on the disk."""

import pytest

from runner.adapters import opening
from runner.adapters.coverage import DataFault
from runner.adapters.security_id import symbol_of
from runner.engine.opening_account import Position
from runner.language.source import load
from runner.language.spec_live import Held, LiveSpec
from runner.language.validate import understand

FIGURES = opening.Figures(
    ("GOOGL", "SPY", "QQQ"), {"GOOGL": 150.0, "SPY": 500.0, "QQQ": 0.0}, False, lambda name: None
)


@pytest.fixture
def data(tmp_path):
    """GOOG of 2004 is GOOGL since 2014; today's GOOG is another security; SPY never changed."""
    folder = tmp_path / "equity" / "usa" / "map_files"
    folder.mkdir(parents=True)
    (folder / "googl.csv").write_text("20040819,goog\n20140402,goog\n20501231,googl\n")
    (folder / "goog.csv").write_text("20140327,goog\n20501231,goog\n")
    (folder / "spy.csv").write_text("19980102,spy\n20501231,spy\n")
    return tmp_path


def test_the_identity_wins_over_the_ticker(data):
    """Identifiers as LEAN prints them (Algorithm.CSharp: RawDataRegressionAlgorithm, BacktestingBrokerageRegressionAlgorithm)."""
    assert symbol_of(data, "GOOG T1AZ164W5VTX") == "GOOGL"
    assert symbol_of(data, "GOOCV VP83T1ZUHROL") is None  # no file here is of that security
    assert symbol_of(data, "SPY R735QTJ8XC9X") == "SPY"
    assert symbol_of(data, "GME 2T") == "GME"
    figures = FIGURES._replace(identify=lambda name: symbol_of(data, name))
    plan = LiveSpec(
        cash=1000.0, holdings=(Held("GOOG", 10, 90.0, "GOOG T1AZ164W5VTX"), Held("SPY", 1, 400.0, "ZZ 7"))
    )
    found = opening.live(plan, figures, {}, 5)
    assert found.opening.positions == (
        Position("GOOGL", 10, 900_000_000, 150.0),
        Position("SPY", 1, 400_000_000, 500.0),
    )
    assert found.notes == [
        "the holding GOOG is GOOGL today, by its identifier GOOG T1AZ164W5VTX",
        "SPY: nobody here knows the identifier ZZ 7, so the ticker counts",
    ]


def test_currencies_count_with_a_rate():
    """$1,000.10 + 2,000 EUR at 1.105 = $3,210.10; the yen have no rate."""
    plan = LiveSpec(cash=1000.1, currencies=(("EUR", 2000.0, 1.105), ("JPY", 70000.0, None)))
    found = opening.live(plan, FIGURES, {}, 0)
    assert found.opening.cash == 3_210_100_000
    assert found.notes == [
        "2,000.00 EUR at 1.105 count as $2,210.00 of cash",
        "70,000.00 JPY of the account are listed and count nothing: no rate is given",
    ]
    assert opening.live(plan, FIGURES._replace(cash_account=True), {}, 0).opening.cash == 1_000_100_000


def test_without_holdings_the_gateway_tells_them():
    plan = LiveSpec(cash=1000.0)
    found = opening.live(plan, FIGURES, {"SPY": -3, "GOOGL": 0, "IBM": 7}, 0)
    assert found.opening.positions == (Position("SPY", -3, -1_500_000_000, 500.0),)  # IBM is not followed
    assert opening.held(found) == {"SPY": -3}
    assert opening.live(LiveSpec(cash=1.0, account="shared"), FIGURES, {"SPY": 3}, 0).opening.positions == ()
    with pytest.raises(DataFault, match="no price of it is known"):
        opening.live(plan, FIGURES, {"QQQ": 3}, 0)
    with pytest.raises(DataFault, match="has not told the account's positions"):
        opening.live(plan, FIGURES, None, 0)


def test_live_needs_cash_and_paper_does_not():
    with pytest.raises(DataFault, match=r"write live: \{initial: \{cash"):
        opening.live(LiveSpec(), FIGURES, {}, 0)
    assert opening.paper(LiveSpec(), FIGURES, 77, 3).opening == (3, 77, ())
    assert opening.paper(LiveSpec(cash=-5.0), FIGURES, 77, 3).opening.cash == -5_000_000


def test_holdings_that_are_not_followed_are_refused():
    with pytest.raises(DataFault, match="which the strategy does not follow"):
        opening.paper(LiveSpec(holdings=(Held("IBM", 1, 1.0),)), FIGURES, 0, 0)


def test_a_holding_without_a_price_is_valued_at_its_cost():
    found = opening.paper(LiveSpec(holdings=(Held("QQQ", 4, 12.5),)), FIGURES, 1_000_000, 0)
    assert found.opening.positions == (Position("QQQ", 4, 50_000_000, 12.5),)
    assert found.opening.equity() == 51_000_000


def test_an_account_that_holds_nothing_needs_no_session():
    """At night the gateway tells nothing: a document says that there is nothing with an empty list."""
    text = """
version: 1
name: nothing
universe: {symbols: [SPY]}
data: {source: {csv: "{symbol}.csv"}, resolution: 1m}
rules: [{name: in, when: close > 10, buy: 1}]
backtest: {start: "2013-10-08", end: "2013-10-08", cash: 100000}
live: {initial: {cash: 1000, holdings: []}}
"""
    program, problems = understand(load(text, "nothing.yaml"))
    assert not problems
    assert opening.live(program.spec.live, FIGURES, None, 0).opening.positions == ()
