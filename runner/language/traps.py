"""What YAML eats in silence: `when: >5` is empty text, `tag: #1` is nothing, a comma in { } splits an expression."""

from __future__ import annotations

from runner.language.nodes import Complaint, Node


def mend(node: Node, lines: tuple[str, ...]) -> tuple[Node, list[Complaint]]:
    """The collection with its texts put together again where a comma split them, and the traps found in it."""
    flow = node.place.style in ("{", "[")
    if flow:
        return _rejoin(node)
    if node.kind != "mapping":
        return node, []
    found = [
        c
        for key, value in zip(node.value[::2], node.value[1::2], strict=True)
        for c in _eaten(key, value, lines)
    ]
    return node, found


def _eaten(key: Node, value: Node, lines: tuple[str, ...]) -> list[Complaint]:
    if key.kind != "scalar" or value.kind != "scalar" or value.value.strip() or value.tag:
        return []
    name = key.value[:40]
    if value.place.style in ("|", ">"):
        header = lines[value.place.line - 1][value.place.column - 1 :].strip()
        if header.strip("|>+-"):
            message = f"'{name}' is empty: YAML takes '{header}' for the start of a text block"
            return [Complaint(value.place, message, f'put it in quotes: "{header}"', value)]
        return []
    if not value.plain or value.value:
        return []
    rest = lines[key.place.end_line - 1][key.place.end_column - 1 :].lstrip().removeprefix(":").strip()
    if rest.startswith("#"):
        message = f"'{name}' is empty: YAML takes '{rest[:40]}' for a comment"
        column = lines[key.place.end_line - 1].rindex(rest) + 1
        place = key.place._replace(line=key.place.end_line, column=column)
        return [Complaint(place, message, f'put it in quotes: "{rest[:40]}"', value)]
    return []


def _open(node: Node) -> bool:
    return node.kind == "scalar" and node.plain and _depth(node.value) > 0


def _depth(text: str) -> int:
    return text.count("(") - text.count(")")


def _rejoin(node: Node) -> tuple[Node, list[Complaint]]:
    """In `{price: max(close, 5)}` the parser sees two entries; the pieces up to the closing bracket are one text."""
    pairs = node.kind == "mapping"
    items: list[Node] = node.value
    out: list[Node] = []
    found: list[Complaint] = []
    i = 0
    while i < len(items):
        item = items[i]
        i += 1
        out.append(item)
        if not _open(item) or (pairs and len(out) % 2):
            continue
        pieces, depth = [item.value], _depth(item.value)
        while i < len(items) and items[i].kind == "scalar" and depth > 0:
            if pairs and not (items[i + 1].kind == "scalar" and not items[i + 1].value):
                break
            pieces.append(items[i].value)
            depth += _depth(items[i].value)
            i += 2 if pairs else 1
        if len(pieces) > 1:
            text = ", ".join(pieces)
            out[-1] = item._replace(value=text)
            message = f"YAML cuts this text at the comma, after '{item.value}'"
            found.append(
                Complaint(item.place, message, f'put it in quotes: "{text if len(text) < 100 else "..."}"')
            )
    return node._replace(value=out), found
