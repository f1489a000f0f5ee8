"""The world as one pointer, for the compiler.

Compiled, a tuple of forty tables is passed by value: three hundred numbers at every call, and a type whose name is a page
long. Handed by reference, each call passes one pointer, and the kernel compiles in a fraction of the time.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any


@functools.cache
def by_reference() -> Callable[[Any], Any]:
    """A function for compiled code: a tuple of tables -> a reference to it, with the same fields. The reference lives as
    long as the call that made it."""
    from numba.core import cgutils, types
    from numba.core.imputils import impl_ret_borrowed, lower_getattr_generic
    from numba.core.typing.templates import AttributeTemplate
    from numba.extending import infer_getattr, intrinsic, models, register_model

    class Reference(types.Type):
        """To one kind of tuple. Its name is short, because it is part of every compiled function's name."""

        def __init__(self, tables: Any) -> None:
            self.tables = tables
            super().__init__(name="World")

        @property
        def key(self) -> Any:
            return self.tables

    @register_model(Reference)
    class _Model(models.PrimitiveModel):
        def __init__(self, dmm: Any, fe_type: Any) -> None:
            super().__init__(dmm, fe_type, dmm.lookup(fe_type.tables).get_value_type().as_pointer())

    @infer_getattr
    class _Fields(AttributeTemplate):
        key = Reference

        def generic_resolve(self, reference: Any, name: str) -> Any:  # type: ignore[override]
            if name not in reference.tables.fields:
                return None
            return reference.tables.types[reference.tables.fields.index(name)]

    @lower_getattr_generic(Reference)
    def _field(context: Any, builder: Any, reference: Any, value: Any, name: str) -> Any:
        i = reference.tables.fields.index(name)
        found = builder.load(cgutils.gep_inbounds(builder, value, 0, i))
        return impl_ret_borrowed(context, builder, reference.tables.types[i], found)

    @intrinsic
    def refer(typing: Any, tables: Any) -> Any:
        def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return cgutils.alloca_once_value(builder, arguments[0])

        return Reference(tables)(tables), code

    found: Any = refer
    return found
