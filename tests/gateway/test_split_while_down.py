"""A split of a position while the run was down: its account has the shares of today, and the run is to have them too."""

import pytest

from runner.adapters.coverage import DataFault
from runner.market import events
from tests.gateway.test_sent_late import BEGIN, HISTORY, There, life
from tests.made import at

SPLIT = HISTORY + "2013-10-09 09:31,4.5,4.5,4.5,4.5,1000,2\n"
# the exit of Tuesday was missed: it is made good
STOP, END = at("2013-10-08", "15:54"), at("2013-10-09", "15:51")


def lives(folder, monkeypatch, again, held):
    """Bought 10 on Tuesday, down until Wednesday, when 2 for 1 make 20 of them and the account has `held`."""
    there = There()
    try:
        life(there, folder, BEGIN, "exit: position", BEGIN, 4, STOP, monkeypatch, history=SPLIT)
        there.held = held
        found, _ = life(there, folder, at("2013-10-09", again), "exit: position", at("2013-10-09", "15:50"), 10, END,
                        monkeypatch, history=SPLIT, price=4.5)  # fmt: skip
        return found, there.orders()
    finally:
        there.close()


@pytest.mark.parametrize("again", ["08:00", "15:50"])
def test_the_restart_is_not_refused_and_the_exit_sells_what_there_is(again, tmp_path, monkeypatch):
    found, orders = lives(tmp_path, monkeypatch, again, 20)
    split = found[found["kind"] == events.SPLIT]
    assert split["quantity"].tolist() == [20]
    assert orders == [("1", 10), ("2", 20)]
    assert not (found["kind"] == events.MISMATCH).any()


def test_an_account_that_differs_is_refused_in_the_shares_of_today(tmp_path, monkeypatch):
    with pytest.raises(DataFault, match=r"KA: the run holds [+]20, the account [+]30"):
        lives(tmp_path, monkeypatch, "08:00", 30)
