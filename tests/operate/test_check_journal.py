"""Whether a journal can be gone on from: said of a good one, and of each thing that can be wrong with one."""

import json
import sqlite3
from contextlib import closing

import msgspec
import numpy as np
import pytest

from runner.adapters import journal_versions
from runner.adapters.coverage import DataFault
from runner.adapters.live_journal import LiveJournal
from runner.adapters.recorded_run import open_run
from runner.assemble import live
from runner.assemble.deployment import PAPER, Deployment
from runner.assemble.live import LiveRun
from runner.commands.journal import check, show
from runner.engine.instants import Instant
from runner.market.events import SUBMITTED, Mark, Record
from runner.operate import check_journal
from runner.results.tables import journal_text
from tests.engine import tiny

RULES = """[{name: in, when: average > 100, enter: long, size: {shares: 10}, order: {tag: up}},
  {name: out, when: close < 100, exit: position}]"""
MORE = "indicators: {average: {sma: 2}}"
BARS = (
    "Mon 15:59 100 101 99 101; Tue 10:00 100 101 99 101; Tue 10:01 101 103 101 102; Tue 16:00 102 103 101 102; "
    "Wed 10:00 99 99 98 98; Wed 10:01 98 99 97 97; Wed 16:00 97 99 96 98"
)


@pytest.fixture
def state(tmp_path):
    """The folder of a paper run that has ended; its data are beside it. Monday's bar warms it."""
    return run_of(tmp_path)


def run_of(tmp_path):
    ready = tiny.ready(RULES, BARS, tmp_path, more=MORE, first=tiny.WEEK["Tue"])
    document = ready.document
    (tmp_path / "tiny.yaml").write_text(document, encoding="utf-8")
    folder = tmp_path / "paper"
    run = LiveRun(Deployment(ready.program, document, tmp_path, PAPER, folder, {}, {}), lambda line: None)
    try:
        run.run()
        run.ended("finished")
    finally:
        run.close()
    return folder


def found(state, **more):
    return {one.name: one for one in check_journal.check(str(state), **more)}


def change(state, statement, *values):
    with closing(sqlite3.connect(state / "journal.db")) as db, db:
        db.execute(statement, values)


def bad(state, **more):
    """The names of what is wrong, and its text."""
    wrong = [one for one in found(state, **more).values() if not one.good]
    assert len(wrong) == 1, wrong
    return wrong[0]


def test_a_good_journal(state, capsys):
    before = (state / "journal.db").read_bytes()
    assert check(str(state)) == 0
    said = capsys.readouterr().out
    assert "fine  file      the file is sound" in said
    assert "fine  data      1 file as at the start" in said
    assert "made again row for row" in said
    assert said.endswith("This version can go on from this journal.\n")
    assert (state / "journal.db").read_bytes() == before


def test_from_the_newest_epoch_and_from_the_beginning(tmp_path, monkeypatch):
    """A restart hears the second day only; --whole hears both."""
    monkeypatch.setattr(live, "MOST_INPUTS", 1)
    folder = run_of(tmp_path)
    assert "the newest epoch, " in found(folder)["hearing"].text
    assert found(folder)["hearing"].good
    whole = found(folder, whole=True)["hearing"]
    assert whole.good
    assert "epoch" not in whole.text


def test_while_its_owner_is_at_work(state):
    owner = LiveJournal(state / "journal.db")
    assert all(one.good for one in found(state).values())
    owner.close()


def test_its_own_file_moved(state, capsys):
    """The data are looked for beside the strategy: named when they are elsewhere."""
    with closing(sqlite3.connect(state / "journal.db")) as db, db:
        db.execute("UPDATE facts SET value = '\"/nowhere\"' WHERE name = 'folder'")
    assert "--strategy" in bad(state).text
    assert all(one.good for one in found(state, strategy=str(state.parent / "tiny.yaml")).values())


