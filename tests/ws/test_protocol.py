"""The WebSocket protocol layer against frames built by hand.

Every case runs whole, byte by byte and with bytes after it.  Frames are made and taken apart by a
few lines of this file, not by the code under test.
"""

from __future__ import annotations

import sys
import tracemalloc
import zlib
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fibshim.modules.ws import protocol as m
from fibshim.modules.ws.protocol import (
    BINARY,
    CLOSE,
    CONTINUE,
    PING,
    PONG,
    TEXT,
    Deflate,
    Ending,
    MessageError,
    MessageReader,
    Protocol,
    encode_message,
)

KEY = b"\x37\xfa\x21\x3d"


def xor(data: bytes, key: bytes) -> bytes:
    return bytes(b ^ key[i & 3] for i, b in enumerate(data))


def frame(
    opcode: int,
    payload: bytes = b"",
    *,
    fin: bool = True,
    rsv: int = 0,
    masked: bool = True,
    form: int = 0,
    announce: int | None = None,
) -> bytes:
    """A frame; form 16 or 64 forces the longer length; announce lies about the length."""
    n = len(payload) if announce is None else announce
    mask = 0x80 if masked else 0
    head = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
    if form == 64 or (not form and n > 65535):
        head += bytes([mask | 127]) + n.to_bytes(8, "big")
    elif form == 16 or (not form and n > 125):
        head += bytes([mask | 126]) + n.to_bytes(2, "big")
    else:
        head += bytes([mask | n])
    return head + (KEY + xor(payload, KEY) if masked else payload)


def parse(data: bytes) -> list[tuple[int, bytes, int, bool]]:
    """Frames as (opcode, payload, rsv, masked); asserts FIN and the shortest length form."""
    frames = []
    while data:
        first, second = data[0], data[1]
        assert first & 0x80
        n, pos = second & 127, 2
        if n == 126:
            n, pos = int.from_bytes(data[2:4], "big"), 4
            assert n > 125
        elif n == 127:
            n, pos = int.from_bytes(data[2:10], "big"), 10
            assert n > 65535
        key = b""
        if second & 0x80:
            key = data[pos : pos + 4]
            pos += 4
        payload = data[pos : pos + n]
        assert len(payload) == n
        frames.append(
            (first & 15, xor(payload, key) if key else payload, first >> 4 & 7, bool(key))
        )
        data = data[pos + n :]
    return frames


def flat(out: Any) -> bytes:
    return out if isinstance(out, bytes) else b"".join(out)


def feed(p: Protocol, chunks: Iterable[Any], limit: int = m.LIMIT) -> list[Any]:
    """All events of the chunks, as a caller that resumes while anything is pending."""
    events = []
    for chunk in chunks:
        events += p.receive(chunk, limit)
        while p.pending:
            events += p.receive(b"", limit)
    return [(k, bytes(d) if k == BINARY else d, c) for k, d, c in events]


def whole(data: bytes) -> list[bytes]:
    return [data]


def octets(data: bytes) -> list[bytes]:
    return [data[i : i + 1] for i in range(len(data))]


def views(data: bytes) -> list[memoryview]:
    return [memoryview(bytearray(data))]


CUTS = pytest.mark.parametrize("cut", [whole, octets, views])
Cut = Callable[[bytes], list[Any]]


def ending(events: list[Any]) -> Ending:
    assert events and events[-1][0] == CLOSE, events
    assert all(e[0] != CLOSE for e in events[:-1])
    found: Ending = events[-1][1]
    return found


# --- endings: the tables of the chapter, 5.3 and 3.10 --------------------------------------------

PE = "Protocol error"
GOOD_CLOSE = frame(CLOSE, b"\x03\xe8")

# name: (input, wire code, error code, error reason, close code, close reason, position of the last
# byte needed to see it; None: the whole input).  Server side, permessage-deflate not negotiated.
VIOLATIONS: dict[str, tuple[bytes, int, int, str, int, str, int | None]] = {
    "rsv2": (frame(TEXT, b"x", rsv=2), 1002, 1007, "", 1006, "Abnormal Closure", 2),
    "rsv3": (frame(TEXT, b"x", rsv=1), 1002, 1007, "", 1006, "Abnormal Closure", 2),
    "rsv all": (frame(TEXT, b"x", rsv=7), 1002, 1007, "", 1006, "Abnormal Closure", 2),
    "rsv2 on ping": (frame(PING, b"x", rsv=2), 1002, 1007, "", 1006, "Abnormal Closure", 2),
    "rsv1 not negotiated": (frame(TEXT, b"x", rsv=4), 1002, 1002, PE, 1006, "Abnormal Closure", 2),
    "rsv1 on control": (frame(PING, b"x", rsv=4), 1002, 1002, PE, 1006, "Abnormal Closure", 2),
    "rsv1 on close": (frame(CLOSE, b"", rsv=4), 1002, 1002, PE, 1006, "Abnormal Closure", 2),
    **{
        f"opcode {op}": (frame(op, b"x"), 1002, 1002, PE, 1006, "Abnormal Closure", 2)
        for op in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)
    },
    "stray continuation": (frame(CONTINUE, b"x"), 1002, 1002, PE, 1006, "Abnormal Closure", 2),
    "second message inside the first": (
        frame(TEXT, b"x", fin=False) + frame(TEXT, b"y"),
        1002,
        1007,
        "",
        1006,
        "Abnormal Closure",
        9,
    ),
    "binary inside text": (
        frame(TEXT, b"", fin=False) + frame(BINARY, b"y"),
        1002,
        1007,
        "",
        1006,
        "Abnormal Closure",
        8,
    ),
    "continuation after the last fragment": (
        frame(TEXT, b"", fin=False) + frame(PONG) + frame(CONTINUE) + frame(CONTINUE),
        1002,
        1002,
        PE,
        1006,
        "Abnormal Closure",
        20,
    ),
    "fragmented ping": (frame(PING, b"x", fin=False), 1002, 1002, PE, 1006, "Abnormal Closure", 2),
    "fragmented close": (frame(CLOSE, fin=False), 1002, 1002, PE, 1006, "Abnormal Closure", 2),
    # a ping that would make us buffer and echo a megabyte
    "long ping": (frame(PING, announce=1 << 20), 1002, 1002, PE, 1006, "Abnormal Closure", 2),
    "ping of 126": (frame(PING, b"x" * 126), 1002, 1002, PE, 1006, "Abnormal Closure", 2),
    # short in fact, but control frames may not use the long form
    "ping in 16 bits": (frame(PING, b"x", form=16), 1002, 1002, PE, 1006, "Abnormal Closure", 2),
    "close of 126": (
        frame(CLOSE, b"\x03\xe8" + b"x" * 124),
        1002,
        1002,
        PE,
        1006,
        "Abnormal Closure",
        2,
    ),
    # unmasked input lets a script choose the bytes an intermediary sees (RFC 6455, 10.3)
    "not masked": (frame(TEXT, b"x", masked=False), 1002, 1007, "", 1006, "Abnormal Closure", 2),
    "not masked, empty": (frame(TEXT, masked=False), 1002, 1007, "", 1006, "Abnormal Closure", 2),
    "ping not masked": (frame(PING, masked=False), 1002, 1007, "", 1006, "Abnormal Closure", 2),
    "long, not masked": (
        frame(BINARY, b"x" * 126, masked=False),
        1002,
        1007,
        "",
        1006,
        "Abnormal Closure",
        2,
    ),
    "mask bit changes": (
        frame(TEXT, b"x", fin=False) + frame(CONTINUE, b"y", masked=False),
        1002,
        1007,
        "",
        1006,
        "Abnormal Closure",
        9,
    ),
    # negative as a signed number
    "length of 2**63": (
        frame(BINARY, announce=1 << 63, form=64),
        1002,
        1002,
        PE,
        1006,
        "Abnormal Closure",
        10,
    ),
    "length of 2**64-1": (
        frame(BINARY, announce=(1 << 64) - 1, form=64),
        1002,
        1002,
        PE,
        1006,
        "Abnormal Closure",
        10,
    ),
    # announces what nobody could hold; nothing may be allocated for it
    "length of 2**62": (
        frame(BINARY, announce=1 << 62, form=64),
        1009,
        1009,
        "",
        1006,
        "Abnormal Closure",
        10,
    ),
    "bad text": (frame(TEXT, b"a\xffb"), 1007, 1007, "", 1006, "Abnormal Closure", 8),
    "bad text, long": (
        frame(TEXT, b"\xff" + b"x" * 60000),
        1007,
        1007,
        "",
        1006,
        "Abnormal Closure",
        9,
    ),
    "text cut in a character": (
        frame(TEXT, b"\xe2\x82"),
        1007,
        1007,
        "",
        1006,
        "Abnormal Closure",
        None,
    ),
    "fragments cut in a character": (
        frame(TEXT, b"\xe2", fin=False) + frame(CONTINUE, b"\x82", fin=False) + frame(CONTINUE),
        1007,
        1007,
        "",
        1006,
        "Abnormal Closure",
        None,
    ),
    "bad text in the second fragment": (
        frame(TEXT, b"\xe2\x82", fin=False) + frame(CONTINUE, b"\x28 and more", fin=False),
        1007,
        1007,
        "",
        1006,
        "Abnormal Closure",
        15,
    ),
    "close of one byte": (frame(CLOSE, b"\x03"), 1002, 0, "", 0, "", None),
    **{
        f"close {code}": (
            frame(CLOSE, code.to_bytes(2, "big")),
            1002,
            1002,
            PE,
            1006,
            "Abnormal Closure",
            None,
        )
        for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535)
    },
    "close reason not UTF-8": (
        frame(CLOSE, b"\x03\xe8\xce\xba\xff"),
        1007,
        1007,
        "",
        1006,
        "Abnormal Closure",
        None,
    ),
    "close reason cut": (
        frame(CLOSE, b"\x03\xe8\xce"),
        1007,
        1007,
        "",
        1006,
        "Abnormal Closure",
        None,
    ),
}


