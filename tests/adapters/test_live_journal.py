"""The journal of a live run on a real disk: who owns it, what it keeps, and that a stop at any row loses nothing."""

import sqlite3
from contextlib import closing, suppress

import msgspec
import pytest

from runner.adapters.coverage import DataFault
from runner.adapters.live_journal import LiveJournal
from runner.engine.recorded import ASKED, SUBMIT, Diverged, RecordedBroker
from runner.laws.admission import Admitted
from runner.market.events import NOTED, Mark, Record
from runner.market.rows import array

NO_MARKS = array(Mark, [])


def rows(*times):
    return array(Record, [Record(time=time, kind=NOTED) for time in times])


def test_inputs_come_back_in_order(tmp_path):
    journal = LiveJournal(tmp_path / "j.db")
    for i in range(2500):
        journal.write(["news", i, 1.5, "x"])
    assert journal.recall() is None
    journal.close()
    again = LiveJournal(tmp_path / "j.db")
    assert [again.recall() for _ in range(2500)] == [["news", i, 1.5, "x"] for i in range(2500)]
    assert again.recall() is None
    again.write(["more"])
    assert again.recall() is None
    again.close()


def test_what_was_not_committed_is_gone(tmp_path):
    journal = LiveJournal(tmp_path / "j.db")
    journal.write(["one"])
    journal.commit()
    journal.write(["two"])
    journal._db.close()  # as a killed process leaves it
    journal._owner.close()
    again = LiveJournal(tmp_path / "j.db")
    assert (again.recall(), again.recall()) == (["one"], None)
    again.close()


def test_a_second_runner_is_refused(tmp_path):
    journal = LiveJournal(tmp_path / "j.db")
    with pytest.raises(DataFault, match="belongs to a runner that is at work"):
        LiveJournal(tmp_path / "j.db")
    journal.close()
    LiveJournal(tmp_path / "j.db").close()


def test_records_that_are_made_again_must_be_the_same(tmp_path):
    journal = LiveJournal(tmp_path / "j.db")
    journal.append(rows(1, 2, 3), NO_MARKS)
    journal.close()
    again = LiveJournal(tmp_path / "j.db")
    again.append(rows(1, 2), NO_MARKS)
    again.append(rows(3, 4), NO_MARKS)
    assert again.finished({}, []).records["time"].tolist() == [1, 2, 3, 4]
    again.close()
    other = LiveJournal(tmp_path / "j.db")
    with pytest.raises(Diverged, match="row 2 of records"):
        other.append(rows(1, 9), NO_MARKS)
    other.close()


def test_another_version(tmp_path):
    journal = LiveJournal(tmp_path / "j.db")
    journal._db.execute("PRAGMA user_version=99")
    journal.close()
    with pytest.raises(DataFault, match="has version 99, this runner reads version 1"):
        LiveJournal(tmp_path / "j.db")


def test_no_file(tmp_path):
    (tmp_path / "j.db").write_bytes(b"this is no database, and long enough to be told apart from one" * 20)
    with pytest.raises(DataFault, match="cannot be used"):
        LiveJournal(tmp_path / "j.db")


class Counting:
    """What would go out to a broker."""

    def __init__(self):
        self.sent = []

    def submit(self, admitted):
        self.sent.append(admitted.order)
        yield from ()


def test_on_a_full_disk_nothing_is_sent_that_is_not_written(tmp_path):
    """SQLite says that the disk is full when the file may have no more pages: the asking fails before the act."""
    path = tmp_path / "j.db"
    journal, there = LiveJournal(path), Counting()
    broker = RecordedBroker(there, journal)
    list(broker.submit(Admitted(1, 10)))
    pages = journal._db.execute("PRAGMA page_count").fetchone()[0]
    journal._db.execute(f"PRAGMA max_page_count={pages + 1}")

    def send_many():
        for number in range(2, 20_000):
            list(broker.submit(Admitted(number, 10)))

    with pytest.raises(DataFault, match=r"j\.db cannot be written \(.*full.*\): nothing is sent"):
        send_many()
    with suppress(DataFault):
        journal.close()
    assert len(there.sent) > 1
    with closing(sqlite3.connect(path)) as db:
        inputs = [msgspec.msgpack.decode(body) for (body,) in db.execute("SELECT body FROM inputs")]
    written = {entry[2] for entry in inputs if entry[:2] == [ASKED, SUBMIT]}
    assert set(there.sent) <= written
