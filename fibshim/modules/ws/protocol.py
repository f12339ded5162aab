"""WebSocket frames and messages, free of I/O (RFC 6455, RFC 7692, spec chapter "ws").

Rules

1. Nothing here reads, writes, waits or logs.  Bytes go in, events and bytes come out.
2. On the wire the RFCs win; what a script sees (codes, reasons) follows the chapter.  Both sides of
   every ending are written down once, in the table of `Ending` constants below.
3. The first Close or violation ends the input.  It is the *last* event of its batch and nothing is
   answered by itself: the caller first hands over the messages in front of it, then asks `reply()`
   for the Close frame to write.  So a message is never overtaken by what came after it.
4. Work and memory are linear in the bytes received plus the bytes decoded, whatever the peer
   does: no allocation before the data is there, no repeated joins, no loop over bytes.
5. At most one Close frame leaves a connection, and no data frame after it.

Theory of operation

`Protocol.receive()` is one loop over the bytes at hand.  The common frame (whole, not fragmented,
not compressed, short, nothing in progress) is handled in the loop itself, with two header bytes
compared and two slices taken; `_text`/`_binary` hold the first bytes that qualify, and are -1
while they do not (inside a fragmented message, after the own Close, after the end), so all of
these conditions are one comparison.  Every other frame goes through `_frame()`, which checks
the header in full.

A data frame need not be complete: its payload is taken as it comes (`_need` bytes are missing),
unmasked, inflated and checked piece by piece, so that faults are found in the middle of a frame
and a large message is copied once, into a bytearray that grows by reallocation.  Control frames
and headers, at most 130 bytes, are held back until they are whole.  Hence two states between calls:

    _need > 0        inside the payload of a data frame, nothing held
    _data non-empty  an incomplete header or control frame, or (`pending`) frames beyond `limit`

Sending is the reverse and has no state but the compressor and the fact that Close was sent.

`MessageReader` and `encode_message` are the lenient codec of `ws.Message` (chapter, section 4),
which shares the masking, the inflater and the header with the strict one and nothing else.
"""

from __future__ import annotations

import sys
import zlib
from codecs import utf_8_decode
from importlib import import_module
from importlib.machinery import ExtensionFileLoader, PathFinder
from os import register_at_fork, urandom

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Buffer = bytes | bytearray | memoryview
    # (TEXT, str, compressed), (BINARY, bytes or bytearray, compressed), (PONG, frame, False),
    # (CLOSE, Ending, False)
    Event = tuple[int, Any, bool]
    # One buffer, or header and payload to be written one after the other.
    Frame = bytes | tuple[bytes, Buffer]

__all__ = [
    "BINARY",
    "CLOSE",
    "CONTINUE",
    "PING",
    "PONG",
    "TEXT",
    "Deflate",
    "Ending",
    "MessageError",
    "MessageReader",
    "Protocol",
    "apply_mask",
    "encode_message",
]

CONTINUE = 0
TEXT = 1
BINARY = 2
CLOSE = 8
PING = 9
PONG = 10

# Largest message accepted unless the script says otherwise, in bytes (chapter, 2.1).
MAX_PAYLOAD = 64 << 20

# What one call of receive() may take: a frame counts 1, and 1 more for each 16 KB it decodes to.
# It bounds what a read buffer full of tiny or of highly compressed messages can occupy at once.
LIMIT = 1024
_COST_SHIFT = 14

# A payload of more bytes than this is neither copied behind its header nor sliced out of its
# buffer; below it one copy is cheaper than a second object.
COPY_LIMIT = 4096

# Compression as fibjs does it (chapter, 3.12).  Measured with 1 KB of JSON-like text and context
# takeover: level 6: 49 us, 403 bytes; level 3: 25 us, 433 bytes; level 1: 18 us, 461 bytes.
# memLevel 9 is slower (its tables leave the cache), 5 is no faster and compresses less.
DEFLATE_LEVEL = 6
DEFLATE_MEM_LEVEL = 8

# What a sync flush ends with; left out on the wire (RFC 7692, 7.2.1).
_TAIL = b"\x00\x00\xff\xff"


# --- masking ------------------------------------------------------------------------------------


def _load_apply_mask() -> Callable[[Buffer, Buffer], bytes]:
    """Find the C function of `websockets` without running that package's `__init__`.

    The package imports importlib.metadata and with it a good part of the standard library (50 ms);
    the extension module alone takes 1 ms.
    """
    name = "websockets.speedups"
    module: Any = sys.modules.get(name)
    if module is None:
        package = PathFinder.find_spec("websockets")
        places = package.submodule_search_locations if package else None
        spec = PathFinder.find_spec(name, places) if places else None
        if spec is not None and isinstance(spec.loader, ExtensionFileLoader):
            try:
                module = spec.loader.create_module(spec)
                spec.loader.exec_module(module)
            except ImportError:
                module = None
    mask: Any = getattr(module, "apply_mask", None)
    if mask is None or mask(b"\0\0\0\0\0", b"abcd") != b"abcda":
        mask = import_module("websockets.frames").apply_mask
    return mask  # type: ignore[no-any-return]