def check_violation(p: Protocol, events: list[Any], row: tuple[Any, ...], masked: bool) -> None:
    _, wire, error, reason, close, close_reason, _ = row
    e = ending(events)
    assert (e.error_code, e.error_reason) == (error, reason)
    assert (e.close_code, e.close_reason) == (close, close_reason)
    assert e.failed and p.ending is e
    [(opcode, payload, rsv, is_masked)] = parse(p.reply())
    assert (opcode, rsv, is_masked) == (CLOSE, 0, masked)
    assert int.from_bytes(payload[:2], "big") == wire
    payload[2:].decode()
    assert p.close_sent
    # Exactly one Close frame, and nothing after it.
    assert p.reply() == p.encode_close(1000) == p.encode_text("x") == p.encode_ping() == b""
    assert p.receive(GOOD_CLOSE) == [] and not p.pending and p.eof() is None


@CUTS
@pytest.mark.parametrize("after", [b"", frame(TEXT, b"never") + frame(PING), b"\xff" * 9000])
@pytest.mark.parametrize("name", VIOLATIONS)
def test_violation_as_server(name: str, after: bytes, cut: Cut) -> None:
    row = VIOLATIONS[name]
    p = Protocol(True)
    data = row[0] + after
    if row[-1] is None or not after:
        check_violation(p, feed(p, cut(data[:9000])), row, False)
    else:
        check_violation(p, feed(p, cut(data)), row, False)


@pytest.mark.parametrize("name", [n for n, row in VIOLATIONS.items() if row[-1] is not None])
def test_violation_is_seen_at_once(name: str) -> None:
    row = VIOLATIONS[name]
    p = Protocol(True)
    position = row[-1]
    assert position is not None
    assert all(e[0] != CLOSE for e in feed(p, octets(row[0][: position - 1])))
    check_violation(p, p.receive(row[0][position - 1 : position]), row, False)


@CUTS
@pytest.mark.parametrize("name", VIOLATIONS)
def test_messages_before_a_violation_are_delivered(name: str, cut: Cut) -> None:
    row = VIOLATIONS[name]
    p = Protocol(True)
    before = frame(TEXT, b"first") + frame(PING, b"p") + frame(BINARY, b"y" * 300)
    events = feed(p, cut(before + row[0][:9000]))
    assert events[:3] == [
        (TEXT, "first", False),
        (PONG, b"\x8a\x01p", False),
        (BINARY, b"y" * 300, False),
    ]
    # The listeners' answers come before the Close.
    assert p.encode_text("answer") == b"\x81\x06answer"
    check_violation(p, events[3:], row, False)


@CUTS
@pytest.mark.parametrize("opcode", [TEXT, BINARY, CONTINUE, PING, CLOSE])
@pytest.mark.parametrize("size", [0, 1, 125])
def test_masked_frame_to_a_client(opcode: int, size: int, cut: Cut) -> None:
    p = Protocol(False)
    data = frame(TEXT, b"", fin=False, masked=False) if opcode == CONTINUE else b""
    e = ending(feed(p, cut(data + frame(opcode, b"x" * size))))
    assert (e.wire_code, e.error_code, e.error_reason) == (1002, 1007, "")
    assert parse(p.reply())[0][3]


@pytest.mark.parametrize("name", [n for n in VIOLATIONS if "mask" not in n])
def test_violation_as_client(name: str) -> None:
    row = VIOLATIONS[name]
    plain = b""
    data = row[0]
    while len(data) > 1:  # the same frames unmasked; they may be cut or lie about their length
        n, pos = data[1] & 127, 2
        if n > 125:
            pos = 4 if n == 126 else 10
            n = int.from_bytes(data[2:pos], "big")
        key = data[pos : pos + 4]
        plain += data[:1] + bytes([data[1] & 127]) + data[2:pos]
        plain += xor(data[pos + 4 : pos + 4 + n], key)
        data = data[pos + 4 + n :]
    for cut in (whole, octets, views):
        p = Protocol(False)
        check_violation(p, feed(p, cut(plain[:9000])), row, True)


@CUTS
def test_rsv1_out_of_place_with_compression(cut: Cut) -> None:
    for data in (
        frame(PING, b"", rsv=4),
        frame(TEXT, b"", fin=False) + frame(CONTINUE, b"\0", rsv=4),
        frame(TEXT, b"\0", fin=False, rsv=4) + frame(CONTINUE, b"\0", rsv=4),
        frame(CLOSE, b"", rsv=4),
    ):
        p = Protocol(True, deflate=Deflate())
        e = ending(feed(p, cut(data)))
        assert (e.wire_code, e.error_code) == (1002, 1002)


# --- UTF-8 -----------------------------------------------------------------------------------------

