"""`util`: the ops behind `compile`, `buildInfo` and `debuglog`.  Everything else is JavaScript."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from fibshim.core.ops import op

if TYPE_CHECKING:
    from fibshim.core.runtime import Runtime

COMPILE_ONLY = 1 << 5
"""`JS_EVAL_FLAG_COMPILE_ONLY`."""

KINDS = ["module", "main", "worker"]
"""What the modes of `compile` mean to the loader."""


@op()
def check(rt: Runtime, source: str) -> bool:
    """Parse a script as it is, outside of any function; the SyntaxError is in the slot if that fails."""
    from ctypes import byref

    from fibshim.core.loading import sources
    from fibshim.engine.native import TAG_EXCEPTION, EvalOptions

    engine = rt.engine
    if source.startswith("#!"):
        source = f"//{source[2:]}"
    code = source.encode("utf-8", "surrogatepass")
    value = engine.c.JS_Eval2(
        engine.cx, code + b"\0", len(code), byref(EvalOptions(1, COMPILE_ONLY, b"undefined", 1))
    )
    if value.tag != TAG_EXCEPTION:
        engine.c.JS_FreeValue(engine.cx, value)
        return True
    sources(rt)["undefined"] = source  # for the excerpt in the message
    engine.set_slot(0, engine.c.JS_GetException(engine.cx))
    return False


@op()
def checked(rt: Runtime) -> None:
    """The message of a failed `check` is made."""
    from fibshim.core.loading import sources

    sources(rt).pop("undefined", None)


@op()
def pack(rt: Runtime, name: str, source: str, mode: int) -> bytes:
    """The content of a `.jsc` file."""
    from fibshim.core.loading import pack as make

    return make(name, source, KINDS[mode])


@op()
def environment(rt: Runtime, name: str) -> str | None:
    """A variable of the process's environment."""
    return os.environ.get(name)


@op()
def pid(rt: Runtime) -> int:
    """The number of the process."""
    return os.getpid()


@op()
def build_info(rt: Runtime) -> dict[str, Any]:
    """What can be said of the build: versions of the libraries that do the work of the original's components."""
    import platform
    import pyexpat
    import sqlite3
    import ssl
    import time
    import zlib

    from fibshim import __file__ as package

    compiler = platform.python_compiler().split()
    return {
        "compiler": "clang" if compiler[:1] == ["Clang"] else "gcc",
        "compilerVersion": compiler[1] if len(compiler) > 1 else "",
        "date": time.strftime("%b %d %Y %H:%M:%S", time.localtime(os.stat(package).st_mtime)),
        "vender": {
            "expat": pyexpat.EXPAT_VERSION.removeprefix("expat_"),
            "openssl": ssl.OPENSSL_VERSION.split()[1],
            "python": platform.python_version(),
            "quickjs": rt.engine.c.JS_GetVersion().decode(),
            "sqlite": sqlite3.sqlite_version,
            "zlib": zlib.ZLIB_RUNTIME_VERSION,
        },
    }