apply_mask = _load_apply_mask()

# Fresh masking keys.  list.pop is atomic, so runtimes in several threads never share a key; a
# forked child must not repeat its parent's.
_keys: list[bytes] = []
register_at_fork(after_in_child=_keys.clear)


def _fresh_key() -> bytes:
    """A masking key nobody can predict (RFC 6455, 5.3), never zero (chapter, 4.2)."""
    try:
        return _keys.pop()
    except IndexError:
        pool = urandom(2048)
        _keys.extend(k for i in range(0, 2048, 4) if (k := pool[i : i + 4]) != b"\0\0\0\0")
        return _keys.pop()


# --- endings ------------------------------------------------------------------------------------


class Ending:
    """How a connection ended, for the wire and for the script.

    failed: the connection is failed (RFC 6455, 7.1.7): after the reply half-close and drain.
        False after the peer's valid Close, where a server closes at once.
    wire_code, wire_reason: the Close frame to send; code 0 is an empty Close, -1 is none at all.
    error_code, error_reason: the script's `error` event; code 0 means that there is none.
    close_code, close_reason: the script's `close` event; 0 and "" mean an absent property.
    """

    __slots__ = (
        "close_code",
        "close_reason",
        "error_code",
        "error_reason",
        "failed",
        "wire_code",
        "wire_reason",
    )

    def __init__(
        self,
        failed: bool,
        wire_code: int,
        wire_reason: str,
        error_code: int,
        error_reason: str = "",
        close_code: int = 1006,
        close_reason: str = "Abnormal Closure",
    ) -> None:
        self.failed = failed
        self.wire_code = wire_code
        self.wire_reason = wire_reason
        self.error_code = error_code
        self.error_reason = error_reason
        self.close_code = close_code
        self.close_reason = close_reason

    def __repr__(self) -> str:
        return "Ending(" + ", ".join(f"{n}={getattr(self, n)!r}" for n in self.__slots__) + ")"


_PE = "Protocol error"

# Violations: Close code and text on the wire, `error` code and reason (chapter, 5.3 and 3.10).
RESERVED_BITS = Ending(True, 1002, "RSV2 or RSV3 set", 1007)
NOT_COMPRESSED = Ending(True, 1002, "RSV1 set without permessage-deflate", 1002, _PE)
MISPLACED_RSV1 = Ending(True, 1002, "RSV1 set on a frame that starts no message", 1002, _PE)
RESERVED_OPCODE = Ending(True, 1002, "reserved opcode", 1002, _PE)
NOTHING_TO_CONTINUE = Ending(True, 1002, "continuation without a message", 1002, _PE)
UNFINISHED = Ending(True, 1002, "new message inside a fragmented one", 1007)
FRAGMENTED_CONTROL = Ending(True, 1002, "fragmented control frame", 1002, _PE)
LONG_CONTROL = Ending(True, 1002, "control frame longer than 125 bytes", 1002, _PE)
NOT_MASKED = Ending(True, 1002, "frame not masked", 1007)
MASKED = Ending(True, 1002, "frame masked", 1007)
BAD_LENGTH = Ending(True, 1002, "invalid frame length", 1002, _PE)
TOO_BIG = Ending(True, 1009, "message too big", 1009)
BAD_TEXT = Ending(True, 1007, "invalid UTF-8", 1007)
BAD_DEFLATE = Ending(True, 1007, "invalid deflate data", 1007)
SHORT_CLOSE = Ending(True, 1002, "invalid Close payload", 0, "", 0, "")
BAD_CLOSE_CODE = Ending(True, 1002, "invalid close code", 1002, _PE)
BAD_CLOSE_REASON = Ending(True, 1007, "invalid UTF-8 in close reason", 1007)

# Ends without a Close frame of the peer (chapter, 3.10).  LOST is also the write error, GONE also
# a read error and a stream closed by the script itself.
LOST = Ending(True, -1, "", 1001)
GONE = Ending(True, -1, "", 1001, "Going Away")
TORN_HEADER = Ending(True, -1, "", 1007)


def _closed_by_peer(payload: bytes) -> Ending:
    """What a Close frame means (RFC 6455, 5.5.1 and 7.4; chapter, 3.10 and 5.4)."""
    if not payload:
        return Ending(False, 0, "", 0, "", 0, "")
    if len(payload) == 1:
        return SHORT_CLOSE
    code = payload[0] << 8 | payload[1]
    # 1012 to 1014 were registered after the RFC.  1004, 1005, 1006 and 1015 never travel.
    if not (1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999):
        return BAD_CLOSE_CODE
    try:
        reason = payload[2:].decode()
    except UnicodeDecodeError:
        return BAD_CLOSE_REASON
    if code == 1000 or code >= 3000:
        return Ending(False, code, reason, 0, "", code, reason)
    return Ending(False, code, reason, 1002, _PE)


# --- text ---------------------------------------------------------------------------------------