# Unicode, table 3-7: the second byte's range for each first byte, and the length.
LEADS = {
    **dict.fromkeys(range(128), (0, 0, 1)),
    **dict.fromkeys(range(194, 224), (128, 191, 2)),
    **dict.fromkeys(range(225, 240), (128, 191, 3)),
    **dict.fromkeys(range(241, 244), (128, 191, 4)),
    0xE0: (0xA0, 0xBF, 3),
    0xED: (0x80, 0x9F, 3),
    0xF0: (0x90, 0xBF, 4),
    0xF4: (0x80, 0x8F, 4),
}


def possible(data: bytes) -> bool:
    """Can one character begin with (or be) data, 1 to 4 bytes?"""
    if data[0] not in LEADS:
        return False
    low, high, size = LEADS[data[0]]
    return (
        len(data) <= size
        and (len(data) < 2 or low <= data[1] <= high)
        and all(0x80 <= b <= 0xBF for b in data[2:])
    )


def step(cut: bytes, byte: int) -> bytes | None:
    try:
        return m._check_utf8(cut, bytes([byte]))
    except UnicodeDecodeError:
        return None


def test_utf8_is_refused_at_the_first_impossible_byte() -> None:
    prefixes = [b""]
    while prefixes:
        prefix = prefixes.pop()
        for byte in range(256):
            data = prefix + bytes([byte])
            after = step(prefix, byte)
            if not possible(data):
                assert after is None, data
            elif len(data) == LEADS[data[0]][2]:
                assert after == b"", data
            else:
                assert after == data
                # all continuations behave alike but for their ends
                if len(data) == 1 or byte in (0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF):
                    prefixes.append(data)


@given(st.text(max_size=40), st.binary(min_size=1, max_size=4), st.text(max_size=10), st.data())
def test_utf8_in_any_pieces(before: str, middle: bytes, after: str, data: Any) -> None:
    payload = before.encode() + middle + after.encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(payload)), max_size=5)))
    pieces = [payload[a:b] for a, b in zip([0, *cuts], [*cuts, len(payload)], strict=True)]
    frames = [
        frame(TEXT if i == 0 else CONTINUE, piece, fin=i == len(pieces) - 1)
        for i, piece in enumerate(pieces)
    ]
    events = feed(Protocol(True), frames)
    try:
        assert events == [(TEXT, payload.decode(), False)]
    except UnicodeDecodeError:
        assert ending(events).wire_code == 1007


def test_byte_order_mark_is_data() -> None:
    assert feed(Protocol(True), [frame(TEXT, b"\xef\xbb\xbfx")]) == [(TEXT, "\ufeffx", False)]


def test_compressed_text_fails_fast_in_the_middle_of_a_frame() -> None:
    c = zlib.compressobj(wbits=-15)
    start = c.compress(b"good \xed\xa0") + c.flush(zlib.Z_SYNC_FLUSH)
    data = frame(TEXT, start + b"x" * 1000, rsv=4)
    p = Protocol(True, deflate=Deflate())
    assert ending(feed(p, octets(data[: 8 + len(start)]))).wire_code == 1007


# --- closing ---------------------------------------------------------------------------------------


@CUTS
@pytest.mark.parametrize("server", [True, False])
@pytest.mark.parametrize(
    "code", [1000, 1001, 1002, 1003, *range(1007, 1015), 3000, 3999, 4000, 4999]
)
@pytest.mark.parametrize("reason", ["", "bye", "é" * 61])
def test_valid_close(server: bool, code: int, reason: str, cut: Cut) -> None:
    p = Protocol(server)
    payload = code.to_bytes(2, "big") + reason.encode()
    e = ending(feed(p, cut(frame(CLOSE, payload, masked=server) + b"\xff\xff\xff")))
    assert not e.failed
    assert parse(p.reply()) == [(CLOSE, payload, 0, not server)]
    if code == 1000 or code >= 3000:
        assert (e.error_code, e.close_code, e.close_reason) == (0, code, reason)
    else:
        assert (e.error_code, e.error_reason) == (1002, PE)
        assert (e.close_code, e.close_reason) == (1006, "Abnormal Closure")


def test_empty_close() -> None:
    p = Protocol(True)
    e = ending(feed(p, [frame(CLOSE)]))
    assert (e.failed, e.error_code, e.close_code, e.close_reason) == (False, 0, 0, "")
    assert p.reply() == b"\x88\x00"


def test_nothing_counts_after_the_peers_close() -> None:
    p = Protocol(True)
    assert len(feed(p, [frame(CLOSE) + frame(TEXT, b"x") + frame(PING), frame(TEXT, b"y")])) == 1


@CUTS
def test_own_close_discards_messages_until_the_peers_close(cut: Cut) -> None:
    p = Protocol(True, max_payload=1000, deflate=Deflate())
    assert feed(p, [frame(TEXT, b"\xe2", fin=False), frame(CONTINUE, b"\x82\xacxx")[:8]]) == []
    p.encode_close(1000)
    data = (
        frame(CONTINUE, b"\x82\xacxx")[8:]
        + frame(TEXT, b"not text: \xff")
        + frame(BINARY, b"not deflate", rsv=4)
        + frame(BINARY, b"too long" * 1000)
        + frame(PING, b"still answered")  # RFC 6455, 5.5.2: until a Close is received
        + frame(TEXT, b"a", fin=False)
        + frame(CONTINUE, b"b")
        + frame(CLOSE, b"\x03\xe8")
        + frame(TEXT, b"late")
    )
    events = feed(p, cut(data))
    assert [e[0] for e in events] == [PONG, CLOSE]
    assert parse(events[0][1]) == [(PONG, b"still answered", 0, False)]
    assert not ending(events).failed and p.reply() == b""


@CUTS
def test_violation_after_the_own_close(cut: Cut) -> None:
    p = Protocol(True)
    assert feed(p, [frame(TEXT, b"\xe2", fin=False) + frame(BINARY, b"yy")[:1]]) == []
    assert p.encode_close(4000, "done") == b"\x88\x06\x0f\xa0done"
    assert p.encode_close(4001) == b""
    assert ending(feed(p, cut(frame(BINARY, b"yy")[1:]))).wire_code == 1002
    assert p.reply() == b""


def test_close_made_by_a_listener_is_not_repeated_as_reply() -> None:
    p = Protocol(True)
    events = feed(p, [frame(TEXT, b"x") + frame(CLOSE, b"\x03\xe8")])
    assert [e[0] for e in events] == [TEXT, CLOSE]
    assert p.encode_close(3000) and p.reply() == b""


def test_close_reason_is_cut_at_a_character() -> None:
    for reason, kept in (
        ("x" * 123, 123),
        ("x" * 124, 123),
        ("é" * 62, 122),
        ("€" * 50, 123),
        ("x" + "€" * 50, 121),
        ("𝄞" * 40, 120),
        ("\ud800" * 50, 123),
    ):
        [(_, payload, _, _)] = parse(Protocol(True).encode_close(1000, reason))
        assert len(payload) == 2 + kept
        payload[2:].decode()


# --- the end of the stream -------------------------------------------------------------------------


