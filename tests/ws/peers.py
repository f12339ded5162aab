"""Raw WebSocket peers for the tests: sockets, frames by hand, and fibshim scripts as the other side."""

from __future__ import annotations

import os
import socket
import ssl
import time
from pathlib import Path
from typing import Any

from harness import Running

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10

REQUEST = (
    "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n"
)

SERVER = """
const http = require('http'), ws = require('ws'), coroutine = require('coroutine');
const log = (...words) => console.log(words.map(String).join(' '));
const server = new http.Server('127.0.0.1', 0, ws.upgrade(OPTIONS, (sock, req) => { ACCEPT }));
server.start();
log(server.socket.localPort);
"""

ECHO = """
sock.onmessage = (e) => sock.send(e.data !== null ? e.data : e.type === ws.TEXT ? '' : new Buffer(0));
sock.onerror = (e) => log('error', e.code, e.reason);
sock.onclose = (e) => log('close', e.code, e.reason);
"""


def frame(
    opcode: int,
    payload: bytes = b"",
    *,
    fin: bool = True,
    rsv: int = 0,
    mask: bytes | None = b"\x01\x02\x03\x04",
    length: bytes | None = None,
) -> bytes:
    """A frame, malformed on demand; `length` replaces the length bytes."""
    first = (0x80 if fin else 0) | rsv << 4 | opcode
    bit = 0x80 if mask is not None else 0
    size = len(payload)
    if length is None:
        if size < 126:
            length = bytes([size])
        elif size < 65536:
            length = b"\x7e" + size.to_bytes(2, "big")
        else:
            length = b"\x7f" + size.to_bytes(8, "big")
    head = bytes([first, length[0] | bit]) + length[1:]
    if mask is None:
        return head + payload
    keys = (mask * (size // 4 + 1))[:size]
    masked = (int.from_bytes(payload, "big") ^ int.from_bytes(keys, "big")).to_bytes(size, "big")
    return head + mask + masked


class Peer:
    """One end of a TCP connection that speaks frames."""

    def __init__(self, sock: socket.socket, rest: bytes = b"", masked: bool = False) -> None:
        self.sock = sock
        self.sock.settimeout(10)
        self.data = rest
        self.masked = masked  # whether frames that come must be masked

    @classmethod
    def connect(
        cls, port: int, headers: str = "", request: str = REQUEST, tls: ssl.SSLContext | None = None
    ) -> Peer:
        """A client that has shaken hands."""
        sock = socket.create_connection(("127.0.0.1", port), 10)
        if tls is not None:
            sock = tls.wrap_socket(sock, server_hostname="localhost")
        sock.sendall((request + headers + "\r\n").encode())
        peer = cls(sock)
        head = peer.head()
        assert head.startswith("HTTP/1.1 101 Switching Protocols\r\n"), head
        assert f"Sec-WebSocket-Accept: {ACCEPT}\r\n" in head
        return peer

    def head(self) -> str:
        """Read up to the end of a head."""
        while b"\r\n\r\n" not in self.data:
            piece = self.sock.recv(4096)
            if not piece:
                raise ConnectionError(f"ended after {self.data!r}")
            self.data += piece
        head, _, self.data = self.data.partition(b"\r\n\r\n")
        return head.decode() + "\r\n\r\n"

    def send(self, *data: bytes) -> None:
        """Send bytes."""
        self.sock.sendall(b"".join(data))

    def _bytes(self, count: int) -> bytes:
        while len(self.data) < count:
            piece = self.sock.recv(1 << 16)
            if not piece:
                raise EOFError
            self.data += piece
        taken, self.data = self.data[:count], self.data[count:]
        return taken

    def receive(self) -> tuple[int, bytes]:
        """The next frame: opcode (with RSV1 as 0x40) and payload."""
        first, second = self._bytes(2)
        assert bool(second & 128) == self.masked
        size = second & 127
        if size == 126:
            size = int.from_bytes(self._bytes(2), "big")
        elif size == 127:
            size = int.from_bytes(self._bytes(8), "big")
        key = self._bytes(4) if second & 128 else b""
        payload = self._bytes(size)
        if key:
            keys = (key * (size // 4 + 1))[:size]
            payload = (int.from_bytes(payload, "big") ^ int.from_bytes(keys, "big")).to_bytes(
                size, "big"
            )
        assert first & 0x80, "the other side never fragments"
        return first & 0x4F, payload

    def closed(self) -> int:
        """Read a Close frame and the end of the stream; the code, 0 for none."""
        opcode, payload = self.receive()
        assert opcode == CLOSE, (opcode, payload)
        self.ends()
        return int.from_bytes(payload[:2], "big")

    def ends(self) -> None:
        """The other side closes, without a reset."""
        while True:
            piece = self.sock.recv(1 << 16)
            if not piece:
                return

    def reset(self) -> None:
        """Close with a reset."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        self.sock.close()

    def __enter__(self) -> Peer:
        return self

    def __exit__(self, *_: object) -> None:
        self.sock.close()


class Server(Running):
    """A fibshim server; `port` is its own."""

    def __init__(self, folder: Path, accept: str = ECHO, options: str = "{}", **more: Any) -> None:
        script = folder / f"server{time.monotonic_ns()}.js"
        script.write_text(SERVER.replace("OPTIONS", options).replace("ACCEPT", accept))
        super().__init__("run", str(script), **more)
        self.port = int(self.line())

    def memory(self) -> int:
        """Resident kilobytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(
            next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
        )

    def threads(self) -> int:
        """How many threads the process has."""
        return len(os.listdir(f"/proc/{self.process.pid}/task"))


class Client(Running):
    """A fibshim client script; `body` sees `url`, `ws` and `log`."""

    def __init__(self, folder: Path, url: str, body: str, **more: Any) -> None:
        script = folder / f"client{time.monotonic_ns()}.js"
        script.write_text(
            "const ws = require('ws'), coroutine = require('coroutine');\n"
            "const log = (...words) => console.log(words.map(String).join(' '));\n"
            f"const url = {url!r};\n{body}"
        )
        super().__init__("run", str(script), **more)


WATCH = """
sock.onopen = () => log('open');
sock.onerror = (e) => log('error', e.code, e.reason);
sock.onclose = (e) => log('close', e.code, e.reason);
"""


class Listener:
    """A raw server: accepts one connection after the other and shakes hands."""

    def __init__(self) -> None:
        self.sock = socket.create_server(("127.0.0.1", 0))
        self.sock.settimeout(10)
        self.port = self.sock.getsockname()[1]
        self.url = f"ws://127.0.0.1:{self.port}/"

    def accept(self) -> Peer:
        """The next connection, before any handshake."""
        sock, _ = self.sock.accept()
        return Peer(sock, masked=True)

    def open(self, headers: str = "") -> Peer:
        """The next connection, after the handshake."""
        peer = self.accept()
        peer.send(answer(peer.head(), headers))
        return peer

    def __enter__(self) -> Listener:
        return self

    def __exit__(self, *_: object) -> None:
        self.sock.close()


def answer(head: str, headers: str = "", **changes: str | None) -> bytes:
    """The answer to a handshake; header fields (with _ for -) replaced, None: left out."""
    from fibshim.modules.ws.handshake import accept_key

    key = next(line[19:] for line in head.splitlines() if line.startswith("Sec-WebSocket-Key: "))
    fields: dict[str, str | None] = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec_WebSocket_Accept": accept_key(key),
        **changes,
    }
    lines = "".join(f"{k.replace('_', '-')}: {v}\r\n" for k, v in fields.items() if v is not None)
    return f"HTTP/1.1 101 Switching Protocols\r\n{lines}{headers}\r\n".encode()
