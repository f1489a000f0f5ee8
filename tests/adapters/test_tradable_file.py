"""Files of symbols that the account may or may not trade: what they may look like, faults, and whole runs."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from runner.adapters.coverage import DataFault
from runner.adapters.tradable_file import read_symbols
from tests.engine import tiny

BARS = "A@Mon 10:00 100 100 100 100; B@Mon 10:00 50 50 50 50; A@Mon 10:01 100 100 100 100; B@Mon 10:01 50 50 50 50"
BOTH = "[{name: r, when: close > 0, once_per: run, buy: 10 shares}]"
ONE = "[{name: r, symbols: [A], when: close > 0, once_per: run, buy: 10 shares}]"


@pytest.mark.parametrize(
    ("text", "symbols"),
    [
        ("SPY\nQQQ\n", ("SPY", "QQQ")),
        ("# funds of the US\n\nSPY\r\n  BRK.B  \nSPY\n", ("SPY", "BRK.B")),
        ("symbol,reason\nSPY,no key information document\nQQQ,\n", ("SPY", "QQQ")),
        ("Name,Symbol\nSPDR,SPY\n", ("SPY",)),
        ("symbol\nSPY\n", ("SPY",)),
        ("\ufeffSPY\n", ("SPY",)),
    ],
)
def test_forms(tmp_path: Path, text: str, symbols: tuple[str, ...]) -> None:
    path = tmp_path / "list.txt"
    path.write_text(text, encoding="utf-8")
    assert read_symbols(path) == (symbols, hashlib.sha256(path.read_bytes()).hexdigest())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "the file names no symbol; write one a line"),
        ("# none yet\n", "the file names no symbol; write one a line"),
        ("symbol,reason\n", "the file names no symbol; write one a line"),
        ("SPY\nspy\n", "line 2: 'spy' is no symbol; write capital letters, such as BRK.B"),
        (
            "ticker,reason\nSPY,x\n",
            "no column is called symbol; name it in the first line, or write one symbol a line",
        ),
        (
            "reason,symbol\nx,SPY\nonly a reason\n",
            "line 3: '' is no symbol; write capital letters, such as BRK.B",
        ),
    ],
)
def test_faults(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "list.csv"
    path.write_text(text)
    with pytest.raises(DataFault) as fault:
        read_symbols(path)
    assert str(fault.value).removeprefix(str(path)).lstrip(": ") == told


def test_a_missing_file_names_its_neighbour(tmp_path: Path) -> None:
    (tmp_path / "restricted.txt").write_text("SPY\n")
    with pytest.raises(DataFault, match=r"there is no such file.*restricted\.txt"):
        read_symbols(tmp_path / "restrictd.txt")


def test_a_run_obeys_the_file_and_the_manifest_has_its_hash(tmp_path: Path) -> None:
    path = tmp_path / "restricted.txt"
    path.write_text("B\n")
    run = tiny.run(ONE, BARS, tmp_path, more="brokerage: {tradable: {except: restricted.txt}}")
    assert tiny.sentences(run)[0] == "Mon 10:00 submitted #1 A +10"
    assert run.journal.header["manifest"]["data"]["restricted.txt"] == hashlib.sha256(b"B\n").hexdigest()


@pytest.mark.parametrize(("key", "text"), [("only", "A\n"), ("except", "symbol\nB\n")])
def test_a_rule_that_trades_what_is_barred_is_a_mistake(tmp_path: Path, key: str, text: str) -> None:
    (tmp_path / "list.txt").write_text(text)
    with pytest.raises(DataFault) as fault:
        tiny.run(BOTH, BARS, tmp_path, more=f"brokerage: {{tradable: {{{key}: list.txt}}}}")
    assert str(fault.value) == (
        "list.txt: rule 'r': the rule trades B, which brokerage.tradable does not allow; "
        "name the rule's symbols: symbols: [A]"
    )