@pytest.mark.parametrize("before", [b"", frame(TEXT, b"x"), frame(TEXT, b"x", fin=False)])
@pytest.mark.parametrize("server", [True, False])
def test_end_of_stream(server: bool, before: bytes) -> None:
    if not server:
        before = before and frame(TEXT, b"x", fin=before[0] > 127, masked=False)
    for data in (
        frame(PING, b"abc", masked=server),
        frame(CONTINUE if before and before[0] < 128 else BINARY, b"abc", masked=server),
        frame(CONTINUE if before and before[0] < 128 else TEXT, b"abc" * 99, masked=server),
        frame(CONTINUE if before and before[0] < 128 else TEXT, b"abc", masked=server, form=64),
    ):
        code = data[1] & 127
        header = (2 if code < 126 else 4 if code == 126 else 10) + (4 if server else 0)
        for size in range(len(data)):
            p = Protocol(server)
            feed(p, [before, data[:size]])
            e = p.eof()
            assert e is not None
            if size < 2:
                expected = (1001, "")
            elif size < header:
                expected = (1007, "")
            else:
                expected = (1001, "Going Away")
            assert (e.error_code, e.error_reason) == expected, size
            assert (e.close_code, e.close_reason) == (1006, "Abnormal Closure")
            assert p.reply() == b"" and p.receive(data) == [] and p.eof() is None


def test_end_of_stream_after_a_close() -> None:
    p = Protocol(True)
    p.encode_close(1000)
    assert p.eof() is None
    p = Protocol(True)
    feed(p, [frame(CLOSE)])
    assert p.eof() is None and p.reply() == b"\x88\x00"


# --- maxPayload ------------------------------------------------------------------------------------


def deflated(data: bytes) -> bytes:
    c = zlib.compressobj(wbits=-15)
    return c.compress(data) + c.flush(zlib.Z_SYNC_FLUSH)[:-4]


@CUTS
@pytest.mark.parametrize("limit", [0, 1, 10, 125, 126, 5000, 70000])
def test_exactly_max_payload(limit: int, cut: Cut) -> None:
    for opcode in (TEXT, BINARY):
        for more in (0, 1):
            data = b"x" * (limit + more)
            half = len(data) // 2
            for frames in (
                frame(opcode, data),
                frame(opcode, data[:half], fin=False)
                + (frame(PING, b"p" * min(limit, 125)))
                + frame(CONTINUE, data[half:]),
            ):
                p = Protocol(True, limit)
                events = feed(p, cut(frames))
                if more:
                    e = ending(events)
                    assert (e.wire_code, e.error_code, e.error_reason) == (1009, 1009, "")
                else:
                    assert events[-1] == (opcode, data.decode() if opcode == 1 else data, False)
                    assert p.ending is None


@CUTS
@pytest.mark.parametrize("limit", [100, 5000])
def test_max_payload_after_inflating(limit: int, cut: Cut) -> None:
    for more in (0, 1):
        z = deflated(b"x" * (limit + more))
        for frames in (
            frame(TEXT, z, rsv=4),
            frame(TEXT, z[:3], fin=False, rsv=4) + frame(CONTINUE, z[3:]),
        ):
            events = feed(Protocol(True, limit, Deflate()), cut(frames))
            if more:
                assert ending(events).wire_code == ending(events).error_code == 1009
            else:
                assert events == [(TEXT, "x" * limit, True)]


def test_compressed_size_counts_too() -> None:
    # stored blocks without content: large on the wire, nothing inside
    z = b"\x00\x00\x00\xff\xff" * 30 + b"\x00"
    assert ending(feed(Protocol(True, 100, Deflate()), [frame(TEXT, z, rsv=4)])).wire_code == 1009
    assert feed(Protocol(True, 151, Deflate()), [frame(TEXT, z, rsv=4)]) == [(TEXT, "", True)]


@pytest.mark.parametrize("data", [frame(TEXT), frame(PING), frame(PONG), frame(CLOSE)])
def test_negative_max_payload_lets_nothing_through(data: bytes) -> None:
    assert ending(feed(Protocol(True, -1), [data])).wire_code == 1009


@pytest.mark.parametrize("opcode", [PING, PONG, CLOSE])
def test_max_payload_counts_for_control_frames(opcode: int) -> None:
    p = Protocol(True, 4)
    assert ending(feed(p, [frame(opcode, b"\x03\xe8abc")])).wire_code == 1009
    p = Protocol(True, 5)
    events = feed(p, [frame(opcode, b"\x03\xe8abc")])
    assert p.ending is None or p.ending.wire_code == 1000
    assert len(events) == (opcode != PONG)


def test_too_big_is_seen_in_the_header_and_nothing_is_allocated() -> None:
    p = Protocol(True, 1000)
    assert p.receive(frame(BINARY, b"x" * 600, fin=False)) == []
    assert ending(p.receive(frame(CONTINUE, announce=401)[:4])).wire_code == 1009
    # 64 MB announced, one byte sent
    p = Protocol(True)
    data = frame(BINARY, announce=64 << 20) + b"x"
    tracemalloc.start()
    assert p.receive(data) == []
    assert tracemalloc.get_traced_memory()[1] < 10_000
    tracemalloc.stop()


# --- messages --------------------------------------------------------------------------------------


def test_examples_of_rfc_6455() -> None:
    """Section 5.7."""
    client, server = Protocol(False), Protocol(True)
    hello = bytes.fromhex("48656c6c6f")
    assert feed(client, [bytes.fromhex("8105") + hello]) == [(TEXT, "Hello", False)]
    masked = bytes.fromhex("818537fa213d7f9f4d5158")
    assert feed(server, [masked]) == [(TEXT, "Hello", False)]
    assert feed(client, [bytes.fromhex("010348656c"), bytes.fromhex("80026c6f")]) == [
        (TEXT, "Hello", False)
    ]
    [(kind, pong, _)] = feed(client, [bytes.fromhex("8905") + hello])
    assert kind == PONG and parse(pong) == [(PONG, b"Hello", 0, True)]
    assert feed(server, [bytes.fromhex("8a8537fa213d7f9f4d5158")]) == []
    data = bytes(range(256))
    assert feed(client, [bytes.fromhex("827e0100") + data]) == [(BINARY, data, False)]
    assert feed(client, [bytes.fromhex("827f0000000000010000") + data * 256]) == [
        (BINARY, data * 256, False)
    ]
    assert server.encode_text("Hello") == bytes.fromhex("8105") + hello
    assert flat(server.encode_binary(data)) == bytes.fromhex("827e0100") + data
    assert flat(server.encode_binary(data * 256))[:10] == bytes.fromhex("827f0000000000010000")


@CUTS
def test_examples_of_rfc_7692(cut: Cut) -> None:
    """Section 7.2.3; frames to a client."""
    p = Protocol(False, deflate=Deflate())
    hello = [(TEXT, "Hello", True)]
    for example in (
        "c107f248cdc9c90700",  # one block
        "4103f248cd8004c9c90700",  # in two fragments
        "c105f200110000",  # sharing the window of the first
        "c10b000500faff48656c6c6f00",  # no compression
        "c108f348cdc9c9070000",  # BFINAL set
        "c10df2480500" + "0000ffffcac9c90700",  # two blocks
        "c107f248cdc9c90700",
    ):
        assert feed(p, cut(bytes.fromhex(example))) == hello, example
    assert feed(p, cut(bytes.fromhex("c10100"))) == [(TEXT, "", True)]


