"""`uuid` (spec/buffer-and-encoding.md §10)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from fibshim.core.errors import FibError
from fibshim.core.ops import op

if TYPE_CHECKING:
    import uuid

    from fibshim.core.runtime import Runtime


def _namespace(number: int) -> uuid.UUID:
    import uuid

    if not 0 <= number <= 3:
        raise FibError(100004)
    return (uuid.NAMESPACE_DNS, uuid.NAMESPACE_URL, uuid.NAMESPACE_OID, uuid.NAMESPACE_X500)[number]


@op()
def node(rt: Runtime) -> bytes:
    """Version 1: time and host."""
    import uuid

    return uuid.uuid1().bytes


@op()
def random(rt: Runtime) -> bytes:
    """Version 4."""
    import uuid

    return uuid.uuid4().bytes


def _named(space: int, name: str, version: int) -> bytes:
    import hashlib
    import uuid

    data = _namespace(space).bytes + name.split("\0", 1)[0].encode("utf-8", "surrogatepass")
    make = hashlib.md5 if version == 3 else hashlib.sha1
    digest = make(data, usedforsecurity=False).digest()
    return uuid.UUID(bytes=digest[:16], version=version).bytes


@op()
def md5(rt: Runtime, space: int, name: str) -> bytes:
    """Version 3."""
    return _named(space, name, 3)


@op()
def sha1(rt: Runtime, space: int, name: str) -> bytes:
    """Version 5."""
    return _named(space, name, 5)


@op()
def now(rt: Runtime) -> float:
    """Milliseconds since 1970."""
    return float(time.time_ns() // 1_000_000)
