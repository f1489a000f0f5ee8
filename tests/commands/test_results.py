"""What a run leaves: the same files with the same bytes, whole or not at all; and why nothing was traded."""

import json
import os
import re
import signal
import subprocess

import pytest

from runner.engine import compiler
from tests.commands.console import COMMAND, Said, clean, environment, interrupted, run, terminal

FILES = {
    "results.json",
    "orders.csv",
    "fills.csv",
    "trades.csv",
    "equity.csv",
    "months.csv",
    "symbols.csv",
    "drawdowns.csv",
    "rolling.csv",
    "manifest.json",
    "journal.npz",
    "bars.npz",
}


def names(folder):
    return {path.name for path in folder.iterdir()}


def test_files(folder):
    said = run("small.yaml", "--out", "out", cwd=folder, code=0)
    assert names(folder / "out") == FILES | {"report.html"}
    assert said.out.endswith("Results in out/, the page is out/report.html\n")
    results = json.loads((folder / "out" / "results.json").read_text(encoding="utf-8"))
    manifest = json.loads((folder / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert results["strategy"] == "small"
    assert results["statistics"]["Total Orders"] == "2"
    assert results["manifest"] == manifest
    assert manifest["driver"] == "loop"
    assert manifest["parameters"] == {"share": 0.5, "bars": 2.0}
    # In on the 8th (11 > 10.5), out on the 10th (9 < 10.5), in again at the last close (10 > 9.5): not sent.
    rows = {
        name: (folder / "out" / name).read_text(encoding="utf-8").splitlines()
        for name in FILES - {"journal.npz", "bars.npz"}
    }
    assert [line.split(",")[9] for line in rows["orders.csv"][1:]] == ["filled", "filled", "queued"]
    assert len(rows["fills.csv"]) == 3
    assert len(rows["trades.csv"]) == 2
    assert len(rows["equity.csv"]) == 6
    assert len(rows["symbols.csv"]) == len(rows["months.csv"]) == 2
    assert len(rows["rolling.csv"]) == 1  # five sessions are no window


def test_the_same_run_gives_the_same_bytes(folder):
    for out in ("one", "two"):
        run("small.yaml", "--out", out, cwd=folder, code=0)
    assert names(folder / "one") == names(folder / "two")
    for name in names(folder / "one"):
        assert (folder / "one" / name).read_bytes() == (folder / "two" / name).read_bytes(), name


def test_the_folder_is_named_by_what_was_run(folder):
    """The same run goes to the same place, another value of a parameter to another."""
    places = [
        re.search(
            r"Results in (runs/small/[0-9a-f]{12})/", run("small.yaml", *words, cwd=folder, code=0).out
        )[1]
        for words in (["--no-report"], ["--no-report"], ["--no-report", "--set", "share=20%"])
    ]
    assert places[0] == places[1] != places[2]
    assert {str(path.relative_to(folder)) for path in (folder / "runs" / "small").iterdir()} == set(places)


def test_a_run_without_a_page_takes_an_old_page_away(folder):
    """Figures of one run beside the page of another would be read as one."""
    run("small.yaml", "--out", "out", cwd=folder, code=0)
    run("small.yaml", "--out", "out", "--no-report", "--set", "share=20%", cwd=folder, code=0)
    assert names(folder / "out") == FILES


def test_paths_are_those_of_the_strategy_not_of_the_caller(folder):
    (folder / "elsewhere").mkdir()
    said = run("../small.yaml", "--no-report", cwd=folder / "elsewhere", code=0)
    assert "AAA: 5 bars of 1d" in said.out
    assert (folder / "elsewhere" / "runs").is_dir()


def test_why_nothing_was_traded(edited):
    """bars x rules = not ready + false + gated + skipped + refused + sent, counted by hand.

    Five bars, three rules. `never`: the average of 4 is known from the fourth bar, false on both others.
    `gated`: true on all five bars; the first is a change and gated, four are no change. `poor`: true on the
    fourth and fifth bar (9 and 10 are below 10.5), two refusals, because every bar asks again.
    """
    rules = (
        '  - {name: never, when: "close > 2 * sma(close, 4)", enter: long, size: {percent_of_equity: $share}}\n'
        "  - {name: gated, when: close > 1, only_if: close > 100, note: x}\n"
        "  - {name: poor, when: close < 10.5, every_bar: true, buy: 1000000}\n"
    )
    folder = edited(("  - {name: in,", rules + "  - {name: in,"))
    text = (folder / "small.yaml").read_text(encoding="utf-8").splitlines()
    (folder / "small.yaml").write_text(
        "\n".join(line for line in text if "name: in," not in line and "name: out," not in line) + "\n"
    )
    said = run("small.yaml", "--out", "out", "--no-report", "--set", "bars=1", cwd=folder, code=0)
    equation = re.search(
        r"bars x rules (\d+) = not ready (\d+) \+ false (\d+) \+ gated (\d+) \+ skipped (\d+) \+ refused (\d+) \+ sent (\d+)",
        said.out,
    )
    total, *parts = map(int, equation.groups())
    assert total == sum(parts) == 15
    table = {
        line.split()[0]: [int(cell) for cell in line.split()[1:]]
        for line in said.out.splitlines()
        if line.split()[:1] in (["never"], ["gated"], ["poor"]) and len(line.split()) == 8
    }
    assert table["never"] == [5, 3, 2, 0, 0, 0, 0]
    assert table["gated"] == [5, 0, 4, 1, 0, 0, 0]
    tallies = json.loads((folder / "out" / "results.json").read_text())["tallies"]
    assert sum(tallies["poor"]["AAA"].values()) == 5
    assert tallies["poor"]["AAA"]["false"] == 2  # 11 and 12


def busy(folder, rules=400):
    """A strategy whose run takes seconds: many rules over the embedded data."""
    lines = [
        f"  - {{name: r{i}, when: close > {i}.5, only_if: close > 1000000, note: x}}" for i in range(rules)
    ]
    text = "\n".join(
        [
            "version: 1",
            "name: busy",
            "universe: {symbols: [AAPL, IBM, MSFT]}",
            "data: {source: embedded, resolution: 1d}",
            "rules:",
            *lines,
            "backtest: {start: 2001-01-02, end: 2013-03-01}",
            "",
        ]
    )
    (folder / "busy.yaml").write_text(text, encoding="utf-8")


def test_a_stopped_run_leaves_nothing(folder):
    busy(folder)
    said = interrupted(
        "busy.yaml", "--driver", "loop", "--out", "out", cwd=folder, when=lambda lines: "MSFT:" in lines[-1]
    )
    assert said.code == 130
    assert said.err.strip() == "stopped: no results were written"
    assert not (folder / "out").exists()


@pytest.mark.skipif(not compiler.installed(), reason="needs the extra `fast`")
def test_a_stopped_compilation(folder):
    """The compiler calls back into Python and would swallow the usual exception, with a traceback."""
    said = interrupted(
        "small.yaml", "--driver", "kernel", "--out", "out", cwd=folder, after=3.0,
        when=lambda lines: "compiling the kernel" in lines[-1], RUN_CACHE=str(folder / "cache"),
    )  # fmt: skip
    assert (said.code, said.err.strip()) == (130, "stopped: no results were written")
    assert not (folder / "out").exists()


def test_a_reader_that_leaves(folder):
    """`run ... | head -5`: no complaint, and the results are there all the same."""
    process = subprocess.Popen(
        [*COMMAND, "small.yaml", "--no-report", "--out", "out"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder,
        env=environment(PYTHONUNBUFFERED="1"),
    )  # fmt: skip
    for _ in range(3):
        process.stdout.readline()
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()
    said = Said(process.wait(), "", errors)
    clean(said, folder)
    assert (said.code, said.err) in ((141, ""), (0, ""))  # 0 when it had written all before the reader left
    assert names(folder / "out") == FILES


def test_nobody_reads(folder):
    """The pipe is closed before the first word."""
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [*COMMAND, "validate", "small.yaml"],
        stdout=writing, stderr=subprocess.PIPE, text=True, check=False, cwd=folder, env=environment(),
    )  # fmt: skip
    os.close(writing)
    clean(Said(done.returncode, "", done.stderr), folder)
    assert (done.returncode, done.stderr) == (141, "")


def test_progress_at_a_terminal(folder):
    """A bar that moves and is wiped before the summary; none in a pipe."""
    busy(folder, 60)
    words = ("busy.yaml", "--driver", "loop", "--out", "out", "--no-report")
    said = terminal(*words, cwd=folder)
    assert said.code == 0
    shares = [int(share) for share in re.findall(r"(\d+) %\r", said.out.replace("\r\n", "\n"))]
    shown = re.findall(r"\r[# ]{25} +(\d+) %", said.out)
    assert len(shown) >= 2, said.out[:500]
    assert [int(share) for share in shown] == sorted(int(share) for share in shown), shares
    assert said.out.index("\r" + " " * 40 + "\r") < said.out.index("busy: 2001-01-02")
    piped = run(*words, cwd=folder, code=0)
    assert "\r" not in piped.out


def test_validate_stopped(folder):
    """Ctrl-C while it waits for the standard input."""
    process = subprocess.Popen(
        [*COMMAND, "validate", "small.yaml", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, cwd=folder, env=environment(PYTHONUNBUFFERED="1"),
    )  # fmt: skip
    assert process.stdout.readline() == "small.yaml: valid\n"
    process.send_signal(signal.SIGINT)
    out, errors = process.communicate(timeout=60)
    clean(Said(process.returncode, out, errors), folder)
    assert (process.returncode, errors.strip()) == (130, "stopped")
