"""`ws.upgrade` against raw and foreign clients: the handshake, every violation, resets, floods, limits."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import threading
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import websockets
from harness import Running, eventually
from websockets.asyncio.client import connect
from ws.peers import BINARY, CLOSE, ECHO, KEY, PING, PONG, REQUEST, TEXT, Peer, Server, frame


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ws")


@pytest.fixture(scope="module")
def echo(folder: Path) -> Iterator[Server]:
    """An echo server; the tests read what its sockets log."""
    with Server(folder) as server:
        yield server


@pytest.fixture
def peer(echo: Server) -> Iterator[Peer]:
    with Peer.connect(echo.port) as made:
        yield made


def ended(server: Server, *lines: str) -> None:
    """The socket has told of its end with exactly these lines."""
    for line in lines:
        assert server.line() == line


# -- the handshake -------------------------------------------------------------------------------------


def ask(port: int, request: str) -> tuple[str, Peer]:
    peer = Peer(socket.create_connection(("127.0.0.1", port), 10))
    peer.send(request.encode("latin-1"))
    return peer.head(), peer


GOOD = {
    "Host": "127.0.0.1",
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": KEY,
}


def request(start: str = "GET / HTTP/1.1", **changes: Any) -> str:
    fields = {**GOOD, **{name.replace("_", "-"): value for name, value in changes.items()}}
    return "\r\n".join([start, *(f"{k}: {v}" for k, v in fields.items() if v is not None), "", ""])


def test_the_101(echo: Server) -> None:
    head, peer = ask(echo.port, request())
    with peer:
        assert head.startswith("HTTP/1.1 101 Switching Protocols\r\n")
        names = [line.split(":")[0].lower() for line in head.splitlines()[1:-1]]
        assert sorted(names) == ["connection", "sec-websocket-accept", "server", "upgrade"]
        peer.send(frame(CLOSE, b"\x03\xe8"))
        assert peer.closed() == 1000
    ended(echo, "close 1000 undefined")


@pytest.mark.parametrize(
    "changes",
    [
        {"Upgrade": "WebSocket"},
        {"Upgrade": "h2c, websocket"},
        {"Connection": "keep-alive, Upgrade"},
        {"Connection": "keep-alive\r\nConnection: upgrade"},
        {"Host": None},
        {"Origin": "http://elsewhere"},
        {"start": "GET /any/path?x=1 HTTP/1.1"},
    ],
)
def test_handshakes_that_are_accepted(echo: Server, changes: dict[str, Any]) -> None:
    head, peer = ask(echo.port, request(**changes))
    with peer:
        assert head.startswith("HTTP/1.1 101 ")
        peer.send(frame(CLOSE))
        assert peer.closed() == 0
    ended(echo, "close undefined undefined")


@pytest.mark.parametrize(
    "changes",
    [
        {"Upgrade": None},
        {"Upgrade": "websockets"},
        {"Connection": "keep-alive"},
        {"Connection": "xupgrade"},
        {"Sec_WebSocket_Version": None},
        {"Sec_WebSocket_Version": "8"},
        {"Sec_WebSocket_Key": None},
        {"Sec_WebSocket_Key": "x"},
        {"Sec_WebSocket_Key": f"{KEY}\r\nSec-WebSocket-Key: {KEY}"},
        {"start": "POST / HTTP/1.1"},
        {"start": "GET / HTTP/1.0"},
    ],
)
def test_handshakes_that_are_refused(folder: Path, changes: dict[str, Any]) -> None:
    with Server(folder) as server:
        head, peer = ask(server.port, request(**changes))
        with peer:
            assert head.startswith("HTTP/1.") and " 500 " in head.splitlines()[0]
            version = "Sec-WebSocket-Version: 13" in head
            assert version == ("Sec_WebSocket_Version" in changes)


def test_the_connection_serves_other_requests_after_a_refusal(folder: Path) -> None:
    with Server(folder) as server:
        head, peer = ask(server.port, request(Sec_WebSocket_Version="7"))
        with peer:
            assert " 500 " in head
            peer.send(request().encode())
            assert peer.head().startswith("HTTP/1.1 101 ")


def test_frames_right_behind_the_request(echo: Server) -> None:
    with Peer(socket.create_connection(("127.0.0.1", echo.port), 10)) as peer:
        peer.send((REQUEST + "\r\n").encode(), frame(TEXT, b"early"), frame(CLOSE, b"\x03\xe8"))
        assert peer.head().startswith("HTTP/1.1 101 ")
        assert peer.receive() == (TEXT, b"early")
        assert peer.closed() == 1000
    ended(echo, "close 1000 undefined")


def test_a_request_with_the_end_of_the_stream_behind_it(echo: Server) -> None:
    with Peer(socket.create_connection(("127.0.0.1", echo.port), 10)) as peer:
        peer.send((REQUEST + "\r\n").encode(), frame(TEXT, b"last"))
        peer.sock.shutdown(socket.SHUT_WR)
        assert peer.head().startswith("HTTP/1.1 101 ")
        assert peer.receive() == (TEXT, b"last")
        peer.ends()
    ended(echo, "error 1001 undefined", "close 1006 Abnormal Closure")


def test_a_handshake_byte_by_byte(echo: Server) -> None:
    with Peer(socket.create_connection(("127.0.0.1", echo.port), 10)) as peer:
        peer.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in (REQUEST + "\r\n").encode():
            peer.send(bytes([byte]))
        assert peer.head().startswith("HTTP/1.1 101 ")
        peer.reset()
    ended(echo, "error 1001 undefined", "close 1006 Abnormal Closure")


@pytest.mark.parametrize(
    ("offer", "answer"),
    [
        ("permessage-deflate", "permessage-deflate"),
        ("Permessage-Deflate; client_max_window_bits", "permessage-deflate"),
        (
            "foo, permessage-deflate; server_no_context_takeover",
            "permessage-deflate; server_no_context_takeover",
        ),
        (
            "permessage-deflate; server_max_window_bits=10",
            "permessage-deflate; server_max_window_bits=10",
        ),
        ("permessage-deflate; server_max_window_bits=8, permessage-deflate", "permessage-deflate"),
        ("permessage-deflate; foo", None),
        ("x-webkit-deflate-frame", None),
    ],
)
def test_offers_of_compression(echo: Server, offer: str, answer: str | None) -> None:
    head, peer = ask(echo.port, request(Sec_WebSocket_Extensions=offer))
    with peer:
        found = [
            line.partition(": ")[2]
            for line in head.splitlines()
            if line.startswith("Sec-WebSocket-Ext")
        ]
        assert found == ([] if answer is None else [answer])
        z = zlib.compressobj(wbits=-15)
        data = z.compress(b"hello" * 20) + z.flush(zlib.Z_SYNC_FLUSH)
        if answer is None:
            peer.send(frame(TEXT, b"hello"))
            assert peer.receive() == (TEXT, b"hello")
        else:
            peer.send(frame(TEXT, data[:-4], rsv=4))
            opcode, payload = peer.receive()
            assert opcode == 0x41
            assert zlib.decompressobj(-15).decompress(payload + b"\0\0\xff\xff") == b"hello" * 20
        peer.send(frame(CLOSE))
        peer.closed()
    ended(echo, "close undefined undefined")


# -- violations ----------------------------------------------------------------------------------------

FAULTS: dict[str, tuple[bytes, int, str]] = {
    "RSV2": (frame(TEXT, b"x", rsv=2), 1002, "error 1007 undefined"),
    "RSV1 without compression": (frame(TEXT, b"x", rsv=4), 1002, "error 1002 Protocol error"),
    "RSV1 on a ping": (frame(PING, b"x", rsv=4), 1002, "error 1002 Protocol error"),
    "opcode 3": (frame(3, b"x"), 1002, "error 1002 Protocol error"),
    "opcode 11": (frame(11, b"x"), 1002, "error 1002 Protocol error"),
    "continuation of nothing": (frame(0, b"x"), 1002, "error 1002 Protocol error"),
    "message in a message": (
        frame(TEXT, b"x", fin=False) + frame(TEXT, b"y"),
        1002,
        "error 1007 undefined",
    ),
    "fragmented ping": (frame(PING, b"x", fin=False), 1002, "error 1002 Protocol error"),
    "long ping": (frame(PING, b"x" * 126), 1002, "error 1002 Protocol error"),
    "not masked": (frame(TEXT, b"x", mask=None), 1002, "error 1007 undefined"),
    "64-bit length": (
        frame(TEXT, b"", length=b"\x7f" + b"\xff" * 8),
        1002,
        "error 1002 Protocol error",
    ),
    "too big": (
        frame(BINARY, b"", length=b"\x7f" + (1 << 40).to_bytes(8, "big")),
        1009,
        "error 1009 undefined",
    ),
    "bad UTF-8": (frame(TEXT, b"a\xff"), 1007, "error 1007 undefined"),
    "UTF-8 cut at the end": (frame(TEXT, b"\xc3"), 1007, "error 1007 undefined"),
    "bad UTF-8 in the first fragment": (
        frame(TEXT, b"\xff", fin=False),
        1007,
        "error 1007 undefined",
    ),
    "short Close": (frame(CLOSE, b"\x03"), 1002, ""),
    "Close code 1005": (frame(CLOSE, b"\x03\xed"), 1002, "error 1002 Protocol error"),
    "Close code 999": (frame(CLOSE, b"\x03\xe7"), 1002, "error 1002 Protocol error"),
    "bad UTF-8 in a reason": (frame(CLOSE, b"\x03\xe8\xff"), 1007, "error 1007 undefined"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_violations(echo: Server, peer: Peer, name: str) -> None:
    data, code, error = FAULTS[name]
    # What comes before is answered before, what comes behind is not looked at and does not turn the end into a reset.
    peer.send(frame(TEXT, b"before"), data, frame(TEXT, b"after"), b"\0" * 100_000)
    assert peer.receive() == (TEXT, b"before")
    assert peer.closed() == code
    if error:
        ended(echo, error, "close 1006 Abnormal Closure")
    else:
        ended(echo, "close undefined undefined")


@pytest.mark.parametrize("name", FAULTS)
def test_violations_byte_by_byte(echo: Server, peer: Peer, name: str) -> None:
    data, code, error = FAULTS[name]
    peer.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with contextlib.suppress(OSError):
        for byte in data:
            peer.send(bytes([byte]))
    assert peer.closed() == code
    ended(
        echo, *([error, "close 1006 Abnormal Closure"] if error else ["close undefined undefined"])
    )


@pytest.mark.parametrize("code", [1000, 1001, 1002, 1003, 1007, 1011, 1012, 1014, 3000, 4999])
def test_close_codes(echo: Server, peer: Peer, code: int) -> None:
    peer.send(frame(CLOSE, code.to_bytes(2, "big") + "é".encode()))
    assert peer.closed() == code
    if code == 1000 or code >= 3000:
        ended(echo, f"close {code} é")
    else:
        ended(echo, "error 1002 Protocol error", "close 1006 Abnormal Closure")


def test_what_comes_behind_a_close_is_ignored(echo: Server, peer: Peer) -> None:
    peer.send(frame(CLOSE, b"\x03\xe8"), frame(TEXT, b"x"), frame(PING, b"x"), b"\xff" * 1000)
    assert peer.closed() == 1000
    ended(echo, "close 1000 undefined")


def test_a_message_is_answered_before_the_close(echo: Server, peer: Peer) -> None:
    peer.send(*(frame(TEXT, b"%d" % i) for i in range(100)), frame(CLOSE, b"\x03\xe8"))
    for i in range(100):
        assert peer.receive() == (TEXT, b"%d" % i)
    assert peer.closed() == 1000
    ended(echo, "close 1000 undefined")


# -- control frames and fragments ------------------------------------------------------------------------


def test_pings_between_fragments(echo: Server, peer: Peer) -> None:
    peer.send(frame(TEXT, b"\xc3", fin=False), frame(PING, b"one"))
    assert peer.receive() == (PONG, b"one")
    peer.send(
        frame(0, b"", fin=False), frame(PONG, b"unasked"), frame(PING, b""), frame(0, b"\xa9")
    )
    assert peer.receive() == (PONG, b"")
    assert peer.receive() == (TEXT, "é".encode())
    peer.send(frame(CLOSE))
    peer.closed()
    ended(echo, "close undefined undefined")


def test_empty_fragments(echo: Server, peer: Peer) -> None:
    for opcode in (TEXT, BINARY):
        peer.send(frame(opcode, fin=False), frame(0, fin=False), frame(0))
        assert peer.receive() == (opcode, b"")
    peer.send(frame(CLOSE))
    peer.closed()
    ended(echo, "close undefined undefined")


def test_frames_in_all_pieces(echo: Server, peer: Peer) -> None:
    rng = random.Random(1)
    messages = [bytes([65 + i % 26]) * rng.choice([0, 1, 125, 126, 5000, 70000]) for i in range(40)]
    stream = b"".join(frame(TEXT, m) for m in messages)

    def write() -> None:
        at = 0
        while at < len(stream):
            step = rng.choice([1, 2, 3, 7, 100, 5000, 100_000])
            peer.send(stream[at : at + step])
            at += step

    thread = threading.Thread(target=write)
    thread.start()
    for m in messages:
        assert peer.receive() == (TEXT, m)
    thread.join()
    peer.send(frame(CLOSE))
    peer.closed()
    ended(echo, "close undefined undefined")


# -- ends without a Close --------------------------------------------------------------------------------

CUTS: dict[str, tuple[bytes, str]] = {
    "between frames": (frame(TEXT, b"hello"), "error 1001 undefined"),
    "after nothing": (b"", "error 1001 undefined"),
    "inside a payload": (frame(TEXT, b"hello")[:-2], "error 1001 Going Away"),
    "inside a long payload": (frame(TEXT, b"x" * 200_000)[:100_000], "error 1001 Going Away"),
    "inside a header": (frame(TEXT, b"hello")[:3], "error 1007 undefined"),
    "after one byte": (b"\x81", "error 1001 undefined"),
    "between fragments": (frame(TEXT, b"x", fin=False), "error 1001 undefined"),
}


@pytest.mark.parametrize("name", CUTS)
def test_orderly_ends(echo: Server, name: str) -> None:
    data, error = CUTS[name]
    with Peer.connect(echo.port) as peer:
        peer.send(data)
        peer.sock.shutdown(socket.SHUT_WR)
        if name == "between frames":
            assert peer.receive() == (TEXT, b"hello")  # the answer still comes
        peer.ends()
    ended(echo, error, "close 1006 Abnormal Closure")


@pytest.mark.parametrize("name", CUTS)
def test_resets(echo: Server, name: str) -> None:
    data, _ = CUTS[name]
    with Peer.connect(echo.port) as peer:
        peer.send(data)
        peer.reset()
    assert echo.line().startswith("error 100")
    assert echo.line() == "close 1006 Abnormal Closure"


def test_a_reset_in_the_handshake(echo: Server) -> None:
    for size in (10, len(REQUEST), len(REQUEST) + 2):
        peer = Peer(socket.create_connection(("127.0.0.1", echo.port), 10))
        peer.send((REQUEST + "\r\n").encode()[:size])
        peer.reset()
    # Depending on who is faster the last one has become a socket or not.
    with Peer.connect(echo.port) as peer:
        peer.send(frame(CLOSE, b"\x0f\xa0"))
        assert peer.closed() == 4000
    while echo.line() != "close 4000 undefined":
        pass


def test_a_peer_that_does_not_answer_a_close(folder: Path) -> None:
    with (
        Server(
            folder, "sock.on('close', (e) => log('close', e.code)); sock.close(3000, 'x');"
        ) as server,
        Peer.connect(server.port) as peer,
    ):
        assert peer.receive() == (CLOSE, b"\x0b\xb8x")
        assert server.line() == "close 3000"
        started = time.monotonic()
        peer.send(frame(TEXT, b"ignored"))
        peer.ends()
        assert 1 < time.monotonic() - started < 4


def test_a_close_is_answered_by_closing(folder: Path) -> None:
    with (
        Server(folder, "sock.on('close', (e) => log('close', e.code)); sock.close();") as server,
        Peer.connect(server.port) as peer,
    ):
        assert peer.receive() == (CLOSE, b"\x03\xe8")
        started = time.monotonic()
        peer.send(frame(TEXT, b"ignored"), frame(CLOSE, b"\x03\xe8"))
        peer.ends()
        assert time.monotonic() - started < 1
        assert server.line() == "close 1000"


def test_sending_to_a_peer_that_is_gone(folder: Path) -> None:
    accept = (
        "sock.onerror = (e) => log('error', e.code, e.reason); sock.onclose = (e) => log('close', e.code);"
        "coroutine.sleep(100); for (let i = 0; i < 50; i++) { if (sock.readyState === 1) sock.send('x'.repeat(10000)); coroutine.sleep(2); }"
        "log('done');"
    )
    with Server(folder, accept) as server:
        peer = Peer.connect(server.port)
        peer.reset()
        assert server.line() == "error 1001 undefined"
        assert server.line() == "close 1006"
        assert server.line() == "done"


# -- load and limits -------------------------------------------------------------------------------------


def test_idle_connections_hold_no_threads(echo: Server) -> None:
    before = echo.threads()
    peers = [Peer.connect(echo.port) for _ in range(200)]
    assert echo.threads() <= before + 1
    for peer in peers:
        peer.send(frame(TEXT, b"x"))
    for peer in peers:
        assert peer.receive() == (TEXT, b"x")
    assert echo.threads() <= before + 1
    for peer in peers:
        peer.send(frame(CLOSE))
        peer.closed()
    for _ in peers:
        assert echo.line() == "close undefined undefined"


@pytest.mark.parametrize("name", ["ping", "pong", "empty text", "empty fragments"])
def test_floods_are_bounded_and_leave_others_their_turn(folder: Path, name: str) -> None:
    data = {
        "ping": frame(PING, b"x" * 100),
        "pong": frame(PONG),
        "empty text": frame(TEXT),
        "empty fragments": frame(0, fin=False),
    }[name]
    flood = data * (200_000 // len(data) + 1)
    if name == "empty fragments":
        flood = frame(TEXT, fin=False) + flood
    with (
        Server(folder, ECHO) as server,
        Peer.connect(server.port) as bad,
        Peer.connect(server.port) as good,
    ):
        before = server.memory()
        stop = threading.Event()

        def pour() -> None:
            bad.sock.settimeout(0.5)
            with contextlib.suppress(OSError):
                for _ in range(150):  # nothing is read
                    if stop.is_set():
                        break
                    bad.send(flood)

        thread = threading.Thread(target=pour)
        thread.start()
        worst = 0.0
        for i in range(100):
            started = time.monotonic()
            good.send(frame(TEXT, b"%d" % i))
            assert good.receive() == (TEXT, b"%d" % i)
            worst = max(worst, time.monotonic() - started)
        stop.set()
        thread.join()
        assert worst < 1
        assert server.memory() - before < 60_000


def test_blocked_handlers_are_bounded(folder: Path) -> None:
    accept = "sock.onmessage = (e) => { if (e.data === 'block') coroutine.sleep(600000); else sock.send(e.data); };"
    with (
        Server(folder, accept) as server,
        Peer.connect(server.port) as bad,
        Peer.connect(server.port) as good,
    ):
        bad.sock.settimeout(1)
        with contextlib.suppress(OSError):
            for _ in range(3000):
                bad.send(frame(TEXT, b"block") * 1000)
        assert eventually(lambda: server.threads() > 200)
        time.sleep(0.3)
        assert server.threads() < 1400
        good.send(frame(TEXT, b"still"))
        assert good.receive() == (TEXT, b"still")


def test_a_small_bomb_is_not_inflated(folder: Path) -> None:
    with Server(folder, ECHO, "{ maxPayload: 1000000 }") as server:
        z = zlib.compressobj(9, wbits=-15)
        bomb = z.compress(bytes(200 << 20)) + z.flush(zlib.Z_SYNC_FLUSH)
        with Peer.connect(server.port, "Sec-WebSocket-Extensions: permessage-deflate\r\n") as peer:
            before = server.memory()
            peer.send(frame(BINARY, bomb[:-4], rsv=4))
            assert peer.closed() == 1009
            assert server.memory() - before < 30_000
        ended(server, "error 1009 undefined", "close 1006 Abnormal Closure")


def test_a_peer_that_does_not_read_blocks_the_sender_only(folder: Path) -> None:
    accept = """
    sock.onmessage = (e) => {
        if (e.data !== 'flood') { sock.send(e.data); return; }
        for (let i = 0; i < 1000; i++) sock.send(new Buffer(1000000));
        log('sent all');
    };
    sock.onclose = (e) => log('close', e.code);
    """
    with (
        Server(folder, accept) as server,
        Peer.connect(server.port) as bad,
        Peer.connect(server.port) as good,
    ):
        bad.send(frame(TEXT, b"flood"))
        time.sleep(0.5)
        for _ in range(20):
            good.send(frame(TEXT, b"hi"))
            assert good.receive() == (TEXT, b"hi")
        assert server.memory() < 150_000
        # It goes on as soon as the peer reads again.
        size = 0
        while size < 100_000_000:
            size += len(bad.sock.recv(1 << 20))
        bad.reset()
        assert server.line() == "sent all"  # the rest is dropped, the fiber goes on
        assert server.line() == "close 1006"


def test_sockets_nobody_listens_to_do_not_pile_up(folder: Path) -> None:
    with Server(
        folder, "sock.send('pushed'); if (req.value === '/gc') { GC(); log('collected'); }"
    ) as server:

        def round_() -> None:
            for _ in range(300):
                with Peer.connect(server.port) as peer:
                    assert peer.receive() == (TEXT, b"pushed")
            with Peer.connect(server.port, request=REQUEST.replace("GET / ", "GET /gc ")):
                assert server.line() == "collected"

        round_()
        before = server.memory()
        for _ in range(5):
            round_()
        assert server.memory() - before < 2500


# -- streams that are no connections of ours ----------------------------------------------------------


STREAM = """
const net = require('net'), http = require('http'), ws = require('ws');
const log = (...words) => console.log(words.map(String).join(' '));
const handler = new http.Handler(ws.upgrade((sock, req) => {
    sock.onmessage = (e) => {
        if (e.data === 'close') { sock.close(3000, 'x'); return; }
        if (e.data === 'stream') { log(e.stream === e.stream); e.stream.close(); return; }
        sock.send(e.data);
    };
    sock.onerror = (e) => log('error', e.code, e.reason);
    sock.onclose = (e) => log('close', e.code, e.reason);
}));
const server = new net.TcpServer('127.0.0.1', 0, handler);
server.start();
log(server.socket.localPort);
"""


@pytest.fixture(scope="module")
def stream(folder: Path) -> Iterator[tuple[Running, int]]:
    """A server whose HTTP handler sits on plain TCP connections."""
    (folder / "stream.js").write_text(STREAM)
    with Running("run", str(folder / "stream.js")) as server:
        yield server, int(server.line())


def test_an_http_handler_on_another_server(stream: tuple[Running, int]) -> None:
    server, port = stream
    with Peer.connect(port) as peer:
        for message in (b"hello", b"x" * 300_000, b""):
            peer.send(frame(BINARY, message))
            if message:
                assert peer.receive() == (BINARY, message)
            else:
                assert peer.receive() == (TEXT, b"null")
        peer.send(frame(PING, b"p"))
        assert peer.receive() == (PONG, b"p")
        peer.send(frame(CLOSE, b"\x03\xe8"))
        assert peer.closed() == 1000
    assert server.line() == "close 1000 undefined"


def test_ends_of_streams(stream: tuple[Running, int]) -> None:
    server, port = stream
    with Peer.connect(port) as peer:
        peer.send(frame(TEXT, b"close"))
        assert peer.receive() == (CLOSE, b"\x0b\xb8x")
        peer.send(frame(CLOSE, b"\x0b\xb8"))
        peer.ends()
    assert server.line() == "close 3000 x"
    with Peer.connect(port) as peer:
        peer.send(frame(TEXT, b"\xff"))
        assert peer.closed() == 1007
    assert [server.line(), server.line()] == ["error 1007 undefined", "close 1006 Abnormal Closure"]
    with Peer.connect(port) as peer:
        peer.reset()
    assert [server.line(), server.line()] == ["error 1001 undefined", "close 1006 Abnormal Closure"]
    with Peer.connect(port) as peer:
        peer.send(frame(TEXT, b"stream"))
        peer.ends()
    assert server.line() == "true"
    assert server.line().startswith("error 1001")
    assert server.line() == "close 1006 Abnormal Closure"


# -- a foreign client ------------------------------------------------------------------------------------


@pytest.mark.parametrize("compression", [None, "deflate"])
def test_websockets_as_client(echo: Server, compression: Any) -> None:
    messages: list[Any] = [
        "", b"", "a", "é😀\0", b"\0\xff", "x" * 125, "x" * 126, "x" * 65535, "x" * 65536, bytes(1_000_000),
        "é" * 1_000_000,
    ]  # fmt: skip

    async def talk() -> None:
        url = f"ws://127.0.0.1:{echo.port}/"
        async with connect(url, compression=compression, max_size=None) as client:
            for message in messages:
                await client.send(message)
                assert await client.recv() == message
            await client.send(["frag", "ment", "", "ed é"])
            assert await client.recv() == "fragmented é"
            for message in messages:
                await client.send(message)
            assert [await client.recv() for _ in messages] == messages
            await (await client.ping(b"payload"))
            assert client.latency > 0
            await client.close(4001, "bye")
        assert (client.close_code, client.close_reason) == (4001, "bye")

    asyncio.run(talk())
    ended(echo, "close 4001 bye")


def test_a_browser_tab_that_goes_away(echo: Server) -> None:
    async def talk() -> None:
        async with connect(f"ws://127.0.0.1:{echo.port}/") as client:
            await client.close(1001)

    asyncio.run(talk())
    ended(echo, "error 1002 Protocol error", "close 1006 Abnormal Closure")


def test_many_foreign_clients(echo: Server) -> None:
    async def one(n: int) -> None:
        async with connect(f"ws://127.0.0.1:{echo.port}/") as client:
            for i in range(20):
                await client.send(f"{n} {i}")
                assert await client.recv() == f"{n} {i}"

    async def all_() -> None:
        await asyncio.gather(*(one(n) for n in range(50)))

    asyncio.run(all_())
    for _ in range(50):
        assert echo.line() == "close 1000 undefined"


def test_sub_protocols_are_up_to_the_script(folder: Path) -> None:
    script = """
    const http = require('http'), ws = require('ws');
    const server = new http.Server('127.0.0.1', 0, [
        (req) => req.response.addHeader('Sec-WebSocket-Protocol', 'two'),
        ws.upgrade((sock) => sock.send('hi')),
    ]);
    server.start();
    console.log(server.socket.localPort);
    """
    (folder / "protocols.js").write_text(script)
    with Running("run", str(folder / "protocols.js")) as server:
        port = int(server.line())

        async def talk() -> None:
            async with connect(
                f"ws://127.0.0.1:{port}/",
                subprotocols=[websockets.Subprotocol("one"), websockets.Subprotocol("two")],
                close_timeout=0.2,
            ) as client:
                assert client.subprotocol == "two"
                assert await client.recv() == "hi"

        asyncio.run(talk())