def test_first_sent_message_is_the_rfc_example() -> None:
    p = Protocol(True, deflate=Deflate())
    assert p.encode_text("Hello") == bytes.fromhex("c107f248cdc9c90700")
    assert p.encode_text("Hello") == bytes.fromhex("c105f200110000")
    p = Protocol(True, deflate=Deflate(reset_own=True))
    assert p.encode_text("Hello") == p.encode_text("Hello") == bytes.fromhex("c107f248cdc9c90700")


@CUTS
@pytest.mark.parametrize("rsv", [0, 4])
@pytest.mark.parametrize("opcode", [TEXT, BINARY])
def test_empty_messages(opcode: int, rsv: int, cut: Cut) -> None:
    p = Protocol(True, deflate=Deflate())
    nothing: Any = "" if opcode == TEXT else b""
    for body in (b"\0", b"") if rsv else (b"",):
        data = (
            frame(opcode, body, rsv=rsv)
            + frame(opcode, b"", fin=False, rsv=rsv)
            + frame(CONTINUE, body, fin=False)
            + frame(CONTINUE)
            # in between, so that the decompressor is known to be intact
            + frame(TEXT, deflated(b"Hello"), rsv=4)
        )
        expected = [(opcode, nothing, bool(rsv))] * 2 + [(TEXT, "Hello", True)]
        if body or not rsv:
            assert feed(p, cut(data)) == expected
        else:  # no byte at all: not even the header of the block that the tail would end
            assert ending(feed(p, cut(data))).wire_code == 1007


@CUTS
@pytest.mark.parametrize("form", [16, 64])
@pytest.mark.parametrize("size", [0, 5, 125, 126, 4096, 4097])
def test_lengths_need_not_be_minimal(form: int, size: int, cut: Cut) -> None:
    for server in (True, False):
        data = frame(BINARY, b"x" * size, form=form, masked=server)
        events = feed(Protocol(server), cut(data + frame(TEXT, b"next", masked=server)))
        assert events == [(BINARY, b"x" * size, False), (TEXT, "next", False)]


@CUTS
@pytest.mark.parametrize("server", [True, False])
def test_sizes_around_every_boundary(server: bool, cut: Cut) -> None:
    sizes = [0, 1, 2, 3, 4, 5, 124, 125, 126, 127, 128, 255, 256, 4095, 4096, 4097, 9000]
    if cut is not octets:
        sizes += [65535, 65536, 65537, 300_000]
    p = Protocol(server)
    other = Protocol(not server)
    for size in sizes:
        data = bytes(range(256)) * (size // 256 + 1)
        data = data[:size]
        sent = flat(other.encode_binary(data)) + flat(other.encode_text("€" * size))
        assert feed(p, cut(sent)) == [(BINARY, data, False), (TEXT, "€" * size, False)]
        assert [f[:2] for f in parse(sent)] == [(BINARY, data), (TEXT, ("€" * size).encode())]


def test_large_message_in_pieces_of_a_reused_buffer() -> None:
    """As a shared read buffer delivers it: each piece is overwritten by the next."""
    data = bytes(range(251)) * 10_000
    sent = frame(BINARY, data) + frame(TEXT, b"after") + frame(BINARY, data)
    for server_size in (1000, 65536, 262144, 262147):
        buffer = bytearray(server_size)
        p = Protocol(True)
        events = []
        for i in range(0, len(sent), server_size):
            piece = sent[i : i + server_size]
            buffer[: len(piece)] = piece
            events += p.receive(memoryview(buffer)[: len(piece)])
            buffer[:] = b"\xee" * server_size
            buffer.append(0)  # no view is left behind (else BufferError)
            buffer.pop()
        assert events == [(BINARY, data, False), (TEXT, "after", False), (BINARY, data, False)]


def test_pongs_echo_in_order_and_between_fragments() -> None:
    for server in (True, False):
        p = Protocol(server)
        data = b"".join(
            frame(*f, fin=fin, masked=server)
            for f, fin in (
                ((PING, b"1"), True),
                ((TEXT, b"a"), False),
                ((PING, b""), True),
                ((PONG, b"unasked"), True),
                ((CONTINUE, b"b"), False),
                ((PING, bytes(125)), True),
                ((CONTINUE, b"c"), True),
                ((PING, b"4"), True),
            )
        )
        events = feed(p, [data])
        assert [e[0] for e in events] == [PONG, PONG, PONG, TEXT, PONG]
        pongs = [parse(e[1])[0] for e in events if e[0] == PONG]
        assert [f[1] for f in pongs] == [b"1", b"", bytes(125), b"4"]
        assert all(f[0] == PONG and f[3] is not server for f in pongs)


def test_four_megabytes_in_small_fragments() -> None:
    piece = b"x" * 64
    data = frame(TEXT, piece, fin=False) + frame(CONTINUE, piece, fin=False) * 65534
    data += frame(CONTINUE, piece)
    assert feed(Protocol(True), [data]) == [(TEXT, "x" * 64 * 65536, False)]


# --- stopping and going on -------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [1, 2, 7])
def test_limit(limit: int) -> None:
    data = b"".join(
        frame(TEXT, b"%d" % i) + frame(PING) + frame(BINARY, b"x" * 5000) for i in range(20)
    )
    for convert in (bytes, bytearray, memoryview):
        p = Protocol(True)
        batches = [p.receive(convert(data), limit)]
        while p.pending:
            batches.append(p.receive(b"", limit))
        assert max(map(len, batches)) == limit
        assert [e for batch in batches for e in batch] == feed(Protocol(True), [data])
        assert p.receive(frame(TEXT, b"next")) == [(TEXT, "next", False)]


def test_feeding_while_pending() -> None:
    p = Protocol(True)
    texts = [str(i) for i in range(100)]
    events = []
    for text in texts:
        events += p.receive(frame(TEXT, text.encode()) + frame(PING), 1)
    assert p.pending
    while p.pending:
        events += p.receive(b"", 1)
    assert [e[1] for e in events if e[0] == TEXT] == texts


def test_limit_counts_decoded_bytes() -> None:
    # many small frames in one read, each of which inflates to 1 MB
    bomb = frame(BINARY, deflated(bytes(1 << 20)), rsv=4)
    p = Protocol(True, deflate=Deflate(reset_peer=True))
    events = p.receive(bomb * 100)
    assert p.pending and len(events) < 20


def test_violation_behind_the_limit_is_reported_later() -> None:
    p = Protocol(True)
    assert p.receive(frame(TEXT, b"x") + frame(3), 1) == [(TEXT, "x", False)]
    assert p.pending and p.ending is None
    assert ending(p.receive()).wire_code == 1002
    assert not p.pending


# --- deflate ---------------------------------------------------------------------------------------

GIGA = 1 << 30


def bomb() -> bytes:
    """About 1 MB that inflates to 1 GB: the same compressed megabyte over and over."""
    c = zlib.compressobj(9, wbits=-15)
    return (c.compress(bytes(1 << 20)) + c.flush(zlib.Z_FULL_FLUSH)) * (GIGA >> 20) + b"\0"


@CUTS
def test_bomb(cut: Cut) -> None:
    """A small frame that would inflate to gigabytes."""
    limit = 4 << 20
    z = bomb()
    data = frame(BINARY, z, rsv=4)
    if cut is octets:
        data = data[:20_000]
    chunks = cut(data)
    p = Protocol(True, limit, Deflate())
    tracemalloc.start()
    e = ending(feed(p, chunks))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (e.wire_code, e.error_code) == (1009, 1009)
    assert peak < 4 * limit


def test_bomb_behind_a_final_block() -> None:
    c = zlib.compressobj(wbits=-15)
    z = c.compress(b"small") + c.flush() + bomb()
    p = Protocol(True, 4 << 20, Deflate())
    tracemalloc.start()
    e = ending(feed(p, [frame(BINARY, z, rsv=4)]))
    assert tracemalloc.get_traced_memory()[1] < 16 << 20
    tracemalloc.stop()
    assert e.wire_code == 1009


@CUTS
@pytest.mark.parametrize("takeover", [True, False])
def test_final_blocks(takeover: bool, cut: Cut) -> None:
    """BFINAL ends a zlib stream wherever it stands; the next block starts another."""

    def final(data: bytes) -> bytes:
        c = zlib.compressobj(wbits=-15)
        return c.compress(data) + c.flush()

    p = Protocol(True, deflate=Deflate(reset_peer=not takeover))
    for z, expected in (
        (final(b"a"), "a"),
        (final(b"a") + b"\0", "a"),
        (final(b"a") + final(b"b"), "ab"),
        (final(b"a") + deflated(b"b"), "ab"),
        (deflated(b"a") + b"\0\0\xff\xff" + final(b"b"), "ab"),
        (final(b""), ""),
        (final(b"a" * 3000) + final(b"b" * 3000) + b"\0", "a" * 3000 + "b" * 3000),
        # stored and final, its length being the tail that was left out
        (b"\x01", ""),
    ):
        for i in range(len(z) + 1):
            data = frame(TEXT, z[:i], fin=False, rsv=4) + frame(CONTINUE, z[i:])
            assert feed(p, cut(data)) == [(TEXT, expected, True)]
        assert feed(p, cut(frame(TEXT, z, rsv=4))) == [(TEXT, expected, True)]
        assert feed(p, cut(frame(TEXT, deflated(b"fine"), rsv=4))) == [(TEXT, "fine", True)]


def test_flood_of_final_blocks() -> None:
    """Nothing but final blocks of two bytes: copying the rest for each would take minutes."""
    z = b"\x03\x00" * 200_000
    assert feed(Protocol(True, deflate=Deflate()), [frame(TEXT, z, rsv=4)]) == [(TEXT, "", True)]


@CUTS
@pytest.mark.parametrize(
    "z", [b"\xff" * 20, m._recall(100), b"\x00\x05\x00\x05\x00Hello", deflated(b"x") + b"\xff" * 9]
)
def test_corrupt_deflate(z: bytes, cut: Cut) -> None:
    for data in (frame(BINARY, z, rsv=4), frame(BINARY, z, rsv=4, fin=False) + frame(CONTINUE)):
        e = ending(feed(Protocol(True, deflate=Deflate()), cut(data)))
        assert (e.wire_code, e.error_code) == (1007, 1007)


def test_uncompressed_messages_leave_the_decompressor_alone() -> None:
    server, client = Protocol(True, deflate=Deflate()), Protocol(False, deflate=Deflate())
    for _ in range(3):
        sent = flat(client.encode_text("over and over again"))
        assert feed(server, [sent]) == [(TEXT, "over and over again", True)]
        assert feed(server, [frame(TEXT, b"plain")]) == [(TEXT, "plain", False)]
    assert len(sent) < 15


@pytest.mark.parametrize("bits", range(8, 16))
def test_window_bits_are_kept_to(bits: int) -> None:
    p = Protocol(True, deflate=Deflate(bits))
    d = zlib.decompressobj(-bits)
    data = bytes(i * i >> 7 & 255 for i in range(10_000)) * 3
    for _ in range(3):
        [(opcode, z, rsv, _)] = parse(flat(p.encode_binary(data)))
        assert (opcode, rsv) == (BINARY, 4)
        assert d.decompress(z + b"\0\0\xff\xff") == data


def test_empty_messages_are_sent_as_one_byte() -> None:
    p = Protocol(True, deflate=Deflate())
    for _ in range(2):
        assert p.encode_text("") == b"\xc1\x01\x00"
        assert p.encode_binary(b"") == b"\xc2\x01\x00"
        assert p.encode_text("x")[0] == 0xC1


noise = st.sampled_from([b"", b"ab", b"Hello, Hello. ", bytes(range(256)), bytes(300)])
bodies = st.one_of(
    st.binary(max_size=300),
    st.builds(lambda a, n, b: a * n + b, noise, st.integers(1, 200), st.binary(max_size=20)),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(bodies, st.booleans()), max_size=12), st.booleans(), st.booleans())
