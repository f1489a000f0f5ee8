"""Failures outside the document: data that is not there, packages that are not there. Exit code 3, nothing written."""

import pytest

from tests.commands.console import run, run_without


def refused(folder, *words, **more):
    """What standard error says; standard output has no word of the failure."""
    said = run("small.yaml", "--no-report", *words, cwd=folder, code=3, **more)
    assert said.err.strip()
    assert said.err not in said.out
    assert not (folder / "runs").exists()
    return said.err


def test_no_file_of_the_symbol(edited):
    folder = edited(("[AAA]", "[AAB]"))
    text = refused(folder)
    assert text.startswith("small.yaml: ")
    assert "AAB.csv: there is no such file; did you mean AAA?" in text


def test_no_folder_of_data(edited):
    folder = edited(('csv: {path: "{symbol}.csv"}', "lean: nowhere"))
    text = refused(folder)
    assert "nowhere: no LEAN data folder" in text


def test_a_symbol_that_the_embedded_data_lacks(edited):
    folder = edited(('{csv: {path: "{symbol}.csv"}}', "embedded"), ("[AAA]", "[AAPK, AAPL]"))
    assert "AAPK: not in the embedded data; did you mean AAPL?" in refused(folder)


def test_no_bars_in_the_range(edited):
    folder = edited(("start: 2013-10-07, end: 2013-10-11", "start: 2014-10-07, end: 2014-10-10"))
    text = refused(folder)
    assert "AAA.csv: no rows in sessions from " in text
    assert "to 2014-10-10" in text
    assert "it covers 2013-10-07 to 2013-10-11" in text


def test_before_any_calendar(edited):
    folder = edited(("start: 2013-10-07", "start: 1913-10-07"))
    assert "the calendar covers" in refused(folder)


def test_start_after_end_is_a_mistake_of_the_document(edited):
    folder = edited(("start: 2013-10-07", "start: 2013-10-12"))
    said = run("small.yaml", cwd=folder, code=1)
    assert said.out.startswith("small.yaml:11:")


@pytest.mark.parametrize(
    ("dates", "span"),
    [
        ("start: 2013-10-08", "2013-10-08 to 2013-10-11"),
        ("end: 2013-10-09", "2013-10-07 to 2013-10-09"),
        ("cash: 5000", "2013-10-07 to 2013-10-11"),
    ],
)
def test_dates_that_are_absent_are_those_of_the_data(edited, dates, span):
    folder = edited(("start: 2013-10-07, end: 2013-10-11", dates))
    said = run("small.yaml", "--no-report", "--out", "out", cwd=folder, code=0)
    assert f"bars of 1d, {span}" in said.out
    assert f"small: {span}, AAA at 1d" in said.out


def test_a_broken_table_has_its_line(folder):
    path = folder / "AAA.csv"
    path.write_text(
        path.read_text().replace("11,12,9,11", "eleven,12,9,11").replace("10,12,9,11", "x,12,9,11")
    )
    text = refused(folder)
    assert "AAA.csv" in text
    assert "line 3" in text


def test_results_that_cannot_be_written(folder):
    """Said before the run, not after it."""
    (folder / "file").write_text("x")
    for out in ("file", "file/deeper", "small.yaml/a/b"):
        text = refused(folder, "--out", out)
        assert f"the results cannot be written to {out}: " in text
        assert "--out" in text
        assert "bars of" not in text
    assert (folder / "file").read_text() == "x"


def test_without_the_extra_demo(edited):
    folder = edited(('{csv: {path: "{symbol}.csv"}}', "embedded"), ("[AAA]", "[AAPL]"))
    said = run_without(["bokeh_sampledata"], "small.yaml", cwd=folder, code=3)
    assert "install the extra `demo`" in said.err
    assert not (folder / "runs").exists()


def test_without_the_extra_report(folder):
    """Everything else is written and said; a page that was asked for is refused before the run."""
    said = run_without(["jinja2"], "small.yaml", "--out", "out", cwd=folder, code=0)
    assert "it needs the extra `report`" in said.out
    assert (folder / "out" / "results.json").exists()
    assert not (folder / "out" / "report.html").exists()


def test_a_page_that_cannot_be_made(folder):
    said = run_without(["jinja2"], "small.yaml", "--report", cwd=folder, code=3)
    assert "--report needs the extra `report`" in said.err
    assert not (folder / "runs").exists()


def test_without_the_extra_fast(folder):
    """`--driver kernel` never falls back in silence."""
    said = run_without(["numba", "llvmlite"], "small.yaml", "--driver", "kernel", cwd=folder, code=3)
    assert "--driver kernel needs the extra `fast`" in said.err


def test_without_a_place_for_the_cache(folder):
    """No cache is no failure."""
    (folder / "file").write_text("x")
    run(
        "small.yaml",
        "--no-report",
        "--out",
        "out",
        cwd=folder,
        code=0,
        RUN_CACHE=str(folder / "file" / "cache"),
    )
    run("small.yaml", "--no-report", "--out", "out", cwd=folder, code=0, RUN_CACHE="off")
