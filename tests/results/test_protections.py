"""How far stops slip, against hand calculations over runs of a few bars."""

import pytest

from runner.results.protections import plain, protections, rows
from tests.engine import tiny

ENTER = "[{{name: r, when: close > 0, every_bar: true, once_per: session, enter: {side}, size: {{shares: 10}}, protect: {{{what}}}}}]"


def found(what, bars, folder, side="long"):
    return protections(tiny.run(ENTER.format(side=side, what=what), bars, folder).journal)


def test_a_long_stop_slips(tmp_path):
    """Bought at 100, a stop at 98, out at 96: two dollars a share, twenty in all."""
    out = found("stop: 2%", "Mon 10:00 100 100 100 100; Mon 10:01 96 96 96 96", tmp_path)
    assert out.fired == {"stop": 1}
    told = plain(out)
    assert (told["stops"], told["slipped_mean"], told["slipped_worst"], told["slipped_dollars"]) == (
        1,
        2.0,
        2.0,
        20.0,
    )
    assert told["slipped_mean_percent"] == pytest.approx(2 / 98)
    assert rows(out)[1] == ("Stops slipped", "2.04 % past their level on average, 2.04 % at worst (1 filled)")


def test_mean_and_worst(tmp_path):
    """Monday out at the level of 98 (nothing), Tuesday 104 of 107.8 (3.8 a share): 1.9 on average."""
    bars = "Mon 10:00 100 100 100 100; Mon 10:01 98 98 98 98; Tue 10:00 110 110 110 110; Tue 10:01 104 104 104 104"
    told = plain(found("stop: 2%", bars, tmp_path))
    assert told["stops"] == 2
    assert told["slipped_mean"] == pytest.approx(1.9)
    assert told["slipped_worst"] == pytest.approx(3.8)
    assert told["slipped_dollars"] == pytest.approx(38.0)


def test_a_short_stop_queued_overnight_and_split(tmp_path):
    """Short at 100, a stop at 102, seen at the close of 104; the shares double, so 51 against a fill of 53."""
    bars = "Mon 10:00 100 100 100 100; Mon 16:00 104 104 104 104; Tue 09:31 53 53 52 52 split 2"
    told = plain(found("stop: 2%", bars, tmp_path, "short"))
    assert told["slipped_mean"] == pytest.approx(2.0)
    assert told["slipped_dollars"] == pytest.approx(40.0)


def test_targets_do_not_slip(tmp_path):
    out = found("target: 2%", "Mon 10:00 100 100 100 100; Mon 10:01 110 110 110 110", tmp_path)
    assert out.fired == {"target": 1}
    assert plain(out)["stops"] == 0
    assert rows(out) == [("Protections", "1 target")]


def test_nothing_to_show(tmp_path):
    out = found("stop: 50%", "Mon 10:00 100 100 100 100; Mon 10:01 110 110 110 110", tmp_path)
    assert rows(out) == []
