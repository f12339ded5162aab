"""What a WebSocket echo costs the server: microseconds of processor time for a message, beside Node with `ws`.

    python benchmarks/ws_echo.py [--node FOLDER] [--seconds 4] [--rounds 3] [fibshim] [node] [--loads NAME ...]

FOLDER is one where `npm install ws` was run (outside of the checkout); without it only fibshim is measured.  The load comes
from `ws_load.c`, which is compiled with `cc`.  Processor time is the server process's own, user and system, from
/proc/PID/stat.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parent
sys.path.insert(0, str(ROOT))
TICK = os.sysconf("SC_CLK_TCK")

REQUEST = (
    "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n%s\r\n"
)

FIBSHIM = """
const http = require('http'), ws = require('ws');
const svr = new http.Server('127.0.0.1', PORT, ws.upgrade({ perMessageDeflate: DEFLATE }, (sock) => {
    sock.onmessage = (e) => sock.send(e.data);
}));
svr.start();
"""

NODE = """
const { WebSocketServer } = require('ws');
const server = new WebSocketServer({ port: PORT, host: '127.0.0.1', perMessageDeflate: DEFLATE && { threshold: 0 } });
server.on('connection', (sock) => sock.on('message', (data, isBinary) => sock.send(data, { binary: isBinary })));
"""


def frame(opcode: int, payload: bytes, compressed: bool = False) -> bytes:
    """A masked frame."""
    from fibshim.modules.ws.protocol import apply_mask

    size = len(payload)
    head = bytes([0x80 | (0x40 if compressed else 0) | opcode])
    if size < 126:
        head += bytes([0x80 | size])
    elif size < 65536:
        head += b"\xfe" + size.to_bytes(2, "big")
    else:
        head += b"\xff" + size.to_bytes(8, "big")
    key = b"\x12\x34\x56\x78"
    return head + key + apply_mask(payload, key)


def english(size: int) -> bytes:
    """Text that compresses as text does."""
    random.seed(1)
    words = ["".join(random.choices("etaoinshrdlu", k=random.randint(2, 9))) for _ in range(2000)]
    return " ".join(random.choices(words, k=size)).encode()[:size]


def deflated(data: bytes) -> bytes:
    z = zlib.compressobj(6, zlib.DEFLATED, -15)
    return (z.compress(data) + z.flush(zlib.Z_SYNC_FLUSH))[:-4]


# Name: connections, messages in flight on each, the frame, compression.
LOADS: dict[str, tuple[int, int, bytes, bool]] = {
    "64 B text, 50 x 1": (50, 1, frame(1, b"x" * 64), False),
    "64 B text, 10 x 32": (10, 32, frame(1, b"x" * 64), False),
    "1 KB binary, 50 x 1": (50, 1, frame(2, os.urandom(1024)), False),
    "64 KB binary, 10 x 1": (10, 1, frame(2, os.urandom(65536)), False),
    "1 KB text, deflate, 50 x 1": (50, 1, frame(1, deflated(english(1024)), True), True),
}


def cpu(pid: int) -> float:
    """Seconds of processor time a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def serving(
    name: str, deflate: bool, node: str | None
) -> Iterator[tuple[subprocess.Popen[Any], int]]:
    """A server of one kind on a port of its own."""
    port = free_port()
    source = (
        (FIBSHIM if name == "fibshim" else NODE)
        .replace("PORT", str(port))
        .replace("DEFLATE", str(deflate).lower())
    )
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "server.js")
        script.write_text(source)
        if name == "fibshim":
            command = [sys.executable, "-m", "fibshim", "run", str(script)]
            process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
        else:
            process = subprocess.Popen(
                ["node", str(script)], env={**os.environ, "NODE_PATH": f"{node}/node_modules"}
            )
        try:
            for _ in range(200):
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                    break
                time.sleep(0.05)
            yield process, port
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()


def measure(name: str, load: str, options: Any, program: Path, folder: Path) -> tuple[float, float]:
    """Microseconds of processor time a message, and messages a second."""
    connections, in_flight, data, deflate = LOADS[load]
    extension = "Sec-WebSocket-Extensions: permessage-deflate\r\n" if deflate else ""
    (folder / "request").write_bytes((REQUEST % extension).encode())
    (folder / "frame").write_bytes(data)
    with serving(name, deflate, options.node) as (process, port):

        def run(seconds: float) -> tuple[int, float]:
            command = [
                program,
                port,
                connections,
                in_flight,
                seconds,
                folder / "request",
                folder / "frame",
            ]
            out = subprocess.run(
                [str(word) for word in command], check=True, capture_output=True, text=True
            ).stdout
            echoes, took = out.split()
            return int(echoes), float(took)

        run(1)  # warm up
        before = cpu(process.pid)
        echoes, took = run(options.seconds)
        return (cpu(process.pid) - before) / echoes * 1e6, echoes / took


def main() -> None:
    """Measure what the command line says."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("servers", nargs="*")
    parser.add_argument("--node", help="folder with node_modules/ws")
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--loads", nargs="*", help="words; loads that contain one of them")
    options = parser.parse_args()
    servers = options.servers or (["fibshim", "node"] if options.node else ["fibshim"])
    loads = [
        n
        for n in LOADS
        if not options.loads or any(re.search(re.escape(w), n) for w in options.loads)
    ]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        program = folder / "ws_load"
        subprocess.run(["cc", "-O2", "-o", str(program), str(HERE / "ws_load.c")], check=True)
        print(
            f"{'':28}"
            + "".join(f"{s + ' us':>14}{'per second':>12}" for s in servers)
            + ("   ratio" if len(servers) == 2 else "")
        )
        for load in loads:
            results: dict[str, list[tuple[float, float]]] = {server: [] for server in servers}
            for _ in range(options.rounds):  # turn about, so that both see the same machine
                for server in servers:
                    results[server].append(measure(server, load, options, program, folder))
            row = [
                tuple(map(statistics.median, zip(*results[server], strict=True)))
                for server in servers
            ]
            text = "".join(f"{micro:14.2f}{rate:12.0f}" for micro, rate in row)
            print(
                f"{load:28}{text}" + (f"{row[0][0] / row[1][0]:8.2f}" if len(row) == 2 else ""),
                flush=True,
            )


if __name__ == "__main__":
    main()