def _well_formed(text: str) -> bytes:
    """UTF-8 of a str with lone surrogates, each as U+FFFD (chapter, 5.3)."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()


def _check_utf8(cut: bytes, piece: Buffer) -> bytes:
    """Check the next piece of a text; return the start of a character that it ends with.

    cut: what the previous call returned, b"" at the beginning of the text.
    Raises UnicodeDecodeError as soon as no continuation could make the text valid.
    """
    data = bytes(piece)
    if cut:
        data = cut + data
    elif data.isascii():
        return b""
    used = utf_8_decode(data, "strict", False)[1]
    cut = data[used:]
    # The one case the decoder is late: a surrogate is seen at its third byte only.
    if len(cut) == 2 and cut[0] == 0xED and cut[1] >= 0xA0:
        raise UnicodeDecodeError("utf-8", data, used, used + 2, "surrogate")
    return cut


# --- permessage-deflate -------------------------------------------------------------------------


class Deflate:
    """The negotiated parameters of permessage-deflate (RFC 7692, 7.1), seen from one side.

    window_bits: LZ77 window of the own compressor, 8 to 15.
    reset_own: the own compressor starts afresh for each message (own no_context_takeover).
    reset_peer: the peer's does.
    """

    __slots__ = ("reset_own", "reset_peer", "window_bits")

    def __init__(
        self, window_bits: int = 15, reset_own: bool = False, reset_peer: bool = False
    ) -> None:
        self.window_bits = window_bits
        self.reset_own = reset_own
        self.reset_peer = reset_peer

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Deflate):
            return NotImplemented
        return (self.window_bits, self.reset_own, self.reset_peer) == (
            other.window_bits,
            other.reset_own,
            other.reset_peer,
        )

    def __repr__(self) -> str:
        return f"Deflate({self.window_bits}, {self.reset_own}, {self.reset_peer})"


class _TooBig(Exception):
    """More decompressed bytes than allowed."""


# After a BFINAL block the rest is fed in slices of this many bytes: zlib returns a copy of what
# lies behind each such block, and a payload made of nothing but two-byte final blocks would be
# copied over and over (half a million times for 1 MB).
_FINAL_STEP = 512


class _Inflater:
    """One direction's decompressor, with its whole window of 32 KB whatever was negotiated.

    reset: start afresh for each message.
    """

    __slots__ = ("_compact", "_ended", "_reset", "_seen", "_z")

    def __init__(self, reset: bool) -> None:
        self._z: zlib._Decompress | None = None
        self._reset = reset
        self._seen = 0  # bytes of history in the window of _z
        self._compact = b""  # that history, deflated, while _z is None
        self._ended = False  # the bytes so far end exactly behind a BFINAL block

    def inflate(self, data: Buffer, room: int, last: bool) -> bytes:
        """Decompress the next piece of a message.

        data: bytes as they came in; room: how many may come out; last: the message ends here.
        Raises _TooBig as soon as more than `room` would come out, zlib.error for corrupt data.
        """
        if last:
            if self._ended and not data:
                # The tail would be taken for the start of a stored block, 5 bytes long.
                self._ended = False
                return b""
            data = b"".join((data, _TAIL))
        self._ended = False
        z = self._z
        if z is None:
            z = self._z = zlib.decompressobj(-15)
            if self._compact:
                z.decompress(self._compact)
                self._compact = b""
        # One more than allowed, since 0 would mean no limit.  If less than that comes out, all the
        # input has been used and zlib holds nothing back.
        out = z.decompress(data, room + 1)
        if z.eof and len(out) <= room:
            out += self._after_final(z.unused_data, room - len(out), last)
        else:
            self._seen = min(self._seen + len(out), 32768)
        if len(out) > room:
            raise _TooBig
        if last and self._reset:
            self._z = None
        return out

    def _after_final(self, data: bytes, room: int, last: bool) -> bytes:
        """Go on behind a block marked as final (RFC 7692, 7.2.3.4), which ends a zlib stream.

        The history is not carried over: a peer that ends its streams has none to refer to.
        """
        view = memoryview(data)
        size = len(data)
        pos = 0
        pieces = []
        z = None
        while pos < size and room >= 0:
            if z is None:
                if last and size - pos == 4 and view[pos:] == _TAIL:
                    break  # only our own tail is left
                z = zlib.decompressobj(-15)
                self._seen = 0
            step = view[pos : pos + _FINAL_STEP]
            out = z.decompress(step, room + 1)
            pieces.append(out)
            room -= len(out)
            pos += len(step)
            self._seen = min(self._seen + len(out), 32768)
            if z.eof:
                pos -= len(z.unused_data)
                z = None
        self._z = z
        self._ended = z is None and not last
        return b"".join(pieces)

    def shrink(self) -> None:
        """Free the decompressor (40 KB).  Call it between messages only.

        With context takeover the next message may refer to the last 32 KB of the previous ones,
        so these are kept, deflated; a window less than full takes accordingly less.  zlib has no
        call in Python to read the window: a block of back references over its whole length, fed to
        a copy, makes it write it out.
        """
        if self._z is None:
            return
        if not self._reset and self._seen:
            seen = self._seen
            try:
                window = self._z.copy().decompress(_recall(seen), seen)
            except zlib.error:
                window = b""
            if len(window) != seen:  # the peer stopped inside a block; leave it all as it is
                return
            c = zlib.compressobj(1, zlib.DEFLATED, -15, 8)
            self._compact = c.compress(window) + c.flush(zlib.Z_SYNC_FLUSH)
        self._z = None


def _recall(distance: int) -> bytes:
    """A deflate block that repeats what was written `distance` bytes ago, at least once over.

    Fixed Huffman codes, matches of length 258 only (RFC 1951, 3.2.5 and 3.2.6).
    """
    d = distance - 1
    extra_bits = max(d.bit_length() - 2, 0)
    code = d if d < 4 else 2 * extra_bits + (d >> extra_bits)
    extra = d & ((1 << extra_bits) - 1)
    # Codes are packed from their most significant bit on, everything else from the least.
    match = 0b10100011 | int(f"{code:05b}"[::-1], 2) << 8 | extra << 13
    width = 13 + extra_bits
    bits = 0b010  # not final, fixed codes
    count = 3
    for _ in range(0, distance, 258):
        bits |= match << count
        count += width
    return bits.to_bytes((count + 7) // 8, "little")


# --- sending ------------------------------------------------------------------------------------

# The buffer of connections that are in no message; it stays empty.
_NOTHING = bytearray()

# Headers of short messages to a client.
_TEXT_HEADS = tuple(bytes((0x80 | TEXT, n)) for n in range(126))
_BINARY_HEADS = tuple(bytes((0x80 | BINARY, n)) for n in range(126))


def _header(first: int, length: int, mask_bit: int) -> bytes:
    """A frame header without masking key, as short as possible (RFC 6455, 5.2)."""
    if length < 126:
        return bytes((first, mask_bit | length))
    if length < 65536:
        return bytes((first, mask_bit | 126, length >> 8, length & 255))
    return bytes((first, mask_bit | 127)) + length.to_bytes(8, "big")


# --- a connection -------------------------------------------------------------------------------


def _compressor(bits: int) -> zlib._Compress:
    if bits == 8:
        # zlib silently takes 9 instead; without back references any window is large enough.
        return zlib.compressobj(
            DEFLATE_LEVEL, zlib.DEFLATED, -9, DEFLATE_MEM_LEVEL, zlib.Z_HUFFMAN_ONLY
        )
    return zlib.compressobj(DEFLATE_LEVEL, zlib.DEFLATED, -bits, DEFLATE_MEM_LEVEL)


class Protocol:
    """The protocol of one connection after the handshake.

    server: this side is the server (peer masks, we do not).
    max_payload: largest accepted message in bytes, announced and inflated; negative: nothing passes.
    deflate: what was negotiated, None without compression.

    Attributes to read:
    ending: the Ending that stopped the input, or None.  receive() returns nothing more then.
    pending: receive() stopped at its limit; call it again (without data) before reading more.
    close_sent: the own Close frame has been made.
    """

    __slots__ = (
        "_binary",
        "_buffer",
        "_compressed",
        "_compressor",
        "_cost",
        "_cut",
        "_data",
        "_deflate",
        "_fin",
        "_flip",
        "_head",
        "_inflater",
        "_mask",
        "_most",
        "_need",
        "_opcode",
        "_plain",
        "_pos",
        "_quick",
        "_resume",
        "_text",
        "_total",
        "close_sent",
        "ending",
        "max_payload",
        "pending",
    )

    def __init__(
        self, server: bool, max_payload: int = MAX_PAYLOAD, deflate: Deflate | None = None
    ) -> None:
        self.max_payload = max_payload
        self.ending: Ending | None = None
        self.pending = False
        self.close_sent = False
        self._deflate = deflate
        self._compressor: zlib._Compress | None = None
        self._inflater: _Inflater | None = None
        self._flip = 0x80 if server else 0  # mask bit of the peer's frames
        self._head = 6 if server else 2  # length of the peer's short headers
        self._most = min(max_payload, COPY_LIMIT)  # longest payload taken in the loop
        self._quick = min(self._most, 125) if server else -1  # longest taken by single()
        self._plain = server and deflate is None  # sending: neither mask nor compress, not closed
        # First byte of a whole message; -1 while such a frame needs a closer look.
        self._text = 0x80 | TEXT
        self._binary = 0x80 | BINARY
        # Between calls: see the top of the file.  _resume is true if there is either.
        self._resume = False
        self._data = b""
        self._pos = 0
        # The current data frame.
        self._need = 0
        self._mask = b""
        self._fin = False
        # The message in progress; _opcode is 0 if there is none.
        self._opcode = 0
        self._compressed = False
        self._total = 0  # bytes announced so far
        self._buffer = _NOTHING
        self._cut = b""  # start of a character at the end of _buffer
        self._cost = 0  # of the last frame, beyond 1

    # --- receiving

    def single(self, data: bytes) -> str | None:
        """What nearly every read of a server is: one short text and nothing else.

        Returns that text, or None for anything else: give it to receive() then.
        """
        size = len(data) - 6
        if (
            0 <= size <= self._quick
            and data[0] == self._text
            and data[1] == 0x80 | size
            and not self._resume
        ):
            try:
                return apply_mask(data[6:], data[2:6]).decode()
            except UnicodeDecodeError:
                pass
        return None

    def receive(self, data: Buffer = b"", limit: int = LIMIT) -> list[Event]:
        """Take bytes from the peer and return what they mean, in order.

        data: the next bytes, may be cut anywhere.  The buffer is free for reuse afterwards.  Short
            reads are fastest as bytes, long ones (over 4 KB) as a memoryview.
        limit: stop after about so many frames (1 or more); a frame counts 1 and another 1 for each
            16 KB it decodes to.  1 gives at most one message.  See `pending`; feeding more while
            it is true is correct, but copies what is held.

        Returns a list of tuples:
            (TEXT, str, compressed)
            (BINARY, bytes or bytearray, compressed)    the caller's own
            (PONG, frame, False)      write these bytes; in order with the messages around it
            (CLOSE, Ending, False)    always last; write reply() once the others are done with

        After the own Close messages are discarded, and only the peer's Close or a violation is
        reported.
        """
        events: list[Event] = []
        pos = 0
        if self._resume or type(data) is not bytes:
            data, pos, limit = self._take(data, limit, events)
        size = len(data)
        last = size - 2  # where the two bytes every frame has fit
        text = self._text
        binary = self._binary
        flip = self._flip
        head = self._head
        most = self._most
        while pos <= last and limit > 0:
            limit -= 1
            first = data[pos]
            if first in (text, binary):
                length = data[pos + 1] ^ flip
                start = pos + head
                if length < 126:
                    end = start + length
                elif length == 126 and start + 2 <= size:
                    length = data[pos + 2] << 8 | data[pos + 3]
                    start += 2
                    end = start + length
                else:  # 64 bits, wrong masking, or an incomplete header
                    end = size + 1
                if end <= size and length <= most:
                    payload = data[start:end]
                    if flip:
                        payload = apply_mask(payload, data[start - 4 : start])
                    if first == text:
                        try:
                            events.append((1, payload.decode(), False))
                        except UnicodeDecodeError:
                            self._fail(BAD_TEXT, events)
                            return events
                    else:
                        events.append((2, payload, False))
                    pos = end
                    continue
            end = self._frame(data, pos, size, events)
            if end < 0:
                self._hold(data, pos, False)
                return events
            pos = end
            limit -= self._cost
            text = self._text
            binary = self._binary
        if pos < size:
            self._hold(data, pos, limit <= 0)
        return events

    def _hold(self, data: bytes, pos: int, pending: bool) -> None:
        """Keep data[pos:] for the next call."""
        if not pending:  # a few bytes of a large buffer
            data = data[pos:]
            pos = 0
        self._data = data
        self._pos = pos
        self._resume = True
        self.pending = pending

    def _take(self, data: Buffer, limit: int, events: list[Event]) -> tuple[bytes, int, int]:
        """The less common beginnings of receive(): returns bytes, position and limit to go on with.

        Puts held bytes in front, feeds the frame in progress, and takes large frames right from
        the caller's buffer so that they are not copied twice.
        """
        if self.ending is not None:
            return b"", 0, 0
        self.pending = False
        self._resume = False
        if self._data:
            held, pos = self._data, self._pos
            self._data = b""
            self._pos = 0
            if len(data):
                return b"".join((memoryview(held)[pos:], data)), 0, limit
            return held, pos, limit
        size = len(data)
        pos = 0
        if self._need:
            pos = min(self._need, size)
            if pos:
                self._payload(memoryview(data)[:pos], events)
                limit -= 1 + self._cost
            if self.ending is not None:
                return b"", 0, 0
            self._resume = self._need > 0
        if isinstance(data, bytes):
            return data, pos, limit
        view = memoryview(data)
        while size - pos > COPY_LIMIT and limit > 0:
            length = view[pos + 1] & 127
            if length < 126 or (length == 126 and view[pos + 2] << 8 < COPY_LIMIT):
                break
            pos = self._frame(view, pos, size, events)
            limit -= 1 + self._cost
        return bytes(view[pos:]), 0, limit

    def _frame(self, data: bytes | memoryview, pos: int, size: int, events: list[Event]) -> int:
        """Take the frame at data[pos:size], at least two bytes, with all checks.

        Returns the position behind what was taken: the end of the frame or, if only a part of its
        payload is there, the end of the data, as also after a violation; -1 with nothing taken if
        the header, or a control frame, is incomplete.  Sets _cost.
        """
        self._cost = 0
        first = data[pos]
        second = data[pos + 1]
        opcode = first & 15
        start = pos + 2
        length = second & 127
        fault = None
        if first & 0x30:
            fault = RESERVED_BITS
        elif opcode > 7:
            if opcode > 10:
                fault = RESERVED_OPCODE
            elif first & 0x40:
                fault = MISPLACED_RSV1
            elif first < 0x80:
                fault = FRAGMENTED_CONTROL
            elif length > 125:
                fault = LONG_CONTROL
        elif opcode > 2:
            fault = RESERVED_OPCODE
        elif first & 0x40 and self._deflate is None:
            fault = NOT_COMPRESSED
        elif opcode == 0:
            if self._opcode == 0:
                fault = NOTHING_TO_CONTINUE
            elif first & 0x40:
                fault = MISPLACED_RSV1
        elif self._opcode:
            fault = UNFINISHED
        if fault is None and (second ^ self._flip) & 0x80:
            fault = NOT_MASKED if self._flip else MASKED
        if fault is not None:
            return self._refuse(fault, events, size)

        if length == 126:
            if size < start + 2:
                return -1
            length = data[start] << 8 | data[start + 1]
            start += 2
        elif length == 127:
            if size < start + 8:
                return -1
            length = int.from_bytes(data[start : start + 8], "big")
            start += 8
            if length >> 63:
                return self._refuse(BAD_LENGTH, events, size)
        # The sum counts over the fragments of a message; control frames stand alone.
        total = length if opcode else self._total + length
        if total > self.max_payload and (opcode > 7 or not self.close_sent):
            return self._refuse(TOO_BIG, events, size)
        mask = b""
        if self._flip:
            if size < start + 4:
                return -1
            mask = bytes(data[start : start + 4])
            start += 4
        end = start + length

        if opcode > 7:
            if end > size:
                return -1
            if opcode != PONG:  # an unsolicited pong is legal and means nothing
                payload = bytes(data[start:end])
                self._control(opcode, apply_mask(payload, mask) if mask else payload, events)
                if self.ending is not None:
                    return size
            return end

        if opcode:
            compressed = first & 0x40 != 0
            if first >= 0x80 and end <= size and not self.close_sent:
                # A whole message: no need to collect it.
                whole: Buffer = data if length <= COPY_LIMIT else memoryview(data)
                whole = whole[start:end]
                if mask:
                    whole = apply_mask(whole, mask)
                elif type(whole) is not bytes:
                    whole = bytes(whole)
                try:
                    if compressed:
                        whole = self._inflate(whole, self.max_payload, True)
                    events.append(
                        (TEXT, str(whole, "utf-8"), compressed)
                        if opcode == TEXT
                        else (BINARY, whole, compressed)
                    )
                except (UnicodeDecodeError, zlib.error, _TooBig) as e:
                    return self._refuse(_fault(e), events, size)
                self._cost = len(whole) >> _COST_SHIFT
                return end
            self._opcode = opcode
            self._buffer = bytearray()
            self._compressed = compressed
            self._text = self._binary = -1
        self._total = total
        self._fin = first >= 0x80
        self._mask = mask
        self._need = length
        end = min(end, size)
        self._payload(memoryview(data)[start:end], events)
        self._resume = self._need > 0 or self.ending is not None
        return size if self.ending is not None else end

    def _payload(self, view: memoryview, events: list[Event]) -> None:
        """Take a piece of the current frame's payload, and finish frame and message if it ends."""
        length = len(view)
        self._need -= length
        self._cost = length >> _COST_SHIFT
        last = self._need == 0 and self._fin
        if not self.close_sent:
            piece: Buffer = view
            if self._flip and length:
                mask = self._mask
                piece = apply_mask(view, mask)
                turn = length & 3
                if turn:
                    self._mask = mask[turn:] + mask[:turn]
            try:
                if self._compressed and (length or last):
                    piece = self._inflate(piece, self.max_payload - len(self._buffer), last)
                    self._cost = len(piece) >> _COST_SHIFT
                if self._opcode == TEXT:
                    self._cut = _check_utf8(self._cut, piece)
                self._buffer += piece
                if last:
                    if self._cut:
                        self._fail(BAD_TEXT, events)
                        return
                    events.append(
                        (TEXT, self._buffer.decode(), self._compressed)
                        if self._opcode == TEXT
                        else (BINARY, self._buffer, self._compressed)
                    )
            except (UnicodeDecodeError, zlib.error, _TooBig) as e:
                self._fail(_fault(e), events)
                return
        if last:
            self._opcode = 0
            self._total = 0
            self._buffer = _NOTHING
            if not self.close_sent:
                self._text = 0x80 | TEXT
                self._binary = 0x80 | BINARY

    def _inflate(self, data: Buffer, room: int, last: bool) -> bytes:
        inflater = self._inflater
        if inflater is None:
            assert self._deflate is not None
            inflater = self._inflater = _Inflater(self._deflate.reset_peer)
        return inflater.inflate(data, room, last)

    def _control(self, opcode: int, payload: bytes, events: list[Event]) -> None:
        if opcode == PING:
            # Also after the own Close: only a received Close ends this duty (RFC 6455, 5.5.2).
            events.append((PONG, self._small(0x80 | PONG, payload), False))
        else:
            self._fail(_closed_by_peer(payload), events)

    def _fail(self, ending: Ending, events: list[Event]) -> None:
        """Stop the input here, for good.  The compressor stays: earlier messages are answered yet."""
        self.ending = ending
        events.append((CLOSE, ending, False))
        self._stop()

    def _refuse(self, ending: Ending, events: list[Event], size: int) -> int:
        self._fail(ending, events)
        return size

    def _stop(self) -> None:
        self.pending = False
        self._text = self._binary = -1
        self._resume = True
        self._need = 0
        self._data = self._cut = b""
        self._pos = 0
        self._buffer = _NOTHING
        self._inflater = None

    def eof(self) -> Ending | None:
        """The peer's byte stream has ended, orderly or not.

        Call it when nothing is `pending`.  Returns what the script is to see (chapter, 3.10), None
        if the connection had already ended in some other way, the own Close included.
        """
        if self.ending is not None:
            return None
        held = self._data
        if self._need:
            ending = GONE
        elif len(held) < 2:
            ending = LOST
        else:
            length = held[1] & 127
            header = 2 + (0 if length < 126 else 2 if length == 126 else 8) + (held[1] >> 7) * 4
            ending = TORN_HEADER if len(held) < header else GONE
        self.ending = ending
        self._stop()
        return None if self.close_sent else ending

    def reply(self) -> bytes:
        """The Close frame that the `ending` asks for; b"" if none, or if one was sent before."""
        ending = self.ending
        if ending is None or ending.wire_code < 0:
            return b""
        return self.encode_close(ending.wire_code, ending.wire_reason)

    # --- sending

    def encode_text(self, text: str) -> Frame:
        """A TEXT message as one frame; lone surrogates become U+FFFD.

        Returns the bytes, or the pair (header, payload) if the payload is over 4 KB; b"" after the
        own Close.
        """
        try:
            payload = text.encode()
        except UnicodeEncodeError:
            payload = _well_formed(text)
        if self._plain and len(payload) < 126:
            return _TEXT_HEADS[len(payload)] + payload
        return self._encode(0x80 | TEXT, payload)

    def encode_binary(self, payload: Buffer) -> Frame:
        """A BINARY message as one frame; returns as encode_text.

        A payload over 4 KB may be part of the result as it is: do not change it until written.
        """
        if self._plain and len(payload) < 126:
            return _BINARY_HEADS[len(payload)] + payload
        return self._encode(0x80 | BINARY, payload)

    def _encode(self, first: int, payload: Buffer) -> Frame:
        if self.close_sent:
            return b""
        deflate = self._deflate
        if deflate is not None:
            first |= 0x40
            if len(payload):
                z = self._compressor
                if z is None:
                    z = _compressor(deflate.window_bits)
                    if not deflate.reset_own:
                        self._compressor = z
                start = z.compress(payload)
                payload = z.flush(zlib.Z_SYNC_FLUSH)[:-4]
                if start:
                    payload = start + payload
            else:
                # A second flush without input would yield nothing (RFC 7692, 7.2.3.6).
                payload = b"\x00"
        size = len(payload)
        if self._flip:
            header = _header(first, size, 0)
        else:
            key = _fresh_key()
            header = _header(first, size, 0x80) + key
            payload = apply_mask(payload, key)
        if size <= COPY_LIMIT:
            return header + payload
        return header, payload

    def _small(self, first: int, payload: bytes) -> bytes:
        """A frame with at most 125 bytes of payload."""
        if self._flip:
            return bytes((first, len(payload))) + payload
        key = _fresh_key()
        return bytes((first, 0x80 | len(payload))) + key + apply_mask(payload, key)

    def encode_ping(self, payload: bytes = b"") -> bytes:
        """A PING frame; payload of at most 125 bytes.  b"" after the own Close."""
        if len(payload) > 125:
            raise ValueError("control frame longer than 125 bytes")
        return b"" if self.close_sent else self._small(0x80 | PING, payload)

    def encode_pong(self, payload: bytes = b"") -> bytes:
        """An unsolicited PONG frame; as encode_ping.  Pings are answered by receive()."""
        if len(payload) > 125:
            raise ValueError("control frame longer than 125 bytes")
        return b"" if self.close_sent else self._small(0x80 | PONG, payload)

    def encode_close(self, code: int = 0, reason: str = "") -> bytes:
        """The own Close frame; b"" if it was made before.  Nothing can be sent after it.

        code: 0 for an empty payload (the reason is left out then).
        reason: cut to 123 bytes of UTF-8 at the end of a character (RFC 6455, 5.5).
        """
        if self.close_sent:
            return b""
        self.close_sent = True
        self._plain = False
        self._text = self._binary = -1
        self._compressor = None
        payload = b""
        if code:
            payload = _well_formed(reason)
            if len(payload) > 123:
                payload = payload[:123].decode("utf-8", "ignore").encode()
            payload = code.to_bytes(2, "big") + payload
        # From here on messages are discarded, also the one in progress.
        self._buffer = _NOTHING
        self._cut = b""
        self._inflater = None
        return self._small(0x80 | CLOSE, payload)

    def drop_idle_contexts(self) -> None:
        """Give back the memory of the deflate contexts (300 KB); they return when needed.

        Any time will do.  The compressor can always go: messages are compressed as a whole, and a
        fresh one refers to nothing older.  It only costs some ratio at first.  The decompressor
        can go if the peer starts afresh for each message; otherwise its history is kept in
        compressed form, see _Inflater.shrink.
        """
        self._compressor = None
        if self._inflater is not None and not (self._opcode and self._compressed):
            self._inflater.shrink()


