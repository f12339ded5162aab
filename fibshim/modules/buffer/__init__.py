"""`buffer`: conversions between text and bytes (spec/buffer-and-encoding.md §1.3 and §2).

UTF-8 has raw ops, since nearly every message crosses here.  Everything that is not built in goes through Python's codecs, which take
the place of the platform's iconv.
"""

from __future__ import annotations

import codecs
from array import array
from typing import TYPE_CHECKING, Any

from fibshim.core.errors import FibError
from fibshim.core.ops import op
from fibshim.engine.engine import TAKE_BYTES, TAKE_RETRY, WINDOW

if TYPE_CHECKING:
    from fibshim.core.runtime import Runtime

NAMES = {
    "gb2312": "gbk",
    "ucs2": "utf-16-le",
    "ucs-2": "utf-16-le",
    "ucs-2le": "utf-16-le",
    "ucs-2be": "utf-16-be",
    "ucs4": "utf-32-be",
    "ucs-4": "utf-32-be",
    "ucs-4le": "utf-32-le",
    "ucs-4be": "utf-32-be",
    "binary": "",
}
"""iconv's names that Python does not have, and names of Python's that iconv does not have."""

FOREIGN = {
    "charmap",
    "idna",
    "mbcs",
    "oem",
    "punycode",
    "raw-unicode-escape",
    "undefined",
    "unicode-escape",
    "utf-8-sig",
}
"""Codecs of Python's that are no character sets."""

_found: dict[str, codecs.CodecInfo | None] = {}
_masked = bytes(i & 0x7F for i in range(256))


def charset(name: str) -> codecs.CodecInfo:
    """The codec of a character set.

    :raises FibError: `encoding: Unknown charset.`
    """
    if name not in _found:
        found: codecs.CodecInfo | None
        try:
            found = codecs.lookup(NAMES.get(name.lower(), name))
        except (LookupError, ValueError):
            found = None
        # Python's binary and text transforms (hex, base64, zlib, rot13) are codecs too.
        if found is not None and (
            found.name in FOREIGN or not getattr(found, "_is_text_encoding", True)
        ):
            found = None
        if len(_found) > 1000:
            _found.clear()
        _found[name] = found
    codec = _found[name]
    if codec is None:
        raise FibError(100023, "encoding: Unknown charset.")
    return codec


@op(raw=True)
def utf8_decode(rt: Any, data: bytes) -> Any:
    """Well-formed UTF-8 as text; None for anything else."""
    engine = rt.engine
    size: Any = data
    try:
        return str(engine.window[:size] if size >= 0 else engine.data(size, 0), "utf-8")
    except UnicodeDecodeError:
        return None


@op(raw=True)
def utf8_encode(rt: Any, text: str, *length: int) -> Any:
    """Text as UTF-8, lone surrogates kept: the number of bytes in the window, or the bytes."""
    engine = rt.engine
    value = engine.text(text, length[0], 0)
    if value is None:
        return engine.special(TAKE_RETRY)
    data = value.encode("utf-8", "surrogatepass")
    size = len(data)
    if size <= WINDOW:
        engine.window[:size] = data
        return size
    engine.put_bytes(0, data)
    return engine.special(TAKE_BYTES)


@op()
def encode(rt: Runtime, text: str, name: str) -> bytes:
    """Text in a character set."""
    codec = charset(name)
    errors = "surrogatepass" if codec.name in ("utf-16-le", "utf-32-le") else "strict"
    try:
        return codec.encode(text, errors)[0]
    except UnicodeError:
        raise FibError(100023, "encoding: convert error.") from None


@op()
def decode(rt: Runtime, data: bytes, name: str) -> str:
    """Bytes of a character set as text."""
    try:
        return charset(name).decode(data, "strict")[0]
    except UnicodeError:
        raise FibError(100023, "encoding: convert error.") from None


@op()
def is_charset(rt: Runtime, name: str) -> bool:
    """Whether a character set is known."""
    try:
        charset(name)
    except FibError:
        return False
    return True


@op()
def latin1_decode(rt: Runtime, data: bytes) -> str:
    """One character per byte."""
    return data.decode("latin-1")


@op()
def ascii_decode(rt: Runtime, data: bytes) -> str:
    """Each byte without its highest bit."""
    return data.translate(_masked).decode("ascii")


@op()
def utf16_decode(rt: Runtime, data: bytes) -> str:
    """UTF-16LE code units; an odd last byte is ignored."""
    return data[: len(data) & ~1].decode("utf-16-le", "surrogatepass")


@op()
def utf32_decode(rt: Runtime, data: bytes) -> str:
    """UTF-32LE; what is left over is ignored, values above U+10FFFF become units as §1.3 says."""
    data = data[: len(data) & ~3]
    try:
        return data.decode("utf-32-le", "surrogatepass")
    except UnicodeDecodeError:
        units = array("H")
        for (value,) in _words(data):
            if value < 0x10000:
                units.append(value)
            else:
                value -= 0x10000
                units.append(((value >> 10) | 0xD800) & 0xFFFF)
                units.append((value & 0x3FF) | 0xDC00)
        return units.tobytes().decode("utf-16-le", "surrogatepass")


def _words(data: bytes) -> Any:
    import struct

    return struct.iter_unpack("<I", data)


@op()
def base32_encode(rt: Runtime, data: bytes) -> str:
    """Lower-case base32 with padding."""
    from base64 import b32encode

    return b32encode(data).decode().lower()
