"""Ops of `members.js`: signatures, and the table of native objects."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from fibshim.core.errors import FibError
from fibshim.core.ops import op

if TYPE_CHECKING:
    from fibshim.core.runtime import Runtime

API = os.path.join(os.path.dirname(os.path.abspath(__file__)), "api")


@op()
def signature(rt: Runtime, name: str) -> str:
    """The signature file of a module or class, as JSON."""
    try:
        with open(f"{API}/{name}.json", encoding="utf-8") as file:
            return file.read()
    except OSError:
        raise FibError(100020) from None


@op()
def drop(rt: Runtime, number: int) -> None:
    """A native object was closed, or its JavaScript object collected."""
    rt.drop(number)