def _fault(error: Exception) -> Ending:
    if isinstance(error, UnicodeDecodeError):
        return BAD_TEXT
    return TOO_BIG if isinstance(error, _TooBig) else BAD_DEFLATE


# --- the codec of ws.Message ----------------------------------------------------------------------


class MessageError(Exception):
    """A message that `ws.Message` cannot read: `number` and `message` for the script's Error."""

    def __init__(self, number: int, message: str) -> None:
        super().__init__(message)
        self.number = number
        self.message = message


def _unprocessed() -> MessageError:
    return MessageError(100023, "WebSocketMessage: payload processing failed.")


def encode_message(payload: Buffer, opcode: int, masked: bool, compress: bool) -> bytes:
    """One frame as `ws.Message.sendTo` writes it (chapter, 4.2).

    opcode: only the low 4 bits are sent.  compress: with a fresh compressor, whatever the opcode.
    """
    first = 0x80 | opcode & 15
    if compress:
        first |= 0x40
        if len(payload):
            z = zlib.compressobj(DEFLATE_LEVEL, zlib.DEFLATED, -15, DEFLATE_MEM_LEVEL)
            payload = b"".join((z.compress(payload), z.flush(zlib.Z_SYNC_FLUSH)[:-4]))
        else:
            payload = b"\x00"
    if masked:
        key = _fresh_key()
        return b"".join((_header(first, len(payload), 0x80), key, apply_mask(payload, key)))
    return _header(first, len(payload), 0) + payload


