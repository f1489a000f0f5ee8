"""Strategy files as bytes, and what to say when one cannot be read."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import NamedTuple

from runner.language.extends import Missing, extended
from runner.language.parse import MOST_BYTES
from runner.language.problems import nearest
from runner.language.source import Source, load
from runner.language.written import document_text

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


class Document(NamedTuple):
    """A strategy with its bases: what was read, its own bytes, and those of each base by its path from it."""

    source: Source
    content: bytes
    bases: dict[str, bytes]

    @property
    def text(self) -> str:
        """What a run shows of it: the file as written, or the whole when it is laid over a base."""
        if not self.bases:
            return self.content.decode("utf-8-sig")
        data = {key: value for key, value in self.source.data.items() if key != "extends"}
        return document_text(data, f"{Path(self.source.name).name} over {', '.join(self.bases)}")

    def hashes(self) -> dict[str, str]:
        """SHA-256 of each file by its path from the strategy's folder; the strategy's own has the empty name."""
        files = {"": self.content.decode("utf-8-sig").encode(), **self.bases}
        return {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}


def document(content: bytes, name: str) -> Document:
    """The document of `content`, over the bases that it extends; `name`: its path, as problems show it."""
    bases: dict[str, bytes] = {}

    def fetched(path: str) -> bytes | Missing:
        found = read(path)
        if isinstance(found, Unread):
            return Missing(found.message, found.cure)
        bases[os.path.relpath(path, os.path.dirname(name) or ".")] = found
        return found

    return Document(extended(load(content, name), fetched), content, bases)


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
