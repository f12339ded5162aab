"""What the events of a WebSocket queue: the bottom of a fiber's stack, so a call is over when its handler has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fibshim.engine.engine import WINDOW
from fibshim.modules.ws.limits import MESSAGE

if TYPE_CHECKING:
    from fibshim.modules.ws.connection import Connection


def text(conn: Connection, text: str) -> Any:
    """A TEXT message."""
    conn.load -= MESSAGE + len(text)
    conn.running += 1
    try:
        return conn.shared.entries["ws.text"](conn.index, text)
    finally:
        conn.running -= 1
        if conn.stops:
            conn.relax()


def compressed_text(conn: Connection, text: str) -> Any:
    """A TEXT message that arrived compressed."""
    conn.load -= MESSAGE + len(text)
    conn.running += 1
    try:
        return conn.shared.entries["ws.compressedText"](conn.index, text)
    finally:
        conn.running -= 1
        if conn.stops:
            conn.relax()


def binary(conn: Connection, data: bytes | bytearray, compressed: bool) -> Any:
    """A BINARY message."""
    size = len(data)
    conn.load -= MESSAGE + size
    conn.running += 1
    try:
        engine = conn.shared.rt.engine
        if size <= WINDOW:
            engine.window[:size] = data
        else:
            engine.put_bytes(0, data)
            size = -1
        return conn.shared.entries["ws.binary"](conn.index, size, compressed)
    finally:
        conn.running -= 1
        if conn.stops:
            conn.relax()


def ended(conn: Connection) -> bool:
    """The end of the input; what stood in front of it has begun."""
    conn.finish()
    return False