def test_dropping_contexts_changes_nothing(
    messages: list[tuple[bytes, bool]], reset: bool, both: bool
) -> None:
    server = Protocol(True, deflate=Deflate(reset_peer=reset))
    client = Protocol(False, deflate=Deflate(reset_own=reset))
    for body, drop in messages:
        assert feed(server, [flat(client.encode_binary(body))]) == [(BINARY, body, True)]
        if drop:
            server.drop_idle_contexts()
            if both:
                client.drop_idle_contexts()
            if server._inflater:
                assert server._inflater._z is None


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 257, 258, 259, 5000, 32767, 32768, 32769, 90000])
def test_history_survives_dropping_to_its_oldest_byte(size: int) -> None:
    rnd = b"".join(
        (i * 2654435761 & 0xFFFFFFFF).to_bytes(4, "little") for i in range(size // 4 + 1)
    )
    data = rnd[:size]
    p = Protocol(True, deflate=Deflate())
    c = zlib.compressobj(wbits=-15)
    z = c.compress(data) + c.flush(zlib.Z_SYNC_FLUSH)
    assert feed(p, [frame(BINARY, z[:-4], rsv=4)]) == [(BINARY, data, True)]
    for _ in range(2):
        p.drop_idle_contexts()
        assert p._inflater is not None and p._inflater._z is None
        p.drop_idle_contexts()  # nothing to do
        # A reference to the oldest byte of the window, as far back as there is one.
        block = m._recall(min(size, 32768))
        window = data[-32768:]
        d = zlib.decompressobj(-15)
        d.decompress(z)
        reference = d.decompress(block)
        assert reference[: len(window)] == window[: len(reference)]
        assert p._inflater.inflate(block, 1 << 20, False) == reference
        p = Protocol(True, deflate=Deflate())
        feed(p, [frame(BINARY, z[:-4], rsv=4)])


def test_contexts_are_not_dropped_inside_a_message() -> None:
    p = Protocol(True, deflate=Deflate())
    z = deflated(b"Hello Hello Hello")
    assert feed(p, [frame(TEXT, z[:4], fin=False, rsv=4)]) == []
    p.drop_idle_contexts()
    assert feed(p, [frame(CONTINUE, z[4:])]) == [(TEXT, "Hello Hello Hello", True)]


@pytest.mark.parametrize("end", [b"\x00\x20\x00\xdf\xff", b"\x02"])
def test_contexts_of_a_peer_that_stops_inside_a_block_are_left_alone(end: bytes) -> None:
    """Its window cannot be read, whatever the block is: a stored one, Huffman codes."""
    p = Protocol(True, deflate=Deflate())
    feed(p, [frame(TEXT, deflated(b"Hello Hello"), rsv=4), frame(BINARY, end, rsv=4)])
    assert p.ending is None
    p.drop_idle_contexts()
    assert p._inflater is not None and p._inflater._z is not None


# --- any sequence, cut at any place ----------------------------------------------------------------


@st.composite
def conversations(draw: st.DrawFn) -> tuple[bool, Deflate | None, bytes, list[Any]]:
    """(server, deflate, wire bytes, expected events)."""
    server = draw(st.booleans())
    deflate = draw(st.sampled_from([None, Deflate(), Deflate(reset_peer=True)]))
    c = zlib.compressobj(wbits=-15)
    wire = b""
    events: list[Any] = []

    def control() -> bytes:
        payload = draw(st.binary(max_size=10))
        opcode = draw(st.sampled_from([PING, PONG]))
        if opcode == PING:
            events.append((PONG, payload, False))
        return frame(opcode, payload, masked=server)

    for _ in range(draw(st.integers(0, 6))):
        if draw(st.integers(0, 4)) == 0:
            wire += control()
            continue
        opcode = draw(st.sampled_from([TEXT, BINARY]))
        content: Any
        if opcode == TEXT:
            content = draw(st.text(max_size=60)) * draw(st.sampled_from([1, 1, 1, 9, 90]))
            body = content.encode()
        else:
            content = body = draw(bodies)
        compressed = deflate is not None and draw(st.booleans())
        if compressed:
            if deflate is not None and deflate.reset_peer:
                c = zlib.compressobj(wbits=-15)
            body = (c.compress(body) + c.flush(zlib.Z_SYNC_FLUSH))[:-4] if body else b"\0"
        cuts = sorted(draw(st.lists(st.integers(0, len(body)), max_size=3)))
        pieces = [body[a:b] for a, b in zip([0, *cuts], [*cuts, len(body)], strict=True)]
        for i, piece in enumerate(pieces):
            if i and draw(st.booleans()):
                wire += control()
            wire += frame(
                CONTINUE if i else opcode,
                piece,
                fin=i == len(pieces) - 1,
                rsv=4 if compressed and i == 0 else 0,
                masked=server,
            )
        events.append((opcode, content, compressed))
    if draw(st.booleans()):
        wire += frame(CLOSE, b"\x0f\xa0bye", masked=server) + draw(st.binary(max_size=5))
        events.append((CLOSE, 4000, False))
    return server, deflate, wire, events


def plain(events: list[Any]) -> list[Any]:
    return [
        (k, parse(d)[0][1] if k == PONG else d.close_code if k == CLOSE else d, c)
        for k, d, c in events
    ]


@settings(max_examples=150, deadline=None)
@given(conversations(), st.data())
def test_any_conversation_cut_anywhere(
    conversation: tuple[bool, Deflate | None, bytes, list[Any]], data: Any
) -> None:
    server, deflate, wire, expected = conversation
    assert plain(feed(Protocol(server, deflate=deflate), [wire])) == expected
    assert plain(feed(Protocol(server, deflate=deflate), views(wire))) == expected
    if len(wire) < 3000:
        assert plain(feed(Protocol(server, deflate=deflate), octets(wire))) == expected
    cuts = sorted(data.draw(st.lists(st.integers(0, len(wire)), max_size=12)))
    kinds = data.draw(
        st.lists(
            st.sampled_from([bytes, bytearray, lambda b: memoryview(bytearray(b))]),
            min_size=len(cuts) + 1,
            max_size=len(cuts) + 1,
        )
    )
    chunks = [
        kind(wire[a:b]) for kind, a, b in zip(kinds, [0, *cuts], [*cuts, len(wire)], strict=True)
    ]
    limit = data.draw(st.sampled_from([1, 2, 5, m.LIMIT]))
    assert plain(feed(Protocol(server, deflate=deflate), chunks, limit)) == expected


@settings(max_examples=200, deadline=None)
@given(st.booleans(), st.booleans(), st.binary(max_size=400), st.data())
def test_garbage_never_raises_and_cuts_do_not_matter(
    server: bool, deflate: bool, junk: bytes, data: Any
) -> None:
    """Whatever arrives, in whatever pieces, ends the same way."""
    # plausible first bytes make it get further than the first two bytes
    head = data.draw(st.sampled_from([b"", b"\x81\x85", b"\xc1\xfe\x00\x50", b"\x02\x83", b"\x41"]))
    junk = head + junk
    params = Deflate() if deflate else None
    one, many = Protocol(server, 1000, params), Protocol(server, 1000, params)
    a, b = feed(one, [junk]), feed(many, octets(junk))
    assert [e for e in a if e[0] < 8] == [e for e in b if e[0] < 8]
    assert len(a) == len(b)
    assert (one.ending is None) == (many.ending is None)
    if one.ending is not None and many.ending is not None:
        assert one.ending.wire_code == many.ending.wire_code
    else:
        assert repr(one.eof()) == repr(many.eof())


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.one_of(st.text(), st.binary(), bodies), max_size=8),
    st.booleans(),
    st.sampled_from([None, Deflate(), Deflate(9), Deflate(12, True, True)]),
)
def test_both_sides_understand_each_other(
    messages: list[str | bytes], server: bool, deflate: Deflate | None
) -> None:
    sender, receiver = Protocol(server, deflate=deflate), Protocol(not server, deflate=deflate)
    for message in messages:
        if isinstance(message, str):
            events = feed(receiver, [flat(sender.encode_text(message))])
        else:
            events = feed(receiver, [flat(sender.encode_binary(message))])
        kind = TEXT if isinstance(message, str) else BINARY
        assert events == [(kind, message, deflate is not None)]
    assert ending(feed(receiver, [sender.encode_close(1000)])).close_code == 1000
    assert not ending(feed(sender, [receiver.reply()])).failed
    assert sender.reply() == b""


