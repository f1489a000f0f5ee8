"""Runs that were written down, as their readers find them: whole, at work, cut short, or no run at all."""

import json

import numpy as np
import pytest

from runner import assemble
from runner.adapters import bars_file, output
from runner.adapters.coverage import DataFault
from runner.adapters.live_journal import LiveJournal
from runner.adapters.recorded_run import open_run
from runner.market.events import HOLE, Mark, Record
from runner.market.rows import array
from runner.results import text
from runner.results.kept_bars import digest
from runner.results.reading import read
from runner.results.summary import plain
from runner.results.tables import journal_text
from tests.engine import tiny
from tests.paper_runs import cut_short, facts, paper
from tests.results.lean_files import ns

RULES = """[{name: in, when: close > 100, enter: long, size: {shares: 10}, order: {tag: up}},
  {name: out, when: close < 100, exit: position}]"""
BARS = (
    "Mon 10:00 100 101 99 101; Mon 10:01 101 103 101 102; Mon 16:00 102 103 101 102; "
    "Tue 10:00 99 99 98 98; Tue 10:01 98 99 97 97; Tue 16:00 97 99 96 98"
)


MONDAY_TEN = ns("2013-10-07 10:00")


@pytest.fixture
def ready(tmp_path):
    return tiny.ready(RULES, BARS, tmp_path)


def test_a_live_journal_reads_as_its_backtest(ready, tmp_path):
    """Every figure, table and bar; the live run goes on to the close, at which nothing more happens."""
    backtest = assemble.run_backtest(ready)
    paper(ready, tmp_path / "live" / "journal.db")
    found = open_run(str(tmp_path / "live"))
    assert journal_text(found.journal) == journal_text(backtest.journal)
    assert (
        found.journal.texts[: len(backtest.journal.texts)] == backtest.journal.texts
    )  # a live run has words of its own
    ours, theirs = plain(read(found.journal, found.bars)), plain(read(backtest.journal, backtest.bars))
    assert ours.pop("live")["state"] == "ended"
    assert theirs.pop("live") is None
    assert ours["figures"]["sessions"] == theirs["figures"]["sessions"]
    assert ours["figures"]["symbols"] == theirs["figures"]["symbols"]
    for name in ("positions", "cash", "tallies", "refusals", "protections", "risk", "settings", "manifest"):
        assert ours[name] == theirs[name], name
    for name, column in found.bars["A"]._asdict().items():
        np.testing.assert_array_equal(column, getattr(backtest.bars["A"], name), name)


def test_a_run_at_work(ready, tmp_path):
    """Read while its owner holds it: known up to the newest commit, the rest is said to be unknown."""
    path = tmp_path / "journal.db"
    cut_short(ready, path, 8)
    owner = LiveJournal(path)
    found = open_run(str(path))
    assert found.journal.header["running"]
    reading = read(found.journal, found.bars)
    said = plain(reading)
    assert said["live"]["state"] == "at work"
    assert said["tallies"] is None
    assert "Run               paper, at work" in text.summary(reading)
    owner.close()
    assert not open_run(str(path)).journal.header["running"]
    assert plain(read(*open_run(str(path))[:2]))["live"]["state"] == "ended without warning"


def test_a_run_that_has_seen_nothing(ready, tmp_path):
    path = tmp_path / "journal.db"
    facts(path, assemble.run_backtest(ready).journal, ended=None)
    found = open_run(str(path))
    reading = read(found.journal, found.bars)
    assert plain(reading)["figures"]["end_equity"] == 100_000.0
    assert "is not known yet" in text.summary(reading)
    output.write(tmp_path / "out", reading, found.bars, page=True)
    assert "is not known yet" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_a_benchmark_among_the_symbols(tmp_path):
    """A closes at 100, 102 and 99: 0.02 and -0.0294 against it from the bars that came. Of another one nothing is known."""
    text = "Mon 16:00 100 100 100 100; Tue 16:00 101 102 101 102; Wed 16:00 99 99 99 99"
    ready = tiny.ready("[{name: in, when: close > 0, enter: long, size: {shares: 1}}]", text, tmp_path)
    paper(ready, tmp_path / "a" / "journal.db", benchmark="A")
    found = open_run(str(tmp_path / "a"))
    assert found.journal.marks["benchmark"][-3:].tolist() == [100.0, 102.0, 99.0]
    against = plain(read(found.journal, found.bars))["figures"]["against_benchmark"]
    assert against["benchmark_return"] == pytest.approx(-0.01)
    paper(ready, tmp_path / "b" / "journal.db", benchmark="XYZ")
    other = open_run(str(tmp_path / "b"))
    assert plain(read(other.journal, other.bars))["figures"]["against_benchmark"] is None
    assert "benchmark XYZ are not among this run's" in other.journal.header["data"]["notes"][-1]