def test_an_edited_strategy(state):
    """The size is another: the first order is not the one that was sent."""
    path = state.parent / "edited.yaml"
    path.write_text(
        (state.parent / "tiny.yaml").read_text().replace("shares: 10", "shares: 11"), encoding="utf-8"
    )
    wrong = bad(state, strategy=str(path))
    assert "edited since the run began" in found(state, strategy=str(path))["document"].text
    assert wrong.name == "hearing"
    there, now = wrong.text.splitlines()[1:]
    assert '"kind":"submitted"' in there
    assert '"quantity":10' in there
    assert '"quantity":11' in now


def test_another_bar(state):
    """An input was changed: the bar at which it bought."""
    with closing(sqlite3.connect(state / "journal.db")) as db, db:
        for serial, body in db.execute("SELECT serial, body FROM inputs").fetchall():
            entry = msgspec.msgpack.decode(body)
            if entry[0] == "instant" and entry[2]:
                entry[2][0][6] = 90.0  # its close
                db.execute(
                    "UPDATE inputs SET body = ? WHERE serial = ?", (msgspec.msgpack.encode(entry), serial)
                )
                break
    assert "row 2 of" in bad(state).text  # the first is the opening cash


def test_records_without_inputs(state):
    """More records than the inputs make: something was cut off or added."""
    with closing(sqlite3.connect(state / "journal.db")) as db, db:
        row = db.execute("SELECT row FROM records ORDER BY serial DESC LIMIT 1").fetchone()[0]
        db.execute("INSERT INTO records (row) VALUES (?)", (row,))
    assert "of its inputs this version makes" in bad(state).text


def test_other_data_of_the_past(state):
    """The bar that warmed the run is another: the file is named, and the average crosses elsewhere."""
    path = state.parent / "A.csv"
    text = path.read_text()
    path.write_text(text.replace("100,101,99,101", "50,51,49,50", 1))
    assert path.read_text() != text
    said = found(state)
    assert "not as at the start: A.csv" in said["data"].text
    assert not said["hearing"].good


def test_a_document_that_this_version_does_not_accept(state):
    with closing(sqlite3.connect(state / "journal.db")) as db, db:
        header = json.loads(db.execute("SELECT value FROM facts WHERE name = 'header'").fetchone()[0])
        header["document"] += "novel: 1\n"
        db.execute("UPDATE facts SET value = ? WHERE name = 'header'", (json.dumps(header),))
    wrong = bad(state)
    assert (wrong.name, "novel" in wrong.text) == ("document", True)


def test_a_run_that_has_not_begun(tmp_path):
    LiveJournal(tmp_path / "journal.db").close()
    assert "has not begun" in found(tmp_path)["run"].text


def test_a_damaged_file(state, capsys):
    """Whatever page is hit: never a traceback, never fine."""
    path = state / "journal.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(path.read_bytes())
    content[8192:12288] = b"\xff" * 4096
    path.write_bytes(content)
    assert check(str(state)) in (1, 3)


def test_what_is_no_live_journal(tmp_path, capsys):
    (tmp_path / "journal.npz").write_bytes(b"")
    assert check(str(tmp_path)) == 3
    assert "the journal of a backtest" in capsys.readouterr().err
    assert check(str(tmp_path / "nothing")) == 3


# -- other versions -----------------------------------------------------------------------------------------------


def test_a_newer_format(state):
    change(state, "PRAGMA user_version=2")
    assert "a newer runner wrote it" in bad(state).text
    with pytest.raises(DataFault, match="a newer runner wrote it"):
        LiveJournal(state / "journal.db")