# --- sending ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 125, 126, 4096, 4097, 65535, 65536])
def test_frames_are_minimal_and_large_payloads_are_not_copied(size: int) -> None:
    data = bytes(size)
    p = Protocol(True)
    for convert in (bytes, bytearray, memoryview):
        out = p.encode_binary(convert(data))
        assert parse(flat(out)) == [(BINARY, data, 0, False)]
        assert isinstance(out, bytes) == (size <= m.COPY_LIMIT)
    out = p.encode_binary(data)
    if not isinstance(out, bytes):
        assert out[1] is data
    out = Protocol(False).encode_binary(data)
    assert parse(flat(out)) == [(BINARY, data, 0, True)]


def test_client_masks_are_fresh() -> None:
    p = Protocol(False)
    frames = [flat(p.encode_text("")) for _ in range(1500)] + [p.encode_ping(), p.encode_pong()]
    [(_, pong, _)] = p.receive(b"\x89\x00")
    frames += [pong, p.encode_close()]
    keys = {f[2:6] for f in frames}
    assert len(keys) > 1500 and b"\0\0\0\0" not in keys


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("\ud800", "\ufffd"),
        ("a\udfffb", "a\ufffdb"),
        ("\ud800\ud800", "\ufffd\ufffd"),
        ("".join(map(chr, (0xDC00, 0xD800))), "\ufffd\ufffd"),  # a pair the wrong way round
        ("\ud83d\ude00", "😀"),  # a pair that came as two halves
        ("😀\ud83d", "😀\ufffd"),
        ("\ud83dx" * 100, "\ufffdx" * 100),
    ],
)
def test_lone_surrogates(text: str, sent: str) -> None:
    for p in (Protocol(True), Protocol(False), Protocol(True, deflate=Deflate())):
        other = Protocol(p._flip == 0, deflate=p._deflate)
        assert feed(other, [flat(p.encode_text(text))])[0][1] == sent


