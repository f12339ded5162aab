"""What an idle WebSocket costs the server: resident memory and threads.

    python benchmarks/ws_idle.py [CONNECTIONS]

Each connection has a `message` and a `close` listener and has exchanged one message, without compression.
"""

from __future__ import annotations

import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent

SERVER = """
const http = require('http'), ws = require('ws');
const server = new http.Server('127.0.0.1', 0, ws.upgrade({ perMessageDeflate: false }, (sock) => {
    sock.onmessage = (e) => sock.send(e.data);
    sock.onclose = () => {};
}));
server.start();
console.log(server.socket.localPort);
setInterval(() => GC(), 500);
"""

REQUEST = (
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
MESSAGE = b"\x81\x85\0\0\0\0hello"


def connect(port: int, count: int) -> list[socket.socket]:
    """Open connections and exchange a message on each."""
    made = []
    for _ in range(count):
        sock = socket.create_connection(("127.0.0.1", port))
        sock.sendall(REQUEST)
        head = b""
        while b"\r\n\r\n" not in head:
            head += sock.recv(4096)
        sock.sendall(MESSAGE)
        assert sock.recv(100) == b"\x81\x05hello"
        made.append(sock)
    return made


def resident(pid: int) -> int:
    """Kilobytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")))


def main() -> None:
    """Measure."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, count + 1000), hard))
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "server.js")
        script.write_text(SERVER)
        command = [sys.executable, "-m", "fibshim", "run", str(script)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            port = int(server.stdout.readline())
            first = connect(port, 200)  # what is allocated once, for the first ones
            time.sleep(2)
            before = resident(server.pid)
            more = connect(port, count)
            time.sleep(2)
            after = resident(server.pid)
            threads = len(os.listdir(f"/proc/{server.pid}/task"))
            print(f"{count} connections: {(after - before) / count:.2f} KB each, {threads} threads")
            for sock in first + more:
                sock.close()
            server.kill()


if __name__ == "__main__":
    main()
