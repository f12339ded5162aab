"""`tty` (spec/fibers-and-runtime.md §13)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from fibshim.core.errors import FibError
from fibshim.core.ops import op

if TYPE_CHECKING:
    from fibshim.core.runtime import Runtime


@op()
def isatty(rt: Runtime, fd: int) -> bool:
    """Whether a descriptor is a terminal.

    :raises FibError: 100009 for a negative descriptor.
    """
    if fd < 0:
        raise FibError(100009)
    try:
        return os.isatty(fd)
    except OSError:
        return False
