"""`constants`: numbers of this system (later than 0.31)."""

from __future__ import annotations

from fibshim.core.ops import op
from fibshim.core.runtime import Runtime

OWN = {"F_OK": 0, "R_OK": 4, "W_OK": 2, "X_OK": 1, "S_IFMT": 0o170000}


@op()
def numbers(rt: Runtime, names: list[str]) -> dict[str, int]:
    """The numbers that this system has for the names."""
    import errno
    import os
    import signal
    import stat

    found: dict[str, int] = {}
    for name in names:
        if name in OWN:
            found[name] = OWN[name]
            continue
        for source in (errno, signal, os, stat):
            value = getattr(source, name, None)
            if isinstance(value, int):
                found[name] = int(value)
                break
    return found
