"""`vm`: realms, which are further contexts of the engine (spec/modules-and-vm.md §7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fibshim.core.ops import op
from fibshim.engine.native import value_of

if TYPE_CHECKING:
    from fibshim.core.runtime import Runtime


@op()
def make_realm(rt: Runtime) -> int:
    """Make a realm; its global object is in the slot.

    :returns: the handle that the loader compiles with.  Whoever holds it must hold a function of the realm as well.
    """
    return rt.hold(rt.engine.new_realm())


@op()
def compile_helpers(rt: Runtime, realm: int) -> bool:
    """Compile `helpers.js` in a realm; the value is in the slot."""
    from fibshim.core.runtime import read_source

    source = read_source("modules/vm/helpers.js").rstrip().removesuffix(b";")
    return rt.engine.compile(source, "fibshim:modules/vm/helpers.js", "(", ")", rt.handles[realm])


@op()
def is_proxy(rt: Runtime) -> bool:
    """Whether the value in the slot is a Proxy."""
    engine = rt.engine
    value = engine.c.JS_GetPropertyUint32(engine.cx, value_of(engine.share()[0]), 0)
    try:
        return bool(engine.c.JS_IsProxy(value))
    finally:
        engine.c.JS_FreeValue(engine.cx, value)
