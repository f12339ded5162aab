"""`base32` (spec/buffer-and-encoding.md §5.4)."""

from __future__ import annotations

from base64 import b32decode
from typing import TYPE_CHECKING

from fibshim.core.ops import op

if TYPE_CHECKING:
    from fibshim.core.runtime import Runtime

_DIGITS = bytes.maketrans(b"abcdefghijklmnopqrstuvwxyz019", b"ABCDEFGHIJKLMNOPQRSTUVWXYZOLG")
_SKIPPED = bytes(
    set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz012345679")
)


@op()
def decode(rt: Runtime, text: str) -> bytes:
    """Base32 of any case; `0`, `1` and `9` stand for letters, everything unknown and left-over bits are dropped."""
    digits = text.split("\0", 1)[0].encode("ascii", "ignore").translate(_DIGITS, _SKIPPED)
    # Groups of 1, 3 and 6 digits have one that begins a byte and does not end it.
    if len(digits) % 8 in (1, 3, 6):
        digits = digits[:-1]
    return b32decode(digits + b"=" * (-len(digits) % 8))