def test_control_frames_to_send() -> None:
    p = Protocol(True, deflate=Deflate())
    assert p.encode_ping(b"x") == b"\x89\x01x" and p.encode_pong(b"x") == b"\x8a\x01x"
    for encode in (p.encode_ping, p.encode_pong):
        with pytest.raises(ValueError):
            encode(bytes(126))
    assert p.encode_close() == b"\x88\x00"
    assert p.encode_text("late") == p.encode_binary(b"late") == b""


def test_mask_function() -> None:
    for size in (0, 1, 3, 4, 5, 17, 1000):
        data = bytes(range(256)) * 4
        for convert in (bytes, bytearray, memoryview):
            assert m.apply_mask(convert(data[:size]), KEY) == xor(data[:size], KEY)


def test_mask_function_without_extension_module(monkeypatch: pytest.MonkeyPatch) -> None:
    class Nowhere:
        @staticmethod
        def find_spec(name: str, path: Any = None) -> None:
            return None

    monkeypatch.delitem(sys.modules, "websockets.speedups", raising=False)
    monkeypatch.setattr(m, "PathFinder", Nowhere)
    assert m._load_apply_mask()(b"Hello", KEY) == xor(b"Hello", KEY)


def test_representations() -> None:
    assert repr(Deflate(9, True)) == "Deflate(9, True, False)"
    assert Deflate() != Deflate(9) and Deflate() != 15
    assert "wire_code=1002" in repr(m.RESERVED_OPCODE)


# --- ws.Message ------------------------------------------------------------------------------------


def read(data: bytes, max_size: int = m.MAX_PAYLOAD, step: int = 0) -> tuple[Any, bytes]:
    """(result, bytes left in the stream); step: give at most so many bytes at a time."""
    reader = MessageReader(max_size)
    while reader.need:
        size = min(reader.need, step or reader.need)
        if len(data) < size:
            reader.eof()
        reader.feed(data[:size])
        data = data[size:]
    assert reader.result is not None
    reader.eof()
    kind, payload, masked, compressed = reader.result
    return (kind, bytes(payload), masked, compressed), data


@pytest.mark.parametrize("step", [0, 1, 3])
@pytest.mark.parametrize("masked", [True, False])
@pytest.mark.parametrize("compress", [True, False])
@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536])
def test_message_round_trip(size: int, compress: bool, masked: bool, step: int) -> None:
    data = (b"abcdefg" * (size // 7 + 1))[:size]
    sent = encode_message(data, TEXT, masked, compress)
    assert parse(sent)[0][2:] == (4 if compress else 0, masked)
    assert read(sent + b"rest", step=step) == ((TEXT, data, masked, compress), b"rest")


@pytest.mark.parametrize("opcode", range(16))
def test_message_of_any_opcode(opcode: int) -> None:
    assert read(encode_message(b"x", opcode + 32, False, False))[0][0] == opcode
    assert read(encode_message(b"x", opcode, True, True))[0] == (opcode, b"x", True, True)


@pytest.mark.parametrize("step", [0, 1])
def test_message_of_fragments(step: int) -> None:
    z = deflated(b"Hello Hello Hello")
    for rsv, body in ((0, b"Hello Hello Hello"), (4, z), (4, z + b"\0\0\xff\xff")):
        data = (
            frame(TEXT, body[:3], fin=False, rsv=rsv)
            + frame(CONTINUE, b"", fin=False)
            + frame(CONTINUE, body[3:], form=64)
        )
        expected = (TEXT, b"Hello Hello Hello", True, rsv == 4)
        assert read(data + b"x", step=step) == (expected, b"x")


FAILED = (100023, "WebSocketMessage: payload processing failed.")
RSV = (100023, "WebSocketMessage: non-zero RSV values.")
BIG = (100023, "WebSocketMessage: Message Too Big.")


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", FAILED),
        (b"\x81", FAILED),
        (frame(TEXT, b"xyz")[:-1], FAILED),
        (frame(TEXT, b"x" * 300)[:3], FAILED),
        (frame(TEXT, b"x", fin=False), FAILED),
        (frame(TEXT, b"x", fin=False) + frame(TEXT, b"y"), FAILED),
        (frame(TEXT, b"x", fin=False) + frame(PING), FAILED),
        (frame(TEXT, b"x", fin=False) + frame(CONTINUE, b"y", masked=False), FAILED),
        (frame(TEXT, b"x", rsv=2), RSV),
        (frame(TEXT, b"x", rsv=1), RSV),
        (frame(TEXT, b"x", rsv=3), RSV),
        (frame(TEXT, b"x" * 1001), BIG),
        (frame(TEXT, b"x" * 600, fin=False) + frame(CONTINUE, announce=401), BIG),
        (frame(TEXT, announce=1 << 63, form=64), BIG),
        (frame(TEXT, deflated(bytes(1001)), rsv=4), (100013, "[-100013] Memory overflow error.")),
        (frame(TEXT, b"\xff\xff\xff", rsv=4), FAILED),
    ],
)
@pytest.mark.parametrize("step", [0, 1])
def test_message_errors(data: bytes, error: tuple[int, str], step: int) -> None:
    with pytest.raises(MessageError) as caught:
        read(data, 1000, step)
    assert (caught.value.number, caught.value.message) == error


def test_message_is_lenient() -> None:
    assert read(frame(TEXT, b"\xff"))[0] == (TEXT, b"\xff", True, False)
    assert read(frame(TEXT, deflated(b"x"), rsv=7))[0] == (TEXT, b"x", True, True)
    assert read(frame(PING, b"x" * 200))[0] == (PING, b"x" * 200, True, False)
    assert read(frame(TEXT, b"x" * 1000), 1000)[0][1] == b"x" * 1000
    assert read(frame(TEXT, deflated(b"x" * 1000), rsv=4), 1000)[0][1] == b"x" * 1000


def test_message_limits() -> None:
    with pytest.raises(MessageError):
        read(frame(TEXT), -1)
    assert read(frame(TEXT), 0)[0][1] == b""
    reader = MessageReader()
    for data in (b"", b"xxx"):
        with pytest.raises(ValueError):
            reader.feed(data)


@pytest.mark.parametrize("size", [0, 1, 64, 125])
def test_single_texts(size: int) -> None:
    p = Protocol(True)
    assert p.single(frame(TEXT, b"x" * size)) == "x" * size
    assert p.receive(frame(TEXT, b"y")) == [(TEXT, "y", False)]


def test_everything_else_is_not_single() -> None:
    text = frame(TEXT, b"hello")
    for data in (
        b"",
        text[:1],
        text[:-1],
        text + b"\x81",
        frame(BINARY, b"hello"),
        frame(TEXT, b"x" * 126),
        frame(TEXT, b"hello", fin=False),
        frame(TEXT, b"hello", rsv=4),
        frame(TEXT, b"\xff"),
    ):
        assert Protocol(True).single(data) is None
    assert Protocol(False).single(text) is None
    assert Protocol(True, 4).single(text) is None
    assert Protocol(True, 5).single(text) == "hello"
    for before in (frame(TEXT, b"x", fin=False), text[:3], frame(CLOSE)):
        p = Protocol(True)
        p.receive(before)
        assert p.single(text) is None
    p = Protocol(True)
    p.encode_close(1000)
    assert p.single(text) is None
