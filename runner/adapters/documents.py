"""Strategy files as bytes, and what to say when one cannot be read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from runner.language.parse import MOST_BYTES
from runner.language.problems import nearest

ENDINGS = (".yaml", ".yml")


class Unread(NamedTuple):
    """Why there is no content. `misnamed`: the name is wrong; else the file is there and the system refuses."""

    message: str
    cure: str
    misnamed: bool

    def text(self) -> str:
        """The fault, and the cure on a line of its own, as problems are shown."""
        return f"{self.message}\n    {self.cure}" if self.cure else self.message


def read(name: str) -> bytes | Unread:
    """Content of a file, up to one byte more than a strategy may have."""
    try:
        with open(name, "rb") as file:
            return file.read(MOST_BYTES + 1)
    except FileNotFoundError as fault:
        return Unread(f"{name}: cannot be read: {fault.strerror}", _beside(name), True)
    except IsADirectoryError:
        return Unread(f"{name}: is a folder, not a strategy", _inside(name), True)
    except OSError as fault:
        return Unread(f"{name}: cannot be read: {fault.strerror}", "", False)


def inside(folder: str) -> list[str]:
    """The YAML files of a folder and of the folders in it, in order of name."""
    return sorted(str(path) for path in Path(folder).rglob("*") if path.suffix in ENDINGS)


def _beside(name: str) -> str:
    """The cure for a name that no file has: the nearest of the same folder."""
    folder, wanted = os.path.split(name)
    try:
        there = sorted(entry for entry in os.listdir(folder or ".") if entry.endswith(ENDINGS))
    except OSError:
        return f"there is no folder {folder}"
    stems = {os.path.splitext(name)[0]: name for name in there}  # `.yaml` is alike in all of them
    near = nearest(os.path.splitext(wanted)[0], stems)
    return f"did you mean {os.path.join(folder, stems[near])}?" if near else ""


def _inside(folder: str) -> str:
    found = inside(folder)
    if not found:
        return "name a file: run FILE.yaml"
    return f"name one of its files, such as {found[0]}; 'run validate {folder}' checks all of them"
