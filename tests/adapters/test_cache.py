"""The cache: same columns back, safe with two writers, never in the way."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from runner.adapters import cache

TYPES = {"time": "<i8", "price": "<f8"}
COLUMNS = {"time": np.array([1, 2, 3]), "price": np.array([0.1, np.nan, -0.0])}


def test_columns_come_back_bit_for_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUN_CACHE", str(tmp_path / "new" / "folder"))
    assert cache.load("a", TYPES) is None
    cache.store("a", COLUMNS, TYPES)
    found = cache.load("a", TYPES)
    assert found is not None
    assert found["time"].tolist() == [1, 2, 3]
    assert found["price"].tobytes() == COLUMNS["price"].tobytes()
    assert not found["price"].flags.writeable


def test_parsed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUN_CACHE", str(tmp_path))
    calls = []

    def parse() -> cache.Columns:
        calls.append(1)
        return dict(COLUMNS)

    first, second = cache.remember("b", TYPES, parse), cache.remember("b", TYPES, parse)
    assert len(calls) == 1
    assert first["price"].tobytes() == second["price"].tobytes()


@pytest.mark.parametrize("damage", [b"", b"\x93NUMPY", b"\x93NUMPY\x01\x00v\x00{'descr'", b"x" * 500])
def test_a_damaged_entry_is_a_miss(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: bytes) -> None:
    monkeypatch.setenv("RUN_CACHE", str(tmp_path))
    cache.store("c", COLUMNS, TYPES)
    (tmp_path / "c.npy").write_bytes(damage)
    assert cache.load("c", TYPES) is None
    assert cache.remember("c", TYPES, lambda: dict(COLUMNS))["time"].tolist() == [1, 2, 3]
    assert cache.load("c", TYPES) is not None  # written again


def test_a_cut_entry_is_a_miss(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUN_CACHE", str(tmp_path))
    cache.store("d", COLUMNS, TYPES)
    whole = (tmp_path / "d.npy").read_bytes()
    (tmp_path / "d.npy").write_bytes(whole[:-8])
    assert cache.load("d", TYPES) is None


@pytest.mark.parametrize("place", ["off", "file"])
def test_without_a_writable_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("RUN_CACHE", "off" if place == "off" else str(tmp_path / "file"))
    assert cache.remember("e", TYPES, lambda: dict(COLUMNS))["time"].tolist() == [1, 2, 3]
    assert cache.load("e", TYPES) is None


def test_two_processes_write_at_once(tmp_path: Path) -> None:
    code = (
        "import numpy as np; from runner.adapters import cache\n"
        "t = {'x': '<i8'}\n"
        "for i in range(200):\n"
        "    cache.store(f'k{i % 5}', {'x': np.arange(20000)}, t)\n"
        "    found = cache.load(f'k{i % 5}', t)\n"
        "    assert found is not None and found['x'][-1] == 19999, found\n"
    )
    root = Path(__file__).parents[2]
    environment = {"RUN_CACHE": str(tmp_path), "PYTHONPATH": str(root), "PATH": ""}
    running = [subprocess.Popen([sys.executable, "-c", code], cwd=root, env=environment) for _ in range(2)]
    assert [process.wait(60) for process in running] == [0, 0]
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"k{i}.npy" for i in range(5)]
