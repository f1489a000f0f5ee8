"""Plain values as bytes and back, bit for bit: numbers with infinities and unknowns, texts, lists and tuples apart."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

_TUPLE = ""  # the key of a mapping that stands for a tuple: no mapping of ours has it


def packed(value: Any) -> bytes:
    """Bytes of a value made of None, bool, int, float, str, bytes, list, tuple and dict."""
    return msgspec.msgpack.encode(_marked(value))


def unpacked(content: bytes) -> Any:
    """The value of `packed`."""
    return _unmarked(msgspec.msgpack.decode(content))


def _marked(value: Any) -> Any:
    if isinstance(value, tuple):
        return {_TUPLE: [_marked(one) for one in value]}
    if isinstance(value, list):
        return [_marked(one) for one in value]
    if isinstance(value, dict):
        return {key: _marked(one) for key, one in value.items()}
    if isinstance(value, np.generic):
        return value.item()
    return value


def _unmarked(value: Any) -> Any:
    if isinstance(value, dict):
        if _TUPLE in value:
            return tuple(_unmarked(one) for one in value[_TUPLE])
        return {key: _unmarked(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_unmarked(one) for one in value]
    return value