def test_bars_that_never_came(ready, tmp_path):
    path = tmp_path / "journal.db"
    journal = paper(ready, path)
    store = LiveJournal(path)
    store._made = len(journal.records)  # what comes after all that is there
    hole = Record(
        time=int(journal.records["time"][-1]), kind=HOLE, symbol=0, quantity=3, good_till=MONDAY_TEN
    )
    store.append(array(Record, [hole]), array(Mark, []))
    store.close()
    notes = open_run(str(path)).journal.header["data"]["notes"]
    assert notes[-1] == "3 bars of A after 2013-10-07 10:00:00 never came"


def test_a_read_only_folder(ready, tmp_path):
    """An archive: SQLite cannot make its files beside the journal."""
    path = tmp_path / "kept" / "journal.db"
    paper(ready, path)
    path.with_name("journal.db.lock").unlink()
    path.chmod(0o444)
    path.parent.chmod(0o555)
    try:
        assert len(open_run(str(path)).journal.records)
    finally:
        path.parent.chmod(0o755)


def test_what_is_no_run(tmp_path):
    with pytest.raises(DataFault, match="is not there"):
        open_run(str(tmp_path / "nothing"))
    with pytest.raises(DataFault, match="holds no journal"):
        open_run(str(tmp_path))
    (tmp_path / "journal.npz").write_bytes(b"PK but no archive")
    with pytest.raises(DataFault, match="is no journal of a run"):
        open_run(str(tmp_path))
    (tmp_path / "journal.db").write_text("hello")
    with pytest.raises(DataFault, match=r"begins neither as a journal.db nor as a journal.npz"):
        open_run(str(tmp_path))
    (tmp_path / "journal.db").unlink()
    LiveJournal(tmp_path / "journal.db").close()
    with pytest.raises(DataFault, match="does not say what run it is of"):
        open_run(str(tmp_path))


def test_another_version(ready, tmp_path):
    path = tmp_path / "journal.db"
    paper(ready, path)
    store = LiveJournal(path)
    store._db.execute("PRAGMA user_version=2")
    store.close()
    with pytest.raises(DataFault, match="has version 2, this runner reads version 1"):
        open_run(str(path))


def test_bars_are_kept(ready, tmp_path, monkeypatch):
    """Bit for bit; when they are too many, a number for each day that changes with any of them."""
    bars = assemble.run_backtest(ready).bars
    path = tmp_path / "bars.npz"
    path.write_bytes(bars_file.to_bytes(bars, {"A": "1m"}))
    kept, digests = bars_file.load(path)
    assert digests is None
    for name, column in kept["A"]._asdict().items():
        np.testing.assert_array_equal(column, getattr(bars["A"], name), name)
        assert column.dtype == getattr(bars["A"], name).dtype, name
    monkeypatch.setattr(bars_file, "MOST", 5)
    path.write_bytes(bars_file.to_bytes(bars, {"A": "1m"}))
    kept, digests = bars_file.load(path)
    assert kept is None
    assert digests["A"].bars.tolist() == [3, 3]
    other = bars["A"]._replace(close=bars["A"].close.copy())
    other.close[4] += 0.01  # on Tuesday
    changed = digest(other, daily=False)
    assert (changed.value == digests["A"].value).tolist() == [True, False]


def test_report(ready, tmp_path, capsys):
    from runner.commands.report import report

    paper(ready, tmp_path / "live" / "journal.db")
    assert report(str(tmp_path / "live"), page=False) == 0
    shown = capsys.readouterr().out
    assert "tiny: 2013-10-07 to 2013-10-08, A at 1m, conventions atreyu, driver loop, paper" in shown
    assert "paper, ended (finished)" in shown
    results = json.loads((tmp_path / "live" / "results.json").read_text(encoding="utf-8"))
    assert results["figures"]["trades"]["number"] == 1
    assert report(str(tmp_path / "nothing")) == 3
    assert "is not there" in capsys.readouterr().err
