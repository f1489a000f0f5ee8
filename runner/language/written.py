"""A document's data as YAML text again: what a run over a base shows, since no single file holds it."""

from __future__ import annotations

from typing import Any

import yaml

from runner.language.scalars import plain


class _Writer(yaml.SafeDumper):
    """Quotes every text that our reading of plain words would take for something else."""

    def ignore_aliases(self, data: Any) -> bool:
        """Shared parts are written out."""
        return True


def _text(writer: _Writer, value: str) -> yaml.ScalarNode:
    try:
        same = plain(value) == value
    except ValueError:
        same = False
    if "\n" in value:
        return writer.represent_scalar("tag:yaml.org,2002:str", value, style="|")
    return writer.represent_scalar("tag:yaml.org,2002:str", value, style=None if same else '"')


_Writer.add_representer(str, _text)


def document_text(data: dict[str, Any], about: str) -> str:
    """The data as a document that reads back to the same; `about` is its first line, a comment."""
    text = yaml.dump(
        data, Dumper=_Writer, sort_keys=False, allow_unicode=True, default_flow_style=None, width=100
    )
    return f"# {about}\n{text}"
