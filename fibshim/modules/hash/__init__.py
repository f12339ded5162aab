"""`hash`: digests and HMACs, by hashlib (spec/crypto-db-xml.md §2)."""

from __future__ import annotations

import hashlib
from functools import partial
from typing import TYPE_CHECKING, Any

from fibshim.core.errors import FibError
from fibshim.core.ops import op

if TYPE_CHECKING:
    from fibshim.core.runtime import Runtime

NAMES = [
    "",
    "md2",
    "md4",
    "md5",
    "sha1",
    "sha224",
    "sha256",
    "sha384",
    "sha512",
    "ripemd160",
    "sm3",
]
"""hashlib's names by the numbers that scripts use."""


def new(number: int, data: bytes = b"") -> Any:
    """A digest in progress.

    :raises FibError: if the OpenSSL of this Python does not have the algorithm.
    """
    name = NAMES[int(number)]
    if name in ("md2", "md4"):
        from fibshim.modules.hash import legacy

        return (legacy.Md2 if name == "md2" else legacy.Md4)(data)
    try:
        return hashlib.new(name, data, usedforsecurity=False)
    except ValueError:
        raise FibError(
            100023, f"hash.{name} is not supported by the OpenSSL of this Python."
        ) from None


def new_hmac(number: int, key: bytes, data: bytes = b"") -> Any:
    """An HMAC in progress."""
    import hmac

    new(number)
    if NAMES[int(number)] in ("md2", "md4"):
        return hmac.new(key, data, partial(new, number))
    return hmac.new(key, data, NAMES[int(number)])


@op()
def digest(rt: Runtime, number: int, data: bytes) -> bytes:
    """A digest at once."""
    return bytes(new(number, data).digest())


@op()
def hmac(rt: Runtime, number: int, key: bytes, data: bytes) -> bytes:
    """An HMAC at once."""
    return bytes(new_hmac(number, key, data).digest())


@op()
def begin(rt: Runtime, number: int, data: bytes) -> int:
    """Begin a digest; its handle."""
    return rt.hold(new(number, data))


@op()
def begin_hmac(rt: Runtime, number: int, key: bytes, data: bytes) -> int:
    """Begin an HMAC; its handle."""
    return rt.hold(new_hmac(number, key, data))


@op()
def update(rt: Runtime, handle: int, data: bytes) -> None:
    """Add data."""
    rt.handles[handle].update(data)


@op()
def finish(rt: Runtime, handle: int) -> bytes:
    """The digest; the handle is gone."""
    return bytes(rt.handles.pop(handle).digest())
