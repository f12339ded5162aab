"""Servers under test: a fibshim process each, and raw sockets to talk to them."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from harness import ROOT, environment

APP = """
const http = require('http');
const coroutine = require('coroutine');
let running = 0;
const svr = new http.Server('127.0.0.1', 0, {
    '/hello': (r) => { r.response.write('hello'); },
    '/echo': (r) => { r.response.write(r.readAll() || 'nothing'); },
    '/size': (r) => { r.response.write(String(r.length)); },
    '/line': (r) => { r.response.json([r.method, r.address, r.queryString, r.protocol, r.keepAlive, r.upgrade]); },
    '/headers': (r) => { r.response.json(r.headers); },
    '/sleep/:ms': (r, ms) => { coroutine.sleep(Number(ms)); r.response.write('slept ' + ms); },
    '/throw': () => { throw new Error('boom'); },
    '/close': (r) => { r.response.keepAlive = false; r.response.write('bye'); },
    '/big/:n': (r, n) => { r.response.write('x'.repeat(Number(n))); },
    '/inject/name': (r) => { r.response.addHeader('X-A: b\\r\\nX-Evil', '1'); },
    '/inject/value': (r) => { r.response.addHeader('X-A', 'b\\r\\nX-Evil: 1'); },
    '/inject/lf': (r) => { r.response.addHeader('X-A', 'b\\nX-Evil: 1'); },
    '/inject/nul': (r) => { r.response.addHeader('X-A', 'b\\0c'); },
    '/inject/reason': (r) => { r.response.statusMessage = 'OK\\r\\nX-Evil: 1'; },
    '/inject/redirect': (r) => { r.response.redirect('/\\r\\n\\r\\n<script>'); },
    '/inject/cookie': (r) => { r.response.addCookie(new http.Cookie('a', 'b', { path: '/\\r\\nX-Evil: 1' })); },
    '/status/:code': (r, code) => { r.response.statusCode = Number(code); r.response.write('body'); },
    '/own/length': (r) => { r.response.addHeader({ 'Content-Length': 1, 'Transfer-Encoding': 'chunked', Connection: 'x' }); r.response.write('body'); },
    '/raw': (r) => {
        const line = r.stream.readLine();
        r.stream.write(`raw ${line}\\r\\n`);
    },
    '/stop': (r) => { r.response.write('stopping'); svr.stop(); },
});
EXTRA
svr.start();
console.log(svr.socket.localPort);
"""

START = """
import sys
import fibshim.modules.http.server as server
server.HEAD_TIME = float(sys.argv.pop(1))
from fibshim.cli import main
sys.exit(main())
"""


class App:
    """A fibshim process that serves `APP`."""

    def __init__(self, folder: Path, extra: str = "", head_time: float = 60.0) -> None:
        path = folder / "app.js"
        path.write_text(APP.replace("EXTRA", extra))
        self.errors = folder / "errors.txt"
        with self.errors.open("w") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-c", START, str(head_time), str(path)],
                stdout=subprocess.PIPE,
                stderr=errors,
                env=environment(),
            )
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())

    def connect(self) -> socket.socket:
        """A new connection, with a time limit."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def talk(self, data: bytes, *more: bytes) -> bytes:
        """Send, close the sending side, and read to the end."""
        with self.connect() as sock:
            sock.sendall(data)
            for piece in more:
                sock.sendall(piece)
            sock.shutdown(socket.SHUT_WR)
            return read_all(sock)

    def is_well(self) -> bool:
        """Whether a new connection is served."""
        return self.talk(get("/hello")).endswith(b"hello")

    def memory(self) -> int:
        """Resident bytes."""
        text = Path(f"/proc/{self.process.pid}/statm").read_text()
        return int(text.split()[1]) * 4096

    def close(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.communicate()


def read_all(sock: socket.socket) -> bytes:
    """Everything up to the end; a reset is an end."""
    out = b""
    while True:
        try:
            data = sock.recv(65536)
        except ConnectionResetError:
            return out
        if not data:
            return out
        out += data


def get(path: str, *headers: str) -> bytes:
    """A GET request."""
    return request("GET", path, *headers)


def request(method: str, path: str, *headers: str, body: bytes = b"") -> bytes:
    """A request with these header lines."""
    lines = [f"{method} {path} HTTP/1.1", "Host: test", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def status(answer: bytes) -> int:
    """The status code of the first answer; 0 if there is none."""
    return int(answer[9:12]) if answer.startswith(b"HTTP/1.") else 0


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """A server for all tests of a file."""
    made = App(tmp_path_factory.mktemp("app"))
    yield made
    made.close()


__all__ = ["ROOT", "App", "app", "get", "read_all", "request", "status"]