class MessageReader:
    """Reads one message as `ws.Message.readFrom` does (chapter, 4.3).

    max_size: limit in bytes, announced and inflated.

    Feed it `need` bytes (or some of them) until `need` is 0, then take `result`:
    (type, payload, masked, compressed).  It never asks for bytes behind the message.
    """

    __slots__ = (
        "_compressed",
        "_fin",
        "_head",
        "_inside",
        "_key",
        "_masked",
        "_max_size",
        "_payload",
        "_total",
        "_type",
        "need",
        "result",
    )

    def __init__(self, max_size: int = MAX_PAYLOAD) -> None:
        self.need = 2
        self.result: tuple[int, bytes | bytearray, bool, bool] | None = None
        self._max_size = max_size
        self._inside = False  # inside a payload, not a header
        self._head = b""
        self._payload = bytearray()
        self._total = 0
        self._type = -1  # no frame yet
        self._masked = False
        self._compressed = False
        self._fin = False
        self._key = b""

    def feed(self, data: Buffer) -> None:
        """Take 1 to `need` bytes.  Raises MessageError; the reader is of no use after that."""
        size = len(data)
        if not 0 < size <= self.need:
            raise ValueError(f"between 1 and {self.need} bytes expected")
        self.need -= size
        if self._inside:
            if self._masked:
                key = self._key
                data = apply_mask(data, key)
                turn = size & 3
                self._key = key[turn:] + key[:turn]
            self._payload += data
        else:
            self._head += data
        # Each step may be followed by one that needs no bytes: no extended header, no payload.
        if not self.need and not self._inside:
            if len(self._head) == 2:
                self._start_frame()
            if not self.need:
                self._start_payload()
        if not self.need and self._inside:
            self._end_frame()

    def eof(self) -> None:
        """The stream ended.  Raises MessageError unless the message is complete."""
        if self.result is None:
            raise _unprocessed()

    def _start_frame(self) -> None:
        first, second = self._head
        if first & 0x70 in (0x10, 0x20, 0x30):
            raise MessageError(100023, "WebSocketMessage: non-zero RSV values.")
        opcode = first & 15
        masked = second >= 0x80
        if self._type < 0:
            self._type = opcode
            self._masked = masked
            self._compressed = first & 0x40 != 0
        elif opcode != CONTINUE or masked != self._masked:
            raise _unprocessed()
        self._fin = first >= 0x80
        length = second & 127
        self.need = (0 if length < 126 else 2 if length == 126 else 8) + (4 if masked else 0)

    def _start_payload(self) -> None:
        head = self._head
        self._head = b""
        end = len(head)
        if self._masked:
            end -= 4
            self._key = head[end:]
        length = head[1] & 127 if end == 2 else int.from_bytes(head[2:end], "big")
        self._total += length
        if self._total > self._max_size:
            raise MessageError(100023, "WebSocketMessage: Message Too Big.")
        self.need = length
        self._inside = True

    def _end_frame(self) -> None:
        self._inside = False
        if not self._fin:
            self.need = 2
            return
        payload: bytes | bytearray = self._payload
        if self._compressed:
            try:
                payload = _Inflater(True).inflate(payload, self._max_size, True)
            except _TooBig:
                raise MessageError(100013, "[-100013] Memory overflow error.") from None
            except zlib.error:
                raise _unprocessed() from None
        self.result = (self._type, payload, self._masked, self._compressed)
