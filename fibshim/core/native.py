"""Ops of `members.js`: signatures, and the table of native objects."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fibshim.core.errors import FibError
from fibshim.core.ops import op

if TYPE_CHECKING:
    from fibshim.core.runtime import Runtime

API = Path(__file__).parent / "api"


@op()
def signature(rt: Runtime, name: str) -> str:
    """The signature file of a module or class, as JSON."""
    try:
        return (API / f"{name}.json").read_text()
    except OSError:
        raise FibError(100020) from None


@op()
def drop(rt: Runtime, number: int) -> None:
    """A native object was closed, or its JavaScript object collected."""
    rt.drop(number)
