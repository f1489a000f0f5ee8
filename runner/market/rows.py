"""Tables whose rows are declared once and live twice.

A class of annotated fields becomes a slotted object (the loop keeps a list of them: fast in plain
Python) and a NumPy record type (the kernel keeps an array of them: fast when compiled). Code written as
`rows[i].field = value` runs on both.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterable
from typing import Any, TypeVar, dataclass_transform, get_type_hints

import numpy as np

T = TypeVar("T")
_NUMPY = {int: "<i8", float: "<f8", bool: "?"}


@dataclass_transform(kw_only_default=True)
def row(cls: type[T]) -> type[T]:
    """Give a class of annotated `int`, `float` and `bool` fields slots, defaults and a `dtype`."""
    hints = {name: kind for name, kind in get_type_hints(cls).items() if name != "dtype"}
    defaults = {name: getattr(cls, name, kind(0)) for name, kind in hints.items()}

    def initialize(self: Any, **values: Any) -> None:
        for name, default in defaults.items():
            setattr(self, name, values.pop(name, default))
        if values:
            raise TypeError(f"{cls.__name__} has no field {', '.join(values)}")

    def written(self: Any) -> str:
        return f"{cls.__name__}({', '.join(f'{n}={getattr(self, n)!r}' for n in hints)})"

    body = {
        "__slots__": tuple(hints),
        "__init__": initialize,
        "__repr__": written,
        "__doc__": cls.__doc__,
        "__module__": cls.__module__,
        "__qualname__": cls.__qualname__,
        "__annotations__": hints,
        "dtype": np.dtype([(name, _NUMPY[kind]) for name, kind in hints.items()]),
        "defaults": defaults,
        "frozen": namedtuple(cls.__name__, hints),
    }
    return type(cls.__name__, (), body)


def objects(cls: type[T], count: int) -> list[T]:
    """`count` rows as slotted objects, every field at its default."""
    return [cls() for _ in range(count)]


def array(cls: type[T], rows: Iterable[T]) -> np.ndarray:
    """The rows as one NumPy record array."""
    names = cls.dtype.names  # type: ignore[attr-defined]
    return np.array([tuple(getattr(r, n) for n in names) for r in rows], dtype=cls.dtype)  # type: ignore[attr-defined]


def blank(cls: type[T], count: int) -> np.ndarray:
    """`count` rows as a NumPy record array, every field at its default."""
    out = np.zeros(count, dtype=cls.dtype)  # type: ignore[attr-defined]
    for name, value in cls.defaults.items():  # type: ignore[attr-defined]
        out[name] = value
    return out


def at(rows: Any, i: int) -> Any:
    """Row `i` with its fields as attributes, of a list or of a record array (for readers in plain Python)."""
    return rows.view(np.recarray)[i] if isinstance(rows, np.ndarray) else rows[i]


def frozen(cls: type[T], rows: np.ndarray) -> list[T]:
    """Rows of a record array as tuples with named fields: quick to make, for rows that are only read."""
    make = cls.frozen._make  # type: ignore[attr-defined]
    return [make(values) for values in rows.tolist()]


def fields_of(row: Any) -> list[Any]:
    """The values of a row's fields, in order."""
    return [getattr(row, name) for name in row.dtype.names]


def with_fields(cls: type[T], values: list[Any]) -> T:
    """A row from the values of its fields."""
    return cls(**dict(zip(cls.dtype.names, values, strict=True)))  # type: ignore[attr-defined]