def test_an_older_format(state, monkeypatch):
    """Refused without a way there; with one it is brought up at the start, and readers see it as it will be."""
    monkeypatch.setattr(journal_versions, "VERSION", 2)
    assert "knows no way there" in bad(state).text
    monkeypatch.setitem(
        journal_versions.MIGRATIONS, 1, lambda db: db.execute("CREATE TABLE novel (a INTEGER)")
    )
    assert all(one.good for one in found(state).values())
    with closing(sqlite3.connect(state / "journal.db")) as db:
        assert journal_versions.version_of(db) == 1  # looking changes nothing
    LiveJournal(state / "journal.db").close()
    with closing(sqlite3.connect(state / "journal.db")) as db:
        assert journal_versions.version_of(db) == 2
        assert db.execute("SELECT count(*) FROM novel").fetchone() == (0,)


def narrowed(state):
    """Rewrite the journal as a version would have left it that did not know `by` of records, `benchmark` of marks,
    `split` of bars and the last field of instants."""
    known = journal_versions.shapes()
    last = Instant.dtype.names[-1]
    records = np.dtype([(n, k) for n, k in Record.dtype.descr if n != "by"])
    marks = np.dtype([(n, k) for n, k in Mark.dtype.descr if n != "benchmark"])
    known |= {"records": [list(one) for one in records.descr], "marks": [list(one) for one in marks.descr]}
    known |= {"bar": known["bar"][:-1], "instant": known["instant"][:-1]}
    assert last
    with closing(sqlite3.connect(state / "journal.db")) as db, db:
        for table, cls, dtype in (("records", Record, records), ("marks", Mark, marks)):
            for serial, row in db.execute(f"SELECT serial, row FROM {table}").fetchall():
                wide = np.frombuffer(row, cls.dtype)
                thin = np.zeros(1, dtype)
                for name in dtype.names:
                    thin[name] = wide[name]
                db.execute(f"UPDATE {table} SET row = ? WHERE serial = ?", (thin.tobytes(), serial))
        for serial, body in db.execute("SELECT serial, body FROM inputs").fetchall():
            entry = msgspec.msgpack.decode(body)
            if entry[0] == "instant":
                assert entry[1][-1] == Instant.defaults[last]
                entry = [entry[0], entry[1][:-1], [bar[:-1] for bar in entry[2]], *entry[3:]]
            db.execute("UPDATE inputs SET body = ? WHERE serial = ?", (msgspec.msgpack.encode(entry), serial))
        db.execute("UPDATE facts SET value = ? WHERE name = 'shapes'", (json.dumps(known),))


def test_fields_that_are_new(state):
    """They have their defaults in what an older version left, for readers, for the check and for the owner."""
    before = open_run(str(state))
    narrowed(state)
    after = open_run(str(state))
    assert journal_text(after.journal) == journal_text(before.journal)
    np.testing.assert_array_equal(after.bars["A"].split, before.bars["A"].split)
    assert found(state)["hearing"].good
    LiveJournal(state / "journal.db").close()
    with closing(sqlite3.connect(state / "journal.db")) as db:
        assert journal_versions.is_current(db)
        assert len(db.execute("SELECT row FROM records LIMIT 1").fetchone()[0]) == Record.dtype.itemsize
    assert journal_text(open_run(str(state)).journal) == journal_text(before.journal)


def test_a_field_that_is_no_more(state):
    known = journal_versions.shapes()
    known["records"].append(["novel", "<i8"])
    change(state, "UPDATE facts SET value = ? WHERE name = 'shapes'", json.dumps(known))
    wrong = bad(state)
    assert (wrong.name, "the field novel in its records" in wrong.text) == ("format", True)


# -- the records as text --------------------------------------------------------------------------------------------


def test_show(state, capsys):
    whole = journal_text(open_run(str(state)).journal)
    assert show(str(state)) == 0
    assert capsys.readouterr().out == whole
    assert show(str(state), since="2013-10-09", orders=True) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["kind"], line["quantity"]) for line in lines] == [("submitted", -10), ("filled", -10)]
    assert show(str(state), since="yesterday") == 2
    assert show(str(state / "nothing")) == 3
    assert SUBMITTED in open_run(str(state)).journal.records["kind"]
