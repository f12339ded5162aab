"""`test`: what `fibshim test` wants to know; everything else is JavaScript."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from fibshim.core.ops import op

if TYPE_CHECKING:
    from fibshim.core.runtime import Runtime


@op()
def settings(rt: Runtime) -> dict[str, Any]:
    """What `fibshim test` asks for: ``grep``, empty for all cases, and whether to ``record`` them."""
    return {
        "grep": os.environ.get("FIBSHIM_TEST_GREP", ""),
        "record": "FIBSHIM_TEST_REPORT" in os.environ,
    }


@op()
def record(rt: Runtime, line: str) -> None:
    """Add what a case did to the report, one JSON object a line."""
    data = f"{line}\n".encode("utf-8", "replace")
    fd = os.open(os.environ["FIBSHIM_TEST_REPORT"], os.O_WRONLY | os.O_APPEND)
    try:
        os.write(fd, data)
    finally:
        os.close(fd)
